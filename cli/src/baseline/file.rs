//! The file of a baseline, `coldcase.baseline/1`: JSON Lines, a head and then an entry a line, sorted by rule and
//! fingerprint, so that a change is a changed line.

use std::path::Path;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::entry::{Entries, Entry};
use crate::key_file::KeyFile;
use crate::regular_file::read_small;
use crate::whole_file::{self, IfThere, PUBLIC};

/// Some 50,000 entries; whoever accepts more has given up on the rule.
pub(super) const MOST_BYTES: u64 = 16 << 20;
const SCHEMA: &str = "coldcase.baseline/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    schema: String,
    /// The key's name: it says which key, and nothing of it.
    key: String,
}

/// A baseline.
#[derive(Debug)]
pub(crate) struct BaselineFile {
    key: String,
    entries: Entries,
}

/// Makes an empty baseline. Nothing is overwritten.
pub(crate) fn create(path: &Path, key: &KeyFile) -> anyhow::Result<()> {
    let file = BaselineFile { key: key.id(), entries: Entries::new() };
    whole_file::put(path, file.text()?.as_bytes(), PUBLIC, IfThere::Fail)
        .with_context(|| format!("cannot make {}; a baseline is never overwritten", path.display()))
}

impl BaselineFile {
    /// Reads a baseline's file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = read_small(path, MOST_BYTES)
            .with_context(|| format!("cannot read the baseline {}", path.display()))?;
        Self::parse(&path.display().to_string(), &bytes)
    }

    /// Reads a baseline's text.
    ///
    /// # Errors
    ///
    /// A line that is not one of this version, an unknown key, or one finding twice: the whole file is refused, with the line.
    pub(crate) fn parse(name: &str, bytes: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8"))?;
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let (_, head) = lines.next().with_context(|| format!("{name} is empty: no baseline"))?;
        let head: Head = serde_json::from_str(head)
            .with_context(|| format!("{name}, line 1: not the head of a baseline ({SCHEMA})"))?;
        if head.schema != SCHEMA {
            bail!("{name}: its form is {}, and {SCHEMA} is what is read here", head.schema);
        }
        let mut entries = Entries::new();
        for (number, line) in lines {
            let entry =
                Entry::parse(line).with_context(|| format!("{name}, line {}: no entry", number + 1))?;
            if let Some(first) = entries.insert(entry.fingerprint, entry) {
                bail!("{name}, line {}: a second entry for {}", number + 1, first.fingerprint);
            }
        }
        Ok(Self { key: head.key, entries })
    }

    /// Makes sure that a key is the one that the fingerprints were made with: with another one nothing would be known, and
    /// that would look like a baseline that does not apply.
    pub(crate) fn held_to(&self, key: &KeyFile, path: &Path) -> anyhow::Result<()> {
        if self.key != key.id() {
            bail!(
                "{} was made with the key {}, and this is the key {}; name the right one with --baseline-key",
                path.display(),
                self.key,
                key.id()
            );
        }
        Ok(())
    }

    /// The name of its key.
    pub(crate) fn key_id(&self) -> &str {
        &self.key
    }

    /// Its entries, by rule and fingerprint.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        let mut all: Vec<&Entry> = self.entries.values().collect();
        all.sort_by(|a, b| (&a.rule, a.fingerprint).cmp(&(&b.rule, b.fingerprint)));
        all.into_iter()
    }

    /// Adds an entry, or renews the one that is there; says which.
    pub(crate) fn accept(&mut self, entry: Entry) -> bool {
        self.entries.insert(entry.fingerprint, entry).is_none()
    }

    /// Leaves out what does not fit; gives it back.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let gone: Vec<Entry> = self.entries().filter(|entry| !keep(entry)).cloned().collect();
        self.entries.retain(|_, entry| keep(entry));
        gone
    }

    /// Puts it in the place of the file.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = self.text()?;
        if text.len() as u64 > MOST_BYTES {
            bail!("the baseline would be over {MOST_BYTES} bytes; turn the rule off instead");
        }
        whole_file::put(path, text.as_bytes(), PUBLIC, IfThere::Replace)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    fn text(&self) -> anyhow::Result<String> {
        let head = Head { schema: SCHEMA.to_owned(), key: self.key.clone() };
        let mut text = serde_json::to_string(&head)?;
        text.push('\n');
        for entry in self.entries() {
            text.push_str(&entry.line()?);
            text.push('\n');
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(print: &str, expires: &str, reason: &str) -> String {
        format!(
            "{{\"fingerprint\":\"{print}\",\"rule\":\"a.b\",\"severity\":\"high\",\"surface\":\"body\",\
             \"pointer\":\"/x/*\",\"reason\":\"{reason}\",\"author\":\"me\",\"accepted\":\"2026-01-01\",\
             \"expires\":\"{expires}\"}}\n"
        )
    }

    const HEAD: &str = "{\"schema\":\"coldcase.baseline/1\",\"key\":\"00\"}\n";

    fn parse(text: &str) -> anyhow::Result<BaselineFile> {
        BaselineFile::parse("b", text.as_bytes())
    }

    #[test]
    fn what_is_read_is_written_again_byte_by_byte() {
        let (one, two) = ("1".repeat(32), "2".repeat(32));
        let text =
            [HEAD, &line(&one, "2026-02-01", "test data"), &line(&two, "2026-03-01", "it's fine")].concat();
        assert_eq!(parse(&text).unwrap().text().unwrap(), text);
    }

    #[test]
    fn an_entry_of_a_place_is_written_as_it_was_and_stands_once() {
        let place = "{\"rule\":\"a.b\",\"severity\":\"high\",\"place\":{\"host\":\"a.example\",\"path\":\"docs/\"},\
                     \"reason\":\"why\",\"author\":\"me\",\"accepted\":\"2026-01-01\",\"expires\":\"2026-02-01\"}\n";
        let text = [HEAD, place].concat();
        assert_eq!(parse(&text).unwrap().text().unwrap(), text);
        for (bad, wanted) in [
            ([place, place].concat(), "second entry"),
            (place.replace("a.example", "*"), "one host"),
            (place.replace("docs/", "*"), "turn the rule off"),
            (place.replace("\"place\"", "\"surface\":\"body\",\"place\""), "or a `place`"),
        ] {
            let error = format!("{:#}", parse(&[HEAD, &bad].concat()).unwrap_err());
            assert!(error.contains(wanted), "{bad}: {error}");
        }
    }

    #[test]
    fn whatever_is_not_an_entry_refuses_the_file_with_its_line() {
        let good = line(&"1".repeat(32), "2026-02-01", "why");
        for (bad, wanted) in [
            (good.clone(), "second entry"),
            (line("12", "2026-02-01", "why"), "fingerprint"),
            (line(&"2".repeat(32), "2025-12-31", "why"), "before"),
            (line(&"2".repeat(32), "never", "why"), "expires"),
            (line(&"2".repeat(32), "2026-02-01", " "), "reason"),
            (good.replace("\"rule\"", "\"until\":1,\"rule\"").replace('1', "3"), "unknown field"),
            ("[]\n".to_owned(), "line 3"),
        ] {
            let error = format!("{:#}", parse(&[HEAD, &good, &bad].concat()).unwrap_err());
            assert!(error.contains(wanted) && error.contains("line 3"), "{bad}: {error}");
        }
        for head in ["", "{}\n", &HEAD.replace("/1", "/2"), &good] {
            assert!(parse(head).is_err(), "{head}");
        }
    }
}
