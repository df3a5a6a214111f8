//! A shelf in the making: parts of inputs as they come, from any thread; put in its place when the run has ended well.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use coldcase_model::Digest;

use super::seal::Seal;
use super::shelf::{At, ID, List, Listed, MAGIC, MOST_LIST, seal_list};
use crate::random;
use crate::whole_file::{PRIVATE, new_file, sync_folder};

/// A shelf that is written to.
#[derive(Debug)]
pub(super) struct Filling {
    file: BufWriter<File>,
    partial: PathBuf,
    id: [u8; ID],
    at: u64,
    /// What came of each input so far, by its place in the run.
    inputs: BTreeMap<u32, Parts>,
    is_published: bool,
}

#[derive(Debug, Default)]
struct Parts {
    places: Vec<At>,
    /// Whether the last batch came with the hash that was looked for.
    has_ended: bool,
    /// Whether something of it is missing.
    is_spoilt: bool,
}

impl Filling {
    /// Begins a shelf in this folder.
    pub(super) fn begin(dir: &Path, seal: &Seal) -> anyhow::Result<Self> {
        let id: [u8; ID] = random::bytes()?;
        let partial = dir.join(format!(".{}.partial-{}", crate::regular_file::hex(&id), std::process::id()));
        let file = new_file(PRIVATE).open(&partial)?;
        let mut filling = Self {
            file: BufWriter::with_capacity(256 << 10, file),
            partial,
            id,
            at: 0,
            inputs: BTreeMap::new(),
            is_published: false,
        };
        filling.write(MAGIC)?;
        filling.write(&seal.id())?;
        filling.write(&id)?;
        Ok(filling)
    }

    /// The name by which its records know it.
    pub(super) fn id(&self) -> [u8; ID] {
        self.id
    }

    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.file.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Adds what came of a batch of an input: the sealed sign and items.
    pub(super) fn add(&mut self, input: u32, number: u64, [sign, items]: [&[u8]; 2]) -> anyhow::Result<()> {
        let at = At { offset: self.at, sign: sign.len() as u64, items: items.len() as u64, number };
        self.write(sign)?;
        self.write(items)?;
        self.inputs.entry(input).or_default().places.push(at);
        Ok(())
    }

    /// An input has ended, and is what it was taken for, or is not.
    pub(super) fn ended(&mut self, input: u32, as_hashed: bool) {
        let parts = self.inputs.entry(input).or_default();
        parts.has_ended = true;
        parts.is_spoilt |= !as_hashed;
    }

    /// Nothing of an input is to be kept.
    pub(super) fn spoil(&mut self, input: u32) {
        self.inputs.entry(input).or_default().is_spoilt = true;
    }

    /// Puts the shelf in its place, if it holds anything; `name` gives the name of an input.
    pub(super) fn publish(
        mut self,
        place: &Path,
        seal: &Seal,
        book: Digest,
        name: impl Fn(u32) -> Option<Digest>,
    ) -> anyhow::Result<Option<PathBuf>> {
        let mut list = List::default();
        for (input, parts) in std::mem::take(&mut self.inputs) {
            let Parts { places: mut parts, has_ended, is_spoilt } = parts;
            if let Some(name) = name(input).filter(|_| has_ended && !is_spoilt) {
                parts.sort_unstable_by_key(|at| at.number);
                list.inputs.push(Listed { name, book, parts });
            }
        }
        if list.inputs.is_empty() {
            return Ok(None);
        }
        let list = postcard::to_stdvec(&list).context("a list cannot be written")?;
        let list = seal_list(seal, &self.id, &list)?;
        if list.len() as u64 > MOST_LIST {
            // It would not be read.
            return Ok(None);
        }
        self.write(&list)?;
        self.write(&(list.len() as u64).to_le_bytes())?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.partial, place)?;
        self.is_published = true;
        if let Some(folder) = place.parent() {
            sync_folder(folder)?;
        }
        Ok(Some(place.to_owned()))
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        if !self.is_published {
            let _gone = fs::remove_file(&self.partial);
        }
    }
}
