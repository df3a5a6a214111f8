//! The rules of the chain: numbers, links, runs and roots.

use super::draft::{Draft, broken, chain, faults, hash, judge, place, plain, read, ring, text};
use crate::receipt::ChainFault as Fault;
use crate::receipt::genesis::bound_genesis;
use crate::receipt::{
    Contradiction, Outer, ReceiptReader, ReceiptRemarkKind, ReceiptStatus, SealFault, SegmentTrust,
    TranscriptSeal,
};

/// Receipts of one run: open, plain, heartbeat, plain, close. `edit` may change each before it is signed.
fn run(edit: impl Fn(u64, Draft) -> Draft) -> Vec<String> {
    let mut receipts: Vec<String> = Vec::new();
    for seq in 0..5 {
        let prev = receipts.last().map_or_else(|| bound(&open_payload("")), |last| hash(last));
        let control = match seq {
            0 => control("session_open", "open", &open_payload(&format!(r#","genesis_hash":"{prev}""#))),
            2 => control("heartbeat", "heartbeat", &heartbeat(&prev, 1)),
            4 => control("session_close", "close", &close(&prev, 4, 5)),
            _ => String::new(),
        };
        let draft = Draft::new(seq, &prev).set("run_nonce", text("r"));
        let draft = if control.is_empty() { draft } else { draft.set("session_control", control) };
        receipts.push(edit(seq, draft).sign(1));
    }
    receipts
}

fn open_payload(more: &str) -> String {
    format!(
        r#"{{"run_nonce":"r","open_nonce":"o","recorder_session":"s","policy_hash":"p","signer_key_epoch":"e","heartbeat_seconds":30,"chain_open_seq":0{more}}}"#
    )
}

fn heartbeat(head: &str, seq: u64) -> String {
    format!(
        r#"{{"run_nonce":"r","open_nonce":"o","beat":1,"chain_head":"{head}","chain_seq_head":{seq},"heartbeat_time":"t","fsync_errors_gated":0,"durability_blocks":0}}"#
    )
}

fn close(root: &str, last: u64, count: u64) -> String {
    format!(
        r#"{{"run_nonce":"r","open_nonce":"o","final_seq":{last},"root_hash":"{root}","receipt_count":{count},"close_reason":"x","fsync_errors_gated":0,"durability_blocks":0}}"#
    )
}

fn control(kind: &str, field: &str, payload: &str) -> String {
    format!(r#"{{"kind":"{kind}","{field}":{payload}}}"#)
}

/// The value of an `open`, from its definition: each field after its length in eight bytes.
fn bound(open: &str) -> String {
    let mut tape = coldcase_model::json::Tape::default();
    let value = bound_genesis(tape.parse(open.as_bytes()).unwrap());
    format!("g1:{}", crate::hex::encode(&value))
}

/// The first receipt of `receipts`, then more that `draft` makes of number and link.
fn go_on(receipts: &mut Vec<String>, draft: impl FnOnce(u64, &str) -> Draft) {
    let prev = hash(receipts.last().unwrap());
    let seq = receipts.len() as u64;
    receipts.push(draft(seq, &prev).sign(1));
}

#[test]
fn whole_chains_of_both_kinds_are_valid() {
    assert_eq!(broken(&plain(4)), []);
    let found = judge(&run(|_, draft| draft));
    assert_eq!((faults(&found), found.status), (vec![], ReceiptStatus::Valid));
    assert_eq!((found.count, found.segments.len(), found.segments[0].last_seq), (5, 1, 4));
    assert_eq!(judge(&[]).status, ReceiptStatus::Absent);
}

#[test]
fn the_bound_genesis_is_eleven_framed_fields() {
    use sha2::{Digest, Sha256};
    let mut framed = Vec::new();
    let seconds = 30_u64.to_be_bytes();
    let label = b"pipelock.receipt.session_open.v1".as_slice();
    for field in [label, b"r", b"o", b"s", b"p", b"e", &seconds, b"", b"", b"", b"", b"u"] {
        framed.extend((field.len() as u64).to_be_bytes());
        framed.extend(field);
    }
    let expected = format!("g1:{}", crate::hex::encode(&Sha256::digest(framed)));
    assert_eq!(bound(&open_payload(r#","contained_uid":"u""#)), expected);
    let negative = open_payload("").replace(":30", ":-1");
    assert_eq!(bound(&negative), bound(&open_payload("").replace(":30", ":0")));
}

#[test]
fn deleted_swapped_and_repeated_receipts_break_the_numbers() {
    let whole = plain(5);
    let gap = [&whole[..2], &whole[3..]].concat();
    assert_eq!(broken(&gap), [(3, Fault::Sequence { expected: 2, found: 3 })]);
    let twice = [&whole[..2], &whole[1..]].concat();
    assert_eq!(broken(&twice), [(3, Fault::Sequence { expected: 2, found: 1 })]);
    let mut swapped = whole.clone();
    swapped.swap(2, 3);
    assert_eq!(broken(&swapped)[0], (3, Fault::Sequence { expected: 2, found: 3 }));
    assert_eq!(broken(&whole[2..]), [(1, Fault::StartMissing { seq: 2 })]);
    let forked = [&whole[..2], &plain(2)].concat();
    assert_eq!(broken(&forked)[0], (3, Fault::Fork));
}

#[test]
fn a_start_that_the_log_lacks_breaks_nothing() {
    let whole = plain(4);
    let mut reader = ReceiptReader::default();
    let mut chain = crate::receipt::Chain::new(Vec::new());
    chain.start_is_missing();
    for (line, receipt) in (1..).zip(&whole[2..]) {
        chain.push(place(line), &reader.read(receipt.as_bytes(), None, &ring(&[1])));
    }
    let found = chain.finish(&ring(&[1]));
    assert_eq!((found.status, found.missing_before), (ReceiptStatus::Valid, 2));
}

/// The hash of a receipt covers its `ext`, so the next link does; its own signature does not.
#[test]
fn an_ext_that_no_later_link_covers_is_told() {
    let with_ext = |receipt: &str| receipt.strip_suffix('}').unwrap().to_owned() + ",\"ext\":{\"a\":1}}";
    let first = with_ext(&Draft::new(0, "genesis").sign(1));
    let second = Draft::new(1, &hash(&first)).sign(1);
    let told = |receipts: &[String]| {
        let found = judge(receipts);
        assert_eq!(found.status, ReceiptStatus::Valid, "{:?}", found.breaks);
        found.remarks.iter().map(|remark| (remark.place.line, remark.kind.clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(&[first.clone(), second.clone()]), []);
    assert_eq!(told(std::slice::from_ref(&first)), [(1, ReceiptRemarkKind::ExtNotSigned)]);
    let last = [first.clone(), with_ext(&second)];
    assert_eq!(told(&last), [(2, ReceiptRemarkKind::ExtNotSigned)]);
    let other = judge(&[first.clone(), Draft::new(1, &hash("other")).sign(1)]);
    assert_eq!(other.remarks[0].kind, ReceiptRemarkKind::ExtNotSigned);
    // What redaction took whole may have held the link; nothing shows it any more.
    let redacted = judge(&[first, r#"{"reason":"marshal error","redacted":true}"#.to_owned()]);
    assert_eq!(redacted.remarks[0].kind, ReceiptRemarkKind::ExtNotSigned);
}

#[test]
fn links_and_geneses_are_checked() {
    let mut receipts = plain(2);
    receipts.push(Draft::new(2, &hash("other")).sign(1));
    assert_eq!(broken(&receipts), [(3, Fault::Link)]);
    assert_eq!(broken(&[Draft::new(0, &hash("other")).sign(1)]), [(1, Fault::NoGenesis)]);
    assert_eq!(broken(&[Draft::new(0, &bound("{}")).sign(1)]), [(1, Fault::GenesisKind)]);
    let plain_open =
        run(|seq, draft| if seq == 0 { draft.set("chain_prev_hash", text("genesis")) } else { draft });
    assert_eq!(broken(&plain_open)[0], (1, Fault::GenesisKind));
}

#[test]
fn a_respelled_receipt_keeps_its_link() {
    let mut receipts = plain(3);
    receipts[1] = receipts[1].replace("\":", "\": ");
    let found = judge(&receipts);
    assert_eq!((found.status, found.remarks.len()), (ReceiptStatus::Valid, 1));
}

#[test]
fn the_first_session_open_binds_its_genesis() {
    let first = |payload: String| {
        run(move |seq, draft| {
            if seq == 0 {
                draft.set("session_control", control("session_open", "open", &payload))
            } else {
                draft
            }
        })
    };
    let genesis = bound(&open_payload(""));
    let named = |more: &str| open_payload(&format!(r#"{more},"genesis_hash":"{genesis}""#));
    let open = [
        (open_payload(""), Fault::BoundGenesis),
        (named("").replace("\"s\"", "\"t\""), Fault::BoundGenesis),
        (named("").replace("seq\":0", "seq\":1"), Fault::OpenWithPrior),
        (named(r#","prior_chain_seq":1"#), Fault::OpenWithPrior),
    ];
    for (payload, fault) in open {
        assert_eq!(broken(&first(payload))[0], (1, fault));
    }
}

#[test]
fn a_restart_names_the_receipt_before_it() {
    let restart = |more: fn(&str) -> String| {
        let mut receipts = run(|_, draft| draft);
        go_on(&mut receipts, |seq, prev| {
            let payload = open_payload(&more(prev)).replace("\"r\"", "\"r2\"");
            let open = control("session_open", "open", &payload);
            Draft::new(seq, prev).set("run_nonce", text("r2")).set("session_control", open)
        });
        broken(&receipts)
    };
    assert_eq!(restart(|prev| format!(r#","prior_chain_head":"{prev}","prior_chain_seq":4"#)), []);
    let wrong = [(6, Fault::OpenMismatch)];
    assert_eq!(restart(|_| String::new()), wrong);
    assert_eq!(restart(|prev| format!(r#","prior_chain_head":"{prev}","prior_chain_seq":3"#)), wrong);
    assert_eq!(restart(|_| format!(r#","prior_chain_head":"{}","prior_chain_seq":4"#, hash(""))), wrong);
    let with_genesis = |prev: &str| {
        format!(r#","prior_chain_head":"{prev}","prior_chain_seq":4,"genesis_hash":"g1:{prev}""#)
    };
    assert_eq!(restart(with_genesis), wrong);
}

#[test]
fn runs_open_once_and_end_with_their_close() {
    let after = |draft: fn(Draft, &str) -> Draft| {
        let mut receipts = run(|_, draft| draft);
        go_on(&mut receipts, |seq, prev| draft(Draft::new(seq, prev), prev));
        broken(&receipts)
    };
    assert_eq!(after(|draft, _| draft), [], "a receipt without a run may follow");
    assert_eq!(after(|draft, _| draft.set("run_nonce", text("r"))), [(6, Fault::AfterClose)]);
    assert_eq!(after(|draft, _| draft.set("run_nonce", text("q"))), [(6, Fault::RunNotOpened)]);
    let mut receipts = run(|_, draft| draft);
    receipts.truncate(3);
    go_on(&mut receipts, |seq, prev| {
        let more = format!(r#","prior_chain_head":"{prev}","prior_chain_seq":2"#);
        let open = control("session_open", "open", &open_payload(&more));
        Draft::new(seq, prev).set("run_nonce", text("r")).set("session_control", open)
    });
    assert_eq!(broken(&receipts), [(4, Fault::RunOpenedTwice)]);
}

#[test]
fn a_run_that_another_followed_neither_beats_nor_closes() {
    let mut receipts = run(|_, draft| draft);
    receipts.truncate(2);
    go_on(&mut receipts, |seq, prev| {
        let more = format!(r#","prior_chain_head":"{prev}","prior_chain_seq":1"#);
        let open = control("session_open", "open", &open_payload(&more).replace("\"r\"", "\"r2\""));
        Draft::new(seq, prev).set("run_nonce", text("r2")).set("session_control", open)
    });
    go_on(&mut receipts, |seq, prev| {
        let beat = control("heartbeat", "heartbeat", &heartbeat(prev, 2));
        Draft::new(seq, prev).set("run_nonce", text("r")).set("session_control", beat)
    });
    assert_eq!(broken(&receipts), [(4, Fault::RunNotActive)]);
}

#[test]
fn heartbeats_and_closes_name_the_receipt_before_them() {
    let at = |wanted: u64, kind: &str, field: &str, payload: fn(&str) -> String| {
        let (kind, field) = (kind.to_owned(), field.to_owned());
        let whole = run(|_, draft| draft);
        let prev = hash(&whole[usize::try_from(wanted).unwrap() - 1]);
        let changed = control(&kind, &field, &payload(&prev));
        let receipts = run(
            |seq, draft| if seq == wanted { draft.set("session_control", changed.clone()) } else { draft },
        );
        broken(&receipts)[0].clone()
    };
    let beat = |payload| at(2, "heartbeat", "heartbeat", payload);
    assert_eq!(beat(|_| heartbeat(&hash(""), 1)), (3, Fault::HeartbeatHead));
    assert_eq!(beat(|prev| heartbeat(prev, 2)), (3, Fault::HeartbeatHead));
    assert_eq!(beat(|prev| heartbeat(prev, 1).replace("\"o\"", "\"x\"")), (3, Fault::OpenNonce));
    let end = |payload| at(4, "session_close", "close", payload);
    assert_eq!(end(|_| close(&hash(""), 4, 5)), (5, Fault::CloseRoot));
    assert_eq!(end(|prev| close(prev, 3, 5)), (5, Fault::CloseCount));
    assert_eq!(end(|prev| close(prev, 4, 4)), (5, Fault::CloseCount));
    assert_eq!(end(|prev| close(prev, 4, 5).replace("\"o\"", "\"x\"")), (5, Fault::OpenNonce));
}

#[test]
fn a_control_holds_the_payload_of_its_kind_and_run() {
    use crate::receipt::ReceiptProblem as Problem;
    let receipt = |nonce: &str, control: String| {
        let draft = Draft::new(3, &hash("")).set("session_control", control);
        super::draft::problems(
            &if nonce.is_empty() { draft } else { draft.set("run_nonce", text(nonce)) }.sign(1),
        )
    };
    let beat = heartbeat(&hash(""), 2);
    assert_eq!(receipt("r", control("heartbeat", "heartbeat", &beat)), []);
    assert_eq!(receipt("", control("heartbeat", "heartbeat", &beat)), [Problem::ControlWithoutRun]);
    assert_eq!(receipt("q", control("heartbeat", "heartbeat", &beat)), [Problem::ControlOfOtherRun]);
    assert_eq!(receipt("r", control("session_close", "heartbeat", &beat)), [Problem::ControlPayload]);
    assert_eq!(receipt("r", control("nap", "heartbeat", &beat)), [Problem::ControlPayload]);
    let both = format!(r#"{{"kind":"heartbeat","heartbeat":{beat},"close":{}}}"#, close(&hash(""), 3, 4));
    assert_eq!(receipt("r", both), [Problem::ControlPayload]);
}

#[test]
fn redacted_receipts_cost_the_proof_of_a_link() {
    let mut receipts = plain(5);
    receipts[2] = Draft::new(2, &hash(&receipts[1])).blanked("[REDACTED]", 1);
    let found = judge(&receipts);
    assert_eq!((found.status, found.altered, found.unprovable_links), (ReceiptStatus::Redacted, 1, 1));
    receipts[2] = r#"{"detected_patterns":["[REDACTED:x]"],"original_size":9,"redacted":true}"#.to_owned();
    let found = judge(&receipts);
    assert_eq!((found.status, found.altered, found.unprovable_links), (ReceiptStatus::Redacted, 1, 2));
    receipts.remove(3);
    assert_eq!(broken(&receipts), [(4, Fault::Sequence { expected: 3, found: 4 })]);
    // Its own link stands in the clear.
    let mut receipts = plain(5);
    receipts[2] = Draft::new(2, &hash("")).blanked("[REDACTED]", 1);
    assert_eq!(broken(&receipts), [(3, Fault::Link)]);
}

#[test]
fn roots_are_held_against_the_receipts() {
    let root = |last: u64, hash: &str, count: u64| {
        let times = r#""start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:00Z""#;
        format!(
            r#"{{"session_id":"s","final_seq":{last},"root_hash":"{hash}","receipt_count":{count},{times}}}"#
        )
    };
    let receipts = plain(3);
    let tail = hash(&receipts[2]);
    let seal = |root: &str| {
        let mut chain = chain(&receipts, Vec::new());
        chain.push_root(place(4), root.as_bytes());
        chain.push(place(5), &read(&Draft::new(3, &tail).sign(1)));
        let found = chain.finish(&ring(&[1]));
        assert_eq!(found.status, ReceiptStatus::Valid);
        found.seal
    };
    assert_eq!(judge(&receipts).seal, TranscriptSeal::None);
    assert_eq!(seal(&root(2, &tail, 3)), TranscriptSeal::Agrees { place: place(4), receipts_after: 1 });
    let contradicts = |what| TranscriptSeal::Contradicts { place: place(4), what };
    assert_eq!(seal(&root(3, &tail, 3)), contradicts(SealFault::FinalSeq));
    assert_eq!(seal(&root(2, &hash(""), 3)), contradicts(SealFault::RootHash));
    assert_eq!(seal(&root(2, &tail, 2)), contradicts(SealFault::ReceiptCount));
    assert_eq!(seal("{}"), contradicts(SealFault::Malformed));
    let redacted = r#"{"reason":"marshal error","redacted":true}"#;
    assert_eq!(seal(redacted), TranscriptSeal::Unprovable { place: place(4), receipts_after: 1 });
    let mut empty = chain(&[], Vec::new());
    empty.push_root(place(1), root(0, &tail, 1).as_bytes());
    let found = empty.finish(&ring(&[]));
    assert_eq!(found.seal, TranscriptSeal::Contradicts { place: place(1), what: SealFault::NoReceipts });
}

#[test]
fn trust_comes_from_the_keys_given() {
    let status = |keys: &[u8]| chain(&plain(2), Vec::new()).finish(&ring(keys));
    assert_eq!(status(&[1]).status, ReceiptStatus::Valid);
    assert_eq!(status(&[2, 1]).segments[0].trust, SegmentTrust::Key(crate::keys::KeyIndex(1)));
    let unpinned = status(&[]);
    assert_eq!(
        (unpinned.status, unpinned.segments[0].trust),
        (ReceiptStatus::Unpinned, SegmentTrust::FirstUse)
    );
    let other = status(&[2]);
    assert_eq!((other.status, other.segments[0].trust), (ReceiptStatus::Untrusted, SegmentTrust::Untrusted));
    let json = serde_json::to_value(&other).unwrap();
    assert_eq!((&json["status"], &json["seal"]), (&"untrusted".into(), &"none".into()));
}

#[test]
fn a_line_that_contradicts_its_receipt_is_a_remark() {
    let receipt = &plain(1)[0];
    let right = Outer { summary: b"receipt: allow read fetch", transport: b"fetch", event_kind: b"read" };
    let with = |outer: &Outer<'_>| super::draft::read_in(receipt, outer).contradictions;
    assert_eq!(with(&right), []);
    assert_eq!(with(&Outer { event_kind: b"", ..right }), [], "entry version 1 has none");
    assert_eq!(with(&Outer { summary: b"receipt: block read fetch", ..right }), [Contradiction::Summary]);
    assert_eq!(with(&Outer { transport: b"", ..right }), [Contradiction::Transport]);
    let other = Outer { event_kind: b"write", ..right };
    assert_eq!(with(&other), [Contradiction::EventKind]);
    let mut chain = chain(&[], Vec::new());
    chain.push(place(7), &super::draft::read_in(receipt, &other));
    let found = chain.finish(&ring(&[1]));
    assert_eq!((found.status, found.remarks[0].place.line), (ReceiptStatus::Valid, 7));
    assert_eq!(found.remarks[0].kind, ReceiptRemarkKind::Outer(Contradiction::EventKind));
}
