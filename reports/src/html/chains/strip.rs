//! A log as a strip: its width is the range of sequence numbers. Above stand breaks, below checkpoints; the upper
//! band is what hashes and links, the lower what a given key vouches for.
//!
//! Places are percentages of the width, so that the strip fits any page and its marks keep their shape.

use coldcase_model::{Chain, ChainStretch};

use crate::quantity::grouped;

/// The width in its own units: hundredths of a percent.
const WIDTH: u64 = 10_000;
/// What stands for entries before the first that is here, however many they are.
const STUB: u64 = 500;
/// The least width of a stretch: one entry must be seen.
const LEAST: u64 = 40;
/// Checkpoints beyond this many would be a solid band.
const MOST_TICKS: usize = 200;
/// Breaks that are marked.
const MOST_MARKS: usize = 256;
/// Breaks that have a number in the list.
const MOST_NUMBERS: usize = 10;
/// Numbers closer than this would run into each other.
const APART: u64 = 300;

/// A strip, ready to be drawn.
pub(in crate::html) struct Strip {
    /// Whether there is an entry at all.
    pub(in crate::html) any: bool,
    /// The first and the last entry.
    pub(in crate::html) ends: (String, String),
    /// Entries before the first, which are not here; empty if there are none.
    pub(in crate::html) missing: String,
    pub(in crate::html) ground: Band,
    pub(in crate::html) good: Vec<Band>,
    pub(in crate::html) vouched: Vec<Band>,
    /// Signed by a given key, behind a break.
    pub(in crate::html) behind: Vec<Band>,
    pub(in crate::html) ticks: Vec<Mark>,
    pub(in crate::html) breaks: Vec<Mark>,
    /// Breaks whose entry is not known, or that are too many to be marked.
    pub(in crate::html) unmarked: u64,
    pub(in crate::html) torn: bool,
}

/// A stretch of a band.
pub(in crate::html) struct Band {
    pub(in crate::html) left: String,
    pub(in crate::html) width: String,
    pub(in crate::html) title: String,
}

/// A place.
pub(in crate::html) struct Mark {
    pub(in crate::html) left: String,
    /// What stands above it; empty where there is no room.
    pub(in crate::html) number: String,
    pub(in crate::html) title: String,
}

/// The range of sequence numbers, and where it starts on the strip.
#[derive(Clone, Copy)]
struct Scale {
    first: u64,
    last: u64,
    from: u64,
}

impl Strip {
    pub(super) fn of(chain: &Chain) -> Self {
        let scale = Scale::of(chain);
        let mut strip = Self {
            any: chain.first_seq.is_some(),
            ends: (grouped(scale.first), grouped(scale.last)),
            missing: missing(scale.first),
            ground: scale.band(scale.first, scale.last, String::new()),
            good: chain.stretches.iter().map(|stretch| good(scale, stretch)).collect(),
            vouched: Vec::new(),
            behind: Vec::new(),
            ticks: Vec::new(),
            breaks: Vec::new(),
            unmarked: 0,
            torn: chain.torn.is_some(),
        };
        for range in &chain.authority {
            let title = format!("a given key vouches for entries {}", words(range.first_seq, range.last_seq));
            strip.vouched.push(scale.band(range.first_seq, range.last_seq, title));
        }
        for stretch in &chain.stretches {
            strip.behind.extend(behind(scale, stretch, chain.authenticated_through_seq));
        }
        if chain.checkpoint_seqs.len() <= MOST_TICKS {
            strip.ticks = chain.checkpoint_seqs.iter().map(|seq| tick(scale, *seq)).collect();
        }
        strip.mark_breaks(scale, chain);
        strip
    }

    fn mark_breaks(&mut self, scale: Scale, chain: &Chain) {
        let mut numbered: Vec<u64> = Vec::new();
        for (at, found) in chain.breaks.iter().take(MOST_MARKS).enumerate() {
            let Some(seq) = found.seq else { continue };
            let left = scale.place(seq);
            let room = at < MOST_NUMBERS && numbered.iter().all(|other| left.abs_diff(*other) >= APART);
            if room {
                numbered.push(left);
            }
            self.breaks.push(Mark {
                left: percent(left),
                number: if room { (at + 1).to_string() } else { String::new() },
                title: format!("break {} at entry {}: {}", at + 1, grouped(seq), found.seen),
            });
        }
        self.unmarked = chain.breaks_total.saturating_sub(self.breaks.len() as u64);
    }
}

impl Scale {
    /// Covers whatever is drawn: numbers of an altered log may run backwards.
    fn of(chain: &Chain) -> Self {
        let stretches = chain.stretches.iter().flat_map(|stretch| [stretch.first_seq, stretch.last_seq]);
        let seqs = || stretches.clone().chain(chain.first_seq).chain(chain.last_seq);
        let (first, last) = (seqs().min().unwrap_or(0), seqs().max().unwrap_or(0));
        Self { first, last, from: if first > 0 { STUB } else { 0 } }
    }

    /// Where an entry starts on the strip.
    fn place(self, seq: u64) -> u64 {
        let seq = u128::from(seq.clamp(self.first, self.last).saturating_sub(self.first));
        self.from.saturating_add(self.share(seq))
    }

    fn share(self, entries: u128) -> u64 {
        let all = u128::from(self.last.saturating_sub(self.first)) + 1;
        let room = WIDTH.saturating_sub(self.from);
        u64::try_from(entries * u128::from(room) / all).unwrap_or(room)
    }

    fn band(self, first: u64, last: u64, title: String) -> Band {
        let left = self.place(first);
        let entries = u128::from(last.min(self.last).saturating_sub(first.max(self.first))) + 1;
        let width = self.share(entries).max(LEAST);
        let left = left.min(WIDTH.saturating_sub(width));
        Band { left: percent(left), width: percent(width), title }
    }
}

fn good(scale: Scale, stretch: &ChainStretch) -> Band {
    let title = format!("entries {} hash and link", words(stretch.first_seq, stretch.last_seq));
    scale.band(stretch.first_seq, stretch.last_seq, title)
}

/// The signed part of a stretch that lies behind a break.
fn behind(scale: Scale, stretch: &ChainStretch, through: Option<u64>) -> Option<Band> {
    let last = stretch.authenticated_through_seq.filter(|last| *last >= stretch.first_seq)?;
    if through.is_some_and(|through| last <= through) {
        return None;
    }
    let title = format!("signed by a given key, behind a break: entries {}", words(stretch.first_seq, last));
    Some(scale.band(stretch.first_seq, last, title))
}

fn tick(scale: Scale, seq: u64) -> Mark {
    let title = format!("checkpoint, entry {}", grouped(seq));
    Mark { left: percent(scale.place(seq)), number: String::new(), title }
}

fn missing(first: u64) -> String {
    match first {
        0 => String::new(),
        1 => "entry 0 is not here".to_owned(),
        _ => format!("entries {} are not here", words(0, first.saturating_sub(1))),
    }
}

fn words(first: u64, last: u64) -> String {
    format!("{} to {}", grouped(first), grouped(last))
}

fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_strip_covers_any_numbers_and_shows_the_smallest_stretch() {
        let mut chain = sample::broken_chain();
        chain.last_seq = Some(u64::MAX);
        chain.stretches.push(ChainStretch {
            first_seq: u64::MAX,
            last_seq: u64::MAX,
            authenticated_through_seq: None,
        });
        let strip = Strip::of(&chain);
        let last = strip.good.last().unwrap();
        assert_eq!((last.left.as_str(), last.width.as_str()), ("99.60%", "0.40%"));
        assert_eq!(strip.ground.width, "100.00%");
    }

    #[test]
    fn what_is_before_the_first_entry_has_a_place_of_its_own() {
        let mut chain = sample::broken_chain();
        chain.first_seq = Some(10_000);
        chain.last_seq = Some(10_099);
        chain.stretches =
            vec![ChainStretch { first_seq: 10_000, last_seq: 10_099, authenticated_through_seq: None }];
        let strip = Strip::of(&chain);
        assert_eq!(strip.missing, "entries 0 to 9,999 are not here");
        assert_eq!((strip.ground.left.as_str(), strip.ground.width.as_str()), ("5.00%", "95.00%"));
    }

    #[test]
    fn marks_stand_where_their_entries_do_and_numbers_do_not_overlap() {
        let strip = Strip::of(&sample::broken_chain());
        let marks: Vec<_> =
            strip.breaks.iter().map(|mark| (mark.left.as_str(), mark.number.as_str())).collect();
        assert_eq!(marks, [("40.00%", "1"), ("41.00%", "")]);
        assert_eq!(strip.unmarked, 1, "the one without a number");
    }

    #[test]
    fn checkpoints_are_ticks_while_they_are_few() {
        let mut chain = sample::broken_chain();
        chain.checkpoint_seqs = (0..200).collect();
        assert_eq!(Strip::of(&chain).ticks.len(), 200);
        chain.checkpoint_seqs.push(200);
        assert!(Strip::of(&chain).ticks.is_empty());
    }
}
