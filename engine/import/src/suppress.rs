//! What a configuration of Pipelock suppresses, with the rules of the pack that its names stand for.
//!
//! Left out: rules that the firewall has compiled in, which no file states, and marks within the files that are scanned.

use crate::account::{Place, RuleAccount};
use crate::error::ImportError;
use crate::pipelock;
use crate::source::{Dialect, Source};
use crate::{Imported, import};

/// An entry of `suppress`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The rule by its name in the configuration.
    pub rule: String,
    /// Where the entry stands.
    pub place: Place,
    /// Where the rule is suppressed.
    pub path: String,
    /// Why; may be empty.
    pub reason: String,
    /// The rules of the pack that the name stands for; why there is none, otherwise.
    pub rules: Result<Vec<String>, String>,
}

/// The entries of a configuration, and what becomes of its rules.
pub fn suppressions(source: &Source) -> Result<(Vec<Suppression>, Imported), ImportError> {
    let imported = import(std::slice::from_ref(source), Some(Dialect::PipelockConfig))?;
    let entries = pipelock::suppressions(source)?;
    let of = |entry: &pipelock::Suppressed| Suppression {
        rule: entry.rule.value.clone(),
        place: Place { file: source.name.clone(), line: entry.rule.defined.line() },
        path: entry.path.clone(),
        reason: entry.reason.trim().to_owned(),
        rules: rules(&imported.rules, &entry.rule.value),
    };
    let all = entries.iter().map(of).collect();
    Ok((all, imported))
}

/// What a name stands for. The firewall reads names in any case.
fn rules(accounts: &[RuleAccount], name: &str) -> Result<Vec<String>, String> {
    let named: Vec<&RuleAccount> =
        accounts.iter().filter(|account| account.rule.eq_ignore_ascii_case(name)).collect();
    let became: Vec<String> = named.iter().flat_map(|account| account.became.clone()).collect();
    match (named.first(), became.is_empty()) {
        (None, _) => Err("the file states no rule of this name; name one with --rule".to_owned()),
        (Some(account), true) => {
            let reason = account.reason.map_or("", crate::Reason::code);
            Err(format!("the pack does not have the rule ({reason}: {})", account.detail))
        }
        (Some(_), false) => Ok(became),
    }
}
