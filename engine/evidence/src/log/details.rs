//! Entries whose details are signed by themselves: receipts, roots over them, and decision records.
//!
//! What one says by itself is found here, on any thread; how they follow each other is the business of their chains.

use coldcase_model::json::{Tape, unescape_into};
use memchr::memmem;
use serde::Serialize;

use super::check::{Checked, Context, Note, What};
use crate::contract;
use crate::entry::{Entry, Room, Text};
use crate::receipt::{self, Decision, Outer, ReceiptReader, check_decision, is_redacted};

/// What a thread keeps from line to line.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    /// For the two lines that are under way.
    pub(crate) rooms: [Room; 2],
    receipts: ReceiptReader,
    tape: Tape,
    texts: [Vec<u8>; 3],
}

/// A detail that was looked at by itself.
#[derive(Debug)]
pub(crate) enum Detail {
    /// An action receipt.
    Receipt(Box<receipt::Seen>),
    /// A root over the receipts before it.
    Root(Vec<u8>),
    /// An evidence receipt.
    Evidence(Box<contract::Seen>),
    /// What is left of an evidence receipt that the recorder redacted whole.
    EvidenceRedacted,
    /// A decision record whose signature is by no trusted key, or that is malformed.
    BadDecision,
}

/// Decision records with signatures of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Decisions {
    /// With a signature.
    pub signed: u64,
    /// Signed by a trusted key.
    pub good: u64,
    /// Signed by none of the trusted keys, or malformed.
    pub bad: u64,
}

impl Decisions {
    /// Adds what another block has.
    pub(crate) fn add(&mut self, other: Self) {
        self.signed += other.signed;
        self.good += other.good;
        self.bad += other.bad;
    }
}

/// The types of entries that recorders write, apart from checkpoints.
const TYPES: [&[u8]; 6] =
    [b"decision", b"action_receipt", b"transcript_root", b"evidence_receipt", b"capture", b"capture_drop"];
/// A root over receipts is shorter.
const MOST_ROOT: usize = 64 << 10;
/// Names in remarks are cut to this many bytes.
const SHOWN: usize = 64;

impl Checked {
    /// Looks at the detail of an entry that is no checkpoint.
    pub(crate) fn detail(
        &mut self,
        entry: &Entry<'_>,
        at: (u64, u64),
        context: &Context<'_>,
        worker: &mut Worker,
    ) {
        let what = match entry.kind.content {
            b"action_receipt" => {
                let seen = worker.receipt(entry, context);
                self.redacted += u64::from(seen.redaction.is_some());
                Some(Detail::Receipt(Box::new(seen)))
            }
            // A root is a few hundred bytes; what is longer is none, and an empty one says so.
            b"transcript_root" => {
                let root = entry.detail.get(..MOST_ROOT).map_or(entry.detail, |_| b"{}");
                Some(Detail::Root(root.to_vec()))
            }
            b"evidence_receipt" if is_redacted(entry.detail) => {
                self.redacted += 1;
                Some(Detail::EvidenceRedacted)
            }
            b"evidence_receipt" => {
                let seen = contract::read(entry.detail, &mut worker.tape, &context.signers);
                Some(Detail::Evidence(Box::new(seen)))
            }
            b"decision" if memmem::find(entry.detail, br#""signature":"#).is_some() => {
                self.decision(check_decision(entry.detail, &mut worker.tape, context.keys))
            }
            _ => {
                self.redacted += u64::from(is_redacted(entry.detail));
                None
            }
        };
        if let Some(what) = what {
            self.push(at, entry.seq, What::Detail(what));
        }
        if !TYPES.contains(&entry.kind.content) {
            let name = entry.kind.decode();
            let shown = String::from_utf8_lossy(name.get(..SHOWN).unwrap_or(&name)).into_owned();
            self.push(at, entry.seq, What::UnknownType(shown));
        }
    }

    fn push(&mut self, (line, offset): (u64, u64), seq: u64, what: What) {
        self.notes.push(Note { line, offset, seq: Some(seq), what });
    }

    fn decision(&mut self, decision: Decision) -> Option<Detail> {
        self.decisions.signed += u64::from(decision != Decision::NotSigned);
        match decision {
            Decision::NotSigned | Decision::Untrusted => None,
            Decision::Good(_) => {
                self.decisions.good += 1;
                None
            }
            Decision::Bad | Decision::Lenient | Decision::Malformed => {
                self.decisions.bad += 1;
                Some(Detail::BadDecision)
            }
        }
    }
}

impl Worker {
    fn receipt(&mut self, entry: &Entry<'_>, context: &Context<'_>) -> receipt::Seen {
        for (room, text) in self.texts.iter_mut().zip([entry.summary, entry.transport, entry.event_kind]) {
            room.clear();
            decode(text, room);
        }
        let [summary, transport, event_kind] = &self.texts;
        let outer = Outer { summary, transport, event_kind };
        self.receipts.read(entry.detail, Some(&outer), context.keys)
    }

    /// A receipt that stands on a line of its own.
    pub(crate) fn bare_receipt(&mut self, line: &[u8], context: &Context<'_>) -> receipt::Seen {
        self.receipts.read(line, None, context.keys)
    }
}

fn decode(text: Text<'_>, out: &mut Vec<u8>) {
    if text.escaped {
        unescape_into(text.content, out, |_, _| {});
    } else {
        out.extend_from_slice(text.content);
    }
}
