//! Requests in the clear and tunnels that nobody looks into.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::client::{Way, ask, block, connect, post, request, shake, tunnel};
use super::server::{Answer, Server};
use super::started::{Started, decisions};
use crate::samples::{ORDER, token};

fn server() -> Server {
    Server::start(|asked| match asked.target.as_str() {
        "/order" => Answer::new("text/html", format!("<p>{ORDER}</p>")),
        "/away" => Answer { status: 302, ..Answer::new("text/plain", "") }
            .with("location", "http://169.254.169.254/"),
        _ => Answer::new("text/plain", "fine"),
    })
}

fn url(address: SocketAddr, path: &str) -> String {
    format!("http://{address}{path}")
}

#[test]
fn what_is_clean_passes_and_what_is_not_is_answered_with_the_reason() {
    let server = server();
    let proxy = Started::recording(&[]);
    let got = ask(proxy.address, &Way::Plain, post(&url(server.plain, "/in?a=b"), "{\"note\":\"fine\"}"));
    assert_eq!((got.status, got.text().as_str()), (200, "fine"));
    let seen = server.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].target.as_str()), ("POST", "/in?a=b"));
    assert_eq!(seen[0].body, b"{\"note\":\"fine\"}");

    let leak = format!("{{\"note\":\"{}\"}}", token());
    let in_url = url(server.plain, &format!("/in?note={}", token()));
    for leak in [post(&url(server.plain, "/in"), &leak), request("GET", &in_url, "")] {
        let got = ask(proxy.address, &Way::Plain, leak);
        assert!(got.is_refused(403, "blocked"), "{got:?}");
        let rules = got.json()["error"]["rules"].to_string();
        assert!(rules.contains("dlp.github.pat-classic"), "{rules}");
        assert!(!got.text().contains(&token()), "no content in an answer of ours");
    }
    assert_eq!(server.seen().len(), 1, "nothing of it reached the server");
    let got = ask(proxy.address, &Way::Plain, request("GET", &url(server.plain, "/order"), ""));
    assert!(got.is_refused(403, "blocked"), "{got:?}");
    assert!(!got.text().contains(ORDER));

    let (folder, said) = proxy.end();
    assert!(!said.contains(&token()) && !said.contains(ORDER), "{said}");
    let verdicts: Vec<String> = decisions(&folder)
        .iter()
        .map(|entry| entry["detail"]["verdict"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(verdicts, ["allow", "allow", "block", "block", "allow", "block"]);
    let (log, key) = (folder.path().join("log"), folder.path().join("k.pub"));
    let verified =
        crate::command::coldcase(["verify".as_ref(), log.as_os_str(), "--key".as_ref(), key.as_os_str()]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn special_addresses_are_not_dialled_whatever_name_leads_there() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let proxy = Started::strict(folder, &["--policy", "observe"]);
    let port = server.plain.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "0x7f.1", "2130706433"] {
        let got = ask(proxy.address, &Way::Plain, request("GET", &format!("http://{host}:{port}/"), ""));
        assert!(got.is_refused(403, "address"), "{host}: {got:?}");
        let (status, _) =
            block(async { tunnel(connect(proxy.address).await, &format!("{host}:{port}")).await });
        assert_eq!(status, 403, "{host}");
    }
    for address in ["169.254.169.254", "10.0.0.1", "[fd00:ec2::254]"] {
        let got = ask(proxy.address, &Way::Plain, request("GET", &format!("http://{address}/"), ""));
        assert!(got.is_refused(403, "address"), "{address}: {got:?}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_redirect_is_passed_on_and_where_it_leads_is_not_dialled() {
    let server = server();
    let proxy = Started::new(&["--policy", "observe"]);
    let got = ask(proxy.address, &Way::Plain, request("GET", &url(server.plain, "/away"), ""));
    assert_eq!((got.status, &got.fields["location"]), (302, &"http://169.254.169.254/".parse().unwrap()));
    let got = ask(proxy.address, &Way::Plain, request("GET", "http://169.254.169.254/", ""));
    assert!(got.is_refused(403, "address"), "{got:?}");
}

#[test]
fn what_is_no_proxy_request_or_no_http_is_refused() {
    let server = server();
    let proxy = Started::new(&[]);
    let raw = |bytes: Vec<u8>| {
        block(async {
            let mut stream = connect(proxy.address).await;
            stream.write_all(&bytes).await.unwrap();
            let mut answer = Vec::new();
            let _reset = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        })
    };
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\n\r\n"[..],
        b"GET ftp://h.test/ HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\n\r\n",
        b"CONNECT h.test HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\n\r\n",
        b"GARBAGE\r\n\r\n",
    ] {
        let answer = raw(bytes.to_vec());
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let smuggled = format!(
        "POST http://{}/ HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
        server.plain
    );
    raw(smuggled.into_bytes());
    assert!(server.seen().iter().all(|asked| asked.target == "/"), "{:?}", server.seen());
}

#[test]
fn a_tunnel_is_passed_on_unseen_and_said_to_be() {
    let server = server();
    let proxy = Started::recording(&[]);
    let target = format!("localhost:{}", server.tls.port());
    block(async {
        let (status, stream) = tunnel(connect(proxy.address).await, &target).await;
        assert_eq!(status, 200);
        let mut stream = shake(stream, "localhost", server.ca.as_bytes(), false).await.unwrap();
        stream.write_all(b"GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        let _unclean = stream.read_to_end(&mut answer).await;
        assert!(String::from_utf8_lossy(&answer).ends_with("4\r\nfine\r\n0\r\n\r\n"), "{answer:?}");
    });
    assert_eq!(server.seen()[0].target, "/x");
    let (folder, _) = proxy.end();
    let entries = crate::live::client::log_lines(&folder.path().join("log"));
    let closed = entries.iter().find(|entry| entry["event_kind"] == "tunnel_close");
    let closed = closed.unwrap_or_else(|| panic!("{entries:?}"));
    assert_eq!(closed["detail"]["scanned"], false);
    assert!(closed["detail"]["to_client_bytes"].as_u64().unwrap() > 100, "{closed}");
    let hosts: Vec<&serde_json::Value> = entries.iter().filter(|entry| entry["type"] == "decision").collect();
    assert_eq!(hosts.len(), 2, "CONNECT and the server name: {hosts:?}");
}

#[test]
fn tls_may_not_ask_a_tunnel_for_another_server() {
    let server = server();
    let proxy = Started::new(&["--policy", "observe"]);
    let target = format!("localhost:{}", server.tls.port());
    block(async {
        let (_, stream) = tunnel(connect(proxy.address).await, &target).await;
        assert!(shake(stream, "elsewhere.test", server.ca.as_bytes(), false).await.is_err());
    });
    proxy.says("a server name other than the host");
}

#[test]
fn http_in_a_tunnel_is_judged_and_anything_else_ends_it() {
    let server = server();
    let proxy = Started::new(&[]);
    let target = server.plain.to_string();
    let say = |text: String| {
        block(async {
            let (status, mut stream) = tunnel(connect(proxy.address).await, &target).await;
            assert_eq!(status, 200);
            stream.write_all(text.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _reset = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        })
    };
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {target}\r\nConnection: close\r\n\r\n");
    let got = say(get("/x"));
    assert!(got.starts_with("HTTP/1.1 200") && got.ends_with("fine"), "{got}");
    assert!(say(get(&format!("/x?{}", token()))).starts_with("HTTP/1.1 403"));
    assert!(say("SSH-2.0-x\r\n\r\n".into()).starts_with("HTTP/1.1 400"));
    let elsewhere = "GET / HTTP/1.1\r\nHost: elsewhere.test\r\nConnection: close\r\n\r\n";
    assert!(say(elsewhere.into()).starts_with("HTTP/1.1 421"));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn an_answer_that_states_two_lengths_is_passed_on_with_its_own() {
    let proxy = Started::new(&[]);
    let answer = block(async {
        let raw = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = raw.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = raw.accept().await.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                asked.push(stream.read_u8().await.unwrap());
            }
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(format!("{head}2\r\nhi\r\n0\r\n\r\n").as_bytes()).await.unwrap();
        });
        let mut stream = connect(proxy.address).await;
        let ask = format!("GET http://{address}/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.to_ascii_lowercase()
    });
    assert!(answer.starts_with("http/1.1 200") && answer.ends_with("\r\n\r\nhi"), "{answer}");
    assert!(answer.contains("content-length: 2\r\n"), "{answer}");
    let (_, said) = proxy.end();
    assert!(!said.contains("fault"), "{said}");
}
