//! Hellos of QUIC in captures of other projects, against what TShark 4.0.17 says of them:
//! `-Y 'quic && tls.handshake.type == 1' -T fields` with the fields of the table.

use coldcase_wire::What;
use coldcase_wire::tls::Carrier;

use super::data;
use super::wired::{content, wired};

/// File, port of the client, host, protocols, JA3.
const HELLOS: [(&str, u16, &str, &str, &str); 19] = [
    ("tcpdump-tests/tests/quic_handshake.pcap", 50606, "localhost", "h3", "9a78264e64e221797705e75a3c55df01"),
    ("tcpdump-tests/tests/quic_retry.pcap", 62821, "localhost", "h3", "9a78264e64e221797705e75a3c55df01"),
    // TShark shows the first alone; the one after the Retry has another random, and is another hello.
    ("tcpdump-tests/tests/quic_retry.pcap", 62821, "localhost", "h3", "9a78264e64e221797705e75a3c55df01"),
    (
        "zeek-btest/Traces/quic/chromium-115.0.5790.110-api-cirrus-com.pcap",
        53727,
        "api.cirrus-ci.com",
        "h3",
        "526bdfecc3fb6cf46540d7ff70e88cec",
    ),
    ("zeek-btest/Traces/quic/quicv2-http3-443.pcap", 50841, "", "h3", "b399a25badfd034849f164d8acfda10e"),
    (
        "zeek-btest/Traces/quic/interop/quic-go_quic-go/zerortt.pcap",
        49394,
        "server4:443",
        "hq-interop",
        "fa7bd32a613812b94c47f406dcc637d3",
    ),
    (
        "zeek-btest/Traces/quic/interop/quic-go_quic-go/zerortt.pcap",
        60492,
        "server4:443",
        "hq-interop",
        "373c025a12cf078baca389bb399d6bdd",
    ),
    (
        "zeek-btest/Traces/quic/interop/quic-go_quic-go/retry.pcap",
        42834,
        "server4:443",
        "hq-interop",
        "3e9680842aa1ac1f48edc74e779ebc97",
    ),
    (
        "zeek-btest/Traces/quic/interop/quic-go_quic-go/handshake.pcap",
        40084,
        "server4:443",
        "hq-interop",
        "3e9680842aa1ac1f48edc74e779ebc97",
    ),
    (
        "zeek-btest/Traces/ppp/quic-interop-retry.pcap",
        42834,
        "server4:443",
        "hq-interop",
        "3e9680842aa1ac1f48edc74e779ebc97",
    ),
    (
        "zeek-btest/Traces/quic/merlinc2_Zeek_example.pcapng",
        53241,
        "",
        "h3",
        "203c2306834e5bf5ace01fb74ad1badf",
    ),
    (
        "zeek-btest/Traces/quic/quic-multiple-initial-fragmented-crypto.pcap",
        45945,
        "googleads.g.doubleclick.net",
        "h3",
        "a737e2cfe3b7e8f28cf5a2afd1427700",
    ),
    (
        "zeek-btest/Traces/quic/curl-8.1.2-dev-http3-www-google-de.pcap",
        34347,
        "www.google.de",
        "h3,h3-29,h3-28,h3-27",
        "f75253b5e2b4dcb3fdae9b78ce8c6e49",
    ),
    (
        "zeek-btest/Traces/quic/quic_win11_firefox_google.pcap",
        49369,
        "www.google.com",
        "h3",
        "b719940c5ab9a3373cb4475d8143ff88",
    ),
    (
        "zeek-btest/Traces/quic/quic-decrypt-fail-google-de-51833.pcap",
        51883,
        "www.google.de",
        "h3",
        "0cd7e8a73a967c8e40004257e49de06d",
    ),
    (
        "zeek-btest/Traces/quic/quicv2-echo-443.pcap",
        49320,
        "localhost",
        "quic-echo-example",
        "3e9680842aa1ac1f48edc74e779ebc97",
    ),
    (
        "zeek-btest/Traces/quic/quic-39264-rand.pcap",
        39264,
        "tr6.snapchat.com",
        "h3",
        "8a77a67b7efcd2e3a00787e1df1a5f05",
    ),
    (
        "zeek-btest/Traces/quic/firefox-102.13.0esr-blog-cloudflare-com.pcap",
        44174,
        "blog.cloudflare.com",
        "h3",
        "b719940c5ab9a3373cb4475d8143ff88",
    ),
    (
        "zeek-btest/Traces/quic/chromium-115.0.5790.110-google-de-fragmented.pcap",
        57538,
        "www.google.de",
        "h3",
        "d0b6d21da230b6eb1fa42d221ec5b3e2",
    ),
];

#[test]
fn hellos_of_quic_are_those_that_another_program_sees() {
    let Some(folder) = data("zeek-btest").and_then(|folder| Some(folder.parent()?.to_owned())) else {
        return;
    };
    let mut files: Vec<_> = HELLOS.iter().map(|(file, ..)| *file).collect();
    files.dedup();
    let mut wrong = Vec::new();
    for file in files {
        let mut stated: Vec<_> = HELLOS
            .iter()
            .filter(|(other, ..)| *other == file)
            .map(|(_, port, host, alpn, ja3)| {
                (*port, (*host).to_owned(), (*alpn).to_owned(), (*ja3).to_owned())
            })
            .collect();
        let mut found = Vec::new();
        for one in wired(&content(&folder.join(file)), b"").found {
            let What::Hello(hello) = &one.what else { continue };
            if hello.carrier == Carrier::Quic {
                assert!(hello.ja4.starts_with('q') && hello.time.is_some());
                assert_eq!(one.place.host.as_deref(), hello.server_name.as_deref());
                let alpn = String::from_utf8_lossy(&hello.alpn.join(&b","[..])).into_owned();
                let host = hello.server_name.clone().unwrap_or_default();
                found.push((one.place.flow.client.port, host, alpn, hello.ja3.clone()));
            }
        }
        stated.sort();
        found.sort();
        if found != stated {
            wrong.push(format!("{file}:\n  stated {stated:?}\n  found  {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
