//! YARA rules: strings as patterns, and conditions that ask for some of them or for all.
//!
//! VirusTotal's own parser reads the files, after a look at how long and how deep they are. Left out: whatever looks at a file as a
//! file (offsets, sizes, modules), and rules that YARA does not report.

mod condition;
mod draft;
mod guard;
mod meta;
mod strings;
mod ways;

pub(crate) use guard::is_yara;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use yara_x_parser::ast::{AST, Error, Rule, RuleFlags, WithSpan};

use self::condition::Reader;
use self::draft::{Pending, drafts_of};
use self::meta::Metas;
use crate::account::{ChangeKind, Outcome, Place, Reason, SettingAccount};
use crate::dialect::Refused;
use crate::draft::{Drafts, slug};
use crate::error::ImportError;
use crate::limits::{MOST_ALL_STRINGS, MOST_RULES, MOST_STRINGS};
use crate::place::{line_column, line_of};
use crate::source::{Read, Source};
use crate::write::Head;

const HINT: &str = "a YARA file has `rule NAME { strings: … condition: … }`";

/// What holds for all rules.
const NOTES: &[&str] = &[
    "YARA reads a whole file, Coldcase an event, as it was sent and as its views decode it: what stands in two events does not \
     stand together, and what is coded is found",
    "YARA reports a rule once for a file; here each match of a string that the rule is about is a finding",
    "YARA states neither severity nor category: rules are `high`, 0.7 and `injection` unless their meta says otherwise \
     (`severity`, `confidence`, `category`, or a tag that is a category's name); references are those of the category",
];

/// Reads the files of a rule set.
pub(crate) fn read(sources: &[Source]) -> Result<Read, ImportError> {
    let mut reading = Reading::default();
    for source in sources {
        reading.file(source)?;
    }
    let name = match sources {
        [one] => one.name.clone(),
        all => format!("{} files", all.len()),
    };
    let Reading { mut drafts, mut settings, metas, pending, .. } = reading;
    if drafts.accounts.is_empty() {
        return Err(ImportError::empty(&name, HINT));
    }
    let head = Head {
        pack: "yara".to_owned(),
        version: "imported".to_owned(),
        title: format!("YARA rules, from {name}"),
        comment: vec![format!("Taken over from {name} by `coldcase rules import`.")],
        fragments: Vec::new(),
    };
    drafts_of(&head, &pending, &mut drafts);
    settings.extend(metas.accounts());
    Ok(Read { head, drafts, settings, policy: None, notes: NOTES })
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    drafts: Drafts,
    settings: Vec<SettingAccount>,
    metas: Metas,
    pending: Vec<Pending>,
    /// Strings of all rules.
    strings: usize,
}

impl Reading {
    fn file(&mut self, source: &Source) -> Result<(), ImportError> {
        let text = source.text()?;
        let ast = parsed(&source.name, text)?;
        beside(&ast, &mut self.settings);
        let names: BTreeSet<&str> = ast.rules().map(|rule| rule.identifier.name).collect();
        let has_global = ast.rules().any(|rule| rule.flags.contains(RuleFlags::Global));
        let mut seen = BTreeSet::new();
        let (mut line, mut counted) = (1, 0);
        for rule in ast.rules() {
            if self.drafts.accounts.len() >= MOST_RULES {
                let what = format!("more than {MOST_RULES} rules");
                return Err(ImportError::OverLimit { file: source.name.clone(), what, limit: MOST_RULES });
            }
            let name = rule.identifier.name;
            // Rules stand in order, so lines are counted once.
            let at = rule.identifier.span().start();
            line += line_of(text.get(counted..).unwrap_or_default(), at.saturating_sub(counted)) - 1;
            counted = at;
            let of = self.drafts.open(name, Place { file: source.name.clone(), line });
            let taken = if seen.insert(name) {
                self.rule(rule, of, &names)
            } else {
                Err(Refused::new(Reason::Duplicate, "a rule above it has the same name"))
            };
            match taken {
                Ok(mut taken) => {
                    let global = has_global.then(|| (ChangeKind::Global, String::new()));
                    taken.changes.extend(global);
                    self.metas.read(rule, &mut taken.frame);
                    self.pending.push(taken);
                }
                Err(refused) => self.drafts.refuse(of, refused),
            }
        }
        Ok(())
    }

    fn rule(&mut self, rule: &Rule<'_>, of: usize, names: &BTreeSet<&str>) -> Result<Pending, Refused> {
        self.strings += rule.patterns.as_ref().map_or(0, Vec::len);
        if self.strings > MOST_ALL_STRINGS {
            let detail = format!("it and the rules before it have more than {MOST_ALL_STRINGS} strings");
            return Err(Refused::new(Reason::TooLarge, detail));
        }
        take(rule, of, names)
    }
}

/// The file as its parser reads it; its first mistake, if there is one.
fn parsed<'t>(file: &str, text: &'t str) -> Result<AST<'t>, ImportError> {
    let shape = |at: usize, problem: &str| {
        let (line, column) = line_column(text, at);
        ImportError::shape(file, line, column, problem, HINT)
    };
    if let Some((at, problem)) = guard::too_much(text) {
        return Err(shape(at, &problem));
    }
    // The parser asserts what it takes for granted of its own tree; a file that shows it wrong is a bad file all the same.
    let ast = catch_unwind(AssertUnwindSafe(|| AST::from(text)))
        .map_err(|_| shape(0, "the parser of YARA cannot read it"))?;
    let first = ast.errors().iter().map(told).min_by_key(|(at, _)| *at);
    match first {
        Some((at, problem)) => Err(shape(at, &problem)),
        None => Ok(ast),
    }
}

/// Where a mistake is, and what it is.
fn told(error: &Error) -> (usize, String) {
    match error {
        Error::SyntaxError { message, span }
        | Error::InvalidInteger { message, span }
        | Error::InvalidFloat { message, span }
        | Error::InvalidRegexpModifier { message, span }
        | Error::InvalidEscapeSequence { message, span } => (span.start(), message.clone()),
        Error::InvalidUTF8(span) => (span.start(), "bytes that are no UTF-8".to_owned()),
        Error::UnexpectedEscapeSequence(span) => {
            (span.start(), "an escape sequence where there can be none".to_owned())
        }
    }
}

/// Accounts of what stands beside the rules of a file.
fn beside(ast: &AST<'_>, settings: &mut Vec<SettingAccount>) {
    let mut tell = |setting: String, detail: &str| {
        if !settings.iter().any(|known| known.setting == setting) {
            settings.push(SettingAccount { setting, outcome: Outcome::LeftOut, detail: detail.to_owned() });
        }
    };
    for import in ast.imports().take(MOST_RULES) {
        tell(
            format!("import \"{}\"", import.module_name),
            "modules read files of some kinds; rules that use it are left out",
        );
    }
    for item in ast.items().take(MOST_RULES) {
        if let yara_x_parser::ast::Item::Include(include) = item {
            tell(
                format!("include \"{}\"", include.file_name),
                "no file is opened that was not named; import it too",
            );
        }
    }
}

/// A rule as what has to be there, or why it cannot be taken.
fn take(rule: &Rule<'_>, of: usize, names: &BTreeSet<&str>) -> Result<Pending, Refused> {
    if rule.flags.contains(RuleFlags::Global) {
        return Err(Refused::new(Reason::NoCounterpart, "a global rule is a condition of all others"));
    }
    if rule.flags.contains(RuleFlags::Private) {
        return Err(Refused::new(Reason::NotReported, "a private rule, which only serves others"));
    }
    let patterns = rule.patterns.as_deref().unwrap_or_default();
    if patterns.len() > MOST_STRINGS {
        return Err(Refused::new(Reason::TooLarge, format!("it has {} strings", patterns.len())));
    }
    let (mut strings, mut sayable) = (Vec::new(), Vec::new());
    for pattern in patterns {
        let (said, refused) = match strings::sayable(pattern) {
            Ok(said) => (Some(said), None),
            Err(refused) => (None, Some(refused)),
        };
        strings.push((pattern.identifier(), refused));
        sayable.push(said);
    }
    let is_rule = |name: &str| names.contains(name);
    let mut reader = Reader { strings, is_rule: &is_rule, changes: Vec::new(), looked: 0 };
    let cond = reader.read(&rule.condition)?;
    let ways = ways::ways(&cond)?;
    Ok(Pending {
        of,
        strings: sayable,
        ways,
        changes: reader.changes,
        frame: meta::Frame::new(&format!("yara.{}", slug(rule.identifier.name))),
    })
}
