//! Blocks checked on several threads, taken back in the order in which they were given out.
//!
//! Block `n` goes to lane `n` modulo the number of lanes, and each lane answers in order: no reordering is needed,
//! and what comes out does not depend on the number of lanes.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use super::blocks::Buffer;
use super::check::{Checked, Context, check};
use super::details::Worker;

/// Blocks hold long lines whole: so many bytes may be under way, whatever the number of lanes.
const MOST_BYTES: usize = 16 << 20;
/// Room of larger blocks is given back to the system.
const LARGEST_KEPT: usize = 1 << 20;
/// Blocks that may wait in a lane.
const WAITING: usize = 2;

/// The threads.
pub(crate) struct Lanes<'c> {
    threads: Vec<Lane>,
    /// What a lane would do, where there is none.
    inline: (Worker, &'c Context<'c>),
    given: usize,
    /// Bytes of blocks that were given and not taken.
    outstanding: usize,
    taken: usize,
    free: Vec<Buffer>,
    done: Option<(Buffer, Checked)>,
}

struct Lane {
    jobs: SyncSender<Buffer>,
    results: Receiver<(Buffer, Checked)>,
}

impl<'c> Lanes<'c> {
    /// Starts the threads; with one or none, blocks are checked where they are given.
    pub(crate) fn start<'scope>(
        threads: usize,
        context: &'c Context<'c>,
        scope: &'scope Scope<'scope, '_>,
    ) -> Self
    where
        'c: 'scope,
    {
        let lane = |_| {
            let (jobs, waiting) = sync_channel::<Buffer>(WAITING);
            let (answer, results) = sync_channel(WAITING + 1);
            scope.spawn(move || {
                let mut worker = Worker::default();
                while let Ok(buffer) = waiting.recv() {
                    let checked = check(buffer.bytes(), context, &mut worker);
                    if answer.send((buffer, checked)).is_err() {
                        return;
                    }
                }
            });
            Lane { jobs, results }
        };
        let lanes = if threads > 1 { (0..threads).map(lane).collect() } else { Vec::new() };
        Self {
            threads: lanes,
            inline: (Worker::default(), context),
            given: 0,
            outstanding: 0,
            taken: 0,
            free: Vec::new(),
            done: None,
        }
    }

    /// Memory for the next block.
    pub(crate) fn buffer(&mut self) -> Buffer {
        self.free.pop().unwrap_or_default()
    }

    /// Memory that is not needed any more.
    pub(crate) fn give_back(&mut self, buffer: Buffer) {
        // One long line must not leave its room behind on every lane.
        if buffer.bytes().len() <= LARGEST_KEPT {
            self.free.push(buffer);
        }
    }

    /// Whether the next block must wait until one is taken.
    pub(crate) fn is_full(&self) -> bool {
        self.given - self.taken > self.threads.len() * WAITING
            || self.outstanding > MOST_BYTES
            || self.done.is_some()
    }

    /// Gives a block out.
    pub(crate) fn give(&mut self, buffer: Buffer) {
        self.outstanding += buffer.bytes().len();
        if self.threads.is_empty() {
            let checked = check(buffer.bytes(), self.inline.1, &mut self.inline.0);
            self.done = Some((buffer, checked));
        } else if let Some(lane) = self.threads.get(self.given % self.threads.len()) {
            // A lane ends only when this end is dropped.
            let _sent = lane.jobs.send(buffer);
        }
        self.given += 1;
    }

    /// The oldest block that was given and not taken.
    pub(crate) fn take(&mut self) -> Checked {
        let (buffer, checked) = match self.done.take() {
            Some(done) => done,
            None => {
                let lane = self.threads.get(self.taken % self.threads.len().max(1));
                let Some(answer) = lane.and_then(|lane| lane.results.recv().ok()) else {
                    unreachable!("a block is taken only after it was given");
                };
                answer
            }
        };
        self.taken += 1;
        self.outstanding -= buffer.bytes().len();
        self.give_back(buffer);
        checked
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::{self, Read as _};
    use std::sync::OnceLock;

    use super::*;
    use crate::contract::Signers;
    use crate::keys::KeyRing;
    use crate::log::OpenShard;
    use crate::log::blocks::{BlockReader, Piece};

    /// Long lines wait until what is under way is less; short ones need not.
    #[test]
    fn what_is_under_way_is_bounded_in_bytes() {
        let (keys, heads) = (KeyRing::default(), BTreeSet::new());
        let signers = Signers::Ring(&keys);
        let context =
            Context { keys: &keys, signers, session: OnceLock::new(), heads: &heads, line_limit: 1 << 20 };
        std::thread::scope(|scope| {
            let mut lanes = Lanes::start(2, &context, scope);
            for (bytes, full) in [(9 << 20, false), (9 << 20, true)] {
                let line = io::repeat(b'x').take(bytes).chain(&b"\n"[..]);
                let shard = OpenShard { reader: Box::new(line), size: None };
                let mut buffer = lanes.buffer();
                let piece = BlockReader::new(shard, 16 << 20).next(&mut buffer).unwrap();
                assert!(matches!(piece, Piece::Lines { offset: 0 }));
                lanes.give(buffer);
                assert_eq!(lanes.is_full(), full);
            }
            for _ in 0..2 {
                let checked = lanes.take();
                assert_eq!(checked.lines, 1);
                assert!(!lanes.is_full());
            }
            assert!(lanes.free.is_empty(), "long lines leave no room behind");
        });
    }
}
