//! A client that nobody here wrote: curl, in the clear and through TLS with HTTP/1.1 and HTTP/2.

use std::process::Command;

use super::intercept::intercepting;
use super::server::{Answer, Server};
use crate::samples::{ORDER, token};

#[test]
fn curl_goes_through_in_every_way_that_it_knows() {
    let version = Command::new("curl").arg("--version").output();
    let Ok(version) = version else {
        eprintln!("curl is not here: left out");
        return;
    };
    let has_http2 = String::from_utf8_lossy(&version.stdout).contains("HTTP2");
    let server = Server::start(|asked| {
        let got = [b"got ".as_slice(), &asked.body].concat();
        Answer::new("text/plain", if asked.target.contains("order") { ORDER.into() } else { got })
    });
    let proxy = intercepting(&server, &[]);
    let plain = format!("http://{}", server.plain);
    let inside = format!("https://localhost:{}", server.tls.port());
    let mut ways = vec![(&plain, "--http1.1"), (&inside, "--http1.1")];
    if has_http2 {
        ways.push((&inside, "--http2"));
    } else {
        eprintln!("this curl has no HTTP/2: that is left out");
    }
    let ca = proxy.at("ca/ca.pem");
    for (base, protocol) in ways {
        let curl = |path: &str, body: &str| {
            let mut command = Command::new("curl");
            command.args(["-sS", "-m", "30", "-o", "-", "-w", "\n%{http_code}", protocol, "--compressed"]);
            command.args(["-x", &format!("http://{}", proxy.address), "--noproxy", ""]);
            command.arg("--cacert").arg(&ca).args(["--data-binary", body]).arg(format!("{base}{path}"));
            let output = command.output().unwrap();
            assert!(
                output.status.success(),
                "{base} {protocol}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            let text = String::from_utf8(output.stdout).unwrap();
            let (body, status) = text.rsplit_once('\n').unwrap();
            (status.to_owned(), body.to_owned())
        };
        assert_eq!(curl("/x", "hello"), ("200".to_owned(), "got hello".to_owned()), "{base} {protocol}");
        assert_eq!(curl("/x", &token()).0, "403", "{base} {protocol}");
        let (status, body) = curl("/order", "please");
        assert_eq!(status, "403", "{base} {protocol}");
        assert!(!body.contains(ORDER) && body.contains("\"code\":\"blocked\""), "{body}");
    }
}
