//! A small sealed report, tampered with in every place that the seal vouches for.

use std::fs::{self, File};
use std::path::PathBuf;

use coldcase_evidence::{KeyRing, ReportSealFacts, SecretKey, seal};
use sha2::{Digest, Sha256};

use super::*;

struct Sealed {
    temp: tempfile::TempDir,
    key: SecretKey,
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Sealed {
    /// A report of one input, of which another than its own file is `report.html`.
    fn new() -> Self {
        let sealed = Self { temp: tempfile::tempdir().unwrap(), key: SecretKey::from_seed(&[7; 32]) };
        fs::create_dir_all(sealed.at("out/tables")).unwrap();
        fs::write(sealed.at("in.jsonl"), b"recorded").unwrap();
        fs::write(sealed.at("out/report.html"), b"page").unwrap();
        fs::write(sealed.at("out/tables/events.parquet"), b"table").unwrap();
        sealed.manifest("tables/events.parquet");
        sealed
    }

    fn manifest(&self, table: &str) {
        let manifest = serde_json::json!({
            "schema": "coldcase.manifest/1",
            "run": { "policy": "balanced", "policy_sha256": "0".repeat(64) },
            "packs": [],
            "inputs": [
                { "path": self.at("in.jsonl"), "sha256": hex(b"recorded"), "bytes": 8 },
                { "path": self.at("gone.jsonl"), "sha256": hex(b"x"), "bytes": 1 },
            ],
            "configuration": [],
            "outputs": [
                { "path": "report.html", "sha256": hex(b"page"), "bytes": 4 },
                { "path": table, "sha256": hex(b"table"), "bytes": 5 },
            ],
        });
        let manifest = serde_json::to_vec(&manifest).unwrap();
        let facts = ReportSealFacts { signed_at: "2026-03-01T10:00:00Z", signed_by: "A", version: "0" };
        fs::write(self.at("out/seal.json"), seal(&manifest, &facts, &self.key)).unwrap();
        fs::write(self.at("out/manifest.json"), manifest).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn verify(&self) -> verdict::SealedVerdict {
        verify_sealed(&self.at("out"), &KeyRing::new([self.key.public()]), 1)
    }
}

#[test]
fn an_untouched_report_is_sealed_and_its_inputs_are_told() {
    let sealed = Sealed::new();
    assert!(is_sealed(&sealed.at("out")) && !is_sealed(sealed.temp.path()));
    let verdict = sealed.verify();
    assert_eq!(verdict.status(), "sealed", "{}", verdict.text());
    let json = verdict.json();
    assert_eq!(json["outputs"]["same"], 2);
    assert_eq!((json["inputs"]["same"].as_u64(), json["inputs"]["absent"].as_u64()), (Some(1), Some(1)));
    assert_eq!(json["sentences"].as_array().unwrap().len(), 4);
}

#[test]
fn a_changed_input_is_told_and_is_no_failure() {
    let sealed = Sealed::new();
    fs::write(sealed.at("in.jsonl"), b"recorded and more").unwrap();
    let verdict = sealed.verify();
    assert_eq!((verdict.status(), verdict.inputs.differ), ("sealed", 1));
    assert!(verdict.text().contains("has 17 bytes; the manifest says 8"), "{}", verdict.text());
}

#[test]
fn every_change_of_a_file_is_seen() {
    for (name, bytes, part) in [
        ("out/report.html", &b"pagE"[..], "another SHA-256"),
        ("out/report.html", b"pages", "has 5 bytes"),
        ("out/tables/events.parquet", b"", "has 0 bytes"),
        ("out/manifest.json", b"{}", "not the sealed one"),
        ("out/seal.json", b"{}", "not a seal"),
        ("out/seal.json.tsr", b"0", "cannot be read"),
    ] {
        let sealed = Sealed::new();
        if name == "out/manifest.json" {
            let whole = fs::read_to_string(sealed.at(name)).unwrap();
            fs::write(sealed.at(name), whole.replace("balanced", "strict__")).unwrap();
        } else {
            fs::write(sealed.at(name), bytes).unwrap();
        }
        let verdict = sealed.verify();
        assert!(verdict.has_failed(), "{name}");
        assert!(verdict.text().contains(part), "{name}: {}", verdict.text());
        assert_eq!(verdict.json()["status"], "failed", "{name}");
    }
    let sealed = Sealed::new();
    fs::remove_file(sealed.at("out/report.html")).unwrap();
    let verdict = sealed.verify();
    assert!(verdict.has_failed() && verdict.outputs.absent == 1, "{}", verdict.text());
}

#[test]
fn every_bit_of_manifest_and_seal_counts() {
    let sealed = Sealed::new();
    for name in ["out/manifest.json", "out/seal.json"] {
        let whole = fs::read(sealed.at(name)).unwrap();
        for at in (0..whole.len() - 1).step_by(3) {
            let mut bent = whole.clone();
            bent[at] ^= 1 << (at % 8);
            fs::write(sealed.at(name), &bent).unwrap();
            assert!(sealed.verify().has_failed(), "{name}: byte {at}");
        }
        fs::write(sealed.at(name), &whole).unwrap();
    }
    assert!(!sealed.verify().has_failed());
}

#[test]
fn a_foreign_key_does_not_vouch_and_no_key_does_not_fail() {
    let sealed = Sealed::new();
    let foreign = KeyRing::new([SecretKey::from_seed(&[8; 32]).public()]);
    let verdict = verify_sealed(&sealed.at("out"), &foreign, 1);
    assert!(verdict.has_failed() && verdict.text().contains("none of those you gave"), "{}", verdict.text());
    let verdict = verify_sealed(&sealed.at("out"), &KeyRing::default(), 0);
    assert_eq!(verdict.status(), "unauthenticated");
}

#[test]
fn what_the_manifest_does_not_name_is_told() {
    let sealed = Sealed::new();
    fs::write(sealed.at("out/tables/more"), b"x").unwrap();
    let verdict = sealed.verify();
    assert_eq!((verdict.status(), &verdict.not_listed[..]), ("sealed", &["tables/more".to_owned()][..]));
}

#[test]
fn no_output_may_lead_out_of_the_folder() {
    let sealed = Sealed::new();
    fs::write(sealed.at("table"), b"table").unwrap();
    let absolute = sealed.at("table");
    for path in ["../table", absolute.to_str().unwrap()] {
        sealed.manifest(path);
        assert!(sealed.verify().has_failed(), "{path}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(sealed.at("table"), sealed.at("out/link")).unwrap();
        sealed.manifest("link");
        assert!(sealed.verify().has_failed());
    }
}

#[test]
fn what_cannot_be_read_fails_and_is_no_error() {
    for (name, bytes, part) in [
        ("out/seal.json", MOST_BYTES + 1, "seal.json cannot be read"),
        ("out/manifest.json", MOST_MANIFEST_BYTES + 1, "manifest.json cannot be read"),
        ("out/seal.json.tsr", MOST_BYTES + 1, "time stamp cannot be read"),
    ] {
        let sealed = Sealed::new();
        File::create(sealed.at(name)).unwrap().set_len(bytes).unwrap();
        let verdict = sealed.verify();
        assert!(verdict.has_failed() && verdict.text().contains(part), "{name}: {}", verdict.text());
    }
}

#[test]
fn inputs_of_a_manifest_that_nobody_vouches_for_are_not_opened() {
    let sealed = Sealed::new();
    let foreign = KeyRing::new([SecretKey::from_seed(&[8; 32]).public()]);
    let verdict = verify_sealed(&sealed.at("out"), &foreign, 1);
    assert_eq!((verdict.inputs_opened, verdict.inputs.listed, verdict.inputs.same), (false, 2, 0));
    let verdict = verify_sealed(&sealed.at("out"), &KeyRing::default(), 0);
    assert_eq!((verdict.inputs_opened, verdict.inputs.same), (true, 1));
    fs::write(
        sealed.at("out/manifest.json"),
        fs::read_to_string(sealed.at("out/manifest.json")).unwrap() + " ",
    )
    .unwrap();
    assert!(!verify_sealed(&sealed.at("out"), &KeyRing::default(), 0).inputs_opened);
}

/// A manifest may name a file of any size in the folder; only a key that was given, or none at all, has it read.
#[test]
fn outputs_of_a_manifest_that_no_given_key_vouches_for_are_not_opened() {
    let sealed = Sealed::new();
    let foreign = KeyRing::new([SecretKey::from_seed(&[8; 32]).public()]);
    let verdict = verify_sealed(&sealed.at("out"), &foreign, 1);
    assert_eq!((verdict.outputs_opened, verdict.outputs.listed, verdict.outputs.same), (false, 2, 0));
    assert!(
        verdict.text().contains("The 2 files that the manifest names were not opened"),
        "{}",
        verdict.text()
    );
    assert_eq!(verdict.json()["outputs_opened"], false);
    // A key that cannot seal was given all the same.
    let verdict = verify_sealed(&sealed.at("out"), &KeyRing::default(), 1);
    assert!(!verdict.outputs_opened && verdict.has_failed(), "{}", verdict.text());
    assert!(sealed.verify().outputs_opened);
    let whole = fs::read_to_string(sealed.at("out/manifest.json")).unwrap() + " ";
    fs::write(sealed.at("out/manifest.json"), whole).unwrap();
    assert!(!sealed.verify().outputs_opened, "another manifest than the sealed one");
    let verdict = verify_sealed(&sealed.at("out"), &KeyRing::default(), 0);
    assert_eq!((verdict.outputs_opened, verdict.outputs.same, verdict.inputs_opened), (true, 2, false));
}
