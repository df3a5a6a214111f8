//! The packs of one rule set, read: from what the program holds of the built-in ones, and from YAML.

use std::collections::BTreeMap;
use std::sync::Arc;

use coldcase_model::Digest;

use super::chain::{WrittenChain, base};
use super::compile::Shape;
use super::frozen;
use super::load::{FirstPlace, PackError, PackText, Written, digest, parse, spread};
use super::schema::PackFile;

/// Packs in load order; those that the program holds come first.
#[derive(Default)]
pub(super) struct Sources {
    texts: Vec<PackText>,
    files: Vec<PackFile>,
    names: Vec<Arc<str>>,
    digests: Vec<Digest>,
    /// Of the rules of packs that the program holds.
    shapes: Vec<Shape>,
    /// How many packs the program holds.
    held: usize,
}

impl Sources {
    /// Reads packs; `frozen` is what [`freeze`](super::freeze) made of some, which come first.
    pub(super) fn read(frozen: Option<&'static [u8]>, texts: &[PackText]) -> Result<Self, PackError> {
        let mut sources = frozen.map_or_else(|| Ok(Self::default()), Self::thawed)?;
        sources.files.extend(spread(texts, parse).into_iter().collect::<Result<Vec<_>, _>>()?);
        sources.digests.extend(texts.iter().map(|source| digest(&source.text)));
        sources.texts.extend_from_slice(texts);
        sources.names = sources.files.iter().map(|file| file.pack.as_str().into()).collect();
        sources.distinct_ids()?;
        Ok(sources)
    }

    fn thawed(bytes: &'static [u8]) -> Result<Self, PackError> {
        let frozen::Thawed { files, digests, shapes } = frozen::thawed(bytes)?;
        let unread = |file: &PackFile| PackText { name: file.pack.clone(), text: String::new() };
        let texts: Vec<PackText> = files.iter().map(unread).collect();
        Ok(Self { held: texts.len(), texts, files, digests, shapes, ..Self::default() })
    }

    /// Their rules, in load order, and whether each stands in a pack that the program does not hold.
    pub(super) fn written(&self) -> impl Iterator<Item = (Written<'_>, bool)> {
        let packs = std::iter::zip(&self.texts, &self.files).zip(&self.names).enumerate();
        let rules = packs.flat_map(|(number, ((source, file), pack))| {
            let fragments = &file.fragments;
            let is_own = number >= self.held;
            file.rules
                .iter()
                .map(move |rule| (Written { source, pack, fragments, rule, shape: None }, is_own))
        });
        let shapes = self.shapes.iter().map(Some).chain(std::iter::repeat(None));
        rules.zip(shapes).map(|((written, is_own), shape)| (Written { shape, ..written }, is_own))
    }

    /// Their chains, in load order.
    pub(super) fn chains(&self) -> impl Iterator<Item = WrittenChain<'_>> {
        let packs = std::iter::zip(&self.texts, &self.files).zip(&self.names);
        packs.flat_map(|((source, file), pack)| {
            file.chains.iter().map(move |chain| WrittenChain { source: &source.name, pack, chain })
        })
    }

    /// Each pack's text with what it says, in load order.
    pub(super) fn packs(&self) -> impl Iterator<Item = (&PackText, &PackFile)> {
        std::iter::zip(&self.texts, &self.files)
    }

    /// The packs as they were read.
    pub(super) fn into_files(self) -> Vec<PackFile> {
        self.files
    }

    /// Name, version and SHA-256 of each pack.
    pub(super) fn named(&self) -> Vec<(String, String, Digest)> {
        let named = std::iter::zip(&self.files, &self.digests);
        named.map(|(file, digest)| (file.pack.clone(), file.version.clone(), *digest)).collect()
    }

    /// Refuses a set of rules of which two have one id.
    fn distinct_ids(&self) -> Result<(), PackError> {
        let mut known: BTreeMap<&str, FirstPlace> = BTreeMap::new();
        let builtin = base()?;
        for chain in &builtin.chains {
            known.insert(&chain.id.value, FirstPlace::Builtin { pack: builtin.pack.clone() });
        }
        let rules = self.written().map(|(written, is_own)| {
            (&written.rule.id, &*written.source.name, (!is_own).then(|| written.pack.to_string()))
        });
        let chains = self.chains().map(|written| (&written.chain.id, written.source, None));
        for (id, source, builtin) in rules.chain(chains) {
            let file = || FirstPlace::File { pack: source.to_owned(), line: id.line };
            let place = builtin.map_or_else(file, |pack| FirstPlace::Builtin { pack });
            let Some(first) = known.insert(&id.value, place) else { continue };
            return Err(PackError::DuplicateId {
                pack: source.to_owned(),
                line: id.line,
                column: id.column,
                rule: id.value.clone(),
                first,
            });
        }
        Ok(())
    }
}
