//! The tools of one server, and what a new listing changes in them.

use std::collections::BTreeMap;

use coldcase_model::json::Tape;
use coldcase_model::{ChangeClass, ChangeKind, Digest, EventId, Excerpt};

use super::super::observe::listed::{Definition, Listed, What};
use super::change::{self, MOST_JUDGED};
use super::version::Version;
use super::{Pending, Row, row};
use crate::session::snapshot::MOST_COUNT;

/// Whose tools they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub(super) struct Key {
    pub(super) kind: Kind,
    pub(super) server: Excerpt,
}

/// Who lists tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub(super) enum Kind {
    /// An MCP server.
    Server,
    /// An agent's card.
    Card,
    /// An agent that tells its model.
    Told,
}

/// What all inventories hold together.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Held {
    tools: usize,
    bytes: usize,
}

/// How many tools are followed in all, and how many bytes of their texts.
const MOST_TOOLS: usize = 500_000;
const MOST_BYTES: usize = 96 << 20;

/// The tools of one server.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Inventory {
    pub(super) tools: BTreeMap<Excerpt, Tool>,
    /// What the server says of itself.
    pub(super) about: Option<Tool>,
    /// Whether a listing was seen whole, so that what comes after is a change.
    established: bool,
    listing: Listing,
    /// How many listings changed something.
    unrest: u32,
    /// Rows so far.
    rows: usize,
    said: bool,
    /// Whether it is still to be said that the baseline does not have the server.
    pub(super) shadow: bool,
}

/// A tool with the version that it has now.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Tool {
    pub(super) now: Version,
    /// The version of the baseline, where there is one.
    pub(super) pinned: Option<Box<Version>>,
    pub(super) gone: bool,
    /// The last listing that had it.
    seen: u64,
}

/// The listing under way: one page or several.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Listing {
    number: u64,
    /// Whether more pages follow.
    open: bool,
    /// Whether it was seen from its start.
    whole: bool,
    /// Whether the client asked from the start, where it is known.
    asked: Option<bool>,
    /// Tools that it added on earlier pages, by their definition without the name.
    added: BTreeMap<Digest, Excerpt>,
}

/// How many added tools of one listing are remembered for renames.
const MOST_ADDED: usize = 1024;
/// How many tools of one name in one listing are told apart.
const MOST_COPIES: usize = 8;
/// From so many listings with changes on a server is unstable.
const UNREST: u32 = 16;
/// How many rows a server may add in all; worse changes find room longer.
const MOST_ROWS: usize = 10_000;

/// What is at hand while a listing is taken up.
struct Taking<'t> {
    key: &'t Key,
    event: EventId,
    listed: &'t Listed,
    held: &'t mut Held,
    tape: &'t mut Tape,
    out: &'t mut Pending,
    /// Bytes of new sentences that may still be judged.
    budget: usize,
    unfollowed: bool,
}

impl Held {
    /// Whether it is within its bounds.
    pub(super) const fn is_sound(&self) -> bool {
        self.tools <= MOST_TOOLS && self.bytes <= MOST_BYTES
    }
}

impl Tool {
    pub(super) fn pinned(version: Version) -> Self {
        Self { now: version.clone(), pinned: Some(Box::new(version)), gone: false, seen: 0 }
    }
}

impl Inventory {
    /// Of a server of which nothing is known, although there is a baseline if it is a shadow.
    pub(super) fn new(shadow: bool) -> Self {
        Self { shadow, ..Self::default() }
    }

    /// Whether what it counts can be counted on.
    pub(super) fn is_sound(&self) -> bool {
        let rows = u64::try_from(self.rows).is_ok_and(|rows| rows < MOST_COUNT);
        let sound = |tool: &Tool| tool.seen <= self.listing.number;
        rows && self.listing.number < MOST_COUNT
            && self.listing.added.len() <= MOST_ADDED
            && self.tools.values().chain(&self.about).all(sound)
    }

    /// What a baseline accepts: the next listing is compared with it.
    pub(super) fn accepted(about: Option<Tool>, tools: BTreeMap<Excerpt, Tool>) -> Self {
        Self { tools, about, established: true, ..Self::default() }
    }

    /// Takes up a listing, and tells whether something of it is said to be left out.
    pub(super) fn take(
        &mut self,
        (key, event, listed): (&Key, EventId, &Listed),
        held: &mut Held,
        tape: &mut Tape,
        out: &mut Pending,
    ) -> bool {
        let mut taking = Taking {
            key,
            event,
            listed,
            held,
            tape,
            out,
            budget: MOST_JUDGED,
            unfollowed: listed.left_out > 0,
        };
        match listed.what {
            What::Asked { from_start } => self.listing.asked = Some(from_start),
            What::Changed => {}
            What::Introduced => self.introduced(&mut taking),
            What::Page { more } => {
                self.begin();
                self.page(&mut taking);
                self.listing.open = more;
                if !more {
                    self.complete(&mut taking);
                }
            }
            What::Card => {
                self.introduced(&mut taking);
                self.listing.asked = Some(true);
                self.begin();
                self.page(&mut taking);
                self.complete(&mut taking);
            }
            What::Told => {
                self.listing.number += 1;
                self.page(&mut taking);
                // Nothing is said of what a part of an agent is not told.
                self.established = false;
            }
        }
        let unfollowed = taking.unfollowed || taking.out.dropped > 0 || self.fits(taking.out);
        unfollowed && !std::mem::replace(&mut self.said, true)
    }

    /// Whether a server has been changing its tools so often that it is to be said, which it is once.
    pub(super) fn is_unstable(&mut self, changed: bool) -> bool {
        self.unrest = self.unrest.saturating_add(u32::from(changed));
        changed && self.unrest == UNREST
    }

    /// Leaves rows out that a server has no room for, and tells whether there were any.
    fn fits(&mut self, out: &mut Pending) -> bool {
        let before = out.rows.len();
        let mut rows = self.rows;
        out.rows.retain(|row| {
            rows += 1;
            rows <= MOST_ROWS || row.change.class >= ChangeClass::InstructionIntroduced
        });
        self.rows = rows;
        out.rows.len() < before
    }

    fn begin(&mut self) {
        let starts = self.listing.asked.take().unwrap_or(!self.listing.open);
        if starts || !self.listing.open {
            let number = self.listing.number + 1;
            self.listing = Listing { number, whole: starts, ..Listing::default() };
        }
    }

    fn introduced(&mut self, taking: &mut Taking<'_>) {
        let about = taking.listed.about.as_ref();
        let name = about.map_or_else(Excerpt::default, |about| about.name.clone());
        match (&mut self.about, about) {
            (Some(known), Some(about)) => taking.known(known, about),
            (None, Some(about)) => {
                let version = taking.read(about);
                if self.established {
                    taking.report(ChangeKind::Added, &name, &Version::ABSENT, &version, Some(about));
                }
                self.about = taking.keep(version);
            }
            (Some(known), None) if !known.gone => {
                known.gone = true;
                taking.report(ChangeKind::Removed, &name, &known.now, &Version::ABSENT, None);
            }
            (_, None) => {}
        }
    }

    fn page(&mut self, taking: &mut Taking<'_>) {
        let listed = taking.listed;
        for tool in &listed.tools {
            let name = self.slot(tool);
            if let Some(known) = self.tools.get_mut(&name) {
                known.seen = self.listing.number;
                taking.known(known, tool);
                continue;
            }
            let version = taking.read(tool);
            if self.established {
                taking.report(ChangeKind::Added, &tool.name, &Version::ABSENT, &version, Some(tool));
                if self.listing.added.len() < MOST_ADDED {
                    self.listing.added.insert(version.body, tool.name.clone());
                }
            }
            if let Some(mut kept) = taking.keep(version) {
                kept.seen = self.listing.number;
                self.tools.insert(name, kept);
            }
        }
    }

    /// Under which name a tool is kept: its own, unless the same listing has had another tool of that name.
    fn slot(&self, tool: &Definition) -> Excerpt {
        let mut name = tool.name.clone();
        for copy in 2..=MOST_COPIES {
            let other = self.tools.get(&name).filter(|known| known.seen == self.listing.number);
            if other.is_none_or(|known| known.now.digest == tool.digest) {
                break;
            }
            name = Excerpt::of_name(format!("{} ({copy})", tool.name).as_bytes());
        }
        name
    }

    /// Ends a listing: what a whole one does not have is gone.
    fn complete(&mut self, taking: &mut Taking<'_>) {
        self.listing.open = false;
        if !self.listing.whole {
            return;
        }
        if self.established {
            let number = self.listing.number;
            let gone = self.tools.iter_mut().filter(|(_, tool)| tool.seen != number && !tool.gone);
            for (name, tool) in gone {
                tool.gone = true;
                match self.listing.added.remove(&tool.now.body) {
                    Some(new) => taking.renamed(name, &new, &tool.now),
                    None => taking.report(ChangeKind::Removed, name, &tool.now, &Version::ABSENT, None),
                }
            }
        }
        self.established = true;
    }
}

impl Taking<'_> {
    fn read(&mut self, definition: &Definition) -> Version {
        Version::read(self.listed, definition, self.event, self.tape)
    }

    /// Keeps a version, as far as there is room.
    fn keep(&mut self, version: Version) -> Option<Tool> {
        if self.held.tools >= MOST_TOOLS {
            self.unfollowed = true;
            return None;
        }
        self.held.tools += 1;
        Some(Tool { now: self.fit(version), pinned: None, gone: false, seen: 0 })
    }

    fn fit(&mut self, version: Version) -> Version {
        let mut kept = version.kept();
        if self.held.bytes + kept.size() > MOST_BYTES {
            self.unfollowed = true;
            kept = kept.without_texts();
        }
        self.held.bytes += kept.size();
        kept
    }

    /// A tool that was known before: changed, back, or as it was.
    fn known(&mut self, known: &mut Tool, definition: &Definition) {
        let back = std::mem::take(&mut known.gone);
        if known.now.digest == definition.digest {
            if back {
                let class = ChangeClass::Editorial;
                let change = row(self.key, &definition.name, (ChangeKind::Added, class), self.listed);
                self.push(change, &known.now, Some(definition));
            }
            return;
        }
        let version = self.read(definition);
        let reference = known.pinned.as_deref().unwrap_or(&known.now);
        if reference.digest != version.digest {
            let kind = if back { ChangeKind::Added } else { ChangeKind::Changed };
            self.report(kind, &definition.name, reference, &version, Some(definition));
        }
        self.held.bytes = self.held.bytes.saturating_sub(known.now.size());
        known.now = self.fit(version);
    }

    /// Rows for what differs between two versions: one for each member of a changed one, one in all otherwise.
    fn report(
        &mut self,
        kind: ChangeKind,
        tool: &Excerpt,
        old: &Version,
        new: &Version,
        definition: Option<&Definition>,
    ) {
        let changes = change::changes(old, new, &mut self.budget);
        let (key, listed) = (self.key, self.listed);
        let text = |text: &str| listed.redactor.text(text.as_bytes(), 4096);
        if kind == ChangeKind::Changed {
            for found in changes {
                let mut change = row(key, tool, (kind, found.class), listed);
                change.field = text(&format!("/{}", found.key));
                change.diff = text(&found.diff);
                change.before = old.event;
                self.push(change, new, definition);
            }
            return;
        }
        let worst = changes.iter().max_by_key(|change| (change.class, change.key == "description"));
        let class = match (kind, worst) {
            // A tool more can do more, whatever its words are.
            (ChangeKind::Added, Some(worst)) if worst.class >= ChangeClass::InstructionIntroduced => {
                worst.class
            }
            (ChangeKind::Added, _) => ChangeClass::CapabilityWidened,
            _ => ChangeClass::Editorial,
        };
        let mut change = row(key, tool, (kind, class), listed);
        if let Some(worst) = worst {
            change.field = text(&format!("/{}", worst.key));
            change.diff = text(&worst.diff);
        }
        change.before = old.event;
        self.push(change, new, definition);
    }

    /// The tool that a listing has instead of one that is gone, under another name.
    fn renamed(&mut self, old: &Excerpt, new: &Excerpt, version: &Version) {
        let diff = format!("-{old} +{new}");
        let same = |row: &&mut Row| {
            row.change.kind == ChangeKind::Added && row.change.tool == *new && row.body == version.body
        };
        let mut change = row(self.key, new, (ChangeKind::Renamed, ChangeClass::Editorial), self.listed);
        change.field = self.listed.redactor.label(b"/name");
        change.diff = self.listed.redactor.text(diff.as_bytes(), 1024);
        change.before = version.event;
        match self.out.rows.iter_mut().find(same) {
            Some(row) => row.change = change,
            None => self.push(change, version, None),
        }
    }

    fn push(
        &mut self,
        change: coldcase_model::ToolChange,
        version: &Version,
        definition: Option<&Definition>,
    ) {
        let at = definition.map(|definition| (definition.span, definition.pointer.clone()));
        self.out.push(Row { change, body: version.body, at });
    }
}
