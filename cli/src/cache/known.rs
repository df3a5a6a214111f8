//! Which inputs of a run are known: found on a shelf, whole, and as they would be concluded under the rules of now.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use coldcase_engine::{Holds, Sign};
use coldcase_model::Digest;

use super::shelf::{At, Which};
use super::shelves::{Held, Shelves};

/// How much of what is read to see that it is whole stays in memory until it is asked for.
const MOST_READY: usize = 64 << 20;

/// An input of which nothing is read.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) name: Digest,
    pub(super) book: Digest,
    pub(super) shelf: usize,
    pub(super) parts: Vec<KnownPart>,
}

#[derive(Debug)]
pub(super) struct KnownPart {
    pub(super) at: At,
    /// Its items, where there was room for them.
    pub(super) ready: Mutex<Option<Vec<u8>>>,
}

/// What the shelves have of the inputs of a run.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By their places in the run.
    pub(super) known: BTreeMap<u32, Known>,
    /// Why an input's parts are not what was kept, for the first; and how many there are.
    pub(super) refused: Option<(String, usize)>,
}

/// Looks for the inputs of these names, on so many threads.
pub(super) fn find(
    names: &[Option<Digest>],
    (shelves, held): (&Shelves, &HashMap<Digest, Held>),
    holds: &Holds<'_>,
    threads: usize,
) -> Found {
    let wanted: Vec<(u32, Digest, &Held)> = (0..)
        .zip(names)
        .filter_map(|(at, name)| name.and_then(|name| Some((at, name, held.get(&name)?))))
        .collect();
    let (next, room) = (AtomicUsize::new(0), AtomicUsize::new(MOST_READY));
    let all = Mutex::new(Found::default());
    let work = || {
        while let Some((at, name, held)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = one(*name, held, shelves, holds, &room);
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            match found {
                Ok(Some(known)) => {
                    all.known.insert(*at, known);
                }
                Ok(None) => {}
                Err(why) => match &mut all.refused {
                    Some((_, count)) => *count += 1,
                    none => *none = Some((format!("{why:#}"), 1)),
                },
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(wanted.len()) {
            scope.spawn(work);
        }
        work();
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// One input, if all of its parts are whole and hold.
fn one(
    name: Digest,
    held: &Held,
    shelves: &Shelves,
    holds: &Holds<'_>,
    room: &AtomicUsize,
) -> anyhow::Result<Option<Known>> {
    let Some(shelf) = shelves.all.get(held.shelf) else { return Ok(None) };
    // Nothing need be read to tell that nothing is known of the rules.
    if held.parts.is_empty() || !holds.knows(held.book) {
        return Ok(None);
    }
    for at in &held.parts {
        let sign = Sign::from_bytes(&shelf.read(name, *at, Which::Sign)?);
        let sign = sign.ok_or_else(|| anyhow::anyhow!("a sign cannot be read"))?;
        if !holds.holds(&sign) {
            return Ok(None);
        }
    }
    let mut parts = Vec::with_capacity(held.parts.len());
    for at in &held.parts {
        let items = shelf.read(name, *at, Which::Items)?;
        let taken =
            room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(items.len()));
        parts.push(KnownPart { at: *at, ready: Mutex::new(taken.is_ok().then_some(items)) });
    }
    Ok(Some(Known { name, book: held.book, shelf: held.shelf, parts }))
}

/// The books under which the inputs of these names were judged.
pub(super) fn books(held: &HashMap<Digest, Held>) -> BTreeSet<Digest> {
    held.values().map(|held| held.book).collect()
}
