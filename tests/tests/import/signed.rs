//! Signed bundles, and packs that are signed here: used only as whoever holds a trusted key left them.

use coldcase_evidence::{SecretKey, sign_file};

use super::{Bench, account, run, told};
use crate::command::coldcase_with;

const BUNDLE: &str = r#"
format_version: 1
name: acme-rules
version: "2026.03.1"
author: acme
description: "Acme's rules"
license: Apache-2.0
rules:
  - id: acme-token
    type: dlp
    status: stable
    name: "Acme token"
    description: "A token"
    severity: critical
    confidence: high
    pattern: {regex: 'acmetok_[0-9]{16}'}
  - id: bad-tool
    type: tool-poison
    status: experimental
    name: "Quokka"
    description: "An order in a tool"
    severity: high
    confidence: medium
    pattern: {regex: 'the quokka commands', scan_field: description, exempt_domains: [a.example]}
  - id: shell-name
    type: tool-poison
    status: stable
    name: "A shell's name"
    description: "A tool called like a program"
    severity: low
    confidence: low
    pattern: {regex: '^(?:powershell|zshell)$', scan_field: name}
  - id: old
    type: injection
    status: deprecated
    name: "Old"
    description: "No longer used"
    severity: low
    confidence: low
    pattern: {regex: 'old order'}
"#;

fn keys() -> (SecretKey, SecretKey) {
    (SecretKey::from_seed(&[7; 32]), SecretKey::from_seed(&[8; 32]))
}

#[test]
fn a_bundle_is_loaded_only_as_its_publisher_signed_it() {
    let bench = Bench::new();
    let (publisher, other) = keys();
    let source = bench.put("bundle.yaml", BUNDLE);
    let pack = bench.path("pack.yaml");
    let import = |key: &SecretKey| {
        run(&["rules", "import", &source, "-o", &pack, "--force", "--key", &key.public().hex()])
    };
    let bare = run(&["rules", "import", &source]);
    assert_eq!((bare.code, bare.stdout.as_str()), (2, ""), "{}", bare.stderr);
    assert!(bare.stderr.contains("--key"), "{}", bare.stderr);
    let missing = import(&publisher);
    assert_eq!(missing.code, 4, "{}", missing.stderr);
    assert!(missing.stderr.contains("no signature"), "{}", missing.stderr);
    bench.put("bundle.yaml.sig", sign_file(&publisher, BUNDLE.as_bytes()));
    assert_eq!(import(&publisher).code, 0);
    assert_eq!(import(&other).code, 4, "by another key");
    std::fs::remove_file(&pack).unwrap();
    bench.put("bundle.yaml", BUNDLE.replace("{16}", "{15}"));
    let changed = import(&publisher);
    assert_eq!((changed.code, changed.stdout.as_str()), (4, ""), "{}", changed.stderr);
    for signature in ["", "AAAA", "no base64!"] {
        bench.put("bundle.yaml.sig", signature);
        assert_eq!(import(&publisher).code, 4, "{signature}");
    }
    assert!(!std::path::Path::new(&pack).exists());
}

#[test]
fn without_a_key_a_signature_is_told_and_not_checked() {
    let bench = Bench::new();
    let (publisher, _) = keys();
    let source = bench.put("bundle.yaml", BUNDLE);
    let pack = bench.path("pack.yaml");
    let import = || run(&["rules", "import", &source, "-o", &pack, "--force", "--unsigned"]);
    let none = import();
    assert_eq!(none.code, 0, "{}", none.stderr);
    assert!(none.stderr.contains("bundle.yaml is loaded unsigned"), "{}", none.stderr);
    bench.put("bundle.yaml.sig", sign_file(&publisher, b"something else"));
    let beside = import();
    assert_eq!(beside.code, 0, "{}", beside.stderr);
    assert!(beside.stderr.contains("bundle.yaml.sig was not checked"), "{}", beside.stderr);
    std::fs::remove_file(&pack).unwrap();
    for signature in ["", "AAAA", "no base64!", &"A".repeat(5000)] {
        bench.put("bundle.yaml.sig", signature);
        let refused = import();
        assert_eq!((refused.code, refused.stdout.as_str()), (4, ""), "{signature}: {}", refused.stderr);
        assert!(refused.stderr.contains("bundle.yaml is not used"), "{}", refused.stderr);
    }
    let both = run(&["rules", "import", &source, "--unsigned", "--key", &publisher.public().hex()]);
    assert_eq!(both.code, 64, "with a key a signature is asked for");
    assert!(!std::path::Path::new(&pack).exists());
}

#[test]
fn a_bundle_in_a_folder_is_held_to_its_own_signature() {
    let bench = Bench::new();
    let (publisher, other) = keys();
    bench.put("bundles/bundle.yaml", BUNDLE);
    let (folder, key) = (bench.path("bundles"), publisher.public().hex());
    let import = || run(&["rules", "import", &folder, "--key", &key]);
    bench.put("bundles.sig", sign_file(&publisher, BUNDLE.as_bytes()));
    assert_eq!(import().code, 4, "a signature beside the folder is not the bundle's");
    bench.put("bundles/bundle.yaml.sig", sign_file(&other, BUNDLE.as_bytes()));
    assert_eq!(import().code, 4);
    bench.put("bundles/bundle.yaml.sig", sign_file(&publisher, BUNDLE.as_bytes()));
    let signed = import();
    assert_eq!(signed.code, 0, "{}", signed.stderr);
}

#[test]
fn a_bundles_rules_keep_its_name() {
    let bench = Bench::new();
    let source = bench.put("bundle.yaml", BUNDLE);
    let pack = bench.path("pack.yaml");
    let run = run(&["rules", "import", &source, "-o", &pack, "--unsigned", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let all = serde_json::from_str(&run.stdout).unwrap();
    Bench::held(&pack);
    assert_eq!(account(&all, "acme-rules:acme-token"), told("changed", &["ascii_case"]));
    assert_eq!(account(&all, "acme-rules:bad-tool"), told("changed", &["status", "exempt_domains"]));
    assert_eq!(account(&all, "acme-rules:shell-name"), told("changed", &["edges"]));
    assert_eq!(account(&all, "acme-rules:old"), told("left_out", &["not_reported"]));
    assert_eq!(all["rules"][0]["became"][0], "acme-rules.acme-token");
    assert!(bench.text("pack.yaml").contains("pack: 'acme-rules'"));
    assert_eq!(
        bench.found("ingress", "tool_description", "Hear: the quokka commands"),
        ["acme-rules.bad-tool"]
    );
    assert_eq!(bench.found("ingress", "body", "Hear: the quokka commands"), [""; 0]);
    assert_eq!(bench.found("ingress", "tool_name", "powershell"), ["acme-rules.shell-name"]);
}

const PACK: &str = "pack: own\nversion: '1'\ntitle: t\nrules:\n- {id: own.rule, title: t, gain: g, category: dlp, \
    severity: high, confidence: 0.9, added: '1', regex: 'zyzzyva-[0-9]{4}', references: {cwe: [CWE-798]}, \
    match: ['zyzzyva-1234'], no_match: ['zyzzyva']}\n";

/// An event in which nothing is found.
const FINE: &[u8] = b"{\"v\":1,\"kind\":\"text\",\"text\":{\"text\":\"fine\"}}\n";

#[test]
fn a_pack_is_used_only_as_it_was_signed() {
    let bench = Bench::new();
    let (owner, other) = keys();
    let pack = bench.put("own.yaml", PACK);
    let private = bench.put("own.key", owner.private_file());
    let public = bench.put("own.pub", owner.public_file());
    let judge = |key: &str| coldcase_with(["judge", "--pack", &pack, "--pack-key", key], FINE);
    let missing = judge(&public);
    assert_eq!(missing.code, 4, "{}", missing.stderr);
    let signed = run(&["rules", "sign", &pack, "--key", &private]);
    assert_eq!(signed.code, 0, "{}", signed.stderr);
    assert_eq!(signed.stdout.trim_end(), format!("{pack}.sig"));
    assert_eq!(judge(&public).code, 0);
    assert_eq!(judge(&owner.public().hex()).code, 0, "spelled out");
    assert_eq!(judge(&other.public().hex()).code, 4, "by another key");
    let both = coldcase_with(
        ["judge", "--pack", &pack, "--pack-key", &other.public().hex(), "--pack-key", &public],
        FINE,
    );
    assert_eq!(both.code, 0, "one of the keys");
    let again = run(&["rules", "sign", &pack, "--key", &private]);
    assert_eq!(again.code, 2, "a signature that is there stays");
    bench.put("own.yaml", PACK.replace("{4}", "{5}").replace("1234", "12345"));
    let changed = judge(&public);
    assert_eq!((changed.code, changed.stdout.as_str()), (4, ""), "{}", changed.stderr);
    assert!(changed.stderr.contains("own.yaml is not used"), "{}", changed.stderr);
    assert_eq!(run(&["rules", "sign", &pack, "--key", &private, "--force"]).code, 0);
    assert_eq!(judge(&public).code, 0);
    assert_eq!(
        run(&["rules", "sign", &pack, "--key", &public, "--force"]).code,
        2,
        "a public key signs nothing"
    );
}

#[test]
fn scan_and_replay_ask_for_the_signature_too() {
    let bench = Bench::new();
    let (owner, _) = keys();
    let pack = bench.put("own.yaml", PACK);
    let key = owner.public().hex();
    let record =
        r#"{"v":1,"kind":"text","direction":"egress","text":{"text":"zyzzyva-1234","surface":"body"}}"#;
    let events = bench.put("events.jsonl", format!("{record}\n"));
    let out = bench.path("out");
    let scan = || run(&["scan", &events, "-o", &out, "--force", "--pack", &pack, "--pack-key", &key]);
    let replay =
        || run(&["replay", &events, "-o", &out, "--force", "--candidate", &pack, "--pack-key", &key]);
    assert_eq!((scan().code, replay().code), (4, 4));
    assert!(!std::path::Path::new(&out).exists(), "nothing is written");
    bench.put("own.yaml.sig", sign_file(&owner, PACK.as_bytes()));
    for outcome in [scan(), replay()] {
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    }
}
