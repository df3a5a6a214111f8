//! A `transcript_root`: what the writer says of its receipts at a clean stop.
//!
//! The line is not signed by itself; a checkpoint after it vouches for it. Left out: its session and its times.

use coldcase_model::json::{Tape, Value};

use super::chain::Last;
use super::redacted::is_redacted;
use super::result::{SealFault, TranscriptSeal};
use super::schema::TRANSCRIPT_ROOT;
use super::walk::Walk;
use crate::hex;
use crate::place::Place;

/// What a root is worth after these receipts.
pub(super) fn read_root(place: Place, detail: &[u8], last: Option<&Last>) -> TranscriptSeal {
    if is_redacted(detail) {
        return TranscriptSeal::Unprovable { place, receipts_after: 0 };
    }
    match check(detail, last) {
        Ok(true) => TranscriptSeal::Agrees { place, receipts_after: 0 },
        Ok(false) => TranscriptSeal::Unprovable { place, receipts_after: 0 },
        Err(what) => TranscriptSeal::Contradicts { place, what },
    }
}

/// Whether the root can be proved right; an error if it is wrong.
fn check(detail: &[u8], last: Option<&Last>) -> Result<bool, SealFault> {
    let mut tape = Tape::default();
    let root = tape.parse(detail).map_err(|_| SealFault::Malformed)?;
    let mut walk = Walk::new();
    walk.object(&TRANSCRIPT_ROOT, root);
    let number = |name: &str| root.get(name).and_then(Value::u64);
    let hash = root.get("root_hash").and_then(Value::string).and_then(|text| hex::decode(&text));
    if !walk.problems.is_empty() || hash.is_none() {
        return Err(SealFault::Malformed);
    }
    let last = last.ok_or(SealFault::NoReceipts)?;
    if number("final_seq") != last.seq {
        return Err(SealFault::FinalSeq);
    }
    // Numbers begin anew with each key, so the last one tells how many there are under it.
    if number("receipt_count") != last.seq.and_then(|seq| seq.checked_add(1)) {
        return Err(SealFault::ReceiptCount);
    }
    if !last.is_head(hash) {
        return Err(SealFault::RootHash);
    }
    Ok(last.head.is_some())
}
