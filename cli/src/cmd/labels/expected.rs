//! What is expected of a recording: the form of `NAME.expected.json`. Unknown keys are errors.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_model::{Category, Direction, Finding, Severity, Surface};
use serde::Deserialize;

use crate::regular_file::read_small;

/// What ends the name of a file of expectations.
pub(in crate::cmd) const ENDING: &str = ".expected.json";
/// No file of expectations that is written by hand is larger.
const MOST_BYTES: u64 = 64 << 20;

/// What is expected of a recording or of labelled texts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cmd) struct Expected {
    /// The recording, from the folder of this file on; otherwise the one beside it that has its name.
    recording: Option<PathBuf>,
    /// Which findings the labels speak of; others are passed over.
    #[serde(default)]
    pub(in crate::cmd) about: About,
    /// All findings that there are to be.
    findings: Option<Vec<ExpectedFinding>>,
    /// Or how lines of texts are labelled.
    texts: Option<Texts>,
}

/// What the labels of a recording are.
pub(in crate::cmd) enum Labels {
    Findings(Vec<ExpectedFinding>),
    Texts(Texts),
}

/// Which findings labels speak of; an empty list is for all.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::cmd) struct About {
    /// Ids, or with a `.` at the end all that start so.
    rules: Vec<String>,
    categories: Vec<Category>,
    min_severity: Option<Severity>,
}

impl About {
    pub(in crate::cmd) fn takes(&self, finding: &Finding) -> bool {
        let rule = &finding.rule;
        (self.rules.is_empty() || self.rules.iter().any(|name| is_named(name, &rule.id)))
            && (self.categories.is_empty() || self.categories.contains(&rule.category))
            && self.min_severity.is_none_or(|least| rule.severity >= least)
    }
}

/// A finding that there is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cmd) struct ExpectedFinding {
    /// The rule's id, or with a `.` at the end any that starts so.
    pub(in crate::cmd) rule: String,
    /// The event's index in the recording, from 0; any if it is not named.
    event: Option<u64>,
    surface: Option<Surface>,
    pointer: Option<String>,
}

impl ExpectedFinding {
    pub(in crate::cmd) fn is(&self, event: u64, finding: &Finding) -> bool {
        is_named(&self.rule, &finding.rule.id)
            && self.event.is_none_or(|index| index == event)
            && self.surface.is_none_or(|surface| surface == finding.surface)
            && self.pointer.as_ref().is_none_or(|pointer| pointer == finding.pointer.as_str())
    }
}

/// How lines of JSON, one text each, are labelled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cmd) struct Texts {
    /// The member that is the text.
    #[serde(default = "Texts::text_member")]
    pub(in crate::cmd) text: String,
    /// The member that is the label.
    #[serde(default = "Texts::label_member")]
    pub(in crate::cmd) label: String,
    /// Labels of texts in which something is to be found; nothing is in those with another label.
    pub(in crate::cmd) positive: Vec<String>,
    /// The member that lists the rules that are to find it, where lines name them.
    pub(in crate::cmd) rules: Option<String>,
    /// Where the text stands.
    #[serde(default = "Texts::surface")]
    pub(in crate::cmd) surface: Surface,
    /// Which way it goes.
    pub(in crate::cmd) direction: Option<Direction>,
}

impl Texts {
    fn text_member() -> String {
        "text".into()
    }

    fn label_member() -> String {
        "label".into()
    }

    const fn surface() -> Surface {
        Surface::Body
    }
}

pub(in crate::cmd) fn is_named(name: &str, id: &str) -> bool {
    if name.ends_with('.') { id.starts_with(name) } else { id == name }
}

/// One entry of a corpus.
pub(in crate::cmd) struct Entry {
    pub(in crate::cmd) recording: PathBuf,
    pub(in crate::cmd) about: About,
    pub(in crate::cmd) labels: Labels,
    /// The bytes of the file of expectations.
    pub(in crate::cmd) bytes: Vec<u8>,
}

/// Reads a file of expectations.
pub(in crate::cmd) fn read(path: &Path) -> anyhow::Result<Entry> {
    let shown = path.display();
    let bytes = read_small(path, MOST_BYTES).with_context(|| format!("cannot read {shown}"))?;
    let expected: Expected =
        serde_json::from_slice(&bytes).with_context(|| format!("{shown} is not a file of expectations"))?;
    let labels = match (expected.findings, expected.texts) {
        (Some(findings), None) => Labels::Findings(findings),
        (None, Some(texts)) => Labels::Texts(texts),
        _ => bail!("{shown} has either `findings`, which may be an empty list, or `texts`"),
    };
    let name = path.to_string_lossy();
    let beside = || PathBuf::from(name.strip_suffix(ENDING).unwrap_or(&name));
    let folder = path.parent().unwrap_or(Path::new("."));
    let recording = expected.recording.map_or_else(beside, |named| folder.join(named));
    Ok(Entry { recording, about: expected.about, labels, bytes })
}
