//! What a hostile log cannot make grow.

use super::draft::{chain, judge, place, plain, ring};
use crate::receipt::runs::{MOST_RUNS, Runs};
use crate::receipt::seen::{Control, KeyTransition, Nonce, Open, PrevHash, Seen};
use crate::receipt::{ChainFault, ReceiptReason, ReceiptRemarkKind};

fn nonce(number: usize) -> Nonce {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Nonce(bytes)
}

#[test]
fn breaks_beyond_256_are_counted() {
    let receipts = vec![plain(1).remove(0); 300];
    let found = judge(&receipts);
    assert_eq!((found.breaks.len(), found.more_breaks), (256, 43));
    assert_eq!(found.first_break().unwrap().place, Some(place(2)));
}

/// The opening of a run.
fn opening(number: usize) -> Seen {
    let open = Open {
        nonce: nonce(0),
        recorder_session: Box::default(),
        chain_open_seq: None,
        prior_head: None,
        prior_seq: 0,
        has_prior: false,
        has_genesis: false,
        genesis: None,
        bound: [0; 32],
    };
    Seen { run: Some(nonce(number)), control: Some(Box::new(Control::Open(open))), ..Seen::of([0; 32]) }
}

#[test]
fn runs_beyond_the_cap_are_not_followed_and_that_is_said() {
    let mut chain = chain(&[], Vec::new());
    for number in 0..MOST_RUNS + 2 {
        chain.push(place(1), &opening(number));
    }
    let found = chain.finish(&ring(&[]));
    let capped = [ReceiptRemarkKind::RunsCapped { limit: MOST_RUNS }];
    assert_eq!(found.remarks.iter().map(|remark| remark.kind.clone()).collect::<Vec<_>>(), capped);
}

#[test]
fn key_changes_beyond_the_cap_break_the_chain() {
    let mut chain = chain(&[], Vec::new());
    for number in 0..=4096_u64 {
        let mut signer = [0; 32];
        signer[..8].copy_from_slice(&number.to_le_bytes());
        let mut prior = [0; 32];
        prior[..8].copy_from_slice(&number.saturating_sub(1).to_le_bytes());
        let transition = KeyTransition { signer: Some(prior), seq: Some(0), hash: Some([0; 32]) };
        let first = number == 0;
        let transition = (!first).then(|| Box::new(transition));
        let prev = if first { PrevHash::Genesis } else { PrevHash::Hash([0; 32]) };
        let seen =
            Seen { seq: Some(0), signer: Some(signer), prev: Some(prev), transition, ..Seen::of([0; 32]) };
        chain.push(place(number), &seen);
    }
    let found = chain.finish(&ring(&[]));
    let fault = ChainFault::TooManySegments { limit: 4096 };
    assert_eq!(
        found.breaks.iter().map(|found| found.reason.clone()).collect::<Vec<_>>(),
        [ReceiptReason::Chain(fault)]
    );
    assert_eq!(found.segments.len(), 4096);
}

/// Of the runs beyond the cap nothing is known: neither that they opened, nor that another did since.
#[test]
fn a_full_table_of_runs_blames_nobody() {
    let mut runs = Runs::default();
    for number in 0..MOST_RUNS {
        assert!(!runs.is_full());
        assert_eq!(runs.check(&opening(number), None), Ok(()));
    }
    assert!(runs.is_full());
    let unknown = Seen { run: Some(nonce(MOST_RUNS + 9)), ..Seen::of([0; 32]) };
    assert_eq!(runs.check(&unknown, None), Ok(()));
    for _ in 0..2 {
        assert_eq!(runs.check(&opening(MOST_RUNS), None), Ok(()));
    }
    let beat = Control::Heartbeat { open_nonce: nonce(0), head: None, seq_head: None };
    let beat = Seen { run: Some(nonce(1)), control: Some(Box::new(beat)), ..Seen::of([0; 32]) };
    assert_eq!(runs.check(&beat, None), Err(ChainFault::HeartbeatHead));
}
