//! Manifests as a scan writes them, and changed ones.

use super::*;

fn manifest() -> String {
    let digest = |digit: &str| digit.repeat(64);
    format!(
        concat!(
            "{{\"schema\":\"coldcase.manifest/1\",\n\"version\":\"0.1.0\",\n",
            "\"run\":{{\"policy\":\"default\",\"policy_sha256\":\"{}\",\"rules\":7}},\n",
            "\"packs\":[\n{{\"name\":\"core\",\"version\":\"1\",\"sha256\":\"{}\"}}\n],\n",
            "\"inputs\":[\n",
            "{{\"path\":\"a.pcap\",\"sha256\":\"{}\",\"bytes\":10,\"format\":\"pcap\",\"state\":\"read\"}},\n",
            "{{\"path\":\"b\",\"sha256\":null,\"bytes\":0,\"format\":\"\",\"state\":\"unreadable\"}}\n],\n",
            "\"configuration\":[\n{{\"name\":\"baseline\",\"sha256\":\"{}\",\"bytes\":3}}\n],\n",
            "\"outputs\":[\n{{\"path\":\"findings.jsonl\",\"sha256\":\"{}\",\"bytes\":4}}\n],\n",
            "\"totals\":{{\"inputs\":2}}}}\n"
        ),
        digest("1"),
        digest("2"),
        digest("3"),
        digest("4"),
        digest("5")
    )
}

#[test]
fn every_file_is_listed() {
    let file = |role, path: &str, byte: Option<u8>, bytes| Listed {
        role,
        path: path.to_owned(),
        sha256: byte.map(|byte| [byte; 32]),
        bytes,
    };
    assert_eq!(
        listed(manifest().as_bytes()).unwrap(),
        [
            file(Role::Policy, "default", Some(0x11), None),
            file(Role::Pack, "core", Some(0x22), None),
            file(Role::Input, "a.pcap", Some(0x33), Some(10)),
            file(Role::Input, "b", None, Some(0)),
            file(Role::Configuration, "baseline", Some(0x44), Some(3)),
            file(Role::Output, "findings.jsonl", Some(0x55), Some(4)),
        ]
    );
}

#[test]
fn what_is_no_manifest_is_refused() {
    let error = |from: &str, to: &str| {
        let changed = manifest().replacen(from, to, 1);
        assert_ne!(changed, manifest());
        listed(changed.as_bytes()).unwrap_err()
    };
    assert!(matches!(error("manifest/1", "manifest/2"), ManifestError::Schema));
    assert!(matches!(error(&"5".repeat(64), "5"), ManifestError::Digest(path) if path == "findings.jsonl"));
    assert!(
        matches!(error(&"3".repeat(64), &"A".repeat(64)), ManifestError::Digest(path) if path == "a.pcap")
    );
    // A list that is gone, one that stands twice, and a digest that is not even null.
    assert!(matches!(error("\"outputs\"", "\"outputz\""), ManifestError::Unknown(_)));
    assert!(matches!(error("\"packs\":", "\"outputs\":[],\"packs\":"), ManifestError::Unknown(_)));
    assert!(matches!(error("\"sha256\":null,", ""), ManifestError::Unknown(_)));
    assert!(matches!(error("\"bytes\":10", "\"bytes\":-1"), ManifestError::Unknown(_)));
}
