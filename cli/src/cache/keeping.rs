//! What a run keeps of its inputs, and what it recalls: the engine's [`Keeper`] over the shelves of a cache.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use coldcase_engine::{Book, Holds, Keeper, Pack, Part};
use coldcase_model::{ArtifactIndex, Digest, InputFacts, KeptPart};

use super::filling::Filling;
use super::known::{Found, Known, books, find};
use super::seal::Seal;
use super::shelf::{Damaged, ID, MOST_RECORD, Which, seal_record};
use super::shelves::{Shelves, keep_book, learn, place_of_book};
use super::{Cache, Hashed};
use crate::term;

/// Keeps and recalls the inputs of one run.
pub(crate) struct Keeping<'c> {
    cache: &'c Cache,
    seal: Seal,
    book: &'c Book,
    hashed: &'c [Hashed],
    /// The name of each input; `None` for those that are read together with others.
    names: Vec<Option<Digest>>,
    shelves: Shelves,
    known: BTreeMap<u32, Known>,
    id: [u8; ID],
    filling: Mutex<Option<Filling>>,
    /// Why a part could not be recalled.
    void: Mutex<Option<String>>,
}

/// The files of a cache that a run had to do with.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// What it read from.
    pub(crate) used: Vec<PathBuf>,
    /// What it made, or would have.
    pub(crate) made: Vec<PathBuf>,
}

/// How much of a run was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shares {
    pub(crate) inputs: usize,
    pub(crate) known: usize,
    pub(crate) bytes: u64,
    pub(crate) scanned_bytes: u64,
}

impl<'c> Keeping<'c> {
    /// Looks up what is known of inputs of these names; with `afresh`, nothing is, and all of them are kept anew.
    pub(crate) fn begin(
        cache: &'c Cache,
        (pack, book): (&Pack, &'c Book),
        (names, hashed): (Vec<Option<Digest>>, &'c [Hashed]),
        threads: usize,
        afresh: bool,
    ) -> anyhow::Result<Self> {
        let seal = Seal::new(cache.key.clone());
        let wanted: HashSet<Digest> = names.iter().flatten().copied().collect();
        let (shelves, held) = Shelves::open(&cache.dir, &seal, |name| wanted.contains(&name) && !afresh)?;
        for (path, why) in &shelves.refused {
            let then = if why.is::<Damaged>() { ", and will be replaced" } else { "" };
            term::note(&format!("the cache has inputs that are not used{then}. {}: {why:#}", path.display()));
        }
        let mut holds = Holds::new(pack, book);
        for other in books(&held) {
            if !holds.knows(other)
                && let Err(why) = learn(&cache.dir, &seal, other, &mut holds)
            {
                let place = place_of_book(&cache.dir, other);
                term::note(&format!("the cache has rules that are not used. {}: {why:#}", place.display()));
            }
        }
        let Found { known, refused } = find(&names, (&shelves, &held), &holds, threads);
        if let Some((why, count)) = refused {
            term::note(&format!(
                "the cache has entries of {count} inputs that are not used, and will be replaced. {}: {why}",
                cache.dir.display()
            ));
        }
        let filling = Filling::begin(&cache.dir, &seal)?;
        let (id, filling) = (filling.id(), Mutex::new(Some(filling)));
        Ok(Self { cache, seal, book, hashed, names, shelves, known, id, filling, void: Mutex::default() })
    }

    /// How many parts are known of each input that is not to be read, by its place.
    pub(crate) fn parts(&self) -> BTreeMap<usize, u32> {
        let count = |known: &Known| u32::try_from(known.parts.len()).unwrap_or(u32::MAX);
        self.known.iter().map(|(at, known)| (*at as usize, count(known))).collect()
    }

    /// How much of the run is known.
    pub(crate) fn shares(&self) -> Shares {
        let scanned = (0..).zip(self.hashed).filter(|(at, _)| !self.known.contains_key(at));
        Shares {
            inputs: self.hashed.len(),
            known: self.known.len(),
            bytes: self.hashed.iter().map(|hashed| hashed.bytes).sum(),
            scanned_bytes: scanned.map(|(_, hashed)| hashed.bytes).sum(),
        }
    }

    /// Why the run's results are void, if they are.
    pub(crate) fn void(&self) -> Option<String> {
        self.void.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The run has ended well: what it kept is put in its place.
    pub(crate) fn finish(self) -> anyhow::Result<Touched> {
        let (dir, book) = (&self.cache.dir, self.book.digest());
        let mut made = Vec::new();
        let filling = self.filling.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(filling) = filling {
            let name = |input: u32| self.names.get(input as usize).copied().flatten();
            made.extend(filling.publish(&self.shelves.place(dir), &self.seal, book, name)?);
        }
        keep_book(dir, &self.seal, self.book)?;
        made.push(place_of_book(dir, book));
        // What could not be read, or is none of this key's, is left alone.
        for (path, _) in self.shelves.refused.iter().filter(|(_, why)| why.is::<Damaged>()) {
            let _gone = std::fs::remove_file(path);
        }
        let shelves: BTreeSet<usize> = self.known.values().map(|known| known.shelf).collect();
        let used = shelves.iter().filter_map(|at| self.shelves.all.get(*at)).map(|shelf| shelf.path.clone());
        let books: BTreeSet<Digest> = self.known.values().map(|known| known.book).collect();
        let used = used.chain(books.into_iter().map(|book| place_of_book(dir, book)));
        Ok(Touched { used: used.collect(), made })
    }

    /// Seals and adds a part.
    fn add(&self, input: u32, number: u64, part: &Part) -> anyhow::Result<()> {
        let Some(name) = self.names.get(input as usize).copied().flatten() else { return Ok(()) };
        let sign = part.sign.to_bytes().ok_or_else(|| anyhow::anyhow!("a sign cannot be written"))?;
        let seal = |which, bytes: &[u8]| seal_record(&self.seal, (&self.id, name, number), which, bytes);
        let (sign, items) = (seal(Which::Sign, &sign)?, seal(Which::Items, &part.items)?);
        match &mut *self.filling.lock().unwrap_or_else(PoisonError::into_inner) {
            // What is longer would not be read.
            Some(filling) if sign.len().max(items.len()) as u64 > MOST_RECORD => {
                filling.spoil(input);
                Ok(())
            }
            Some(filling) => filling.add(input, number, [&sign, &items]),
            None => Ok(()),
        }
    }

    fn recalled(&self, wanted: KeptPart) -> anyhow::Result<Vec<u8>> {
        let known = self.known.get(&wanted.artifact.0);
        let known = known.and_then(|known| Some((known, known.parts.get(wanted.part as usize)?)));
        let (known, part) = known.ok_or_else(|| anyhow::anyhow!("a part is not known"))?;
        if let Some(ready) = part.ready.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Ok(ready);
        }
        let held_by = self.shelves.all.get(known.shelf);
        held_by.ok_or_else(|| anyhow::anyhow!("a shelf is gone"))?.read(known.name, part.at, Which::Items)
    }

    fn is_void(&self, why: String) {
        self.void.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }
}

impl Keeper for Keeping<'_> {
    fn wants(&self, artifact: ArtifactIndex) -> bool {
        self.names.get(artifact.0 as usize).is_some_and(Option::is_some)
    }

    fn keep(&self, artifact: ArtifactIndex, number: u64, part: Option<Part>, facts: Option<&InputFacts>) {
        let added = part.map(|part| self.add(artifact.0, number, &part));
        let mut place = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(filling) = &mut *place else { return };
        match added {
            Some(Ok(())) => {}
            None => filling.spoil(artifact.0),
            Some(Err(error)) => {
                // A disk that is full stays so: the run goes on without.
                term::note(&format!("inputs are not kept in {}: {error:#}", self.cache.dir.display()));
                *place = None;
                return;
            }
        }
        if let Some(facts) = facts {
            let hashed = self.hashed.get(artifact.0 as usize).map(|hashed| hashed.sha256);
            filling.ended(artifact.0, facts.sha256.is_some() && facts.sha256 == hashed);
        }
    }

    fn recall(&self, part: KeptPart) -> Option<Vec<u8>> {
        match self.recalled(part) {
            Ok(bytes) => Some(bytes),
            Err(why) => {
                self.is_void(format!("{why:#}"));
                None
            }
        }
    }

    fn unreadable(&self, _: KeptPart) {
        self.is_void("the items of a part cannot be read".to_owned());
    }
}
