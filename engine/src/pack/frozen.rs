//! Packs as they were compiled when the program was built: what it starts with, in a tenth of the time.
//!
//! Beside what the packs say, they hold what is dear to work out of it: where patterns are anchored, which bytes can stand
//! round an anchor's texts, and the first states of the automata that are tried there. All else is made at need, as it is
//! for packs that are read as YAML; both find the same. The bytes are a part of the program and of one version with it:
//! there is no other reader, and no promise about their form.

use std::collections::BTreeMap;

use coldcase_model::Digest;
use serde::{Deserialize, Serialize};

use super::anchor::Drawings;
use super::around::Around;
use super::compile::Shape;
use super::fragments::Fragments;
use super::load::{Check, Pack, PackError, PackText, assemble, digest, spread};
use super::schema::{PackFile, RuleFile};
use super::selftest;
use super::sources::Sources;
use crate::scan::{Drawn, Entry, FirstStates};

#[derive(Serialize, Deserialize)]
struct Frozen<'f> {
    /// The packs, their regexes with all fragments written out.
    files: Vec<PackFile>,
    /// The SHA-256 of each pack's text.
    digests: Vec<[u8; 32]>,
    /// Of each rule, in load order.
    shapes: Vec<Shape>,
    /// Of each anchor of all shapes, in their order.
    drawings: Vec<Drawing>,
    #[serde(borrow)]
    classes: Vec<&'f [u8]>,
    rows: &'f [u8],
    arounds: &'f [u8],
}

/// What was worked out of one anchor, by places in what all of them share.
#[derive(Serialize, Deserialize)]
struct Drawing {
    /// Of the nearest pieces, the half before and the half after.
    tables: [Option<Table>; 3],
    /// Of each of its texts.
    around: Vec<u32>,
}

/// The first states of a half.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Table {
    entry: Entry,
    classes: u32,
    rows: (u32, u32),
}

/// Packs as the program holds them.
pub(super) struct Thawed {
    pub(super) files: Vec<PackFile>,
    pub(super) digests: Vec<Digest>,
    /// Of each rule, in load order.
    pub(super) shapes: Vec<Shape>,
}

/// Compiles packs for the program to start with.
pub fn freeze(texts: &[PackText]) -> Result<Vec<u8>, PackError> {
    let sources = Sources::read(None, texts)?;
    let rules: Vec<_> = sources.written().map(|(rule, _)| rule).collect();
    let compiled = std::iter::zip(&rules, spread(&rules, |rule| rule.compile(Check::OnUse)))
        .map(|(rule, compiled)| compiled.map_err(|problem| rule.refused(&problem)))
        .collect::<Result<Vec<_>, _>>()?;
    let shapes = compiled.iter().map(Shape::known).collect();
    let parts = std::iter::zip(&rules, compiled).map(|(rule, compiled)| (compiled, rule.rule.case)).collect();
    let lenses = assemble(parts, Vec::new(), Vec::new()).lenses;
    let drawn = spread(lenses.anchors(), |anchor| anchor.halves().map(|half| half?.drawn()));
    let round = spread(lenses.anchors(), |anchor| {
        anchor.around(lenses.texts_of(anchor)).into_iter().map(Around::to_bytes).collect::<Vec<_>>()
    });
    let (mut classes, mut rows, mut arounds) = (Shared::default(), Shared::default(), Shared::default());
    let mut table = |drawn: Drawn| Table {
        entry: drawn.entry,
        classes: classes.place(&drawn.classes).0 / narrow(drawn.classes.len()),
        rows: rows.place(&drawn.rows),
    };
    let drawings = std::iter::zip(drawn, round).map(|(halves, round)| Drawing {
        tables: halves.map(|drawn| drawn.map(&mut table)),
        around: round.iter().map(|round| arounds.place(round).0 / narrow(round.len())).collect(),
    });
    let drawings = drawings.collect();
    let mut files = sources.into_files();
    files.iter_mut().try_for_each(|file| written_out(file).map_err(PackError::Frozen))?;
    let frozen = Frozen {
        files,
        digests: texts.iter().map(|source| digest(&source.text).0).collect(),
        shapes,
        drawings,
        classes: classes.bytes.as_chunks::<256>().0.iter().map(<[u8; 256]>::as_slice).collect(),
        rows: &rows.bytes,
        arounds: &arounds.bytes,
    };
    postcard::to_stdvec(&frozen).map_err(|error| PackError::Frozen(error.to_string()))
}

/// Reads what [`freeze`] made.
pub(super) fn thawed(bytes: &'static [u8]) -> Result<Thawed, PackError> {
    let mut frozen: Frozen<'static> =
        postcard::from_bytes(bytes).map_err(|error| PackError::Frozen(error.to_string()))?;
    let first_states = |table: Table| {
        let classes = frozen.classes.get(table.classes as usize)?;
        let (from, to) = table.rows;
        let rows = frozen.rows.get(from as usize..to as usize)?;
        Some(FirstStates { entry: table.entry, classes: (*classes).try_into().ok()?, rows })
    };
    let arounds = frozen.arounds.as_chunks().0;
    let anchors = frozen.shapes.iter_mut().flat_map(Shape::anchors_mut);
    for (anchor, drawing) in anchors.zip(frozen.drawings) {
        let around = drawing.around.iter().filter_map(|place| arounds.get(*place as usize));
        anchor.drawn = Some(Drawings {
            first: drawing.tables.map(|table| table.and_then(first_states)),
            around: around.map(Around::from_bytes).collect(),
        });
    }
    let digests = frozen.digests.into_iter().map(Digest).collect();
    Ok(Thawed { files: frozen.files, digests, shapes: frozen.shapes })
}

impl Pack {
    /// The packs of which the program holds what [`freeze`] made, and packs of one's own; the latter are tested against their
    /// own texts.
    pub fn thaw(frozen: &'static [u8], own: &[PackText]) -> Result<Self, PackError> {
        let pack = Self::compile(&Sources::read(Some(frozen), own)?, Check::Now)?;
        selftest::hold(&pack, own)?;
        Ok(pack)
    }
}

/// Replaces the fragments of a pack's regexes by what they stand for.
fn written_out(file: &mut PackFile) -> Result<(), String> {
    let fragments = std::mem::take(&mut file.fragments);
    let fragments = Fragments(&fragments);
    let expand = |pattern: &mut String| fragments.expand(pattern).map(|expanded| *pattern = expanded);
    for rule in &mut file.rules {
        let RuleFile { regex, allow, examples, near, .. } = rule;
        let features = near.iter_mut().filter_map(|feature| feature.regex.as_mut());
        std::iter::once(regex).chain(allow).chain(examples).chain(features).try_for_each(expand)?;
    }
    Ok(())
}

/// Byte strings one after the other, each once.
#[derive(Default)]
struct Shared {
    bytes: Vec<u8>,
    known: BTreeMap<Vec<u8>, u32>,
}

impl Shared {
    /// Where a byte string starts and ends.
    fn place(&mut self, bytes: &[u8]) -> (u32, u32) {
        let start = *self.known.entry(bytes.to_vec()).or_insert_with(|| {
            let start = narrow(self.bytes.len());
            self.bytes.extend_from_slice(bytes);
            start
        });
        (start, start + narrow(bytes.len()))
    }
}

/// Places within what a program holds fit 32 bits.
fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
