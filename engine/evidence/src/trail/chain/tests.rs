//! Whole trails: genuine ones pass, and every operation on their lines is placed rightly.

use coldcase_model::json::Tape;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::hex;
use crate::keys::KeyIndex;
use crate::trail::TrailKeys;
use crate::trail::record::read;
use crate::trail::record::tests::{first, form, keys, seen, sign_ed25519, sign_es256};

/// Names the record before.
fn link(records: &mut [Json], at: usize) {
    let (before, after) = records.split_at_mut(at);
    let last = before.last().unwrap();
    after[0]["prev_hash"] = json!(hex::encode(&Sha256::digest(form(last, &["batch"]))));
    after[0]["parent_record_id"] = last["record_id"].clone();
}

/// A trail of this length; `sign` is called for each record once it is linked.
fn trail(length: usize, sign: impl Fn(usize, &mut Json)) -> Vec<Json> {
    let mut records = Vec::new();
    for at in 0..length {
        let mut record = first();
        record["record_id"] = json!(format!("r{at}"));
        records.push(record);
        if at > 0 {
            link(&mut records, at);
        }
        sign(at, &mut records[at]);
    }
    records
}

/// Every third record signed.
fn signed(length: usize) -> Vec<Json> {
    trail(length, |at, record| {
        if at % 3 == 2 {
            sign_ed25519(record, 7);
        }
    })
}

fn facts(records: &[Json]) -> TrailFacts {
    let mut chain = Chain::default();
    for (at, record) in records.iter().enumerate() {
        chain.push(place(at), seen(record));
    }
    chain.finish()
}

fn place(at: usize) -> Place {
    Place { file: 0, line: at as u64 + 1, offset: at as u64 * 100 }
}

fn first_bad(records: &[Json]) -> Option<(u64, TrailReason)> {
    facts(records).breaks.first().map(|found| (found.index, found.reason))
}

fn through(records: &[Json]) -> Option<u64> {
    facts(records).authenticated.map(|(index, ..)| index)
}

#[test]
fn a_genuine_trail_has_no_break() {
    let records = signed(8);
    let facts = facts(&records);
    assert_eq!((facts.entries, facts.breaks.len(), facts.unsigned), (8, 0, 6));
    assert_eq!(facts.authenticated, Some((5, place(5), TrailKey::Ed25519(KeyIndex(0)))));
    assert_eq!(facts.head.unwrap()[..], Sha256::digest(form(&records[7], &[]))[..]);
    assert_eq!((facts.session.as_deref(), facts.agent.as_deref()), (Some("s"), Some("urn:agent:a")));
}

#[test]
fn both_algorithms_authenticate() {
    let records = trail(4, |at, record| if at < 2 { sign_es256(record) } else { sign_ed25519(record, 7) });
    assert_eq!(through(&records), Some(3));
    assert_eq!(through(&records[..2]), Some(1));
}

#[test]
fn every_prefix_claims_no_more_than_it_holds() {
    let records = signed(9);
    for length in 0..=records.len() {
        let expected = (length / 3 * 3).checked_sub(1).map(|last| last as u64);
        assert_eq!(through(&records[..length]), expected, "{length}");
        assert_eq!(first_bad(&records[..length]), None);
    }
}

#[test]
fn a_change_shows_at_the_next_link_or_the_signature() {
    let records = signed(7);
    for at in 0..6 {
        let mut changed = records.clone();
        changed[at]["outcome"] = json!("failure");
        assert_eq!(first_bad(&changed), Some((at as u64 + 1, TrailReason::Link)), "{at}");
        assert!(through(&changed).is_none_or(|through| through < at as u64), "{at}");
    }
}

#[test]
fn deletion_insertion_and_order_show() {
    let records = signed(7);
    for at in 1..6 {
        let mut fewer = records.clone();
        fewer.remove(at);
        assert_eq!(first_bad(&fewer), Some((at as u64, TrailReason::Link)));
        let mut twice = records.clone();
        twice.insert(at, records[at].clone());
        assert_eq!(first_bad(&twice), Some((at as u64 + 1, TrailReason::Link)));
        let mut swapped = records.clone();
        swapped.swap(at, at + 1);
        assert_eq!(first_bad(&swapped), Some((at as u64, TrailReason::Link)));
    }
    assert_eq!(first_bad(&records[1..]), Some((0, TrailReason::NoBeginning)));
    let restarted = [&records[..], &records[..]].concat();
    assert_eq!(first_bad(&restarted), Some((7, TrailReason::SecondBeginning)));
}

/// Who rewrites and links again without the key gets no signature to cover the change.
#[test]
fn rewriting_everything_is_never_authenticated() {
    for at in 0..7 {
        for strip in [false, true] {
            let mut records = signed(7);
            records[at]["outcome"] = json!("failure");
            for later in at..7 {
                if strip {
                    records[later].as_object_mut().unwrap().remove("signature");
                }
                if later > at {
                    link(&mut records, later);
                }
            }
            assert!(through(&records).is_none_or(|through| through < at as u64), "{at} {strip}");
        }
    }
}

#[test]
fn ids_stay_and_parents_follow() {
    for (name, reason) in [
        ("session_id", TrailReason::Session),
        ("agent_id", TrailReason::Agent),
        ("parent_record_id", TrailReason::Parent),
    ] {
        let mut records = trail(3, |_, _| {});
        records[2][name] = json!("other");
        assert_eq!(first_bad(&records), Some((2, reason)));
    }
    let mut records = trail(3, |_, _| {});
    records[2]["parent_record_id"] = json!(null);
    assert_eq!(first_bad(&records), Some((2, TrailReason::Parent)));
    let mut records = trail(1, |_, _| {});
    records[0]["parent_record_id"] = json!("r9");
    assert_eq!(first_bad(&records), Some((0, TrailReason::Parent)));
}

#[test]
fn running_numbers_follow() {
    let numbered = |numbers: &[Option<u64>]| {
        let mut records = Vec::new();
        for (at, number) in numbers.iter().enumerate() {
            let mut record = first();
            record["record_id"] = json!(format!("r{at}"));
            if let Some(number) = number {
                record["seq"] = json!(number);
            }
            records.push(record);
            if at > 0 {
                link(&mut records, at);
            }
        }
        first_bad(&records)
    };
    assert_eq!(numbered(&[Some(0), Some(1), Some(2)]), None);
    assert_eq!(numbered(&[Some(1), Some(2)]), None);
    for wrong in
        [[Some(0), Some(2)], [Some(0), Some(0)], [Some(0), None], [None, Some(1)], [Some(0), Some(u64::MAX)]]
    {
        assert_eq!(numbered(&wrong), Some((1, TrailReason::Sequence)), "{wrong:?}");
    }
    assert_eq!(numbered(&[Some(2)]), Some((0, TrailReason::Sequence)));
    // Of a trail without its beginning, the beginning is what is wrong, not its number.
    let mut cut = first();
    cut["seq"] = json!(5);
    cut["prev_hash"] = json!("0".repeat(64));
    cut["parent_record_id"] = json!("r4");
    let reasons: Vec<_> = facts(&[cut]).breaks.iter().map(|found| found.reason).collect();
    assert_eq!(reasons, [TrailReason::NoBeginning]);
}

#[test]
fn a_link_without_the_signature_and_a_deleted_record_are_told_apart() {
    let mut records = trail(3, |_, record| sign_es256(record));
    let bare = form(&records[1], &["signature", "signature_classical", "batch"]);
    records[2]["prev_hash"] = json!(hex::encode(&Sha256::digest(bare)));
    assert_eq!(first_bad(&records), Some((2, TrailReason::LinkWithoutSignature)));

    let mut records = trail(3, |_, _| {});
    let hash = hex::encode(&Sha256::digest(form(&records[1], &[])));
    records[1]["tombstone_hash"] = json!(hash);
    records[1]["action_detail"] = json!({"event": "record_deleted"});
    assert_eq!(first_bad(&records), Some((2, TrailReason::Deleted)));
}

#[test]
fn a_wrong_signature_of_a_trusted_key_is_a_break() {
    let key = TrailKey::P256(0);
    let kid = crate::trail::record::tests::p256().1.thumbprint();
    let mut records = trail(2, |_, record| {
        record["signer_kid"] = json!(kid);
        sign_es256(record);
    });
    records[1]["outcome"] = json!("failure");
    assert_eq!(first_bad(&records), Some((1, TrailReason::Signature(key))));
    assert_eq!(through(&records), Some(0));
}

#[test]
fn a_signature_for_lenient_verifiers_is_a_break_and_vouches_for_nothing() {
    let key = TrailKey::Ed25519(KeyIndex(0));
    let records = trail(2, |at, record| {
        if at == 1 {
            record["sig_alg"] = json!("EdDSA");
            let signature = crate::trail::lenient(7, &form(record, &[]));
            record["signature"] = json!(hex::encode(&signature));
        }
    });
    assert_eq!(first_bad(&records), Some((1, TrailReason::LenientSignature(key))));
    assert_eq!(through(&records), None);
}

/// An unreadable line is one break: what it hashed to is unknown, so the next link and number are not judged.
#[test]
fn an_unreadable_line_is_one_break() {
    let mut records = trail(7, |_, _| {});
    for at in 0..7 {
        records[at]["seq"] = json!(at);
        if at > 0 {
            link(&mut records, at);
        }
        if at % 3 == 2 {
            sign_ed25519(&mut records[at], 7);
        }
    }
    let mut chain = Chain::default();
    for (at, record) in records.iter().enumerate() {
        let read = if at == 3 { Err(Fault::NotAnObject) } else { seen(record) };
        chain.push(place(at), read);
    }
    assert_eq!(chain.facts.breaks.len(), 1);
    assert_eq!(chain.facts.authenticated.map(|(index, ..)| index), Some(2));
    chain.push(place(7), Err(Fault::NotAnObject));
    assert_eq!(chain.facts.head, None);
}

#[test]
fn breaks_beyond_the_most_are_counted() {
    let mut chain = Chain::default();
    for at in 0..300 {
        chain.push(place(at), Err(Fault::NotAnObject));
    }
    assert_eq!((chain.facts.breaks.len(), chain.facts.more_breaks), (MOST, 44));
}

/// No bit of a signed trail can be flipped unnoticed, but for white space, which carries nothing.
#[test]
fn every_bit_is_noticed() {
    let records = signed(6);
    let text: Vec<u8> = records.iter().flat_map(|record| (record.to_string() + "\n").into_bytes()).collect();
    let trusted = keys();
    let judge = |text: &[u8], keys: &TrailKeys| {
        let mut chain = Chain::default();
        for (at, line) in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate() {
            chain.push(place(at), read(line, &mut Tape::default(), keys));
        }
        chain.finish()
    };
    let genuine = judge(&text, &trusted);
    assert_eq!((genuine.entries, genuine.authenticated.map(|(index, ..)| index)), (6, Some(5)));
    for bit in 0..text.len() * 8 {
        let mut flipped = text.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let found = judge(&flipped, &trusted);
        let same = found.breaks.is_empty() && found.authenticated == genuine.authenticated;
        let last_break = bit / 8 == text.len() - 1;
        assert!(!same || last_break, "bit {bit}");
    }
}

#[test]
fn the_second_record_is_no_beginning() {
    let twice = facts(&[first(), first()]);
    let reasons: Vec<_> = twice.breaks.iter().map(|found| (found.index, found.reason)).collect();
    assert_eq!(reasons, [(1, TrailReason::SecondBeginning)]);
    // Behind a line that cannot be read a beginning is one too many, and its number says nothing more.
    let mut numbered = first();
    numbered["sequence"] = json!(5);
    let mut chain = Chain::default();
    chain.push(place(0), read(b"x", &mut Tape::default(), &keys()));
    chain.push(place(1), seen(&numbered));
    let reasons: Vec<_> = chain.finish().breaks.iter().map(|found| (found.index, found.reason)).collect();
    assert!(matches!(reasons[..], [(0, TrailReason::Unreadable(_)), (1, TrailReason::SecondBeginning)]));
}

#[test]
fn records_are_counted_by_what_their_signatures_are_worth() {
    let records = trail(7, |at, record| match at {
        1 | 2 => sign_ed25519(record, 8),
        3 => sign_ed25519(record, 7),
        4..=6 => {
            sign_ed25519(record, 7);
            record["sig_alg"] = json!("ML-DSA-65");
        }
        _ => {}
    });
    let facts = facts(&records);
    assert_eq!((facts.unsigned, facts.untrusted, facts.other_algorithm), (1, 2, 3));
    assert!(facts.authenticated.is_some_and(|(index, ..)| index == 3));
    assert_eq!(facts.inexact, 0);
    let mut inexact = first();
    inexact["action_detail"]["n"] = json!(9_007_199_254_740_993_u64);
    assert_eq!(self::facts(&[inexact]).inexact, 1);
}
