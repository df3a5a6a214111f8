//! One direction: a line in, what goes on and what goes back out (`sent`). It fails closed: a line that cannot be read or judged
//! goes nowhere.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use coldcase_engine::{Detector, Pack, Policy};
use coldcase_evidence::EntryKind;
use coldcase_model::{Action, Direction, Event, Item, Judged, Precision, Show, Span, TimeSource, Timestamp};
use coldcase_readers::{McpLine, McpMessage, McpWire, RecordLines};
use serde_json::json;

use super::answer::{BLOCKED, FAILED, NOT_A_MESSAGE, NOT_JSON, Why};
use super::carriage::Carriage;
use super::fold::{Fate, Fold, lock};
use super::framing::{Line, split_end};
use super::glimpse::Glimpse;
use super::record::{Body, Frame, event_record};
use super::sent::{Sent, batch, single, unread};
use super::strip::strip;
use super::waiting::{TOO_LONG, Waiting};
use crate::{clock, term};

/// The judge of one direction.
pub(super) struct Lane {
    direction: Direction,
    session: String,
    server: Option<String>,
    /// How messages are carried, for the record.
    transport: &'static str,
    pack: &'static Pack,
    detector: Detector<'static>,
    wire: McpWire,
    fold: Arc<Mutex<Fold>>,
    carriage: Carriage,
    /// Who waits for the line under way, where somebody may give up.
    waiting: Option<Waiting>,
    /// What no input is known to bring about.
    #[cfg(test)]
    panics: bool,
}

impl Lane {
    /// The judge of what goes in `direction`.
    pub(super) fn new(
        direction: Direction,
        (session, server): (&str, Option<&str>),
        pack: &'static Pack,
        fold: &Arc<Mutex<Fold>>,
    ) -> Self {
        Self {
            direction,
            session: session.to_owned(),
            server: server.map(str::to_owned),
            transport: "stdio",
            pack,
            detector: Detector::new(pack, Show::Redacted),
            wire: McpWire::new(session, server, direction),
            fold: Arc::clone(fold),
            carriage: Carriage::Each,
            waiting: None,
            #[cfg(test)]
            panics: false,
        }
    }

    /// The same for messages that are carried otherwise.
    pub(super) fn over(self, transport: &'static str) -> Self {
        Self { transport, ..self }
    }

    /// Judges a line of which so much goes on as its carriage can bring over, and nothing if nobody waits for it any more.
    pub(super) fn take_for(&mut self, waiting: Waiting, carriage: Carriage, line: Line) -> Sent {
        (self.waiting, self.carriage) = (Some(waiting), carriage);
        self.take(line)
    }

    /// Judges a line.
    pub(super) fn take(&mut self, line: Line) -> Sent {
        let glimpse_of_failed = match line {
            Line::Whole(line) => {
                if line.trim_ascii().is_empty() {
                    return Sent { onward: Some(line.into()), back: None };
                }
                let line = Bytes::from(line);
                match catch_unwind(AssertUnwindSafe(|| self.whole(&line))) {
                    Ok(sent) => return sent,
                    Err(_) => Glimpse::of(split_end(&line).0),
                }
            }
            Line::TooLong { start, bytes, glimpse } => {
                self.wire.pass_over();
                let why = Why::refused(NOT_A_MESSAGE, "a line that is too long");
                let left_out = bytes - start.len() as u64;
                match catch_unwind(AssertUnwindSafe(|| self.refuse((&start, left_out), &glimpse, &why))) {
                    Ok(sent) => return sent,
                    Err(_) => glimpse,
                }
            }
        };
        self.failed(&glimpse_of_failed)
    }

    /// After a panic: what was being done is lost, and the line goes nowhere.
    fn failed(&mut self, glimpse: &Glimpse) -> Sent {
        self.detector = Detector::new(self.pack, Show::Redacted);
        let why = Why::refused(FAILED, "the scan failed");
        let summary = format!("block {} line {}: {}", self.direction, self.wire.lines(), why.reason);
        term::note(&format!("coldcase: {summary}"));
        let detail = json!({ "verdict": "block", "direction": self.direction, "reason": why.reason });
        let _told_already =
            lock(&self.fold).recorder.note(EntryKind::CaptureDrop, "mcp_failed", &summary, &detail);
        unread(self.direction, glimpse, &why)
    }

    fn whole(&mut self, line: &Bytes) -> Sent {
        #[cfg(test)]
        assert!(!self.panics, "a scan that fails");
        let (text, _) = split_end(line);
        let text = line.slice(..text.len());
        let time = now();
        match self.wire.read(&text, Some(time)) {
            Ok(read) => self.judge(line, &text, time, &read),
            Err(not) => {
                let code = if not.is_no_json { NOT_JSON } else { NOT_A_MESSAGE };
                let why = Why::refused(code, not.what);
                self.refuse((&text, 0), &Glimpse::of(&text), &why)
            }
        }
    }

    fn judge(&mut self, line: &Bytes, text: &Bytes, time: Timestamp, read: &McpLine) -> Sent {
        let detections: Vec<_> =
            read.messages.iter().map(|message| self.detector.detect(&message.event)).collect();
        let fold = Arc::clone(&self.fold);
        let mut fates = Vec::with_capacity(detections.len());
        let mut told = Vec::new();
        {
            let mut fold = lock(&fold);
            let decided = read.messages.iter().zip(detections).map(|(message, detection)| {
                fold.judge(detection, |judged, policy| self.decide(text, message, judged, policy))
            });
            let mut decided: Vec<(Judged, Fate)> = decided.collect();
            // Before any of it is recorded: what stands in the record is what became of it.
            self.carriage.hold_back(&read.messages, &mut decided);
            if self.waiting.as_ref().is_some_and(|waiting| !waiting.conclude()) {
                for (_, fate) in &mut decided {
                    *fate = Fate::Stop { why: Why::refused(FAILED, TOO_LONG), id_is_clean: true };
                }
            }
            for (message, (judged, fate)) in read.messages.iter().zip(decided) {
                let bytes = message.span.of(text);
                let record = if fold.recorder.keeps_bodies() {
                    self.record_of(&message.event, time, Body::Message(bytes))
                } else {
                    Vec::new()
                };
                let fate = fold.record(&judged, fate, bytes.len() as u64, &record);
                told.extend(tell(&judged, &fate));
                fates.push(fate);
            }
        }
        for line in &told {
            term::note(line);
        }
        if read.is_batch { batch(line, text, read, fates) } else { single(line, text, read, fates) }
    }

    fn record_of(&self, event: &Event, time: Timestamp, body: Body<'_>) -> Vec<u8> {
        let frame = Frame {
            kind: event.head.kind.as_str(),
            name: event.head.name.as_deref().unwrap_or_default(),
            session: &self.session,
            time: &time.to_string(),
            direction: self.direction,
            server: self.server.as_deref(),
            transport: self.transport,
        };
        let mut record = event_record(&frame, body);
        record.push(b'\n');
        record
    }

    fn decide(&mut self, text: &Bytes, message: &McpMessage, judged: &Judged, policy: &Policy) -> Fate {
        let id_is_clean = message.id.is_none_or(|id| {
            let whole = judged.head.source.len;
            judged.findings.iter().filter(|finding| finding.source.len < whole).all(|finding| {
                let start = usize::try_from(finding.source.pos.offset).unwrap_or(usize::MAX);
                let len = usize::try_from(finding.source.len).unwrap_or(usize::MAX);
                !id.overlaps(Span::new(start, start.saturating_add(len)))
            })
        });
        if let Some(fault) = message.fault {
            return Fate::Stop { why: Why::refused(NOT_A_MESSAGE, fault), id_is_clean };
        }
        match judged.verdict.action {
            Action::Allow | Action::Warn => Fate::Pass,
            Action::Strip => match self.stripped(text, message, judged, policy) {
                Some(bytes) => Fate::Strip(bytes),
                None => Fate::Stop { why: by_policy(judged), id_is_clean },
            },
            Action::Ask | Action::Redirect | Action::Block => {
                Fate::Stop { why: by_policy(judged), id_is_clean }
            }
        }
    }

    /// The message without what was found, if that leaves nothing that would stop it.
    fn stripped(
        &mut self,
        text: &Bytes,
        message: &McpMessage,
        judged: &Judged,
        policy: &Policy,
    ) -> Option<Vec<u8>> {
        let bytes = strip(text, message.span, &judged.findings)?;
        let mut wire = McpWire::new(&self.session, self.server.as_deref(), self.direction);
        let again = wire.read(&Bytes::copy_from_slice(&bytes), None).ok()?;
        let [left] = again.messages.as_slice() else { return None };
        let detection = self.detector.detect(&left.event);
        let (action, _) = policy.decide(&detection.findings, &detection.coverage);
        let is_clean = left.fault.is_none() && !detection.overflow && action <= Action::Warn;
        is_clean.then_some(bytes)
    }

    /// Stops what is no message. It is judged all the same, so that the record says what it held.
    fn refuse(&mut self, (start, left_out): (&[u8], u64), glimpse: &Glimpse, why: &Why) -> Sent {
        let prefix = if self.direction == Direction::Egress { "out" } else { "in" };
        let name = format!("{prefix}-{}", self.wire.lines());
        let frame = Frame {
            kind: "mcp",
            name: &name,
            session: &self.session,
            time: &now().to_string(),
            direction: self.direction,
            server: self.server.as_deref(),
            transport: self.transport,
        };
        let mut record = event_record(&frame, Body::Raw(start, left_out));
        // Read as it will be read from the record.
        let items = RecordLines::new(&self.session).read(&record, 0);
        record.push(b'\n');
        let bytes = start.len() as u64 + left_out;
        for item in items {
            let Item::Event(event) = item else { continue };
            let detection = self.detector.detect(&event);
            let stop = |_: &Judged, _: &Policy| Fate::Stop { why: why.clone(), id_is_clean: false };
            let (judged, fate) = lock(&self.fold).conclude(detection, bytes, &record, stop);
            if let Some(line) = tell(&judged, &fate) {
                term::note(&line);
            }
            record.clear();
        }
        unread(self.direction, glimpse, why)
    }
}

pub(super) fn now() -> Timestamp {
    Timestamp { nanos: clock::now(), precision: Precision::Nano, source: TimeSource::EventRecord }
}

pub(super) fn by_policy(judged: &Judged) -> Why {
    let mut rules: Vec<_> = judged.findings.iter().map(|finding| Arc::clone(&finding.rule.id)).collect();
    rules.sort_unstable();
    rules.dedup();
    let verdict = &judged.verdict;
    Why { code: BLOCKED, reason: verdict.reason.to_string(), action: verdict.action.as_str(), rules }
}

/// What is said of a message that does not pass as it stands.
fn tell(judged: &Judged, fate: &Fate) -> Option<String> {
    let labels = &judged.labels;
    let reason = match fate {
        Fate::Pass => return None,
        Fate::Strip(_) => &judged.verdict.reason,
        Fate::Stop { why, .. } => why.reason.as_str(),
    };
    let side = match judged.head.direction {
        Some(Direction::Egress) => "to",
        Some(Direction::Ingress) | None => "from",
    };
    let what = format!("{} {}", labels.method, labels.tool);
    let line = format!("coldcase: {} {} {side} the server: {reason}", fate.word(), what.trim());
    Some(term::one_line(&line))
}

#[cfg(test)]
mod tests;
