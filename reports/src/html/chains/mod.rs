//! The audit logs: what each of them proves, in words, beside a strip that shows where.
//!
//! The words carry everything; the strip repeats it by shape, and by colour only on top of that.

mod strip;

use coldcase_model::{Chain, ChainBreak, ChainPlace, ChainStatus, ChainStretch};

use self::strip::Strip;
use super::left_out;
use crate::Summary;
use crate::quantity::{counted, grouped, size};

/// Breaks that are listed.
const MOST_BREAKS: usize = 10;
/// Stretches that are listed.
const MOST_STRETCHES: usize = 10;
/// Keys that are listed.
const MOST_KEYS: usize = 20;

/// All that the page says of audit logs.
pub(super) struct ChainsView {
    pub(super) tallies: Vec<(&'static str, String)>,
    /// Those that are not as they should be first.
    pub(super) rows: Vec<ChainView>,
    pub(super) left_out: String,
}

/// A log.
pub(super) struct ChainView {
    pub(super) status: &'static str,
    pub(super) status_words: &'static str,
    /// Whether a key was given and vouches for nothing.
    pub(super) unpinned: bool,
    pub(super) session: String,
    pub(super) folder: String,
    pub(super) facts: Vec<String>,
    pub(super) strip: Strip,
    pub(super) sentences: Vec<Sentence>,
    /// The last entry and its hash.
    pub(super) head: Option<(String, String)>,
    pub(super) keys: Vec<KeyView>,
    pub(super) keys_left_out: String,
    /// Good entries between breaks; empty where there is no break.
    pub(super) stretches: Vec<String>,
    pub(super) stretches_left_out: String,
    pub(super) breaks: Vec<BreakView>,
    pub(super) breaks_left_out: String,
    pub(super) receipts: String,
    pub(super) remarks: Vec<String>,
}

/// One of the four sentences.
pub(super) struct Sentence {
    pub(super) name: &'static str,
    pub(super) text: String,
}

/// A key with the entries that it vouches for.
pub(super) struct KeyView {
    pub(super) short: String,
    pub(super) key: String,
    pub(super) entries: String,
    pub(super) checkpoints: String,
}

/// A break.
pub(super) struct BreakView {
    pub(super) number: usize,
    pub(super) entry: String,
    pub(super) file: String,
    pub(super) line: String,
    pub(super) offset: String,
    pub(super) seen: String,
    pub(super) explanations: Vec<String>,
}

impl ChainsView {
    pub(super) fn of(summary: &Summary) -> Self {
        let mut tallies = Vec::new();
        for (status, count) in &summary.chain_statuses {
            tallies.push((words(*status), grouped(*count)));
        }
        let shown = || summary.first_other_chains.iter().chain(&summary.first_sound_chains);
        Self {
            tallies,
            rows: shown().map(ChainView::of).collect(),
            left_out: left_out(
                summary.chains,
                shown().count(),
                "audit log",
                "audit logs",
                "tables/chains.parquet",
            ),
        }
    }
}

impl ChainView {
    fn of(chain: &Chain) -> Self {
        let names = ["Consistent", "Authenticated", "Complete", "Damage"];
        let sentence = |(name, text): (&'static str, &String)| Sentence { name, text: text.clone() };
        let whole = chain.breaks_total == 0;
        let listed: &[ChainStretch] = if whole { &[] } else { &chain.stretches };
        Self {
            status: chain.status.as_str(),
            status_words: words(chain.status),
            unpinned: chain.is_unpinned(),
            session: chain.session.clone(),
            folder: chain.folder.clone(),
            facts: facts(chain),
            strip: Strip::of(chain),
            sentences: names.into_iter().zip(&chain.sentences).map(sentence).collect(),
            head: chain.last_seq.map(grouped).zip(chain.head_hash.clone()),
            keys: chain.authority.iter().take(MOST_KEYS).map(KeyView::of).collect(),
            keys_left_out: table_holds(chain.authority.len() as u64, MOST_KEYS, "range", "ranges"),
            stretches: listed.iter().take(MOST_STRETCHES).map(stretch).collect(),
            stretches_left_out: table_holds(listed.len() as u64, MOST_STRETCHES, "stretch", "stretches"),
            breaks: chain.breaks.iter().take(MOST_BREAKS).enumerate().map(BreakView::of).collect(),
            breaks_left_out: table_holds(chain.breaks_total, MOST_BREAKS, "break", "breaks"),
            receipts: chain.receipts.clone().unwrap_or_default(),
            remarks: chain.remarks.clone(),
        }
    }
}

fn table_holds(all: u64, most: usize, one: &str, many: &str) -> String {
    left_out(all, most, one, many, "tables/chains.parquet")
}

fn words(status: ChainStatus) -> &'static str {
    match status {
        ChainStatus::Intact => "intact",
        ChainStatus::MissingStart => "start not here",
        ChainStatus::TornTail => "torn end",
        ChainStatus::Broken => "broken",
        ChainStatus::Empty => "empty",
    }
}

fn facts(chain: &Chain) -> Vec<String> {
    let mut facts = vec![
        counted(chain.files, "file", "files"),
        counted(chain.entries, "entry", "entries"),
        size(chain.bytes),
    ];
    let checkpoints = chain.checkpoints;
    facts.push(match checkpoints.total {
        0 => "no checkpoint".to_owned(),
        total => {
            let mut text = format!(
                "{}, {} signed",
                counted(total, "checkpoint", "checkpoints"),
                grouped(checkpoints.signed)
            );
            if chain.trusted_keys > 0 {
                text.push_str(&format!(", {} by a given key", grouped(checkpoints.good)));
            }
            text
        }
    });
    facts.push(format!("format {}", chain.format));
    facts
}

/// A range of entries.
fn range(first: u64, last: u64) -> String {
    if first == last { grouped(first) } else { format!("{} to {}", grouped(first), grouped(last)) }
}

fn stretch(stretch: &ChainStretch) -> String {
    range(stretch.first_seq, stretch.last_seq)
}

impl KeyView {
    fn of(range: &coldcase_model::ChainKey) -> Self {
        let key = range.key.as_str();
        let (head, tail) = (key.get(..4), key.get(key.len().saturating_sub(4)..));
        Self {
            short: head.zip(tail).map_or_else(|| key.to_owned(), |(head, tail)| format!("{head}…{tail}")),
            key: key.to_owned(),
            entries: self::range(range.first_seq, range.last_seq),
            checkpoints: grouped(range.checkpoints),
        }
    }
}

impl BreakView {
    fn of((at, found): (usize, &ChainBreak)) -> Self {
        let number = |value: Option<u64>| value.map_or_else(|| "–".to_owned(), grouped);
        let place: Option<&ChainPlace> = found.place.as_ref();
        Self {
            number: at + 1,
            entry: number(found.seq),
            file: place.map_or_else(|| "the set of files".to_owned(), |place| place.file.clone()),
            line: number(place.map(|place| place.line)),
            offset: number(place.map(|place| place.offset)),
            seen: found.seen.clone(),
            explanations: found.explanations.clone(),
        }
    }
}
