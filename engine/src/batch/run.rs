//! The run: workers take batches in turn, read and scan them, and hand the results over in order.
//!
//! Whoever completes the next batch in order concludes and reports it, with all that wait behind it. There is no
//! thread of its own for reading or writing, so two workers keep two processors busy.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use coldcase_model::{
    Anomaly, AnomalyKind, ArtifactIndex, Batch, BatchSource, Digest, Event, InputFacts, InputState, Item,
    Judged, KeptPart, Ledger, NotScanned, Outcome, ScanCoverage, Show, SourcePos,
};
use serde::{Deserialize, Serialize};

use super::single::Single;
use crate::accept::Suppressions;
use crate::kept::Keeper;
use crate::pack::Pack;
use crate::policy::Policy;
use crate::session::{Joiner, Tracker};

/// Takes results, in input order.
pub trait Report: Send {
    /// Why it cannot go on.
    type Error: Send;

    /// An event and what was concluded.
    fn judged(&mut self, judged: &Judged) -> Result<(), Self::Error>;
    /// An oddity of the input.
    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), Self::Error>;
    /// An input that was read to its end, after all its events.
    fn input(&mut self, facts: &InputFacts) -> Result<(), Self::Error>;
}

/// Hears how far the run is.
pub type Progress<'a> = &'a (dyn Fn(u64) + Sync);

/// Judges everything that `source` gives, on `threads` threads. The results do not depend on their number.
pub fn run<R: Report>(
    source: &mut dyn BatchSource,
    pack: &Pack,
    policy: &Policy,
    show: Show,
    threads: usize,
    report: &mut R,
    progress: Progress<'_>,
) -> Result<(), R::Error> {
    run_from(Tracker::default(), source, (pack, policy), show, threads, report, progress).map(|_| ())
}

/// The same, going on from what a tracker knows; gives it back.
pub fn run_from<R: Report>(
    tracker: Tracker,
    source: &mut dyn BatchSource,
    (pack, policy): (&Pack, &Policy),
    show: Show,
    threads: usize,
    report: &mut R,
    progress: Progress<'_>,
) -> Result<Tracker, R::Error> {
    let judging = Single { pack, policy, show, with: With::default() };
    judged_by(&judging, tracker, source, threads, report, progress)
}

/// What else a run is given.
#[derive(Clone, Copy, Default)]
pub struct With<'w> {
    /// What was accepted: it is marked, and left out of verdict and risk.
    pub suppressions: Option<&'w Suppressions>,
    /// What remembers parts of inputs.
    pub keeper: Option<&'w dyn Keeper>,
    /// The name of the pack's own book, by which what is kept is known.
    pub book: Digest,
}

/// The same as [`run`], with more; gives the tracker at its end.
pub fn run_with<R: Report>(
    with: With<'_>,
    source: &mut dyn BatchSource,
    (pack, policy): (&Pack, &Policy),
    show: Show,
    threads: usize,
    report: &mut R,
    progress: Progress<'_>,
) -> Result<Tracker, R::Error> {
    let judging = Single { pack, policy, show, with };
    judged_by(&judging, Tracker::default(), source, threads, report, progress)
}

fn judged_by<R: Report>(
    judging: &Single<'_>,
    tracker: Tracker,
    source: &mut dyn BatchSource,
    threads: usize,
    report: &mut R,
    progress: Progress<'_>,
) -> Result<Tracker, R::Error> {
    let fold = (tracker, Joiner::new(judging.pack));
    judge_all(judging, fold, source, threads, &mut Whole(report), progress).map(|(tracker, _)| tracker)
}

/// How events are judged: the half that may run anywhere, and the half that sees them in order.
pub(crate) trait Judging: Sync {
    /// What a thread keeps to detect.
    type Detector<'a>
    where
        Self: 'a;
    /// What the first half concludes.
    type Detection: Send;
    /// What the second half knows.
    type Fold: Send;
    /// What it concludes.
    type Judged;

    /// What a thread detects with.
    fn detector(&self) -> Self::Detector<'_>;
    /// The first half; an associated function because a detector may borrow from what judges.
    fn detect<'a>(&'a self, detector: &mut Self::Detector<'a>, event: &Event) -> Self::Detection;
    /// Whether there was more to find than is reported.
    fn overflows(detection: &Self::Detection) -> bool;
    /// The second half.
    fn conclude(&self, fold: &mut Self::Fold, detection: Self::Detection) -> Self::Judged;
    /// Where the event stands, and how much of it was looked at.
    fn place(judged: &Self::Judged) -> (SourcePos, &ScanCoverage);
    /// Remembers what came of a batch, where that is asked for.
    fn keep<'a>(
        &'a self,
        _: &mut Self::Detector<'a>,
        _number: u64,
        _items: &[Scanned<Self::Detection>],
        _: &Outcome,
    ) {
    }
    /// What came of a part in an earlier run; `None` ends this one.
    fn recall(&self, _: KeptPart) -> Option<(Vec<Scanned<Self::Detection>>, Outcome)> {
        None
    }
}

/// Takes what was judged, in input order.
pub trait Take<J>: Send {
    /// Why it cannot go on.
    type Error: Send;

    /// An event and what was concluded.
    fn judged(&mut self, judged: &J) -> Result<(), Self::Error>;
    /// An oddity of the input.
    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), Self::Error>;
    /// An input that was read to its end, after all its events.
    fn input(&mut self, facts: &InputFacts) -> Result<(), Self::Error>;
}

/// A report of judged events.
struct Whole<'r, R>(&'r mut R);

impl<R: Report> Take<Judged> for Whole<'_, R> {
    type Error = R::Error;

    fn judged(&mut self, judged: &Judged) -> Result<(), R::Error> {
        self.0.judged(judged)
    }

    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), R::Error> {
        self.0.anomaly(anomaly)
    }

    fn input(&mut self, facts: &InputFacts) -> Result<(), R::Error> {
        self.0.input(facts)
    }
}

/// Judges everything that `source` gives, going on from what `fold` knows; gives it back.
pub(crate) fn judge_all<J: Judging, R: Take<J::Judged>>(
    judging: &J,
    fold: J::Fold,
    source: &mut dyn BatchSource,
    threads: usize,
    report: &mut R,
    progress: Progress<'_>,
) -> Result<J::Fold, R::Error> {
    let shared = Shared {
        judging,
        source: Mutex::new((source, 0)),
        done: Mutex::new(BTreeMap::new()),
        is_void: AtomicBool::new(false),
        sink: Mutex::new(Sink { judging, report, fold, next: 0, inputs: BTreeMap::new(), failed: None }),
        threads: threads.max(1),
    };
    std::thread::scope(|scope| {
        for _ in 1..shared.threads {
            scope.spawn(|| shared.work(judging.detector(), progress));
        }
        shared.work(judging.detector(), progress);
    });
    let mut sink = shared.sink.into_inner().unwrap_or_else(PoisonError::into_inner);
    sink.drain(&shared.done);
    match sink.failed {
        Some(error) => Err(error),
        None => Ok(sink.fold),
    }
}

/// One batch, read and scanned.
struct Done<D> {
    items: Vec<Scanned<D>>,
    outcome: Outcome,
}

/// What came of an item of a batch.
#[derive(Serialize, Deserialize)]
pub(crate) enum Scanned<D> {
    Event(D),
    Anomaly(Anomaly),
}

struct Shared<'a, J: Judging, R: Take<J::Judged>> {
    judging: &'a J,
    source: Mutex<(&'a mut dyn BatchSource, u64)>,
    done: Mutex<BTreeMap<u64, Done<J::Detection>>>,
    /// Whether a part could not be recalled: what comes after it is of no use.
    is_void: AtomicBool,
    sink: Mutex<Sink<'a, J, R>>,
    threads: usize,
}

impl<'a, J: Judging, R: Take<J::Judged>> Shared<'a, J, R> {
    fn work(&self, mut detector: J::Detector<'a>, progress: Progress<'_>) {
        loop {
            if self.is_void.load(Ordering::Relaxed) {
                return;
            }
            let (number, batch) = {
                let mut source = lock(&self.source);
                let Some(batch) = source.0.next_batch() else { return };
                let number = source.1;
                source.1 += 1;
                (number, batch)
            };
            let Some((items, outcome)) = self.judged(&mut detector, number, batch) else {
                self.is_void.store(true, Ordering::Relaxed);
                return;
            };
            progress(outcome.bytes);
            let waiting = {
                let mut done = lock(&self.done);
                done.insert(number, Done { items, outcome });
                done.len()
            };
            // With much waiting, wait for the sink: memory is bounded by what may wait.
            let sink = if waiting > 2 * self.threads { Some(lock(&self.sink)) } else { try_lock(&self.sink) };
            if let Some(mut sink) = sink {
                sink.drain(&self.done);
                if sink.failed.is_some() {
                    return;
                }
            }
        }
    }
}

impl<'a, J: Judging, R: Take<J::Judged>> Shared<'a, J, R> {
    /// What comes of a batch: recalled, or read and scanned.
    fn judged(
        &self,
        detector: &mut J::Detector<'a>,
        number: u64,
        batch: Box<dyn Batch>,
    ) -> Option<(Vec<Scanned<J::Detection>>, Outcome)> {
        if let Some(part) = batch.kept() {
            return self.judging.recall(part);
        }
        let mut items = Vec::new();
        let outcome = batch.read(&mut |item| items.push(scanned(self.judging, detector, item)));
        self.judging.keep(detector, number, &items, &outcome);
        Some((items, outcome))
    }
}

fn scanned<'a, J: Judging>(
    judging: &'a J,
    detector: &mut J::Detector<'a>,
    item: Item,
) -> Scanned<J::Detection> {
    match item {
        Item::Event(event) => {
            debug_assert!(event.is_tiled(), "the parts of an event tile its text");
            Scanned::Event(judging.detect(detector, &event))
        }
        Item::Anomaly(anomaly) => Scanned::Anomaly(anomaly),
    }
}

/// What only one thread at a time does, batch after batch in order.
struct Sink<'a, J: Judging, R: Take<J::Judged>> {
    judging: &'a J,
    report: &'a mut R,
    fold: J::Fold,
    next: u64,
    /// Inputs that have not ended: one, or the files that are read as one.
    inputs: BTreeMap<ArtifactIndex, PerInput>,
    failed: Option<R::Error>,
}

/// What has come of an input so far.
#[derive(Default)]
struct PerInput {
    ledger: Ledger,
    records: u64,
    events: u64,
    anomalies: u64,
    incomplete: bool,
}

impl<J: Judging, R: Take<J::Judged>> Sink<'_, J, R> {
    fn drain(&mut self, done: &Mutex<BTreeMap<u64, Done<J::Detection>>>) {
        while self.failed.is_none() {
            let Some(batch) = lock(done).remove(&self.next) else { return };
            self.next += 1;
            if let Err(error) = self.conclude(batch) {
                self.failed = Some(error);
            }
        }
    }

    fn conclude(&mut self, done: Done<J::Detection>) -> Result<(), R::Error> {
        for item in done.items {
            match item {
                Scanned::Event(detection) => self.event(detection)?,
                Scanned::Anomaly(anomaly) => self.anomaly(&anomaly)?,
            }
        }
        let input = self.inputs.entry(done.outcome.artifact).or_default();
        input.ledger.merge(&done.outcome.ledger);
        input.records += done.outcome.records;
        match done.outcome.finished {
            Some(facts) => self.finish(*facts),
            None => Ok(()),
        }
    }

    fn event(&mut self, detection: J::Detection) -> Result<(), R::Error> {
        let overflow = J::overflows(&detection);
        let judged = self.judging.conclude(&mut self.fold, detection);
        let (pos, coverage) = J::place(&judged);
        self.inputs.entry(pos.artifact).or_default().events += 1;
        self.report.judged(&judged)?;
        if overflow {
            let what = "more matches in one event than are reported; the first stand in the findings";
            self.anomaly(&Anomaly::new(AnomalyKind::OverLimit, pos, what))?;
        }
        let lacks = |reason| coverage.not_scanned.iter().any(|(why, _)| *why == reason);
        if lacks(NotScanned::ViewBudget) {
            let what = "disguises beyond the budget for decoding; their own bytes were scanned";
            self.anomaly(&Anomaly::new(AnomalyKind::ViewBudget, pos, what))?;
        }
        if lacks(NotScanned::WorkBudget) {
            let what = "more starts of matches than the budget for confirming them";
            self.anomaly(&Anomaly::new(AnomalyKind::OverLimit, pos, what))?;
        }
        Ok(())
    }

    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), R::Error> {
        let input = self.inputs.entry(anomaly.pos.artifact).or_default();
        input.anomalies += 1;
        input.incomplete |= matches!(
            anomaly.kind,
            AnomalyKind::Malformed
                | AnomalyKind::CutShort
                | AnomalyKind::BadCompression
                | AnomalyKind::OverLimit
                | AnomalyKind::TrailingBytes
        );
        self.report.anomaly(anomaly)
    }

    /// Adds up what the input's batches amounted to.
    fn finish(&mut self, mut facts: InputFacts) -> Result<(), R::Error> {
        let input = self.inputs.remove(&facts.artifact).unwrap_or_default();
        facts.records = input.records;
        facts.events = input.events;
        facts.anomalies = input.anomalies;
        match &mut facts.decoded {
            Some(decoded) => decoded.merge(&input.ledger),
            None => facts.stored.merge(&input.ledger),
        }
        if facts.state == InputState::Read && input.incomplete {
            facts.state = InputState::Partial;
        }
        self.report.input(&facts)
    }
}

/// A worker that panicked has left its lock behind; what it guards is whole between two batches.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
