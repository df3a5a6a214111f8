//! Chains: what follows what, who signed, and what is kept of much that is wrong.

use coldcase_model::json::Tape;

use super::*;
use crate::contract::samples::{Receipt, roster, roster_key, secret};
use crate::contract::{Fingerprint, KeyRoster, Signers, read};
use crate::{KeyRing, hex};

fn place(line: u64) -> Place {
    Place { file: 0, line, offset: 0 }
}

fn fold(details: &[String], signers: Signers<'_>) -> EvidenceChain {
    let mut chain = Chain::default();
    for (line, detail) in (1..).zip(details) {
        chain.push(place(line), read(detail.as_bytes(), &mut Tape::default(), &signers));
    }
    chain.finish()
}

fn hash(detail: &str) -> String {
    let seen = read(detail.as_bytes(), &mut Tape::default(), &Signers::Ring(&KeyRing::default()));
    hex::encode(&seen.hash.unwrap())
}

/// Receipts that follow each other, each signed by the key of its number.
fn chain(keys: &[u8]) -> Vec<String> {
    let mut details: Vec<String> = Vec::new();
    for (seq, key) in (0..).zip(keys) {
        let prev = details.last().map_or("genesis".to_owned(), |before| hash(before));
        details.push(Receipt { seq, prev, ..Receipt::default() }.sign(&secret(*key)));
    }
    details
}

fn breaks(details: &[String], keys: &[u8]) -> Vec<(u64, EvidenceProblem)> {
    let ring = KeyRing::new(keys.iter().map(|key| secret(*key).public()));
    let result = fold(details, Signers::Ring(&ring));
    assert_eq!(result.status == EvidenceStatus::Broken, !result.breaks.is_empty());
    assert_eq!(result.first_break, result.breaks.first().copied());
    result.breaks.iter().map(|found| (found.place.line, found.problem)).collect()
}

#[test]
fn a_whole_chain_is_valid_only_under_a_trusted_key() {
    let details = chain(&[1, 1, 1]);
    let status = |keys: &[u8]| {
        let ring = KeyRing::new(keys.iter().map(|key| secret(*key).public()));
        let result = fold(&details, Signers::Ring(&ring));
        assert_eq!((result.count, result.breaks.len()), (3, 0));
        (result.status, result.verified, result.no_key)
    };
    assert_eq!(status(&[1]), (EvidenceStatus::Valid, 3, None));
    assert_eq!(status(&[2]), (EvidenceStatus::Untrusted, 0, None));
    assert_eq!(status(&[]), (EvidenceStatus::Unpinned, 0, Some(NoKey::NoneGiven)));
    let result = fold(&details, Signers::Ring(&KeyRing::new([secret(1).public()])));
    assert_eq!(result.signer.as_deref(), Some("k"));
    assert_eq!(result.tail.map(|(seq, digest)| (seq, hex::encode(&digest))), Some((2, hash(&details[2]))));
    assert_eq!(fold(&[], Signers::Ring(&KeyRing::default())).status, EvidenceStatus::Empty);
}

#[test]
fn a_missing_receipt_shows_in_number_and_link() {
    let mut details = chain(&[1, 1, 1, 1]);
    details.remove(1);
    let wanted = [(2, EvidenceProblem::Seq { wanted: 1, found: 2 }), (2, EvidenceProblem::Link)];
    assert_eq!(breaks(&details, &[1]), wanted);
}

#[test]
fn numbers_and_links_are_checked_each_alone() {
    let first = chain(&[1]);
    let follow = |seq, prev: String| {
        let second = Receipt { seq, prev, ..Receipt::default() }.sign(&secret(1));
        breaks(&[first[0].clone(), second], &[1])
    };
    assert_eq!(follow(1, hash(&first[0])), []);
    assert_eq!(follow(5, hash(&first[0])), [(2, EvidenceProblem::Seq { wanted: 1, found: 5 })]);
    assert_eq!(follow(1, "0".repeat(64)), [(2, EvidenceProblem::Link)]);
    assert_eq!(follow(1, "genesis".to_owned()), [(2, EvidenceProblem::Link)]);
}

#[test]
fn the_first_receipt_follows_genesis_at_number_zero() {
    let start = |seq, prev: &str| {
        let detail = Receipt { seq, prev: prev.to_owned(), ..Receipt::default() }.sign(&secret(1));
        breaks(&[detail], &[1])
    };
    assert_eq!(start(0, "genesis"), []);
    assert_eq!(start(1, "genesis"), [(1, EvidenceProblem::Seq { wanted: 0, found: 1 })]);
    assert_eq!(start(0, &"0".repeat(64)), [(1, EvidenceProblem::NotGenesis)]);
    // Only a log that lacks its start may lack receipts.
    let late = start(3, &"0".repeat(64));
    assert_eq!(late, [(1, EvidenceProblem::Seq { wanted: 0, found: 3 }), (1, EvidenceProblem::NotGenesis)]);
}

#[test]
fn a_start_that_the_log_lacks_breaks_nothing() {
    let details = chain(&[1, 1, 1, 1]);
    let ring = KeyRing::new([secret(1).public()]);
    let late = |details: &[String]| {
        let mut chain = Chain::default();
        chain.start_is_missing();
        for (line, detail) in (1..).zip(details) {
            chain.push(place(line), read(detail.as_bytes(), &mut Tape::default(), &Signers::Ring(&ring)));
        }
        let found = chain.finish();
        (found.status, found.missing_before, found.first_break.map(|found| (found.place.line, found.problem)))
    };
    assert_eq!(late(&details[2..]), (EvidenceStatus::Valid, 2, None));
    assert_eq!(late(&details), (EvidenceStatus::Valid, 0, None));
    let gap = [details[1].clone(), details[3].clone()];
    let wanted = EvidenceProblem::Seq { wanted: 2, found: 3 };
    assert_eq!(late(&gap), (EvidenceStatus::Broken, 1, Some((2, wanted))));
    // A number without a link, and a link without a number, are no start that went missing.
    for (seq, prev, problem) in [
        (3, "genesis".to_owned(), EvidenceProblem::Seq { wanted: 0, found: 3 }),
        (0, "0".repeat(64), EvidenceProblem::NotGenesis),
    ] {
        let first = Receipt { seq, prev, ..Receipt::default() }.sign(&secret(1));
        assert_eq!(late(&[first]), (EvidenceStatus::Broken, 0, Some((1, problem))));
    }
}

#[test]
fn a_receipt_that_redaction_took_breaks_no_link_and_hides_no_other() {
    let details = chain(&[1, 1, 1, 1]);
    let ring = KeyRing::new([secret(1).public()]);
    let without = |gone: &[usize], start_missing: bool| {
        let mut chain = Chain::default();
        if start_missing {
            chain.start_is_missing();
        }
        for (at, detail) in details.iter().enumerate() {
            if gone.contains(&at) {
                chain.pass_over();
            } else {
                let seen = read(detail.as_bytes(), &mut Tape::default(), &Signers::Ring(&ring));
                chain.push(place(at as u64 + 1), seen);
            }
        }
        let found = chain.finish();
        (found.status, found.count, found.first_break.map(|found| found.place.line))
    };
    for gone in [&[0][..], &[0, 1], &[1], &[2], &[3], &[0, 3], &[1, 2]] {
        for start_missing in [false, true] {
            let left = (details.len() - gone.len()) as u64;
            assert_eq!(without(gone, start_missing), (EvidenceStatus::Valid, left, None), "{gone:?}");
        }
    }
    // One more is gone, and nothing stands for it.
    let mut short = details.clone();
    short.remove(2);
    let mut chain = Chain::default();
    for (at, detail) in short.iter().enumerate() {
        if at == 1 {
            chain.pass_over();
        } else {
            let seen = read(detail.as_bytes(), &mut Tape::default(), &Signers::Ring(&ring));
            chain.push(place(at as u64 + 1), seen);
        }
    }
    assert_eq!(chain.finish().status, EvidenceStatus::Broken);
}

#[test]
fn a_receipt_that_the_chains_signer_did_not_sign_was_altered() {
    let mut details = chain(&[1, 1]);
    details[0] = details[0].replace("\"allow\"", "\"block\"");
    let wanted = [(1, EvidenceProblem::SignatureWrong), (2, EvidenceProblem::Link)];
    assert_eq!(breaks(&details, &[1]), wanted);
    assert_eq!(breaks(&chain(&[1, 2]), &[1]), [(2, EvidenceProblem::SignatureWrong)]);
    assert_eq!(breaks(&chain(&[2, 1]), &[1]), [(1, EvidenceProblem::SignatureWrong)]);
}

#[test]
fn one_signer_id_and_one_key_stand_for_a_chain() {
    assert_eq!(breaks(&chain(&[1, 2]), &[1, 2]), [(2, EvidenceProblem::KeyChanged)]);
    let first = chain(&[1]);
    let second = Receipt { seq: 1, prev: hash(&first[0]), signer: "other", ..Receipt::default() };
    let details = [first[0].clone(), second.sign(&secret(1))];
    assert_eq!(breaks(&details, &[1]), [(2, EvidenceProblem::SignerChanged)]);
}

#[test]
fn a_roster_tells_altered_from_untrusted() {
    let keys = [
        roster_key("root", "roster-root", &secret(9), "null", "root"),
        roster_key("k", "receipt-signing", &secret(1), "null", "active"),
    ];
    let pinned = Fingerprint::of(&secret(9).public());
    let roster = KeyRoster::verify(roster(&keys).as_bytes(), &pinned).unwrap();
    let signers = Signers::Roster(&roster);
    assert_eq!(fold(&chain(&[1, 1]), signers).status, EvidenceStatus::Valid);
    let forged = fold(&chain(&[2]), signers);
    assert_eq!(forged.first_break.map(|found| found.problem), Some(EvidenceProblem::SignatureWrong));
    let stranger = Receipt { signer: "x", ..Receipt::default() }.sign(&secret(1));
    let stranger = fold(&[stranger], signers);
    assert_eq!((stranger.status, stranger.no_key), (EvidenceStatus::Untrusted, Some(NoKey::UnknownId)));
}

#[test]
fn a_lenient_signature_and_a_bad_receipt_break_the_chain() {
    let mut seen = read(chain(&[1])[0].as_bytes(), &mut Tape::default(), &Signers::Ring(&KeyRing::default()));
    seen.attestation = Attestation::LenientOnly([0; 32]);
    let mut fold = Chain::default();
    fold.push(place(1), seen);
    let result = fold.finish();
    assert_eq!(result.first_break.map(|found| found.problem), Some(EvidenceProblem::LenientOnly));
    assert_eq!(breaks(&["[]".to_owned()], &[1]), [(1, EvidenceProblem::NotAnObject)]);
}

#[test]
fn much_that_is_wrong_is_counted_and_256_are_kept() {
    let mut keys = vec![2; 300];
    keys.push(1);
    let ring = KeyRing::new([secret(1).public()]);
    let result = fold(&chain(&keys), Signers::Ring(&ring));
    assert_eq!((result.breaks.len(), result.more_breaks), (256, 44));
    let many = fold(&vec!["[]".to_owned(); 300], Signers::Ring(&ring));
    assert_eq!((many.breaks.len(), many.more_breaks, many.count), (256, 44, 300));
    // What nobody signed is told of only at the end, and stands among the rest in its place.
    let mut details = vec!["[]".to_owned(); 300];
    details.splice(0..0, chain(&[2, 2, 2, 1]));
    let mixed = fold(&details, Signers::Ring(&ring));
    assert_eq!((mixed.breaks.len(), mixed.more_breaks, mixed.count), (256, 47, 304));
    assert_eq!(mixed.first_break.map(|found| found.place.line), Some(1));
}
