//! Any bytes as each of the small files that evidence comes with: refused or read, never a panic.
//!
//! A canonical form is its own canonical form, and what is read again reads the same.
#![no_main]

use std::sync::LazyLock;

use coldcase_evidence::MemoryFiles as Files;
use coldcase_evidence::{
    Claim, Endorsement, Fingerprint, GroupManifest, GroupStage, KeyRing, KeyRoster, RecoveryAuthorisation,
    RecoverySeal, SecretKey, SignatureCheck, Status, TrailKeys, VerifyOptions, canonical_form, check_note,
    check_seal, listed, read_heads, read_time_stamp, verify_trails,
};
use libfuzzer_sys::fuzz_target;

/// The trusted key.
static RING: LazyLock<KeyRing> = LazyLock::new(|| KeyRing::new([SecretKey::from_seed(&[1; 32]).public()]));

fuzz_target!(|bytes: &[u8]| {
    let (ring, key) = (&*RING, &RING.keys()[0]);
    if let Ok(form) = canonical_form(bytes) {
        assert_eq!(canonical_form(&form).as_deref(), Ok(form.as_slice()), "the form has another form");
    }
    trails(bytes, ring);
    // The seal and what it seals, each at its turn.
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (seal, manifest) = bytes.split_at(at);
    if let Ok(check) = check_seal(seal, manifest, ring) {
        assert!(!check.holds() || check.seal.public_key == *key);
    }
    if let Ok(files) = listed(bytes) {
        assert!(files.len() <= bytes.len());
    }
    if let Ok(stamp) = read_time_stamp(bytes) {
        assert!(!stamp.time.is_empty() && stamp.digest.len() < bytes.len());
    }
    if let Ok(text) = check_note(bytes, "fuzz", key) {
        assert!(bytes.starts_with(text.as_bytes()) && text.ends_with('\n'));
    }
    for (head, line) in read_heads(bytes).into_iter().zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        if let Ok(head) = head {
            assert_eq!(head.line(), line, "a head is spelled as it was read");
            head.check(ring);
        }
    }
    let pinned = Fingerprint::of(key);
    if let Ok(roster) = KeyRoster::verify(bytes, &pinned) {
        assert!(roster.keys().iter().any(|found| Fingerprint::of(&found.key) == pinned));
    }
    let _ = RecoveryAuthorisation::verify(bytes, key);
    if let Ok(endorsement) = Endorsement::read(bytes) {
        assert_eq!(Endorsement::read(bytes).as_ref(), Ok(&endorsement));
    }
    match Claim::parse(bytes) {
        Ok(Claim::Link(link)) => drop(link.trusted(ring)),
        Ok(Claim::Seal(seal)) => {
            assert_eq!(RecoverySeal::parse(bytes).as_ref(), Ok(&*seal));
            seal.trusted(ring);
        }
        Err(_) => {}
    }
    for stage in [GroupStage::Open, GroupStage::Close, GroupStage::Transition] {
        if let Ok(manifest) = GroupManifest::parse(stage, bytes) {
            let trusted = manifest.trusted(ring).is_some();
            let good = matches!(
                &manifest.signature,
                coldcase_evidence::GroupSignature::Checked(_, SignatureCheck::Good)
            );
            assert!(!trusted || good);
        }
    }
});

fn trails(bytes: &[u8], ring: &KeyRing) {
    let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
    let mut told = 0;
    for keys in [TrailKeys::default(), TrailKeys::new(ring.clone(), Vec::new())] {
        let mut options = VerifyOptions::default();
        options.keys = keys.ring().clone();
        let reports = verify_trails(&mut Files::file(bytes.to_vec()), &keys, &options, &mut |_| told += 1);
        assert!(!reports.is_empty());
        let mut entries = 0;
        for report in &reports {
            entries += report.entries;
            assert!(!keys.is_empty() || report.authenticated_through_seq.is_none());
            assert!(report.authenticated_through_seq <= report.last_seq);
            assert_eq!(report.status == Status::Broken, report.breaks_total > 0);
            serde_json::to_vec(report).expect("a report is always written");
        }
        assert!(entries <= lines);
    }
}
