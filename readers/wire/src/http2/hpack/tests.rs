//! HPACK against the examples of its standard, against another decoder, and against bytes that are none.

mod oracle;

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const TERMS: Terms = Terms { list_bytes: 1 << 20, offered: Some(DEFAULT_TABLE), acked: None };

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn new() -> Decoder {
    Decoder::new(1 << 18)
}

fn lines(fields: &[Field]) -> String {
    fields.iter().fold(String::new(), |mut text, field| {
        writeln!(text, "{field}").unwrap();
        text
    })
}

/// Decodes a block that must be right in all, and holds fields and table to what is expected.
fn check(hpack: &mut Decoder, hex: &str, fields: &[&str], size: usize, entries: &[&str]) {
    let block = bytes(hex);
    let decoded = hpack.decode(&block, &TERMS);
    assert_eq!(lines(&decoded.fields).lines().collect::<Vec<_>>(), fields);
    assert_eq!(hpack.table().shown(), (size, entries.iter().map(ToString::to_string).collect()));
    assert_eq!((decoded.kept, decoded.over, decoded.opaque), (block.len() as u64, 0, 0));
    assert!(decoded.notes.is_empty(), "{:?}", decoded.notes);
}

fn kinds(decoded: &Decoded) -> Vec<&'static str> {
    decoded.notes.iter().map(|(kind, _)| *kind).collect()
}

/// RFC 7541, C.1.
#[test]
fn integers_of_appendix_c1() {
    for (coded, prefix, value) in
        [(&[0b1110_1010][..], 5, 10), (&[0b1111_1111, 0x9a, 0x0a], 5, 1337), (&[42], 8, 42)]
    {
        let mut rest = coded;
        assert_eq!((integer(&mut rest, prefix), rest.len()), (Ok(value), 0));
    }
}

#[test]
fn integers_at_their_ends() {
    let read = |coded: &[u8]| integer(&mut &*coded, 7);
    assert_eq!(read(&[0xff, 0x80, 0xff, 0xff, 0xff, 0x0f]), Ok(u32::MAX));
    assert_eq!(read(&[0xff, 0x81, 0xff, 0xff, 0xff, 0x0f]), Err(Stop::Integer));
    assert_eq!(read(&[0xff, 0x80, 0x80, 0x80, 0x80, 0x10]), Err(Stop::Integer));
    assert_eq!(read(&[0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), Err(Stop::Integer), "zeros without end");
    assert_eq!(read(&[0xff, 0x80, 0x80, 0x00]), Ok(127), "some zeros are allowed");
    assert_eq!(read(&[0xff, 0x80]), Err(Stop::EndsEarly));
    assert_eq!(read(&[]), Err(Stop::EndsEarly));
}

/// RFC 7541, C.2.
#[test]
fn representations_of_appendix_c2() {
    let custom = "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572";
    check(&mut new(), custom, &["custom-key: custom-header"], 55, &["custom-key: custom-header"]);
    check(&mut new(), "040c 2f73 616d 706c 652f 7061 7468", &[":path: /sample/path"], 0, &[]);
    check(&mut new(), "1008 7061 7373 776f 7264 0673 6563 7265 74", &["password: secret"], 0, &[]);
    check(&mut new(), "82", &[":method: GET"], 0, &[]);
}

/// RFC 7541, C.3 and C.4: the same without and with the Huffman code.
#[test]
fn requests_of_appendix_c3_and_c4() {
    let authority = ":authority: www.example.com";
    let plain = [
        "828684410f7777772e6578616d706c652e636f6d",
        "828684be58086e6f2d6361636865",
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ];
    let coded = [
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ];
    for [first, second, third] in [plain, coded] {
        let mut hpack = new();
        let mut fields = vec![":method: GET", ":scheme: http", ":path: /", authority];
        check(&mut hpack, first, &fields, 57, &[authority]);
        fields.push("cache-control: no-cache");
        check(&mut hpack, second, &fields, 110, &["cache-control: no-cache", authority]);
        let custom = "custom-key: custom-value";
        let fields = [":method: GET", ":scheme: https", ":path: /index.html", authority, custom];
        check(&mut hpack, third, &fields, 164, &[custom, "cache-control: no-cache", authority]);
    }
}

/// RFC 7541, C.5 and C.6: a table of 256 bytes, from which entries are evicted.
#[test]
fn responses_of_appendix_c5_and_c6() {
    let plain = [
        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54\
         6e1768747470733a2f2f7777772e6578616d706c652e636f6d",
        "4803333037c1c0bf",
        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f\
         3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076\
         657273696f6e3d31",
    ];
    let coded = [
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f\
         0b97c8e9ae82ae43d3",
        "4883640effc1c0bf",
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335df\
         dfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ];
    let (private, location) = ("cache-control: private", "location: https://www.example.com");
    let (date, later) = ("date: Mon, 21 Oct 2013 20:13:21 GMT", "date: Mon, 21 Oct 2013 20:13:22 GMT");
    let cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
    for [first, second, third] in [plain, coded] {
        let mut hpack = new();
        hpack.table.set_max(256);
        let fields = [":status: 302", private, date, location];
        check(&mut hpack, first, &fields, 222, &[location, date, private, ":status: 302"]);
        let fields = [":status: 307", private, date, location];
        check(&mut hpack, second, &fields, 222, &[":status: 307", location, date, private]);
        let fields = [":status: 200", private, later, location, "content-encoding: gzip", cookie];
        check(&mut hpack, third, &fields, 215, &[cookie, "content-encoding: gzip", later]);
    }
}

#[test]
fn size_updates_evict_and_are_held_to_what_was_offered() {
    let mut hpack = new();
    hpack.decode(&bytes("410161 410162"), &TERMS);
    check(&mut hpack, "20 82", &[":method: GET"], 0, &[]);
    check(&mut hpack, "3fe11f 410163", &[":authority: c"], 43, &[":authority: c"]);
    let over = hpack.decode(&bytes("3fe2ff03"), &TERMS);
    assert_eq!(kinds(&over), ["hpack_size_over_setting"]);
    assert_eq!(kinds(&hpack.decode(&bytes("82 20"), &TERMS)), ["hpack_late_size_update"]);
    let unseen = Terms { offered: None, ..TERMS };
    let huge = hpack.decode(&bytes("3fe0ffffff0f"), &unseen);
    assert_eq!(kinds(&huge), ["hpack_table_over_limit"]);
    assert_eq!(hpack.table.max(), 1 << 18);
}

#[test]
fn a_smaller_table_that_was_acknowledged_must_be_signalled() {
    let terms = Terms { acked: Some(0), ..TERMS };
    assert_eq!(kinds(&new().decode(&bytes("82"), &terms)), ["hpack_missing_size_update"]);
    assert!(kinds(&new().decode(&bytes("20 82"), &terms)).is_empty());
}

#[test]
fn an_entry_larger_than_the_table_empties_it() {
    let mut hpack = new();
    hpack.table.set_max(60);
    hpack.decode(&bytes("410161"), &TERMS);
    assert_eq!(hpack.table().shown().0, 43);
    hpack.decode(&[&[0x41, 100][..], &[b'x'; 100]].concat(), &TERMS);
    assert_eq!(hpack.table().shown(), (0, Vec::new()));
}

#[test]
fn bad_references_become_fields_of_which_nothing_is_known() {
    let mut hpack = new();
    let decoded = hpack.decode(&bytes("82 be 80 7e0176 0f320178 83"), &TERMS);
    assert_eq!(lines(&decoded.fields), ":method: GET\n?: ?\n?: ?\n?: v\n?: x\n:method: POST\n");
    assert_eq!(kinds(&decoded), ["hpack_lost_index"]);
    assert_eq!(decoded.opaque, 0);
}

#[test]
fn after_a_loss_new_entries_are_found_and_old_ones_are_not() {
    let mut hpack = new();
    hpack.decode(&bytes("410161"), &TERMS);
    hpack.lose();
    let decoded = hpack.decode(&bytes("410162 be bf"), &TERMS);
    assert_eq!(lines(&decoded.fields), ":authority: b\n:authority: b\n?: ?\n");
    // An entry whose name is lost keeps its place, and its value.
    let decoded = hpack.decode(&bytes("7f000163 be bf"), &TERMS);
    assert_eq!(lines(&decoded.fields), "?: c\n?: c\n:authority: b\n");
}

#[test]
fn faults_in_a_string_end_the_string_only() {
    let mut bad = bytes("0084");
    bad.extend([0xff; 4]);
    bad.extend(bytes("0176 82"));
    let decoded = new().decode(&bad, &TERMS);
    assert_eq!(
        (lines(&decoded.fields).as_str(), kinds(&decoded)),
        (": v\n:method: GET\n", vec!["hpack_bad_huffman"])
    );
}

#[test]
fn a_block_that_ends_early_keeps_what_it_has() {
    let decoded = new().decode(&bytes("82 00 0161 0a 6263"), &TERMS);
    assert_eq!(lines(&decoded.fields), ":method: GET\na: bc\n");
    assert_eq!((kinds(&decoded), decoded.kept), (vec!["hpack_ends_early"], 7));
    let decoded = new().decode(&bytes("82 00 0561"), &TERMS);
    assert_eq!((lines(&decoded.fields).as_str(), decoded.kept, decoded.opaque), (":method: GET\n", 1, 3));
    let decoded = new().decode(&bytes("82 ffffffffffff 82"), &TERMS);
    assert_eq!((kinds(&decoded), decoded.kept, decoded.opaque), (vec!["hpack_bad_integer"], 1, 7));
}

#[test]
fn a_bomb_of_references_ends_in_the_cap() {
    let mut hpack = new();
    let mut block = vec![0x40, 0x01, b'x', 0x7f, 0xa1, 0x1e];
    block.extend(vec![b'y'; 4000]);
    block.extend(vec![0xbe; 16_000]);
    let decoded = hpack.decode(&block, &TERMS);
    assert_eq!(kinds(&decoded), ["hpack_list_over_limit"]);
    assert!(decoded.list_bytes <= 1 << 20 && decoded.list_bytes > (1 << 20) - 4100);
    assert_eq!(decoded.fields.len() as u64 + decoded.left_out, 16_001);
    assert_eq!((decoded.over, decoded.kept + decoded.over), (decoded.left_out, block.len() as u64));
}

#[test]
fn the_table_never_pins_more_than_its_size() {
    let mut hpack = new();
    for _ in 0..10_000 {
        hpack.decode(&bytes("400161 0162 410163"), &TERMS);
        assert!(hpack.table().shown().0 <= DEFAULT_TABLE as usize);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_block_is_accounted_for(
        blocks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..6),
        cap in 0usize..400,
    ) {
        let mut hpack = new();
        for block in blocks {
            let terms = Terms { list_bytes: cap, ..TERMS };
            let decoded = hpack.decode(&block, &terms);
            prop_assert_eq!(decoded.kept + decoded.over + decoded.opaque, block.len() as u64);
            prop_assert!(decoded.list_bytes <= cap);
            prop_assert!(hpack.table().shown().0 <= hpack.cap);
        }
    }
}
