//! Which texts show a sign: disguises do, ordinary content does not.

use super::*;

fn found(text: &str) -> Vec<(ViewKind, &str)> {
    let mut out = Vec::new();
    crate::view::regions_of(text.as_bytes(), &mut out);
    out.into_iter()
        .map(|region| (region.kind, text.get(region.span.start..region.span.end).unwrap_or_default()))
        .collect()
}

/// Made of the shapes that agent traffic is full of.
const ORDINARY: [&str; 16] = [
    "550e8400-e29b-41d4-a716-446655440000 f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "commit 97a7d48c1be2f0a5a4d3e6b7c8f9a0b1c2d3e4f5 Merge 8f86db8..11f9068 by ana@corp.example",
    "a{color:#fff;margin:0 auto}@media(max-width:600px){.b>a:hover{background:url(x.png)!important}}",
    "!function(e,t){var n=e.$,r=/^[a-z]+$/i;for(var i=0;i<t.length;i++)n[t[i]]=r.test(t[i])?1:0}(window,[]);",
    "2026-11-23 01:55:14,103 INFO 10.0.0.1 - - [23/Nov/2026:01:55:14 +0000] 200 1043 12 31 44 98 101 7 0 12",
    "let total =\n    rows.iter().sum::<u64>() == 12;\nif a != b { x = 0x1F; y = 0xFFFF_FFFF }",
    "The tools that you, your team and our users have are all in the system prompt of the previous page.",
    "https://shop.example/p?id=12&sort=asc&sha=6fab12cd&q=a=b #top $12.99 @ana ^1.2.3 ~> 1.0 <~~ x",
    "eth0: link 00:1b:44:11:3a:b7 fe80::1ff:fe23:4567:890a, 192.168.0.1/24, port 443, 65, 66, 67",
    "[12, 7, 0, 3, 255, 19, 1, 2, 200, 4, 5, 6, 31, 30, 29, 28] and [1024, 2048, 4096, 8192, 16384]",
    "\u{1b}[0m C:\\data\\d1 \\d+\\.\\w{3} \\alpha \\1 \\033[1m",
    "the exploit of DNA_MPN-9 in configure.ac; Figure 3 shows antenna, banquet and Nagoya",
    "contentblockdeltaeventlistener CONTENTBLOCKDELTAEVENTLISTENER abcdefghijklmnopqrstuvwxyz234567",
    "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "x = 1;\ny = 2;\nLD_LIBRARY_PATH=/usr/lib\nTIMEOUT=20\nDEBUG=1 max\u{fffd}x\u{1}y",
];

#[test]
fn ordinary_content_shows_no_sign() {
    for text in ORDINARY {
        let unescaped = found(text).into_iter().filter(|(kind, _)| *kind != ViewKind::JsonUnescape);
        assert_eq!(unescaped.collect::<Vec<_>>(), [], "{text}");
    }
}

#[test]
fn each_disguise_shows_its_region() {
    let cases: [(&str, ViewKind, &str); 20] = [
        ("a NFTW433SMUQGC3DMEBYHEZLWNFXXK4Y= b", ViewKind::Base32, "NFTW433SMUQGC3DMEBYHEZLWNFXXK4Y"),
        ("nftw433smuqgc3dmebyhezlwnfxxk4y", ViewKind::Base32, "nftw433smuqgc3dmebyhezlwnfxxk4y"),
        ("D5JMSRRICKG62R3C41O74PBMD5NNASO=", ViewKind::Base32Hex, "D5JMSRRICKG62R3C41O74PBMD5NNASO"),
        ("a<~BkM=%Eb-A%Cht55Eb0E.Dfp+~>b", ViewKind::Ascii85, "BkM=%Eb-A%Cht55Eb0E.Dfp+"),
        (
            "key=aBO8^b7dfDXKrtDWguZ}Y#?xQWp-(Ab#owcb!=sG",
            ViewKind::Base85,
            "aBO8^b7dfDXKrtDWguZ}Y#?xQWp-(Ab#owcb!=sG",
        ),
        ("so =\nit joins", ViewKind::QuotedPrintable, "so =\nit joins"),
        ("=69=67nore", ViewKind::QuotedPrintable, "=69=67nore"),
        ("i=67no=72e a=6Cl", ViewKind::QuotedPrintable, "i=67no=72e a=6Cl"),
        ("é\u{1}i\0g\0n\0o\0r\0e\0 \0a\0", ViewKind::Utf16Le, "i\0g\0n\0o\0r\0e\0 \0a\0"),
        ("\u{1}\0i\0g\0n\0o\0r\0e\0 \0a", ViewKind::Utf16Be, "\0i\0g\0n\0o\0r\0e\0 \0a"),
        ("aQBnAG4AbwByAGUAIABhAGwAbAA=", ViewKind::Base64, "aQBnAG4AbwByAGUAIABhAGwAbAA"),
        (r"a\x69b", ViewKind::CodeEscapes, r"a\x69b"),
        (r"a\151b", ViewKind::CodeEscapes, r"a\151b"),
        (r"a\U00000069b", ViewKind::CodeEscapes, r"a\U00000069b"),
        ("a %u0069%u0067 b", ViewKind::Percent, "%u0069%u0067"),
        ("code 69 67 6e 6f 72 65 20 61 6c 6c.", ViewKind::Hex, "69 67 6e 6f 72 65 20 61 6c 6c"),
        ("69:67:6e:6f:72:65:20:61", ViewKind::Hex, "69:67:6e:6f:72:65:20:61"),
        ("[69-67-6e-6f-72-65-20-61]", ViewKind::Hex, "69-67-6e-6f-72-65-20-61"),
        (
            "{0x69,0x67,0x6e,0x6f,\n     0x72,0x65,0x20,0x61}",
            ViewKind::Hex,
            "0x69,0x67,0x6e,0x6f,\n     0x72,0x65,0x20,0x61",
        ),
        (
            "f(105, 103, 110, 111, 114, 101, 32, 97)",
            ViewKind::CharCodes,
            "105, 103, 110, 111, 114, 101, 32, 97",
        ),
    ];
    for (text, kind, region) in cases {
        let found = found(text);
        assert!(found.contains(&(kind, region)), "{text:?} {kind}: {found:?}");
    }
}
