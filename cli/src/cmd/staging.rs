//! An output folder that is complete or absent: written beside its place, then renamed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A folder in the making; removed again unless [`Staging::publish`] is reached.
pub(crate) struct Staging {
    target: PathBuf,
    partial: PathBuf,
    published: bool,
}

impl Staging {
    /// Prepares to write `target`. It must not lie inside an input, and not exist unless `force` is given.
    pub(crate) fn begin(target: &Path, inputs: &[PathBuf], force: bool) -> anyhow::Result<Self> {
        let target =
            std::path::absolute(target).with_context(|| format!("{} is not a path", target.display()))?;
        if let Some(input) = input_around(&target, inputs)? {
            bail!(
                "{} lies inside the input {}; name another folder with -o",
                target.display(),
                input.display()
            );
        }
        if target.exists() && !force {
            bail!(
                "{} is already there; name another folder with -o, or replace it with --force",
                target.display()
            );
        }
        if target.exists() && !is_report(&target) {
            bail!("{} is no report of Coldcase, so --force does not replace it", target.display());
        }
        let name = target.file_name().with_context(|| format!("{} has no name", target.display()))?;
        let mut partial_name = std::ffi::OsString::from(".");
        partial_name.push(name);
        partial_name.push(format!(".partial-{}", std::process::id()));
        let partial = target.with_file_name(partial_name);
        if let Some(parent) = partial.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::create_dir(&partial).with_context(|| format!("cannot create {}", partial.display()))?;
        Ok(Self { target, partial, published: false })
    }

    /// Where to write.
    pub(crate) fn dir(&self) -> &Path {
        &self.partial
    }

    /// Puts the finished folder in its place, and says where that is.
    pub(crate) fn publish(mut self) -> anyhow::Result<PathBuf> {
        if self.target.exists() {
            fs::remove_dir_all(&self.target)
                .with_context(|| format!("cannot replace {}", self.target.display()))?;
        }
        fs::rename(&self.partial, &self.target).with_context(|| {
            format!("cannot rename {} to {}", self.partial.display(), self.target.display())
        })?;
        self.published = true;
        Ok(self.target.clone())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.published {
            let _gone = fs::remove_dir_all(&self.partial);
        }
    }
}

/// The input that a path lies inside of.
pub(super) fn input_around(path: &Path, inputs: &[PathBuf]) -> anyhow::Result<Option<PathBuf>> {
    for input in inputs.iter().filter(|input| input.is_dir()) {
        let input = fs::canonicalize(input).with_context(|| format!("cannot resolve {}", input.display()))?;
        if resolved(path).starts_with(&input) {
            return Ok(Some(input));
        }
    }
    Ok(None)
}

/// An empty folder, or one that a run of ours has written.
fn is_report(target: &Path) -> bool {
    let empty = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    empty || target.join("manifest.json").is_file() || target.join("report").join("manifest.json").is_file()
}

/// The path with its deepest existing ancestor resolved, so that links and `..` do not hide where it lies.
fn resolved(path: &Path) -> PathBuf {
    let mut rest = Vec::new();
    for ancestor in path.ancestors() {
        if let Ok(found) = fs::canonicalize(ancestor) {
            return rest.iter().rev().fold(found, |found, name| found.join(name));
        }
        rest.extend(ancestor.file_name());
    }
    path.to_owned()
}
