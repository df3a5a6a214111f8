//! Heads go there and back, and nothing else is taken for one.

use proptest::prelude::*;

use super::*;

fn head() -> Head {
    let session = Session::named("demo \"<é>").unwrap();
    Head::sign(&session, 41, [0xAB; 32], "2026-03-01T10:00:00.5Z".into(), &key())
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

#[test]
fn a_head_is_signed_over_a_text_that_names_what_it_is() {
    let head = head();
    let text = format!(
        "coldcase-head-v1\n\"demo \\\"\\u003cé\\u003e\"\n41\n{}\n2026-03-01T10:00:00.5Z\n",
        "ab".repeat(32)
    );
    assert_eq!(head.statement(), text.as_bytes());
    assert_eq!(head.signature, key().sign(text.as_bytes()));
}

#[test]
fn heads_are_read_as_they_were_written() {
    let head = head();
    let file = [head.line(), head.line()].concat();
    assert_eq!(read_heads(&file), [Ok(head.clone()), Ok(head)]);
    assert_eq!(read_heads(b""), []);
}

#[test]
fn a_torn_last_line_is_told_from_a_foreign_one() {
    let line = head().line();
    let mut file = [line.as_slice(), b"{}\n\n", &line].concat();
    file.truncate(file.len() - 1);
    let torn = HeadError::Torn { line: 4, bytes: line.len() - 1 };
    let foreign = |line| Err(HeadError::Foreign { line });
    assert_eq!(read_heads(&file), [Ok(head()), foreign(2), foreign(3), Err(torn)]);
    let newer = String::from_utf8(line).unwrap().replace("\"v\":1", "\"v\":2");
    assert_eq!(read_heads(newer.as_bytes()), [Err(HeadError::Version { line: 1 })]);
}

#[test]
fn only_the_one_spelling_of_a_head_is_taken() {
    let line = String::from_utf8(head().line()).unwrap();
    for (from, to) in [
        ("{\"v\"", "{ \"v\""),
        ("\"v\":1,", ""),
        ("}\n", ",\"x\":1}\n"),
        ("}\n", ",\"v\":1}\n"),
        ("\\u003c", "<"),
        (":41,", ":041,"),
        (":41,", ":\"41\","),
        (":41,", ":18446744073709551616,"),
        ("10:00:00.5Z", "10:00:00.50Z"),
        ("10:00:00.5Z", "10:00:00.5+00:00"),
        ("abab\"", "abAB\""),
        ("\"demo", "\"de/mo"),
        ("\"demo", "\"de\\nmo"),
        ("}\n", "}\r\n"),
    ] {
        assert!(line.contains(from), "{from}");
        let other = line.replacen(from, to, 1);
        assert_eq!(read_heads(other.as_bytes()), [Err(HeadError::Foreign { line: 1 })], "{other}");
    }
    let endless = format!("{}\n", " ".repeat(LONGEST + 1));
    assert_eq!(read_heads(endless.as_bytes()), [Err(HeadError::Foreign { line: 1 })]);
}

#[test]
fn a_head_counts_only_under_the_key_that_it_names() {
    let other = SecretKey::from_seed(&[8; 32]).public();
    let both = KeyRing::new([other.clone(), key().public()]);
    assert_eq!(head().check(&both), Signed::By(KeyIndex(1)));
    assert_eq!(head().check(&KeyRing::new([other.clone()])), Signed::Nobody);
    assert_eq!(head().check(&KeyRing::default()), Signed::Nobody);
    assert_eq!(Head { key: other.to_bytes(), ..head() }.check(&both), Signed::Nobody);
}

#[test]
fn every_signed_field_is_signed() {
    let ring = KeyRing::new([key().public()]);
    let head = head();
    for changed in [
        Head { session: Session::named("demo").unwrap(), ..head.clone() },
        Head { seq: 42, ..head.clone() },
        Head { hash: [0; 32], ..head.clone() },
        Head { ts: "2026-03-01T10:00:00.6Z".into(), ..head.clone() },
        Head { signature: [0; 64], ..head.clone() },
    ] {
        assert_eq!(changed.check(&ring), Signed::Nobody, "{changed:?}");
    }
}

#[test]
fn a_note_has_an_origin_a_count_and_a_hash() {
    let note = head_note(&head());
    assert_eq!(note, "coldcase/demo \"<é>\n42\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n");
    assert!(head_note(&Head { seq: u64::MAX, ..head() }).contains("\n18446744073709551616\n"));
}

proptest! {
    #[test]
    fn any_head_goes_there_and_back(name in "[^/\\\\\\p{Cc}]{1,40}", seq: u64, hash: [u8; 32], now: i64) {
        let session = Session::named(&name).unwrap();
        let head = Head::sign(&session, seq, hash, crate::writer::time::spell(now), &key());
        prop_assert_eq!(read_heads(&head.line()), [Ok(head.clone())]);
        prop_assert_eq!(head.check(&KeyRing::new([key().public()])), Signed::By(KeyIndex(0)));
    }

    #[test]
    fn each_flipped_bit_is_noticed(place: prop::sample::Index, bit in 0..8_u32) {
        let mut line = head().line();
        let at = place.index(line.len());
        line[at] ^= 1 << bit;
        let ring = KeyRing::new([key().public()]);
        let taken = read_heads(&line).into_iter().flatten().any(|head| head.check(&ring) != Signed::Nobody);
        prop_assert!(!taken);
    }
}
