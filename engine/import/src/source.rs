//! A file of a foreign rule set, and what a reader makes of it.

use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use crate::account::{Outcome, SettingAccount};
use crate::draft::Drafts;
use crate::error::ImportError;
use crate::keys::Keys;
use crate::limits::MOST_BYTES;
use crate::members::Members;
use crate::write::Head;
use crate::yara::is_yara;

/// A file of a foreign rule set.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name, for messages and accounts.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Which tool's rule set a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// gitleaks' TOML.
    Gitleaks,
    /// Kingfisher's YAML.
    Kingfisher,
    /// A configuration of Pipelock.
    PipelockConfig,
    /// A rule bundle of Pipelock.
    PipelockBundle,
    /// YARA rules.
    Yara,
}

impl Dialect {
    /// The name of the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gitleaks => "gitleaks",
            Self::Kingfisher => "kingfisher",
            Self::PipelockConfig => "pipelock",
            Self::PipelockBundle => "pipelock-bundle",
            Self::Yara => "yara",
        }
    }
}

/// What a reader makes of files.
pub(crate) struct Read {
    pub(crate) head: Head,
    pub(crate) drafts: Drafts,
    pub(crate) settings: Vec<SettingAccount>,
    /// A policy, as YAML.
    pub(crate) policy: Option<String>,
    /// What holds for all rules of the form.
    pub(crate) notes: &'static [&'static str],
}

impl Source {
    /// The file's text.
    pub(crate) fn text(&self) -> Result<&str, ImportError> {
        if self.bytes.len() > MOST_BYTES {
            return Err(ImportError::OverLimit {
                file: self.name.clone(),
                what: format!("it has {} bytes", self.bytes.len()),
                limit: MOST_BYTES,
            });
        }
        let text = std::str::from_utf8(&self.bytes).map_err(|error| {
            let before = self.bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = memchr::memchr_iter(b'\n', before).count() as u64 + 1;
            ImportError::shape(&self.name, line, 1, "bytes that are no UTF-8", "a rule set is text")
        })?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Reads the file as YAML of some shape.
    pub(crate) fn yaml<T: DeserializeOwned>(&self, hint: &str) -> Result<T, ImportError> {
        serde_saphyr::from_str(self.text()?).map_err(|error| {
            let at = error.location();
            let (line, column) = at.map_or((1, 1), |at| (at.line(), at.column()));
            ImportError::shape(&self.name, line, column, &error.without_snippet().to_string(), hint)
        })
    }

    /// Which tool's rule set it is, by its content.
    pub fn dialect(&self) -> Result<Dialect, ImportError> {
        let text = self.text()?;
        if is_yara(text) {
            return Ok(Dialect::Yara);
        }
        if text
            .lines()
            .any(|line| matches!(line.trim(), "[[rules]]" | "[allowlist]" | "[[allowlists]]" | "[extend]"))
        {
            return Ok(Dialect::Gitleaks);
        }
        let keys: Keys = self.yaml("a rule set is TOML, YAML or YARA")?;
        let has = |key: &str| keys.has(key);
        if has("format_version") {
            return Ok(Dialect::PipelockBundle);
        }
        let parts = [
            "mode",
            "dlp",
            "response_scanning",
            "mcp_tool_policy",
            "fetch_proxy",
            "api_allowlist",
            "suppress",
        ];
        if parts.into_iter().any(has) {
            return Ok(Dialect::PipelockConfig);
        }
        if has("rules") {
            return Ok(Dialect::Kingfisher);
        }
        Err(ImportError::Unknown { file: self.name.clone() })
    }
}

/// Accounts of members that are not known, with how many rules have them.
pub(crate) fn unknown_members<'r, T: 'r>(rules: impl Iterator<Item = &'r Members<T>>) -> Vec<SettingAccount> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for key in rules.flat_map(Members::unknown) {
        *counts.entry(key).or_default() += 1;
    }
    let account = |(key, count): (&str, usize)| SettingAccount {
        setting: format!("rules.{key}"),
        outcome: Outcome::LeftOut,
        detail: format!("not taken over; {count} rules have it"),
    };
    counts.into_iter().map(account).collect()
}
