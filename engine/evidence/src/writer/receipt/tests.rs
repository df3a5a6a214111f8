//! Receipts: their signatures, their chain, their place in a log.

use super::*;
use crate::keys::{KeyIndex, KeyRing, Signed};
use crate::writer::{EntryKind, LogConfig, LogWriter, MemoryStore};

const NOW: i64 = 1_772_359_200_120_000_000;

fn key() -> Arc<SecretKey> {
    Arc::new(SecretKey::from_seed(&[7; 32]))
}

fn action() -> Action<'static> {
    Action {
        random: [0xFF, 2, 0xFF, 4, 5, 6, 7, 8, 9, 10],
        action_type: ActionType::Read,
        principal: "local",
        actor: "agent",
        target: "https://example.com/?a=1&b=2",
        side_effect: SideEffect::ExternalRead,
        reversibility: Reversibility::Full,
        verdict: "allow",
        transport: "fetch",
        method: "GET",
        ..Action::default()
    }
}

#[test]
fn a_receipt_holds_its_fields_in_the_order_of_the_struct() {
    let receipt = ReceiptWriter::new(key()).next(NOW, &action()).unwrap();
    let text = std::str::from_utf8(receipt.json()).unwrap();
    let record = r#"{"version":1,"action_id":"019ca8d7-2d78-7f02-bf04-05060708090a","action_type":"read","timestamp":"2026-03-01T10:00:00.12Z","principal":"local","actor":"agent","delegation_chain":null,"target":"https://example.com/?a=1\u0026b=2","side_effect_class":"external_read","reversibility":"full","policy_hash":"","verdict":"allow","transport":"fetch","method":"GET","chain_prev_hash":"genesis","chain_seq":0}"#;
    let rest = text.strip_prefix(r#"{"version":1,"action_record":"#).unwrap().strip_prefix(record).unwrap();
    let (signature, signer) =
        rest.strip_prefix(r#","signature":"ed25519:"#).unwrap().split_once(r#"","signer_key":""#).unwrap();
    assert_eq!(signer, format!("{}\"}}", key().public().hex()));
    let signature = hex::decode(signature.as_bytes()).unwrap();
    let ring = KeyRing::new([key().public()]);
    assert_eq!(ring.who_signed(&Sha256::digest(record.as_bytes()), &signature), Signed::By(KeyIndex(0)));
    assert_eq!(receipt.hash()[..], Sha256::digest(receipt.json())[..]);
    assert!(Detail::raw(receipt.json()).is_ok());
}

#[test]
fn each_receipt_points_at_the_one_before() {
    let mut writer = ReceiptWriter::new(key());
    let first = writer.next(NOW, &action()).unwrap();
    let second = writer.next(NOW + 1, &action()).unwrap();
    let link = format!(r#""chain_prev_hash":"{}","chain_seq":1}}"#, hex::encode(&first.hash()));
    assert!(String::from_utf8_lossy(second.json()).contains(&link));
    let root = writer.finish(&Session::named("demo").unwrap()).unwrap();
    let expected = format!(
        r#"{{"session_id":"demo","final_seq":1,"root_hash":"{}","receipt_count":2,"start_time":"2026-03-01T10:00:00.12Z","end_time":"2026-03-01T10:00:00.120000001Z"}}"#,
        hex::encode(&second.hash())
    );
    assert_eq!(root.json(), expected.as_bytes());
    assert_eq!(ReceiptWriter::new(key()).finish(&Session::named("demo").unwrap()), None);
}

#[test]
fn a_receipt_without_what_it_needs_is_refused_and_takes_no_number() {
    let mut writer = ReceiptWriter::new(key());
    for (name, action) in [
        ("target", Action { target: "", ..action() }),
        ("verdict", Action { verdict: "", ..action() }),
        ("transport", Action { transport: "", ..action() }),
    ] {
        assert_eq!(writer.next(NOW, &action), Err(ReceiptError::Empty(name)));
    }
    let text = writer.next(NOW, &action()).unwrap();
    assert!(String::from_utf8_lossy(text.json()).contains(r#""chain_seq":0}"#));
}

#[test]
fn a_log_of_receipts_ends_with_its_root_and_one_checkpoint() {
    let mut receipts = ReceiptWriter::new(key());
    let session = Session::named("demo").unwrap();
    let mut store = MemoryStore::default();
    let mut log =
        LogWriter::open(LogConfig::new(session.clone(), key()).checkpoint_interval(3), &mut store).unwrap();
    for _ in 0..2 {
        let receipt = receipts.next(NOW, &Action { transport: "mcp\0", ..action() }).unwrap();
        assert!(log.record_receipt(NOW, "t", &receipt).unwrap().altered.text);
    }
    let root = receipts.finish(&session).unwrap();
    log.record_root(NOW, &root).unwrap();
    assert_eq!(log.close(NOW).unwrap(), None, "the root's own checkpoint covers all");
    let text = String::from_utf8(store.log()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    let receipt_line = "\"trace_id\":\"t\",\"type\":\"action_receipt\",\"event_kind\":\"read\",\"transport\":\"mcp\u{fffd}\",\"summary\":\"receipt: allow read mcp\u{fffd}\",\"detail\":{\"version\":1,";
    assert!(lines[1].contains(receipt_line), "{}", lines[1]);
    let name = EntryKind::TranscriptRoot.name();
    let root_line = format!(
        r#""type":"{name}","event_kind":"{name}","transport":"","summary":"transcript_root: 2 receipts, root={}","detail":{{"session_id":"demo","#,
        hex::encode(&root.hash[..8])
    );
    assert!(lines[2].contains(&root_line), "{}", lines[2]);
    assert!(lines[3].contains(r#""summary":"checkpoint: 3 entries [seq 0-2]""#));
}
