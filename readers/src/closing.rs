//! The end of an input: its facts, what was wrong with it as a whole, and what no other batch booked.

use std::path::Path;

use coldcase_model::{
    Account, Anomaly, AnomalyKind, ArtifactIndex, Batch, Excerpt, InputFacts, InputState, Item, Ledger,
    Outcome, SourcePos,
};

use crate::sniff::Format;
use crate::source::{Closed, Found};

/// The last batch of an input: its facts.
pub(crate) struct Closing {
    pub(crate) facts: Box<InputFacts>,
    pub(crate) anomalies: Vec<Anomaly>,
    pub(crate) ledger: Ledger,
    /// Records that no other batch counts.
    pub(crate) records: u64,
}

impl Batch for Closing {
    fn read(mut self: Box<Self>, emit: &mut dyn FnMut(Item)) -> Outcome {
        for anomaly in std::mem::take(&mut self.anomalies) {
            emit(Item::Anomaly(anomaly));
        }
        let Self { facts, ledger, records, .. } = *self;
        Outcome { artifact: facts.artifact, ledger, records, bytes: 0, finished: Some(facts) }
    }
}

/// An input that cannot be opened.
pub(crate) fn unreadable(found: &Found, artifact: ArtifactIndex, error: &std::io::Error) -> Closing {
    let pos = SourcePos { artifact, record: 0, offset: 0 };
    let size = std::fs::metadata(found.path())
        .map_or(0, |metadata| if metadata.is_file() { metadata.len() } else { 0 });
    let mut stored = Ledger::default();
    stored.add(Account::Lost, size);
    let closed = Closed {
        sha256: None,
        stored_bytes: size,
        decoded_bytes: 0,
        compression: "none",
        stored,
        is_compressed: false,
        trouble: None,
    };
    let path = shown(found.path());
    let facts = facts(&closed, artifact, path, Format::Unknown, None, InputState::Failed);
    let anomaly = Anomaly::new(AnomalyKind::Unreadable, pos, format!("cannot be opened: {error}"));
    Closing { facts: Box::new(facts), anomalies: vec![anomaly], ledger: Ledger::default(), records: 0 }
}

/// A path as it may be written anywhere.
pub(crate) fn shown(path: &Path) -> String {
    Excerpt::of_name(path.as_os_str().as_encoded_bytes()).as_str().to_owned()
}

/// The facts of an input that was read to its end; what its batches count is not among them.
pub(crate) fn facts(
    closed: &Closed,
    artifact: ArtifactIndex,
    path: String,
    format: Format,
    creator: Option<String>,
    state: InputState,
) -> InputFacts {
    InputFacts {
        artifact,
        path,
        sha256: closed.sha256,
        stored_bytes: closed.stored_bytes,
        decoded_bytes: closed.decoded_bytes,
        compression: closed.compression.into(),
        format: format.as_str().into(),
        creator,
        state,
        records: 0,
        events: 0,
        anomalies: 0,
        stored: closed.stored,
        decoded: closed.is_compressed.then(Ledger::default),
        capture: None,
    }
}
