//! Tests of whole messages and streams.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::Notes;

/// A message with a header, questions and records as given.
fn message(flags: u16, counts: [u16; 4], body: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34];
    bytes.extend(flags.to_be_bytes());
    bytes.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
    bytes.extend(body.concat());
    bytes
}

/// A record of the name at offset 12.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\xC0\x0C".to_vec();
    bytes.extend(kind.to_be_bytes());
    bytes.extend(b"\x00\x01\x00\x00\x00\x3C");
    bytes.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
    bytes.extend(data);
    bytes
}

const QUESTION: &[u8] = b"\x03api\x03llm\x04test\x00\x00\x01\x00\x01";

fn parse(bytes: &[u8]) -> (Message, Vec<&'static str>) {
    let mut notes = Notes::default();
    let message = read(Bytes::copy_from_slice(bytes), 100, None, &mut notes).expect("a header");
    (message, notes.counts().iter().map(|(kind, _)| *kind).collect())
}

fn text(kind: u16, data: &[u8]) -> (String, Vec<Bytes>) {
    let (mut message, notes) = parse(&message(0x8180, [1, 1, 0, 0], &[QUESTION, &record(kind, data)]));
    assert!(notes.is_empty(), "{notes:?}");
    let record = message.records.remove(0);
    assert_eq!((record.name.as_str(), record.ttl, record.section), ("api.llm.test", 60, Section::Answer));
    (record.text, record.parts)
}

#[test]
fn a_query_is_read() {
    let (message, notes) = parse(&message(0x0100, [1, 0, 0, 0], &[QUESTION]));
    assert!(notes.is_empty() && !message.is_cut && !message.is_response);
    assert_eq!((message.id, message.opcode, message.rcode), (0x1234, 0, 0));
    let span = (12, 12 + QUESTION.len());
    assert_eq!(message.questions, [Question { name: "api.llm.test".into(), kind: Kind(1), class: 1, span }]);
    assert_eq!((message.trailing, message.extents), ((span.1, span.1), vec![(0, 100)]));
}

#[test]
fn data_of_the_usual_types_is_text() {
    assert_eq!(text(1, &[203, 0, 113, 7]).0, "203.0.113.7");
    assert_eq!(text(28, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]).0, "2001:db8::7");
    assert_eq!(text(5, b"\x04edge\xC0\x10").0, "edge.llm.test");
    assert_eq!(text(15, b"\x00\x0A\x02mx\xC0\x0C").0, "10 mx.api.llm.test");
    assert_eq!(text(33, b"\x00\x01\x00\x02\x01\xBB\x01s\x00").0, "1 2 443 s");
    let soa = b"\x01m\x00\x01r\x00\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05";
    assert_eq!(text(6, soa).0, "m r 1 2 3 4 5");
    assert_eq!(text(257, b"\x00\x05issueca.test").0, "0 issue ca.test");
}

#[test]
fn strings_and_opaque_data_are_given_in_parts() {
    let (joined, parts) = text(16, b"\x03abc\x00\x04d e\x01");
    assert_eq!(
        (joined.as_str(), parts),
        ("abcd e\\001", vec!["abc".into(), "".into(), Bytes::from_static(b"d e\x01")])
    );
    assert_eq!(text(10, b"\x01\xFF"), ("\\# 2 01ff".into(), vec![Bytes::from_static(b"\x01\xFF")]));
    assert_eq!(text(65_280, b"x").1, ["x"]);
    // RFC 9460 appendix D.2 has parameters of these forms.
    let https = b"\x00\x01\x03svc\x00\x00\x01\x00\x06\x02h2\x02h3\x00\x03\x00\x02\x20\xFB\x00\x04\x00\x04\xC0\0\x02\x01\x02\x9B\x00\x01x";
    let (svcb, parts) = text(65, https);
    assert_eq!(svcb, "1 svc alpn=h2,h3 port=8443 ipv4hint=192.0.2.1 key667=1");
    assert_eq!(parts[3], "x");
}

#[test]
fn options_give_their_values_and_the_codes_upper_bits() {
    let opt = b"\x00\x00\x29\x04\xD0\x01\x00\x00\x00\x00\x08\x00\x0A\x00\x04leak";
    let (message, notes) = parse(&message(0x8180, [1, 0, 0, 1], &[QUESTION, opt]));
    assert!(notes.is_empty());
    assert_eq!((message.rcode, message.records[0].class), (16, 1232));
    assert_eq!(
        (message.records[0].text.as_str(), message.records[0].joined()),
        ("option10=4", b"leak".to_vec())
    );
}

#[test]
fn oddities_are_noted_and_read_on() {
    let kinds = |counts, body: &[&[u8]]| parse(&message(0x0100, counts, body)).1;
    assert_eq!(kinds([1, 0, 0, 0], &[b"\xC0\x0C\x00\x01\x00\x01"]), ["dns_pointer_loop"]);
    assert_eq!(
        kinds([1, 0, 0, 0], &[b"\x3Fab\0\0\0"]),
        ["dns_label_too_long", "dns_count_lies", "dns_odd_characters"]
    );
    assert_eq!(kinds([0, 0, 0, 0], &[b"\0\0\0\0\0\0"]), ["dns_trailing_bytes", "dns_no_question"]);
    assert_eq!(kinds([2, 0, 0, 0], &[QUESTION]), ["dns_ends_early", "dns_count_lies"]);
    assert_eq!(kinds([1, 0, 0, 0], &[b"\x03a b\x00\x00\x01\x00\x01"]), ["dns_odd_characters"]);
    assert_eq!(kinds([1, 1, 0, 0], &[QUESTION, &record(1, b"abc")]), ["dns_odd_data"]);
    assert_eq!(kinds([1, 1, 0, 0], &[QUESTION, &record(16, b"\x09abc")]), ["dns_odd_data"]);
    assert_eq!(kinds([1, 1, 0, 0], &[QUESTION, &record(5, b"\xC0\x2A")]), ["dns_pointer_loop"]);
    let mut notes = Notes::default();
    assert!(read(Bytes::from_static(b"\0\x01"), 0, None, &mut notes).is_none());
    assert_eq!(notes.counts(), [("dns_too_short", 1)]);
}

#[test]
fn a_name_that_is_cut_off_is_given_as_far_as_it_goes() {
    let (message, _) = parse(&message(0x0100, [1, 0, 0, 0], &[b"\x06secret\x3Fpart"]));
    assert_eq!((message.questions[0].name.as_str(), message.questions[0].kind), ("secret.part", Kind(0)));
    assert!(message.is_cut);
}

#[test]
fn every_cut_of_a_response_is_read() {
    let records = [
        record(16, b"\x03abc"),
        record(5, b"\x01x\xC0\x0C"),
        record(65, b"\x00\x01\x00\x00\x01\x00\x03\x02h2"),
    ];
    let whole = message(0x8180, [1, 1, 1, 1], &[QUESTION, &records[0], &records[1], &records[2]]);
    for cut in 12..whole.len() {
        let (message, notes) = parse(&whole[..cut]);
        assert!(message.is_cut && notes.contains(&"dns_count_lies"), "{cut}");
    }
    let (message, notes) = parse(&whole);
    assert_eq!((message.records.len(), notes.len()), (3, 0));
    assert_eq!(message.records[2].section, Section::Additional);
}

#[test]
fn floods_of_pointers_make_bounded_text() {
    let mut name = [&b"\x3F"[..], &[0xFF; 63]].concat().repeat(3);
    name.extend(b"\x00\x00\x01\x00\x01");
    let records = b"\xC0\x0C\x00\x05\x00\x01\x00\x00\x00\x00\x00\x02\xC0\x0C".repeat(4000);
    let (message, notes) = parse(&message(0x8180, [1, 0xFFFF, 0xFFFF, 0xFFFF], &[&name, &records]));
    let text: usize = message.records.iter().map(|it| it.name.len() + it.text.len()).sum();
    assert!(text < (1 << 20) + 4096);
    assert!(notes.contains(&"dns_over_limit") && message.trailing.0 < message.trailing.1);
}

#[test]
fn floods_of_questions_and_of_empty_strings_are_bounded() {
    let mut name = [&b"\x3F"[..], &[0xFF; 63]].concat().repeat(3);
    name.extend(b"\x00\x00\x01\x00\x01");
    let questions = b"\xC0\x0C\x00\x01\x00\x01".repeat(10_000);
    let (questions, notes) = parse(&message(0x0100, [0xFFFF, 0, 0, 0], &[&name, &questions]));
    assert!(questions.questions.len() < 3000 && notes.contains(&"dns_over_limit"));
    let strings = record(16, &vec![0; 60_000]);
    let (strings, notes) = parse(&message(0x8180, [1, 9, 0, 0], &[QUESTION, &strings, &strings, &strings]));
    assert_eq!((strings.records.len(), strings.records[0].parts.len(), strings.is_cut), (1, 60_000, true));
    assert_eq!(notes, ["dns_over_limit", "dns_count_lies", "dns_too_long"]);
}

/// Messages with their lengths before them.
fn stream(messages: &[Vec<u8>]) -> Vec<u8> {
    let framed = messages.iter().map(|it| {
        let length = u16::try_from(it.len()).expect("short").to_be_bytes();
        [&length[..], it].concat()
    });
    framed.collect::<Vec<_>>().concat()
}

fn read_stream(bytes: &[u8], pieces: usize) -> (Vec<Message>, Count, Vec<&'static str>) {
    let mut stream = Stream::default();
    let mut out = Vec::new();
    let mut at = 1000;
    for piece in bytes.chunks(pieces.max(1)) {
        stream.push(piece, at, Some(5), &mut |message| out.push(message));
        at += piece.len() as u64;
    }
    stream.finish(&mut |message| out.push(message));
    let count = stream.count();
    assert_eq!(count.content + count.framing + count.opaque, bytes.len() as u64);
    let notes = stream.notes().counts().iter().map(|(kind, _)| *kind).collect();
    (out, count, notes)
}

#[test]
fn messages_of_a_stream_are_read_in_any_pieces() {
    let one = message(0x0100, [1, 0, 0, 0], &[QUESTION]);
    let two = message(
        0x8180,
        [1, 1, 0, 0],
        &[QUESTION, &record(16, &[b"\xFA".to_vec(), vec![b't'; 250]].concat())],
    );
    let bytes = stream(&[one.clone(), two.clone(), vec![], one[..20].to_vec()]);
    let whole = read_stream(&bytes, usize::MAX);
    for pieces in 1..40 {
        assert_eq!(read_stream(&bytes, pieces), whole);
    }
    let (messages, _, _) = whole;
    assert_eq!((messages.len(), &messages[1].bytes[..]), (3, &two[..]));
    assert_eq!(messages[1].extents, [(0, 1000 + 2 + one.len() as u64 + 2)]);
    assert_eq!((messages[1].records[0].joined(), messages[1].time), (vec![b't'; 250], Some(5)));
}

#[test]
fn a_gap_costs_the_messages_that_it_touches() {
    let one = stream(&[message(0x0100, [1, 0, 0, 0], &[QUESTION])]);
    let mut seen = Vec::new();
    let mut stream = Stream::default();
    // Within one message: the next begins where it must.
    stream.push(&one[..20], 0, None, &mut |message| seen.push(message));
    stream.gap(4, 20, &mut |message| seen.push(message));
    stream.push(&one[24..], 24, None, &mut |message| seen.push(message));
    stream.push(&one, 100, None, &mut |message| seen.push(message));
    // Over the end of one: what looks like a message is one.
    stream.push(&one[..20], 200, None, &mut |message| seen.push(message));
    stream.gap(1000, 220, &mut |message| seen.push(message));
    stream.push(&one, 1220, None, &mut |message| seen.push(message));
    stream.gap(1000, 2000, &mut |message| seen.push(message));
    stream.push(b"bytes of something else", 3000, None, &mut |message| seen.push(message));
    stream.finish(&mut |message| seen.push(message));
    let cut: Vec<_> = seen.iter().map(|it| it.is_cut).collect();
    assert_eq!(cut, [true, false, true, false]);
    assert_eq!((stream.count().lost, stream.count().opaque), (2004, one.len() as u64 - 24 + 23));
}

#[test]
fn places_at_the_end_of_a_file_of_any_size_do_no_harm() {
    let one = stream(&[message(0x0100, [1, 0, 0, 0], &[b"\xC0\x0C\x00\x01\x00\x01"])]);
    let mut stream = Stream::default();
    let mut seen = 0;
    for byte in one.chunks(1) {
        stream.push(byte, u64::MAX - 2, None, &mut |_| seen += 1);
    }
    assert_eq!(seen, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_read(
        flags: u16,
        counts in prop::array::uniform4(0_u16..4),
        body in prop::collection::vec(prop_oneof![
            Just(QUESTION.to_vec()),
            (prop::sample::select(vec![1_u16, 5, 6, 15, 16, 28, 33, 41, 64, 257, 300]),
                prop::collection::vec(prop_oneof![Just(0xC0_u8), 0_u8..16, any::<u8>()], 0..30))
                .prop_map(|(kind, data)| record(kind, &data)),
            prop::collection::vec(prop_oneof![Just(0xC0_u8), 0_u8..16, any::<u8>()], 0..30),
        ], 0..8),
        pieces in 1_usize..50,
    ) {
        let body: Vec<&[u8]> = body.iter().map(Vec::as_slice).collect();
        let bytes = message(flags, counts, &body);
        let (message, _) = parse(&bytes);
        prop_assert!(message.trailing.0 <= message.trailing.1 && message.trailing.1 == bytes.len());
        for record in &message.records {
            prop_assert!(record.data.0 <= record.data.1 && record.data.1 <= message.trailing.0);
        }
        let framed = stream(&[bytes.clone(), bytes]);
        prop_assert_eq!(read_stream(&framed, usize::MAX), read_stream(&framed, pieces));
    }
}
