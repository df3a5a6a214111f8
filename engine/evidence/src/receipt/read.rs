//! One receipt by itself: its schema, its signature, and whether the line round it agrees.
//!
//! Runs on many threads at once; nothing here knows of the receipt before. The signature is over nine tenths of
//! the work, so bytes are looked at as they stand and nothing is built anew unless they do not hold.

use coldcase_model::json::{Kind, Tape, Value};
use sha2::{Digest, Sha256};

use super::genesis::bound_genesis;
use super::problem::ReceiptProblem as Problem;
use super::rebuild::rebuild;
use super::redacted::{MARK, is_blanked, is_redacted};
use super::result::Contradiction;
use super::schema::{ACTION_RECORD, RECEIPT};
use super::seen::{Control, KeyTransition, Nonce, Open, PrevHash, Redaction, Seen};
use super::walk::Walk;
use crate::hex;
use crate::keys::{KeyError, KeyRing, PublicKey, RepeatedKey, SignatureCheck};
use crate::spelling::stamp;

const ACTION_TYPES: [&[u8]; 9] = [
    b"read",
    b"derive",
    b"write",
    b"delegate",
    b"authorize",
    b"spend",
    b"commit",
    b"actuate",
    b"unclassified",
];

/// What the line round a receipt says of it, decoded.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outer<'a> {
    pub(crate) summary: &'a [u8],
    pub(crate) transport: &'a [u8],
    /// Empty where the line has none, as in entry version 1: then it contradicts nothing.
    pub(crate) event_kind: &'a [u8],
}

/// Reads receipts; one for each thread.
#[derive(Debug, Default)]
pub(crate) struct ReceiptReader {
    tape: Tape,
    signer: Signer,
}

impl ReceiptReader {
    /// Reads and checks the receipt that these bytes are. A bare receipt has no line round it.
    pub(crate) fn read(&mut self, detail: &[u8], outer: Option<&Outer<'_>>, keys: &KeyRing) -> Seen {
        let mut seen = Seen::of(Sha256::digest(detail).into());
        if is_redacted(detail) {
            seen.redaction = Some(Redaction::Whole);
            return seen;
        }
        let root = match self.tape.parse(detail) {
            Ok(root) if root.kind() == Kind::Object => root,
            Ok(_) => {
                seen.problems.push(Problem::NotJson { offset: 0 });
                return seen;
            }
            Err(error) => {
                seen.problems.push(Problem::NotJson { offset: error.offset });
                return seen;
            }
        };
        let record = root.get("action_record").filter(|record| record.kind() == Kind::Object);
        let redacted = record.is_some_and(|record| record.get(MARK).is_some());
        let mut walk = if redacted { Walk::passing_over(&ACTION_RECORD, MARK) } else { Walk::new() };
        walk.canonical &= root.raw().len() == detail.len();
        walk.object(&RECEIPT, root);
        version(&mut walk, "receipt", root);
        seen.has_ext = root.get("ext").is_some();
        if let Some(record) = record {
            read_record(&mut seen, &mut walk, record);
            seen.contradictions = outer.map_or_else(Vec::new, |outer| contradictions(record, outer));
            let signature = Signed { root, record };
            self.signer.check(&signature, redacted, &mut walk, &mut seen);
        }
        seen.trusted = seen.signer.and_then(|key| keys.find(&key));
        if redacted {
            let right = record.is_some_and(|record| is_blanked(root, record));
            seen.redaction = right.then_some(Redaction::Fields);
            if !right {
                walk.add(Problem::RedactionForm);
            }
        }
        seen.problems = walk.problems;
        seen
    }
}

fn version(walk: &mut Walk, object: &'static str, value: Value<'_, '_>) {
    if value.get("version").is_some_and(|version| version.u64() != Some(1)) {
        walk.add(Problem::WrongVersion { object });
    }
}

/// What the chain needs of a record.
fn read_record(seen: &mut Seen, walk: &mut Walk, record: Value<'_, '_>) {
    version(walk, "action_record", record);
    let text = |name: &str| record.get(name).and_then(Value::string);
    if text("action_type").is_some_and(|kind| !ACTION_TYPES.contains(&kind.as_ref())) {
        walk.add(Problem::UnknownActionType);
    }
    seen.seq = record.get("chain_seq").and_then(Value::u64);
    seen.time = text("timestamp").and_then(|text| stamp(&text));
    seen.verdict = text("verdict").map_or_else(Box::default, |text| text.as_ref().into());
    if let Some(prev) = text("chain_prev_hash") {
        seen.prev = prev_hash(&prev);
        if seen.prev.is_none() {
            walk.add(Problem::PrevHashForm);
        }
    }
    seen.run = text("run_nonce").filter(|text| !text.is_empty()).map(|text| nonce(&text));
    if let Some(transition) = record.get("key_transition").filter(|value| !value.is_null()) {
        seen.transition = Some(Box::new(KeyTransition {
            signer: hex_field(walk, "key_transition", transition, "prior_signer_key"),
            seq: transition.get("prior_chain_seq").and_then(Value::u64),
            hash: hex_field(walk, "key_transition", transition, "prior_chain_hash"),
        }));
    }
    if let Some(control) = record.get("session_control").filter(|value| !value.is_null()) {
        seen.control = read_control(walk, control, seen.run).map(Box::new);
    }
}

fn prev_hash(text: &[u8]) -> Option<PrevHash> {
    match text.strip_prefix(b"g1:") {
        Some(bound) => hex::decode(bound).map(PrevHash::BoundGenesis),
        None if text == b"genesis" => Some(PrevHash::Genesis),
        None => hex::decode(text).map(PrevHash::Hash),
    }
}

fn nonce(text: &[u8]) -> Nonce {
    Nonce(Sha256::digest(text).into())
}

/// The 32 bytes of a field; `None` where it is absent, empty, or in the wrong form, which is a problem.
fn hex_field(
    walk: &mut Walk,
    object: &'static str,
    value: Value<'_, '_>,
    field: &'static str,
) -> Option<[u8; 32]> {
    let text = value.get(field)?.string().filter(|text| !text.is_empty())?;
    let bytes = hex::decode(&text);
    if bytes.is_none() {
        walk.add(Problem::HexForm { object, field });
    }
    bytes
}

fn read_control(walk: &mut Walk, control: Value<'_, '_>, run: Option<Nonce>) -> Option<Control> {
    let kind = control.get("kind").and_then(Value::string).unwrap_or_default();
    let wanted = match kind.as_ref() {
        b"session_open" => "open",
        b"heartbeat" => "heartbeat",
        b"session_close" => "close",
        _ => "",
    };
    let held = |name: &&&str| control.get(name).is_some_and(|value| !value.is_null());
    let mut payloads = ["open", "heartbeat", "close"].iter().filter(held);
    if payloads.next() != Some(&wanted) || payloads.next().is_some() {
        walk.add(Problem::ControlPayload);
        return None;
    }
    let payload = control.get(wanted)?;
    let text = |name: &str| payload.get(name).and_then(Value::string).unwrap_or_default();
    match run {
        None => walk.add(Problem::ControlWithoutRun),
        Some(run) if run != nonce(&text("run_nonce")) => walk.add(Problem::ControlOfOtherRun),
        Some(_) => {}
    }
    let number = |name: &str| payload.get(name).and_then(Value::u64);
    let open_nonce = nonce(&text("open_nonce"));
    Some(match wanted {
        "open" => Control::Open(read_open(walk, payload, open_nonce)),
        "heartbeat" => Control::Heartbeat {
            open_nonce,
            head: hex_field(walk, "heartbeat", payload, "chain_head"),
            seq_head: number("chain_seq_head"),
        },
        _ => Control::Close {
            open_nonce,
            root: hex_field(walk, "close", payload, "root_hash"),
            final_seq: number("final_seq"),
            count: number("receipt_count"),
        },
    })
}

fn read_open(walk: &mut Walk, open: Value<'_, '_>, open_nonce: Nonce) -> Open {
    let number = |name: &str| open.get(name).and_then(Value::u64);
    let text = |name: &str| open.get(name).and_then(Value::string).filter(|text| !text.is_empty());
    let prior_seq = number("prior_chain_seq").unwrap_or(0);
    Open {
        nonce: open_nonce,
        recorder_session: text("recorder_session").map_or_else(Box::default, |text| text.as_ref().into()),
        chain_open_seq: number("chain_open_seq"),
        prior_head: hex_field(walk, "open", open, "prior_chain_head"),
        prior_seq,
        has_prior: text("prior_chain_head").is_some() || prior_seq != 0,
        has_genesis: text("genesis_hash").is_some(),
        genesis: text("genesis_hash").and_then(|text| hex::decode(text.strip_prefix(b"g1:")?)),
        bound: bound_genesis(open),
    }
}

/// Where the line says something else than the signed record.
fn contradictions(record: Value<'_, '_>, outer: &Outer<'_>) -> Vec<Contradiction> {
    let text = |name: &str| record.get(name).and_then(Value::string).unwrap_or_default();
    let (verdict, kind, transport) = (text("verdict"), text("action_type"), text("transport"));
    let summary = outer
        .summary
        .strip_prefix(b"receipt: ")
        .and_then(|rest| rest.strip_prefix(verdict.as_ref())?.strip_prefix(b" "))
        .and_then(|rest| rest.strip_prefix(kind.as_ref())?.strip_prefix(b" "));
    let mut found = Vec::new();
    if summary != Some(&transport) {
        found.push(Contradiction::Summary);
    }
    if outer.transport != transport.as_ref() {
        found.push(Contradiction::Transport);
    }
    if !outer.event_kind.is_empty() && outer.event_kind != kind.as_ref() {
        found.push(Contradiction::EventKind);
    }
    found
}

/// The parts of a receipt that its signature is about.
struct Signed<'t, 'd> {
    root: Value<'t, 'd>,
    record: Value<'t, 'd>,
}

/// The key of the receipt before, which is nearly always that of the next one.
#[derive(Debug, Default)]
struct Signer {
    last: Option<([u8; 32], Result<RepeatedKey, KeyError>)>,
}

impl Signer {
    /// Checks the key and the signature, and of a receipt that was respelled the hash that it was chained by.
    fn check(&mut self, signed: &Signed<'_, '_>, redacted: bool, walk: &mut Walk, seen: &mut Seen) {
        let text = |name: &str| signed.root.get(name).and_then(Value::string).filter(|text| !text.is_empty());
        if let Some(digits) = text("signer_key") {
            seen.signer = hex::decode(&digits);
            if seen.signer.is_none() {
                walk.add(Problem::KeyForm);
            }
        }
        let signature = text("signature").and_then(|text| {
            let signature = text.strip_prefix(b"ed25519:").and_then(hex::decode::<64>);
            if signature.is_none() {
                walk.add(Problem::SignatureForm);
            }
            signature
        });
        let Some(key) = seen.signer.and_then(|bytes| self.key(bytes, walk)) else { return };
        // What redaction blanked was signed, so no signature can hold.
        let Some(signature) = signature.filter(|_| !redacted) else { return };
        let canonical = walk.canonical;
        match check_record(key, signed.record, &signature) {
            (SignatureCheck::Good, Covered::Raw) if !spelled_by_writer(signed.record, canonical) => {
                walk.add(Problem::SignedOutOfForm);
            }
            (SignatureCheck::Good, covered) => {
                if !canonical || covered == Covered::Rebuilt {
                    walk.add(Problem::Respelled);
                    let mut receipt = Vec::new();
                    rebuild(&RECEIPT, signed.root, &mut receipt);
                    seen.head.respelled = Some(Sha256::digest(&receipt).into());
                }
            }
            (SignatureCheck::LenientOnly, _) => walk.add(Problem::SignatureLenient),
            (SignatureCheck::Bad, _) => walk.add(Problem::SignatureMismatch),
        }
    }

    fn key(&mut self, bytes: [u8; 32], walk: &mut Walk) -> Option<&mut RepeatedKey> {
        if self.last.as_ref().is_none_or(|(last, _)| *last != bytes) {
            self.last = Some((bytes, PublicKey::from_bytes(&bytes).map(RepeatedKey::new)));
        }
        let (_, key) = self.last.as_mut()?;
        match key {
            Ok(key) => return Some(key),
            Err(KeyError::Weak) => walk.add(Problem::KeyWeak),
            Err(_) => walk.add(Problem::KeyNotAPoint),
        }
        None
    }
}

/// Which bytes a signature was checked over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covered {
    Raw,
    Rebuilt,
}

fn check_record(
    key: &mut RepeatedKey,
    record: Value<'_, '_>,
    signature: &[u8; 64],
) -> (SignatureCheck, Covered) {
    let raw = key.check(&Sha256::digest(record.raw()), signature);
    if raw != SignatureCheck::Bad {
        return (raw, Covered::Raw);
    }
    let mut rebuilt = Vec::with_capacity(record.raw().len());
    rebuild(&ACTION_RECORD, record, &mut rebuilt);
    if rebuilt == record.raw() {
        return (raw, Covered::Raw);
    }
    (key.check(&Sha256::digest(&rebuilt), signature), Covered::Rebuilt)
}

/// Whether the record itself is as the writer spells it: if the receipt is not, the fault may lie outside.
fn spelled_by_writer(record: Value<'_, '_>, receipt: bool) -> bool {
    receipt || {
        let mut walk = Walk::new();
        walk.object(&ACTION_RECORD, record);
        walk.canonical
    }
}
