//! From a message to what becomes of it: the record is made, read as `scan` would, detected, concluded and written.
//!
//! It fails closed: a record that cannot be read, a scan that panics or takes too long mean that nothing passes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use coldcase_engine::{Detector, Pack, Policy};
use coldcase_evidence::EntryKind;
use coldcase_model::{Action, Item, Judged, Show};
use coldcase_readers::RecordLines;
use serde_json::json;

use super::counters::Counters;
use super::payload::Message;
use crate::live::answer::{FAILED, Why};
use crate::live::fold::{Fate, Fold, lock};
use crate::live::lane::{by_policy, now};
use crate::live::record::{Body, Frame, event_record};
use crate::live::waiting::{TOO_LONG, Waiting};
use crate::term;

/// Messages of up to so many bytes are scanned where they are, in well under a millisecond; longer ones on a thread of
/// their own, so that others need not wait.
const HERE: usize = 64 << 10;
/// Benches that are kept for the next message.
const MOST_BENCHES: usize = 64;

/// What is said of a message.
#[derive(Debug)]
pub(super) enum Ruling {
    Pass,
    Stop(Why),
}

/// Judges for all connections.
pub(super) struct Judge {
    pack: &'static Pack,
    pub(super) fold: Arc<Mutex<Fold>>,
    benches: Mutex<Vec<Bench>>,
    /// The number of the last message.
    last: AtomicU64,
    most_time: Duration,
    counters: Arc<Counters>,
    /// What no input is known to bring about.
    #[cfg(test)]
    pub(super) fault: Option<fn()>,
}

/// What a scan needs, used by one thread at a time.
struct Bench {
    lines: RecordLines,
    detector: Detector<'static>,
}

impl Judge {
    pub(super) fn new(
        pack: &'static Pack,
        fold: Arc<Mutex<Fold>>,
        most_time: Duration,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            pack,
            fold,
            benches: Mutex::default(),
            last: AtomicU64::new(0),
            most_time,
            counters,
            #[cfg(test)]
            fault: None,
        }
    }

    /// Judges a message. `refused` is why it does not pass, whatever the policy says.
    pub(super) async fn ask(self: &Arc<Self>, message: Message, refused: Option<Why>) -> Ruling {
        let waiting = Waiting::default();
        if message.payload.len() <= HERE {
            return self.concluded(&message, refused.as_ref(), &waiting);
        }
        let (judge, shared) = (Arc::clone(self), waiting.clone());
        let mut scan =
            tokio::task::spawn_blocking(move || judge.concluded(&message, refused.as_ref(), &shared));
        let ended = match tokio::time::timeout(self.most_time, &mut scan).await {
            Ok(ended) => ended,
            Err(_) => {
                if waiting.abandon() {
                    return Ruling::Stop(Why::refused(FAILED, TOO_LONG));
                }
                scan.await
            }
        };
        ended.unwrap_or_else(|_| Ruling::Stop(Why::refused(FAILED, SCAN_FAILED)))
    }

    /// Judges a message here and now.
    fn concluded(&self, message: &Message, refused: Option<&Why>, waiting: &Waiting) -> Ruling {
        let bench = self.benches().pop();
        let mut bench = bench.unwrap_or_else(|| Bench {
            lines: RecordLines::new("proxy"),
            detector: Detector::new(self.pack, Show::Redacted),
        });
        let ruling = catch_unwind(AssertUnwindSafe(|| self.scan(&mut bench, message, refused, waiting)));
        let Ok(ruling) = ruling else { return self.failed(message) };
        let mut benches = self.benches();
        if benches.len() < MOST_BENCHES {
            benches.push(bench);
        }
        ruling
    }

    fn benches(&self) -> MutexGuard<'_, Vec<Bench>> {
        self.benches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn scan(&self, bench: &mut Bench, message: &Message, refused: Option<&Why>, waiting: &Waiting) -> Ruling {
        #[cfg(test)]
        if let Some(fault) = self.fault {
            fault();
        }
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let frame = Frame {
            kind: message.kind.as_str(),
            name: &number.to_string(),
            session: &message.session,
            time: &now().to_string(),
            direction: message.direction,
            server: Some(&message.server),
            transport: "http",
        };
        let mut record = event_record(&frame, Body::Payload(message.key, &message.payload));
        let items = bench.lines.read(&record, 0);
        record.push(b'\n');
        let events = items.into_iter().filter_map(|item| match item {
            Item::Event(event) => Some(event),
            Item::Anomaly(_) => None,
        });
        let detections: Vec<_> =
            events.map(|event| (event.head.kind, bench.detector.detect(&event))).collect();
        if !matches!(detections.as_slice(), [(kind, _)] if *kind == message.kind) {
            return self.failed(message);
        }
        let mut ruling = Ruling::Stop(Why::refused(FAILED, SCAN_FAILED));
        for (_, detection) in detections {
            let decide = |judged: &Judged, _: &Policy| decide(judged, refused, waiting);
            let mut fold = lock(&self.fold);
            let (judged, fate) = fold.conclude(detection, message.bytes, &record, decide);
            drop(fold);
            record.clear();
            self.counters.judged(judged.verdict.action);
            ruling = self.told(&judged, fate);
        }
        ruling
    }

    fn told(&self, judged: &Judged, fate: Fate) -> Ruling {
        match fate {
            Fate::Stop { why, .. } => {
                self.counters.stopped();
                let labels = &judged.labels;
                let what = format!("{} {} {}", judged.head.kind, labels.method, labels.target);
                term::note(&term::one_line(&format!("coldcase: block {}: {}", what.trim(), why.reason)));
                Ruling::Stop(why)
            }
            Fate::Pass | Fate::Strip(_) => Ruling::Pass,
        }
    }

    /// After a panic, or a record that is not read as it was written.
    fn failed(&self, message: &Message) -> Ruling {
        self.counters.failed();
        let why = Why::refused(FAILED, SCAN_FAILED);
        let summary = format!("block {} {}: {}", message.direction, message.kind, why.reason);
        term::note(&format!("coldcase: {summary}"));
        let detail = json!({ "verdict": "block", "direction": message.direction, "reason": why.reason });
        let _told_already =
            lock(&self.fold).recorder.note(EntryKind::CaptureDrop, "proxy_failed", &summary, &detail);
        Ruling::Stop(why)
    }
}

const SCAN_FAILED: &str = "the scan failed";

/// What becomes of it. `strip` blocks: outside of JSON-RPC nobody can tell what taking a piece out breaks.
fn decide(judged: &Judged, refused: Option<&Why>, waiting: &Waiting) -> Fate {
    let stop = |why| Fate::Stop { why, id_is_clean: false };
    if !waiting.conclude() {
        return stop(Why::refused(FAILED, TOO_LONG));
    }
    match (refused, judged.verdict.action) {
        (Some(why), _) => stop(why.clone()),
        (None, Action::Allow | Action::Warn) => Fate::Pass,
        (None, Action::Strip | Action::Ask | Action::Redirect | Action::Block) => stop(by_policy(judged)),
    }
}

#[cfg(test)]
mod tests {
    use coldcase_model::{Direction, EventKind};

    use super::*;
    use crate::live::proxy::payload::{self, Held};
    use crate::live::record::Recorder;

    fn judge(fault: Option<fn()>) -> Arc<Judge> {
        let pack: &'static Pack = Box::leak(Box::new(coldcase_builtin::pack().unwrap()));
        let policy = Policy::builtin("observe").unwrap();
        let fold = Arc::new(Mutex::new(Fold::new(pack, policy, Recorder::nothing())));
        let judge = Judge::new(pack, fold, Duration::from_millis(200), Arc::default());
        Arc::new(Judge { fault, ..judge })
    }

    fn asked(judge: &Arc<Judge>, bytes: usize) -> Ruling {
        let body = vec![b'x'; bytes];
        let fields = hyper::HeaderMap::new();
        let held = Held { bytes: &body, over: 0 };
        let message = Message {
            kind: EventKind::HttpRequest,
            direction: Direction::Egress,
            session: "s".into(),
            server: "h.test".into(),
            key: "request",
            payload: payload::request("POST", "http://h.test/", (&fields, None), held),
            bytes: bytes as u64,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap();
        let ruling = runtime.block_on(judge.ask(message, None));
        runtime.shutdown_background();
        ruling
    }

    #[test]
    fn a_scan_that_panics_or_takes_too_long_lets_nothing_through() {
        for bytes in [10, HERE * 2] {
            assert!(matches!(asked(&judge(None), bytes), Ruling::Pass));
            let panics = judge(Some(|| panic!("a scan that fails")));
            assert!(matches!(asked(&panics, bytes), Ruling::Stop(why) if why.reason == SCAN_FAILED));
        }
        let slow = judge(Some(|| std::thread::sleep(Duration::from_secs(2))));
        assert!(matches!(asked(&slow, HERE * 2), Ruling::Stop(why) if why.reason == TOO_LONG));
        std::thread::sleep(Duration::from_secs(3));
        // What came of it when nobody waited any more is a block, too.
        assert_eq!(lock(&slow.fold).counts, [1, 1]);
    }
}
