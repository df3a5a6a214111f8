//! Reading packs, with errors that name pack, rule and what to mend.

use std::sync::Arc;

use coldcase_model::Digest;
use sha2::{Digest as _, Sha256};

use super::compile::{self, CompiledRule};
use super::lens::Lenses;
use super::schema::{PackFile, RuleFile, RuleView};
use super::selftest;

/// Why a pack was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The file is not YAML of the right shape.
    #[error("pack {pack} is not well formed: {message}")]
    Shape {
        /// The pack's file name.
        pack: String,
        /// What the YAML reader says, with line and column.
        message: String,
    },
    /// A rule breaks a demand of the schema.
    #[error("pack {pack}, rule {rule}: {problem}")]
    Rule {
        /// The pack's file name.
        pack: String,
        /// The rule's id.
        rule: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// Two rules have one id.
    #[error("rule {rule} stands in pack {first} and again in pack {second}; an id is never reused")]
    DuplicateId {
        /// The id.
        rule: String,
        /// The pack that has it first.
        first: String,
        /// The pack that has it again.
        second: String,
    },
}

/// A pack's text, not yet read.
#[derive(Debug, Clone)]
pub struct PackText {
    /// The file's name, for messages.
    pub name: String,
    /// YAML.
    pub text: String,
}

/// The rules of one or more packs, compiled: immutable, shared by all threads.
#[derive(Debug)]
pub struct Pack {
    pub(crate) rules: Vec<CompiledRule>,
    pub(crate) lenses: Lenses,
    sources: Vec<(String, String, Digest)>,
}

/// The packs that are built into Coldcase, as `(name, YAML)`.
pub fn builtin_texts() -> Vec<PackText> {
    macro_rules! packs {
        ($($name:literal),+ $(,)?) => {
            [$(($name, include_str!(concat!("../../packs/", $name, ".yaml")))),+]
        };
    }
    let packs = packs![
        "credentials-ai",
        "credentials-cloud",
        "credentials-generic",
        "credentials-saas",
        "credentials-source",
        "exfiltration",
        "injection",
        "pii",
        "ssrf",
        "tool-poisoning",
    ];
    packs.iter().map(|&(name, text)| PackText { name: name.to_owned(), text: text.to_owned() }).collect()
}

impl Pack {
    /// The built-in packs. Their texts are held by this crate's tests, so they are not tested again here.
    pub fn builtin() -> Result<Self, PackError> {
        Self::compile(&builtin_texts(), Check::OnUse)
    }

    /// The built-in packs and packs of one's own; the latter are tested against their own texts.
    pub fn with(own: &[PackText]) -> Result<Self, PackError> {
        let mut texts = builtin_texts();
        texts.extend_from_slice(own);
        let pack = Self::compile(&texts, Check::Now)?;
        selftest::run(&pack, own)?;
        Ok(pack)
    }

    /// Only these packs, tested against their own texts.
    pub fn only(texts: &[PackText]) -> Result<Self, PackError> {
        let pack = Self::compile(texts, Check::Now)?;
        selftest::run(&pack, texts)?;
        Ok(pack)
    }

    fn compile(texts: &[PackText], check: Check) -> Result<Self, PackError> {
        let mut rules: Vec<CompiledRule> = Vec::new();
        let mut sources = Vec::new();
        let mut lenses = Lenses::default();
        for source in texts {
            let file = parse(source)?;
            let digest = Digest(Sha256::digest(source.text.as_bytes()).into());
            let pack: Arc<str> = file.pack.as_str().into();
            for rule in &file.rules {
                if let Some(first) = rules.iter().find(|known| *known.info.id == *rule.id) {
                    return Err(PackError::DuplicateId {
                        rule: rule.id.clone(),
                        first: first.info.pack.to_string(),
                        second: source.name.clone(),
                    });
                }
                let index = u32::try_from(rules.len()).unwrap_or(u32::MAX);
                let (compiled, anchors) = compile::rule(rule, &pack).map_err(refused(source, rule))?;
                if check == Check::Now {
                    compile::check(&compiled).map_err(refused(source, rule))?;
                }
                lenses.add(index, rule.case, anchors);
                rules.push(compiled);
            }
            sources.push((file.pack, file.version, digest));
        }
        lenses.settle(&rules);
        Ok(Self { rules, lenses, sources })
    }

    /// Name, version and SHA-256 of each pack, in load order.
    pub fn sources(&self) -> &[(String, String, Digest)] {
        &self.sources
    }

    /// Its rules, in load order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = RuleView<'_>> {
        self.rules.iter().map(|rule| RuleView {
            id: &rule.info.id,
            title: &rule.info.title,
            pack: &rule.info.pack,
            category: rule.info.category,
            severity: rule.info.severity,
        })
    }
}

/// When the regexes of a pack are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// All of them when the pack is loaded.
    Now,
    /// Each when it is first searched for: tests of this crate have compiled the built-in ones.
    OnUse,
}

fn refused<'a>(source: &'a PackText, rule: &'a RuleFile) -> impl FnOnce(String) -> PackError + 'a {
    |problem| PackError::Rule { pack: source.name.clone(), rule: rule.id.clone(), problem }
}

/// Reads one pack's YAML.
pub(super) fn parse(source: &PackText) -> Result<PackFile, PackError> {
    serde_saphyr::from_str(&source.text)
        .map_err(|error| PackError::Shape { pack: source.name.clone(), message: error.to_string() })
}
