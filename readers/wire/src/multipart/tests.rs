//! Tests of whole bodies.

use proptest::prelude::*;

use super::*;
use crate::Notes;

fn parse<'a>(
    body: &'a [u8],
    boundary: &[u8],
    limits: Limits,
) -> (Multipart, Vec<&'a [u8]>, Vec<&'static str>) {
    let mut notes = Notes::default();
    let multipart = read(body, boundary, limits, &mut notes);
    let size = |(start, end): (usize, usize)| end - start;
    let parts: usize = multipart.parts.iter().map(|part| size(part.head) + size(part.body)).sum();
    let sum = size(multipart.preamble) + parts + size(multipart.epilogue) + multipart.framing;
    assert_eq!(sum, body.len());
    let bodies = multipart.parts.iter().map(|part| &body[part.body.0..part.body.1]).collect();
    (multipart, bodies, notes.counts().iter().map(|(kind, _)| *kind).collect())
}

fn all<'a>(body: &'a [u8], boundary: &[u8]) -> (Multipart, Vec<&'a [u8]>, Vec<&'static str>) {
    parse(body, boundary, Limits::default())
}

#[test]
fn the_standards_example_is_read() {
    // RFC 2046 section 5.1.1, its simple multipart message.
    let body = b"This is the preamble.\r\n\r\n--simple boundary\r\n\r\nThis does NOT end with a linebreak.\r\n\
        --simple boundary\r\nContent-type: text/plain; charset=us-ascii\r\n\r\nIt DOES end with a linebreak.\r\n\r\n\
        --simple boundary--\r\n\r\nThis is the epilogue.\r\n";
    let (multipart, bodies, notes) = all(body, b"simple boundary");
    assert_eq!(bodies, [&b"This does NOT end with a linebreak."[..], b"It DOES end with a linebreak.\r\n"]);
    assert_eq!(multipart.parts[1].content_type.as_deref(), Some(&b"text/plain; charset=us-ascii"[..]));
    assert_eq!((multipart.preamble, multipart.parts[0].is_cut), ((0, 23), false));
    assert_eq!(notes, ["multipart_preamble", "multipart_epilogue"]);
}

#[test]
fn a_form_with_a_file_is_read() {
    let body = b"--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XyZ\r\n\
        content-disposition: form-data;\r\n name=\"f\"; filename=\"k.txt\"\r\nContent-Transfer-Encoding: base64\r\n\
        \r\nQUJD\r\n--XyZ--\r\n";
    let (multipart, bodies, notes) = all(body, b"XyZ");
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(bodies, [&b"1"[..], b"QUJD"]);
    let part = &multipart.parts[1];
    assert_eq!((part.name.as_deref(), part.filename.as_deref()), (Some(&b"f"[..]), Some(&b"k.txt"[..])));
    assert_eq!(part.encoding.as_deref(), Some(&b"base64"[..]));
}

#[test]
fn lenient_forms_are_read_and_noted() {
    let (_, bodies, notes) = all(b"--b\nA: b\n\none\n--b\n\ntwo\n--b--", b"b");
    assert_eq!((bodies, notes), (vec![&b"one"[..], b"two"], vec!["multipart_bare_line_end"]));
    let (multipart, bodies, notes) = all(b"--b\r\n\r\none\r\n--b \r\n\r\ntwo", b"b");
    assert_eq!((bodies, multipart.parts[1].is_cut), (vec![&b"one"[..], b"two"], true));
    assert_eq!(notes, ["multipart_no_last_boundary"]);
    let (_, bodies, notes) = all(b"--b\r\nno field here\r\n--bc\r\n--b--", b"b");
    assert_eq!(bodies, [b"no field here\r\n--bc"]);
    assert_eq!(notes, ["multipart_boundary_prefix", "multipart_no_empty_line"]);
    let (_, bodies, notes) = all(b"--b\r\n\r\na--b\r\n--b--", b"b");
    assert_eq!((bodies, notes.len()), (vec![&b"a--b"[..]], 0));
    let (multipart, _, notes) = all(b"nothing", b"b");
    assert_eq!((multipart.preamble, notes), ((0, 7), vec!["multipart_no_boundary"]));
    let twice = b"--b\r\nContent-Disposition: x; name=a; name=b\r\n\r\n\r\n--b--";
    let (multipart, bodies, notes) = all(twice, b"b");
    assert_eq!((multipart.parts[0].name.as_deref(), bodies), (Some(&b"a"[..]), vec![&b""[..]]));
    assert_eq!(notes, ["multipart_said_twice"]);
    // A part without content, whose line end is that of the boundary's line.
    assert_eq!(all(b"--b\r\n--b--", b"b").1, [b""]);
}

#[test]
fn floods_end_at_the_caps() {
    let limits = Limits { parts: 10, head_bytes: 100 };
    let body = b"--b\r\n\r\nx\r\n".repeat(1000);
    let (multipart, bodies, notes) = parse(&body, b"b", limits);
    assert_eq!((multipart.parts.len(), multipart.parts[9].is_cut), (10, true));
    assert!(bodies[9].len() > 9000 && notes == ["multipart_parts_over_limit"]);
    let body = [&b"--b\r\n"[..], &b"A: b\r\n".repeat(1000), b"\r\nx\r\n--b--"].concat();
    let (multipart, _, notes) = parse(&body, b"b", limits);
    assert!(multipart.parts[0].head.1 < 120);
    assert_eq!(notes, ["multipart_head_over_limit"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_body_is_accounted_for(
        pieces in prop::collection::vec(prop_oneof![
            Just("--b"), Just("--"), Just("\r\n"), Just("\n"), Just("\r"), Just("A: b"), Just("x"), Just(" "),
            Just("Content-Disposition: form-data; name=\"n\"; filename*=''%41%"), Just(":"), Just("b"),
        ], 0..30),
        parts in 1_usize..5,
    ) {
        let body = pieces.concat();
        let (multipart, _, _) = parse(body.as_bytes(), b"b", Limits { parts, head_bytes: 40 });
        prop_assert!(multipart.parts.len() <= parts);
        parse(body.as_bytes(), b"", Limits::default());
    }

    #[test]
    fn parts_that_were_written_are_read(contents in prop::collection::vec("[a-z\r\n-]{0,40}", 1..6)) {
        let mut body = String::new();
        for content in &contents {
            body += &format!("--=boundary\r\nContent-Disposition: form-data; name=x\r\n\r\n{content}\r\n");
        }
        body += "--=boundary--\r\n";
        let (_, bodies, notes) = all(body.as_bytes(), b"=boundary");
        let texts: Vec<_> = contents.iter().map(String::as_bytes).collect();
        prop_assert_eq!(bodies, texts);
        prop_assert!(notes.is_empty());
    }
}
