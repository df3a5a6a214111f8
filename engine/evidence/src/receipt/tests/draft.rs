//! A tiny emitter: records as lists of fields, signed and chained.

use sha2::{Digest, Sha256};

use crate::hex;
use crate::keys::{KeyRing, SecretKey};
use crate::place::Place;
use crate::receipt::result::ReceiptReason;
use crate::receipt::schema::ACTION_RECORD;
use crate::receipt::{
    Chain, ChainFault, Endorsement, Outer, ReceiptProblem, ReceiptReader, ReceiptStatus, Receipts, Seen,
};

pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub(crate) fn ring(seeds: &[u8]) -> KeyRing {
    KeyRing::new(seeds.iter().map(|seed| key(*seed).public()))
}

pub(crate) fn hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text))
}

pub(crate) fn text(value: &str) -> String {
    let mut out = Vec::new();
    crate::spelling::encode(value.as_bytes(), &mut out);
    String::from_utf8(out).unwrap()
}

/// A record before it is signed: names and raw values.
#[derive(Clone)]
pub(crate) struct Draft(Vec<(String, String)>);

impl Draft {
    pub(crate) fn new(seq: u64, prev: &str) -> Self {
        let mut draft = Self(Vec::new());
        for (name, value) in [
            ("version", "1".to_owned()),
            ("action_id", text("01a2037f-799f-76bc-9452-9fcdaf3c62f3")),
            ("action_type", text("read")),
            ("timestamp", text("2026-11-22T13:43:35.58344415Z")),
            ("principal", text("local")),
            ("actor", text("agent")),
            ("delegation_chain", "null".to_owned()),
            ("target", text("https://example.com/?a=1&b=<2>")),
            ("side_effect_class", text("external_read")),
            ("reversibility", text("full")),
            ("policy_hash", text("cfg")),
            ("verdict", text("allow")),
            ("transport", text("fetch")),
            ("chain_prev_hash", text(prev)),
            ("chain_seq", seq.to_string()),
        ] {
            draft.0.push((name.to_owned(), value));
        }
        draft
    }

    /// Sets a field, at its place if it is new.
    pub(crate) fn set(mut self, name: &str, raw: impl Into<String>) -> Self {
        let rank = |name: &str| ACTION_RECORD.fields.iter().position(|field| field.name == name);
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) => *value = raw.into(),
            None => {
                let at = self.0.iter().position(|(known, _)| rank(known) > rank(name));
                self.0.insert(at.unwrap_or(self.0.len()), (name.to_owned(), raw.into()));
            }
        }
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn record(&self) -> String {
        let members: Vec<_> = self.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    }

    pub(crate) fn sign(&self, seed: u8) -> String {
        let record = self.record();
        envelope(&record, &record, seed)
    }

    /// As the recorder's redaction leaves a signed receipt: keys sorted, the target blank.
    pub(crate) fn blanked(&self, target: &str, seed: u8) -> String {
        let mut blanked = self.clone().set("target", text(target));
        blanked.0.push(("redacted_fields".to_owned(), "[\"target\"]".to_owned()));
        blanked.0.sort();
        let signed = self.sign(seed);
        let (_, rest) = signed.split_once(",\"signature\"").unwrap();
        let rest = rest.trim_end_matches('}');
        format!("{{\"action_record\":{},\"signature\"{rest},\"version\":1}}", blanked.record())
    }
}

/// A receipt that holds `record` with a signature over `signed`.
pub(crate) fn envelope(record: &str, signed: &str, seed: u8) -> String {
    let (key, digest) = (key(seed), Sha256::digest(signed));
    let signature = hex::encode(&key.sign(&digest));
    let public = key.public().hex();
    format!(
        r#"{{"version":1,"action_record":{record},"signature":"ed25519:{signature}","signer_key":"{public}"}}"#
    )
}

pub(crate) fn place(line: u64) -> Place {
    Place { file: 0, line, offset: 0 }
}

pub(crate) fn read(receipt: &str) -> Seen {
    ReceiptReader::default().read(receipt.as_bytes(), None, &ring(&[1]))
}

pub(crate) fn read_in(receipt: &str, outer: &Outer<'_>) -> Seen {
    ReceiptReader::default().read(receipt.as_bytes(), Some(outer), &ring(&[1]))
}

pub(crate) fn problems(receipt: &str) -> Vec<ReceiptProblem> {
    read(receipt).problems
}

/// A chain of these receipts, one a line.
pub(crate) fn chain(receipts: &[String], endorsements: Vec<Endorsement>) -> Chain {
    let (mut chain, mut reader) = (Chain::new(endorsements), ReceiptReader::default());
    for (line, receipt) in (1..).zip(receipts) {
        chain.push(place(line), &reader.read(receipt.as_bytes(), None, &ring(&[1])));
    }
    chain
}

pub(crate) fn judge(receipts: &[String]) -> Receipts {
    chain(receipts, Vec::new()).finish(&ring(&[1]))
}

/// The breaks' lines and faults; a receipt that is wrong by itself is a mistake of the test.
pub(crate) fn faults(found: &Receipts) -> Vec<(u64, ChainFault)> {
    let fault = |found: &crate::receipt::ReceiptBreak| match &found.reason {
        ReceiptReason::Chain(fault) => (found.place.map_or(0, |place| place.line), fault.clone()),
        ReceiptReason::Receipt(problem) => panic!("{problem}"),
    };
    found.breaks.iter().map(fault).collect()
}

/// What breaks a chain, if anything does.
pub(crate) fn broken(receipts: &[String]) -> Vec<(u64, ChainFault)> {
    let found = judge(receipts);
    assert_eq!(found.status == ReceiptStatus::Valid, found.breaks.is_empty());
    faults(&found)
}

/// Receipts without runs, linked to one another.
pub(crate) fn plain(count: u64) -> Vec<String> {
    let (mut prev, mut receipts) = ("genesis".to_owned(), Vec::new());
    for seq in 0..count {
        let receipt = Draft::new(seq, &prev).sign(1);
        prev = hash(&receipt);
        receipts.push(receipt);
    }
    receipts
}
