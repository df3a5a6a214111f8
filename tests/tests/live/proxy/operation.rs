//! For whoever runs it: health, counts, limits, switches, reload, and the end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::client::{Got, Way, ask, block, connect, post, request};
use super::server::{Answer, Server};
use super::started::{PATIENCE, Started, decisions};
use crate::command::coldcase;
use crate::live::client::log_lines;
use crate::samples::token;

fn server() -> Server {
    Server::start(|asked| Answer::new("text/plain", asked.body.clone()))
}

fn say(proxy: &Started, server: &Server, text: &str) -> Got {
    ask(proxy.address, &Way::Plain, post(&format!("http://{}/", server.plain), text))
}

fn admin(address: SocketAddr, path: &str) -> Got {
    let mut request = request("GET", path, "");
    request.headers_mut().insert("host", "h".parse().unwrap());
    ask(address, &Way::Reverse, request)
}

#[test]
fn a_policy_is_read_again_and_the_session_goes_on() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("p.yaml");
    let text = |action: &str| {
        format!(
            "policy: p\nversion: 1\nnot_scanned: warn\nnot_recorded: allow\nclauses:\n  - action: {action}\n    when: {{ category: [dlp] }}\n"
        )
    };
    std::fs::write(&policy, text("warn")).unwrap();
    let proxy = Started::recording(&["--policy", policy.to_str().unwrap()]);
    assert_eq!(say(&proxy, &server, &token()).status, 200);
    std::fs::write(&policy, text("block")).unwrap();
    proxy.signal("HUP");
    proxy.says("the policy was read again");
    assert!(say(&proxy, &server, &token()).is_refused(403, "blocked"));
    std::fs::write(&policy, "policy: [").unwrap();
    proxy.signal("HUP");
    proxy.says("the policy stays as it was");
    assert!(say(&proxy, &server, &token()).is_refused(403, "blocked"));
    let (folder, _) = proxy.end();
    let score = |entry: &serde_json::Value| -> f64 {
        let score = &entry["detail"]["event"]["risk"]["score"];
        score.as_str().map_or_else(|| score.as_f64(), |text| text.parse().ok()).unwrap()
    };
    let scores: Vec<f64> = decisions(&folder).iter().map(score).collect();
    assert!(scores.windows(2).all(|two| two[0] <= two[1]) && scores[0] > 0.0, "risk goes on: {scores:?}");
    let kinds: Vec<String> = log_lines(&folder.path().join("log"))
        .iter()
        .filter_map(|entry| entry["event_kind"].as_str().map(str::to_owned))
        .collect();
    assert!(kinds.contains(&"policy_reload".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"proxy_end".to_owned()), "{kinds:?}");
}

#[test]
fn traffic_is_stopped_by_signal_and_by_file_and_runs_again() {
    let server = server();
    let proxy = Started::new(&["--admin", "127.0.0.1:0", "--kill-file", "@/stop"]);
    let admin_at = proxy.admin.unwrap();
    assert_eq!(say(&proxy, &server, "x").status, 200);
    assert_eq!((admin(admin_at, "/healthz").status, admin(admin_at, "/nothing").status), (200, 404));
    proxy.signal("USR1");
    proxy.says("all traffic is stopped");
    let refused = |proxy: &Started| {
        let mut gone = false;
        block(async {
            let mut stream = connect(proxy.address).await;
            let ask =
                format!("GET http://{}/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", server.plain);
            let _reset = stream.write_all(ask.as_bytes()).await;
            let mut answer = Vec::new();
            let _reset = stream.read_to_end(&mut answer).await;
            gone = answer.is_empty() || answer.starts_with(b"HTTP/1.1 503");
        });
        gone
    };
    let seen = server.seen().len();
    assert!(refused(&proxy));
    assert_eq!(admin(admin_at, "/healthz").status, 503);
    proxy.signal("USR2");
    proxy.says("traffic runs again");
    assert_eq!(say(&proxy, &server, "x").status, 200);
    std::fs::write(proxy.at("stop"), "").unwrap();
    proxy.says("all traffic is stopped");
    assert!(refused(&proxy));
    assert_eq!(server.seen().len(), seen + 1);
    std::fs::remove_file(proxy.at("stop")).unwrap();
    proxy.says("traffic runs again");
    assert_eq!(say(&proxy, &server, &token()).status, 403);
    let text = admin(admin_at, "/metrics").text();
    for line in
        ["coldcase_killed 0", "coldcase_stopped_total 1", "coldcase_verdicts_total{action=\"block\"} 1"]
    {
        assert!(text.lines().any(|one| one == line), "{line} in {text}");
    }
}

#[test]
fn the_admin_port_is_for_this_machine_only() {
    let outcome = coldcase(["proxy", "--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("loopback"), "{}", outcome.stderr);
}

#[test]
fn a_head_that_does_not_come_ends_the_connection_and_frees_its_place() {
    let server = server();
    let proxy = Started::new(&["--header-seconds", "1", "--max-connections", "1"]);
    let start = Instant::now();
    block(async {
        let mut slow = connect(proxy.address).await;
        slow.write_all(b"GET http://h.test/ HTTP/1.1\r\nHo").await.unwrap();
        let mut answer = Vec::new();
        let _reset = slow.read_to_end(&mut answer).await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{answer:?}");
    });
    assert!(start.elapsed() < PATIENCE / 2);
    assert_eq!(say(&proxy, &server, "x").status, 200);
}

#[test]
fn a_client_that_leaves_a_stream_frees_its_place() {
    let server = Server::start(|_| {
        let pieces = ["data: one\n\n", "data: two\n\n"].map(Vec::from);
        let stream = Answer::new("text/event-stream", "");
        Answer { pieces: pieces.into(), pause: PATIENCE * 2, ..stream }
    });
    let proxy = Started::new(&["--admin", "127.0.0.1:0"]);
    let open = || {
        let metrics = admin(proxy.admin.unwrap(), "/metrics").text();
        let line = metrics.lines().find_map(|line| line.strip_prefix("coldcase_connections_open "));
        line.unwrap().to_owned()
    };
    block(async {
        let mut stream = connect(proxy.address).await;
        let ask = format!("GET http://{}/ HTTP/1.1\r\nHost: h\r\n\r\n", server.plain);
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"one\n\n") && !read.ends_with(b"one\n\n\r\n") {
            read.push(stream.read_u8().await.unwrap());
        }
    });
    let start = Instant::now();
    while open() != "0" {
        assert!(start.elapsed() < PATIENCE, "the server says nothing that would tell");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_head_without_end_and_a_silent_body_are_refused() {
    let server = server();
    let proxy = Started::new(&["--idle-seconds", "1"]);
    let raw = |parts: &[String]| {
        block(async {
            let mut stream = connect(proxy.address).await;
            for part in parts {
                if stream.write_all(part.as_bytes()).await.is_err() {
                    break;
                }
            }
            let mut answer = Vec::new();
            let _reset = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        })
    };
    let head = format!("POST http://{}/ HTTP/1.1\r\nHost: h\r\n", server.plain);
    let endless: Vec<String> = std::iter::once(head.clone())
        .chain((0..4000).map(|n| format!("x-{n}: {}\r\n", "y".repeat(60))))
        .collect();
    let answer = raw(&endless);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    let answer = raw(&[format!("{head}Content-Length: 10\r\n\r\n12345")]);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(server.seen().is_empty());
}

#[test]
fn what_is_over_the_cap_is_for_the_policy_to_decide() {
    let server = server();
    let long = "fine words. ".repeat(1000);
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.yaml");
    std::fs::write(&own, "policy: own\nversion: 1\nnot_scanned: block\nclauses: []\n").unwrap();
    for (policy, passes) in [("observe", true), ("strict", false), (own.to_str().unwrap(), false)] {
        let proxy = Started::recording(&["--policy", policy, "--max-body", "4096"]);
        let before = server.seen().len();
        let got = say(&proxy, &server, &long);
        assert_eq!(server.seen().len() - before, usize::from(passes), "{policy}");
        assert_eq!(got.status == 200, passes, "{policy}: {}", got.status);
        if passes {
            assert_eq!(got.text(), long, "all of it, there and back");
        }
        let (folder, _) = proxy.end();
        let first = decisions(&folder).remove(0);
        assert!(first["detail"]["event"].to_string().contains("record_cap"), "{first}");
    }
}

#[test]
fn bodies_for_which_there_is_no_room_are_refused_and_leave_room() {
    let server = server();
    let proxy = Started::new(&["--max-held", "1048576", "--admin", "127.0.0.1:0"]);
    let body = "fine words. 1234".repeat(100_000);
    let head = format!(
        "POST http://{}/ HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n",
        server.plain,
        body.len()
    );
    let answer = block(async {
        let mut stream = connect(proxy.address).await;
        let _refused_midway = stream.write_all(format!("{head}{body}").as_bytes()).await;
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    });
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(server.seen().is_empty());
    let metrics = admin(proxy.admin.unwrap(), "/metrics").text();
    assert!(metrics.contains("coldcase_no_room_total 1\n"), "{metrics}");
    for _ in 0..20 {
        assert_eq!(say(&proxy, &server, &"fine ".repeat(100_000)).status, 200, "it is given back");
    }
}

#[test]
fn no_server_is_asked_before_all_of_a_request_is_judged() {
    let proxy = Started::new(&[]);
    block(async {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let is_asked = || tokio::time::timeout(Duration::from_millis(300), server.accept());
        let mut stream = connect(proxy.address).await;
        let head = format!(
            "POST http://{address}/ HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..100 {
            let piece = format!("4000\r\n{}\r\n", "fine words. 1234".repeat(1024));
            stream.write_all(piece.as_bytes()).await.unwrap();
        }
        assert!(is_asked().await.is_err(), "with more than a megabyte sent");
        let last = format!("{:x}\r\n {}\r\n0\r\n\r\n", token().len() + 1, token());
        stream.write_all(last.as_bytes()).await.unwrap();
        let (mut buffer, mut answer) = (vec![0; 4096], String::new());
        while !answer.contains("HTTP/1.1 403") {
            let count = stream.read(&mut buffer).await.unwrap();
            assert!(count > 0, "{answer}");
            answer.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        assert!(is_asked().await.is_err(), "nothing of what is blocked has left");
    });
}

#[test]
fn the_variables_are_printed_for_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().to_str().unwrap();
    let outcome = coldcase(["proxy", "--print-env", "--ca", ca, "--listen", "127.0.0.1:9999"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("export HTTPS_PROXY=http://127.0.0.1:9999\n"), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains(&format!("export NODE_EXTRA_CA_CERTS={ca}/ca.pem")),
        "{}",
        outcome.stdout
    );
}

#[test]
fn the_end_waits_for_what_is_under_way() {
    let server = Server::start(|_| Answer {
        pieces: vec![b"one".to_vec(), b"two".to_vec()],
        pause: Duration::from_secs(1),
        ..Answer::new("text/plain", "")
    });
    let proxy = Started::new(&[]);
    let (address, target) = (proxy.address, format!("http://{}/", server.plain));
    let asking = std::thread::spawn(move || ask(address, &Way::Plain, request("GET", &target, "")));
    let start = Instant::now();
    while server.seen().is_empty() && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(5));
    }
    proxy.end();
    let got = asking.join().unwrap();
    assert_eq!((got.status, got.text().as_str()), (200, "onetwo"));
}
