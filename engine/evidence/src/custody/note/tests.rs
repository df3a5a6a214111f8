//! The note that Go's documentation of `sumdb/note` has as its example, and notes made here.

use super::*;

const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NAME: &str = "PeterNeumann";
const SIGNATURE: &str =
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

fn published() -> PublicKey {
    let key = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    PublicKey::from_bytes(key[1..].try_into().unwrap()).unwrap()
}

fn note(text: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    format!("{text}\n{lines}")
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

#[test]
fn the_published_note_holds() {
    assert_eq!(key_id(NAME, &published()), [0xc7, 0x4f, 0x20, 0xa3]);
    let note = note(TEXT, &[&format!("\u{2014} {NAME} {SIGNATURE}")]);
    assert_eq!(check_note(note.as_bytes(), NAME, &published()), Ok(TEXT));
    let changed = note.replace("answer", "Answer");
    assert_eq!(check_note(changed.as_bytes(), NAME, &published()), Err(NoteError::BadSignature));
    assert_eq!(check_note(note.as_bytes(), "Peter", &published()), Err(NoteError::NotSigned));
    assert_eq!(check_note(note.as_bytes(), NAME, &key().public()), Err(NoteError::NotSigned));
}

#[test]
fn what_is_signed_is_read_back() {
    for text in ["log.example/1\n42\nAAAA\n", "a\n\nb\n", "\n", "é\n\n\n"] {
        let note = sign_note(text, "log.example/1", &key()).unwrap();
        assert_eq!(check_note(note.as_bytes(), "log.example/1", &key().public()), Ok(text), "{text:?}");
    }
}

#[test]
fn unknown_signatures_are_passed_over_and_malformed_ones_are_not() {
    let own = sign_note(TEXT, "k", &key()).unwrap();
    let own = own.lines().last().unwrap();
    let other = format!("\u{2014} {NAME} {SIGNATURE}");
    // Another key under the same name, and another type of signature, have another id.
    let same_name = sign_note(TEXT, "k", &SecretKey::from_seed(&[8; 32])).unwrap();
    let same_name = same_name.lines().last().unwrap();
    let check = |lines: &[&str]| check_note(note(TEXT, lines).as_bytes(), "k", &key().public()).map(|_| ());
    assert_eq!(check(&[&other, same_name, own, "\u{2014} x AAAAAAA="]), Ok(()));
    for malformed in [
        "",
        "x",
        "\u{2014} k",
        "\u{2014} k AAAA",
        "\u{2014} k AAAAAA==",
        "\u{2014} k AAAAAA",
        "- k AAAAAAA=",
        "\u{2014} k+ AAAAAAA=",
        "\u{2014}  AAAAAAA=",
    ] {
        assert_eq!(check(&[own, malformed]), Err(NoteError::Malformed), "{malformed}");
    }
    assert_eq!(check(&[]), Err(NoteError::Malformed));
    // The key's id under another name is another key's.
    assert_eq!(check(&[&own.replace(" k ", " x ")]), Err(NoteError::NotSigned));
    assert_eq!(check(&vec![own; MOST_SIGNATURES]), Ok(()));
    assert_eq!(check(&vec![own; MOST_SIGNATURES + 1]), Err(NoteError::TooLarge));
}

#[test]
fn every_signature_that_claims_the_key_must_hold() {
    let own = sign_note(TEXT, "k", &key()).unwrap();
    let own = own.lines().last().unwrap();
    let foreign = sign_note("other\n", "k", &key()).unwrap();
    let foreign = foreign.lines().last().unwrap();
    let short = STANDARD.encode([&key_id("k", &key().public())[..], &[0; 63]].concat());
    for line in [foreign, &format!("\u{2014} k {short}")] {
        let check = check_note(note(TEXT, &[own, line]).as_bytes(), "k", &key().public()).map(|_| ());
        assert_eq!(check, Err(NoteError::BadSignature), "{line}");
    }
}

#[test]
fn notes_of_another_form_are_refused() {
    let good = sign_note(TEXT, "k", &key()).unwrap();
    let check = |note: &[u8]| check_note(note, "k", &key().public()).map(str::len);
    assert!(check(good.as_bytes()).is_ok());
    assert_eq!(check(good.trim_end().as_bytes()), Err(NoteError::Malformed));
    assert_eq!(check(good.replace("\n\n", "\n").as_bytes()), Err(NoteError::Malformed));
    assert_eq!(check(good.replace("answer", "answer\t").as_bytes()), Err(NoteError::Malformed));
    assert_eq!(check(&[good.as_bytes(), b"\xFF"].concat()), Err(NoteError::Malformed));
    assert_eq!(check(b""), Err(NoteError::Malformed));
    assert_eq!(check(&vec![b'\n'; MOST + 1]), Err(NoteError::TooLarge));
}

#[test]
fn names_and_texts_that_would_not_read_back_are_refused() {
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", "a\u{1}"] {
        assert_eq!(sign_note(TEXT, name, &key()), Err(NoteError::Name), "{name:?}");
        assert_eq!(check_note(b"", name, &key().public()), Err(NoteError::Name), "{name:?}");
    }
    for text in ["", "no end", "a\r\n", "a\u{0}\n"] {
        assert_eq!(sign_note(text, "k", &key()), Err(NoteError::Text), "{text:?}");
    }
    assert_eq!(sign_note(&"\n".repeat(MOST), "k", &key()), Err(NoteError::TooLarge));
}

#[test]
fn a_note_may_be_as_large_as_the_limit() {
    let around = sign_note("\n", "k", &key()).unwrap().len() - 1;
    let longest = "\n".repeat(MOST - around);
    let note = sign_note(&longest, "k", &key()).unwrap();
    assert_eq!(note.len(), MOST);
    assert_eq!(check_note(note.as_bytes(), "k", &key().public()), Ok(longest.as_str()));
    assert_eq!(sign_note(&format!("{longest}\n"), "k", &key()), Err(NoteError::TooLarge));
}
