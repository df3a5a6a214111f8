//! A look into TLS: both versions of HTTP, codings, and who is trusted by whom.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;

use super::client::{Way, ask, block, connect, post, request, shake, tunnel};
use super::server::{Answer, Server};
use super::started::Started;
use crate::command::coldcase;
use crate::samples::{ORDER, token};

/// A proxy that looks into TLS, and trusts the server.
pub(super) fn intercepting(server: &Server, args: &[&str]) -> Started {
    let folder = tempfile::tempdir().unwrap();
    prepare(&folder, server);
    let own = ["--intercept", "--ca", "@/ca", "--trust", "@/server.pem"];
    let loopback = ["--allow-address", "127.0.0.0/8", "--allow-address", "::1"];
    Started::strict(folder, &[&own[..], &loopback, args].concat())
}

/// Puts an authority, a key for the log and the server's own authority into a folder.
pub(super) fn prepare(folder: &tempfile::TempDir, server: &Server) {
    let at = |name: &str| folder.path().join(name);
    assert_eq!(coldcase(["ca".as_ref(), "init".as_ref(), at("ca").as_os_str()]).code, 0);
    assert_eq!(coldcase(["keygen".as_ref(), "--out".as_ref(), at("k").as_os_str()]).code, 0);
    std::fs::write(at("server.pem"), &server.ca).unwrap();
}

/// Both ways through TLS.
pub(super) fn ways(proxy: &Started) -> [Way; 2] {
    [false, true].map(|is_2| Way::tls(&proxy.at("ca/ca.pem"), is_2))
}

fn url(server: &Server, path: &str) -> String {
    format!("https://localhost:{}{path}", server.tls.port())
}

#[test]
fn both_versions_of_http_are_judged_inside_tls() {
    let server = Server::start(|asked| match asked.target.rsplit('/').next() {
        Some("order") => Answer::new("text/html", format!("<p>{ORDER}</p>")),
        _ => Answer::new("text/plain", asked.body.clone()),
    });
    let proxy = intercepting(&server, &[]);
    for way in ways(&proxy) {
        let before = server.seen().len();
        let got = ask(proxy.address, &way, post(&url(&server, "/echo"), "{\"a\":\"fine\"}"));
        assert_eq!((got.status, got.text().as_str()), (200, "{\"a\":\"fine\"}"));
        let seen = server.seen();
        assert_eq!(seen.len(), before + 1);
        assert_eq!(seen[before].version, hyper::Version::HTTP_2, "the server offers both");
        let got = ask(proxy.address, &way, post(&url(&server, "/echo"), &token()));
        assert!(got.is_refused(403, "blocked"), "{way:?} {got:?}");
        assert_eq!(server.seen().len(), before + 1);
        let got = ask(proxy.address, &way, request("GET", &url(&server, "/order"), ""));
        assert!(got.is_refused(403, "blocked"), "{way:?} {got:?}");
    }
}

/// A stream of Brotli that holds its content as it stands (RFC 7932, section 9.2).
fn brotli(content: &[u8]) -> Vec<u8> {
    let head = (u32::try_from(content.len()).unwrap() - 1) << 4 | 1 << 20;
    [&head.to_le_bytes()[..3], content, &[3]].concat()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    coder.write_all(content).unwrap();
    coder.finish().unwrap()
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    coder.write_all(content).unwrap();
    coder.finish().unwrap()
}

#[test]
fn coded_bodies_are_judged_by_what_they_hold_and_passed_as_they_are() {
    let server = Server::start(|asked| {
        let content = if asked.target.contains("order") { ORDER.as_bytes() } else { b"fine and clean" };
        let coding = asked.target.rsplit('/').next().unwrap().to_owned();
        let body = match coding.as_str() {
            "gzip" => gzip(content),
            "deflate" => zlib(content),
            "br" => brotli(content),
            "zstd" => zstd::encode_all(content, 1).unwrap(),
            "bomb" => gzip(&vec![b' '; 64 << 20]),
            _ => content.to_vec(),
        };
        let coding = if coding == "bomb" { "gzip".to_owned() } else { coding };
        Answer::new("text/plain", body).with("content-encoding", &coding).in_pieces(7000)
    });
    let folder_policy = "policy: p\nversion: 1\nnot_scanned: block\nnot_recorded: allow\nclauses:\n  \
                         - action: block\n    when: { category: [injection], min_severity: medium }\n";
    let policy = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(policy.path(), folder_policy).unwrap();
    let proxy = intercepting(&server, &["--policy", policy.path().to_str().unwrap()]);
    let [one, two] = ways(&proxy);
    for (coding, way) in [("gzip", &one), ("deflate", &two), ("br", &one), ("zstd", &two)] {
        let got = ask(proxy.address, way, request("GET", &url(&server, &format!("/fine/{coding}")), ""));
        assert_eq!((got.status, got.fields["content-encoding"].to_str().unwrap()), (200, coding));
        assert!(got.body.len() > 4 && got.is_whole, "{got:?}");
        let got = ask(proxy.address, way, request("GET", &url(&server, &format!("/order/{coding}")), ""));
        assert!(got.is_refused(403, "blocked"), "{coding} {got:?}");
    }
    for what in ["unheard-of", "bomb"] {
        let got = ask(proxy.address, &one, request("GET", &url(&server, &format!("/fine/{what}")), ""));
        assert!(got.is_refused(403, "blocked"), "{what} {got:?}");
        assert!(got.json()["error"]["reason"].as_str().unwrap().contains("not everything could be scanned"));
    }
}

#[test]
fn a_tunnel_leads_to_its_own_host_only() {
    let server = Server::start(|_| Answer::new("text/plain", "fine"));
    let proxy = intercepting(&server, &["--policy", "observe"]);
    let ca = std::fs::read(proxy.at("ca/ca.pem")).unwrap();
    let target = format!("localhost:{}", server.tls.port());
    block(async {
        let (_, stream) = tunnel(connect(proxy.address).await, &target).await;
        assert!(shake(stream, "elsewhere.test", &ca, false).await.is_err());
    });
    for is_2 in [false, true] {
        let way = Way::tls(&proxy.at("ca/ca.pem"), is_2);
        let fronted = Request::builder()
            .uri(url(&server, "/"))
            .header("x-real", "1")
            .body(Full::new(Bytes::new()))
            .unwrap();
        let got = block(async {
            let (_, stream) = tunnel(connect(proxy.address).await, &target).await;
            let stream = shake(stream, "localhost", &ca, is_2).await.unwrap();
            super::client::over(stream, fronted, "elsewhere.test", is_2).await
        });
        assert!(got.is_refused(421, "misdirected"), "{way:?} {got:?}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_server_that_nobody_trusts_is_not_talked_to() {
    let (server, other) =
        (Server::start(|_| Answer::new("text/plain", "fine")), Server::start(|_| Answer::default()));
    let proxy = intercepting(&other, &["--policy", "observe"]);
    let [one, _] = ways(&proxy);
    let got = ask(proxy.address, &one, request("GET", &url(&server, "/"), ""));
    assert!(got.is_refused(502, "no-tls"), "{got:?}");
    assert!(server.seen().is_empty());
}

#[test]
fn the_key_of_the_authority_is_its_owners_alone_and_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let init = || coldcase(["ca".as_ref(), "init".as_ref(), folder.path().as_os_str()]);
    assert_eq!(init().code, 0);
    let key = folder.path().join("ca.key");
    let before = std::fs::read(&key).unwrap();
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(init().code, 2);
    assert_eq!(std::fs::read(&key).unwrap(), before);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    let args = ["proxy", "--listen", "127.0.0.1:0", "--intercept", "--ca", folder.path().to_str().unwrap()];
    let outcome = coldcase(args);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("others can read"), "{}", outcome.stderr);
}
