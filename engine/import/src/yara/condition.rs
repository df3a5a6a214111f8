//! The condition of a YARA rule, as far as rules of a pack can say it: which strings have to be there, and how many.
//!
//! Left out, each with its reason: places in a file, lengths, loops, `not`, counts above one, modules and their functions,
//! external variables, other rules. A condition on the file's size is dropped where it stands beside strings.

use yara_x_parser::ast::{Expr, Ident, Of, OfItems, PatternSet, Quantifier};

use crate::account::{ChangeKind, Reason};
use crate::dialect::Refused;

/// What has to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cond {
    /// Nothing.
    Always,
    /// A string, by its number.
    One(usize),
    /// All of these.
    All(Vec<Cond>),
    /// One of these at least.
    Any(Vec<Cond>),
    /// So many of these strings at least, more than one and fewer than all.
    Least(usize, Vec<usize>),
}

/// What a condition is read with.
pub(super) struct Reader<'a> {
    /// The names of the rule's strings, in order, and why some of them cannot be looked for.
    pub(super) strings: Vec<(&'a Ident<'a>, Option<Refused>)>,
    /// Whether a name is that of a rule.
    pub(super) is_rule: &'a dyn Fn(&str) -> bool,
    /// What reading has changed.
    pub(super) changes: Vec<(ChangeKind, String)>,
    /// How many strings were looked at so far.
    pub(super) looked: usize,
}

/// How many strings are looked at for a condition: `any of them`, a thousand times over, is no condition.
const MOST_LOOKS: usize = 1 << 20;

fn none(detail: impl Into<String>) -> Refused {
    Refused::new(Reason::NoCounterpart, detail)
}

impl Reader<'_> {
    /// Reads a condition.
    pub(super) fn read(&mut self, expr: &Expr<'_>) -> Result<Cond, Refused> {
        let so_far = self.changes.len();
        let read = self.read_one(expr);
        if read.is_err() {
            // A part that is left out has changed nothing.
            self.changes.truncate(so_far);
        }
        read
    }

    fn read_one(&mut self, expr: &Expr<'_>) -> Result<Cond, Refused> {
        match expr {
            Expr::True { .. } => Ok(Cond::Always),
            Expr::PatternMatch(found) if found.anchor.is_none() => self.named(&found.identifier),
            Expr::And(both) => {
                both.operands().map(|one| self.read(one)).collect::<Result<_, _>>().map(Cond::All)
            }
            Expr::Or(either) => {
                let all = either.operands().map(|one| self.read(one)).collect();
                self.any(all)
            }
            Expr::Of(of) => self.of(of),
            Expr::Gt(_) | Expr::Ge(_) | Expr::Lt(_) | Expr::Le(_) | Expr::Eq(_) | Expr::Ne(_) => {
                self.comparison(expr)
            }
            _ => Err(self.why_not(expr)),
        }
    }

    /// One of these at least; what cannot be said is left out as long as something can.
    fn any(&mut self, all: Vec<Result<Cond, Refused>>) -> Result<Cond, Refused> {
        let (mut said, mut unsaid) = (Vec::new(), Vec::new());
        for one in all {
            match one {
                Ok(Cond::Always) => unsaid.push(none("a branch without any string")),
                Ok(cond) => said.push(cond),
                Err(refused) => unsaid.push(refused),
            }
        }
        if said.is_empty() {
            return Err(unsaid.into_iter().next().unwrap_or_else(|| none("a condition without any string")));
        }
        self.drop_branches(unsaid);
        Ok(Cond::Any(said))
    }

    fn drop_branches(&mut self, unsaid: Vec<Refused>) {
        for refused in unsaid {
            self.changes.push((ChangeKind::Branch, format!("{}: {}", refused.reason.code(), refused.detail)));
        }
    }

    /// Counts what is looked at.
    fn look(&mut self, strings: usize) -> Result<(), Refused> {
        self.looked = self.looked.saturating_add(strings);
        if self.looked > MOST_LOOKS {
            return Err(Refused::new(Reason::TooLarge, "a condition that names too many strings too often"));
        }
        Ok(())
    }

    fn named(&mut self, ident: &Ident<'_>) -> Result<Cond, Refused> {
        self.look(self.strings.len() + 1)?;
        let number = self.strings.iter().position(|(name, _)| name.name == ident.name);
        let number = number
            .ok_or_else(|| Refused::new(Reason::Syntax, format!("there is no string `{}`", ident.name)))?;
        self.one(number)
    }

    fn one(&self, number: usize) -> Result<Cond, Refused> {
        match self.strings.get(number) {
            Some((name, Some(refused))) => {
                Err(Refused::new(refused.reason, format!("{}: {}", name.name, refused.detail)))
            }
            _ => Ok(Cond::One(number)),
        }
    }

    fn of(&mut self, of: &Of<'_>) -> Result<Cond, Refused> {
        if of.anchor.is_some() {
            return Err(none("`at` or `in`: places in a file"));
        }
        match &of.items {
            OfItems::PatternSet(set) => self.of_strings(&of.quantifier, set),
            OfItems::BoolExprTuple(all) => match &of.quantifier {
                Quantifier::Any { .. } => {
                    let all = all.iter().map(|one| self.read(one)).collect();
                    self.any(all)
                }
                Quantifier::All { .. } => {
                    all.iter().map(|one| self.read(one)).collect::<Result<_, _>>().map(Cond::All)
                }
                _ => Err(none("a number of conditions")),
            },
        }
    }

    fn of_strings(&mut self, quantifier: &Quantifier<'_>, set: &PatternSet<'_>) -> Result<Cond, Refused> {
        let is_member = |name: &Ident<'_>| match set {
            PatternSet::Them { .. } => true,
            PatternSet::Set(items) => items.iter().any(|item| item.matches(name)),
        };
        let items = if let PatternSet::Set(items) = set { items.len() } else { 1 };
        self.look(self.strings.len().saturating_mul(items))?;
        let members: Vec<usize> = (0..)
            .zip(&self.strings)
            .filter(|(_, (name, _))| is_member(name))
            .map(|(number, _)| number)
            .collect();
        let count = members.len();
        if count == 0 {
            return Err(Refused::new(Reason::Syntax, "a set without any string"));
        }
        let least = match quantifier {
            Quantifier::None { .. } => None,
            Quantifier::All { .. } => Some(count),
            Quantifier::Any { .. } => Some(1),
            Quantifier::Expr(expr) => number(expr),
            // So much of a hundred, rounded up.
            Quantifier::Percentage(expr) => {
                number(expr).filter(|share| *share <= 100).map(|share| (count * share).div_ceil(100))
            }
        };
        let least = least
            .filter(|least| *least > 0)
            .ok_or_else(|| none("`none of`, or how many it does not state"))?;
        if least > count {
            return Err(none(format!("{least} of {count} strings, which is never met")));
        }
        let each: Vec<Result<Cond, Refused>> = members.iter().map(|number| self.one(*number)).collect();
        if least == count {
            return each.into_iter().collect::<Result<_, _>>().map(Cond::All);
        }
        if least == 1 {
            return self.any(each);
        }
        let (mut there, mut unsaid) = (Vec::new(), Vec::new());
        for (number, one) in members.into_iter().zip(each) {
            match one {
                Ok(_) => there.push(number),
                Err(refused) => unsaid.push(refused),
            }
        }
        if there.len() < least {
            return Err(unsaid.into_iter().next().unwrap_or_else(|| none("too few strings")));
        }
        self.drop_branches(unsaid);
        Ok(if there.len() == least {
            Cond::All(there.into_iter().map(Cond::One).collect())
        } else {
            Cond::Least(least, there)
        })
    }

    /// The file's size, which no event has, and whether a string is there at all.
    fn comparison(&mut self, expr: &Expr<'_>) -> Result<Cond, Refused> {
        let sides: Vec<&Expr<'_>> = expr.children().collect();
        let [left, right] = sides.as_slice() else { return Err(self.why_not(expr)) };
        let is_size = |one: &Expr<'_>| matches!(one, Expr::Filesize { .. });
        if is_size(left) || is_size(right) {
            let other = if is_size(left) { right } else { left };
            if !is_number(other) {
                return Err(self.why_not(other));
            }
            self.changes.push((ChangeKind::FileSize, String::new()));
            return Ok(Cond::Always);
        }
        let is_there = match (expr, left, right) {
            (Expr::Gt(_) | Expr::Ne(_), Expr::PatternCount(count), at) if number(at) == Some(0) => {
                Some(count)
            }
            (Expr::Ge(_), Expr::PatternCount(count), at) if number(at) == Some(1) => Some(count),
            (Expr::Lt(_) | Expr::Ne(_), at, Expr::PatternCount(count)) if number(at) == Some(0) => {
                Some(count)
            }
            (Expr::Le(_), at, Expr::PatternCount(count)) if number(at) == Some(1) => Some(count),
            _ => None,
        };
        match is_there.filter(|count| count.range.is_none()) {
            // `#a`, where the string is `$a`.
            Some(count) => {
                let name = format!("${}", count.identifier.name.trim_start_matches(['#', '$']));
                self.named(&Ident::new(&name))
            }
            None => {
                let part = sides.iter().find(|one| !is_number(one)).copied().unwrap_or(expr);
                Err(self.why_not(part))
            }
        }
    }

    /// Why something cannot be said.
    fn why_not(&self, expr: &Expr<'_>) -> Refused {
        match expr {
            Expr::False { .. } => none("a condition that is never met"),
            Expr::Filesize { .. } => none("the file's size, which no event has"),
            Expr::Defined(_) => none("`defined`: whether a value is there"),
            Expr::Not(_) => none("`not`: packs do not ask that a text is absent"),
            Expr::PatternMatch(_) => none("`at` or `in`: places in a file"),
            Expr::PatternCount(_) => none("how often a string is there"),
            Expr::PatternOffset(_) | Expr::PatternLength(_) | Expr::Entrypoint { .. } => {
                none("places and lengths of matches")
            }
            Expr::ForOf(_) | Expr::ForIn(_) | Expr::With(_) => none("a loop, or a name for a value"),
            Expr::FieldAccess(path) => match path.operands().next() {
                Some(Expr::Ident(module)) => none(format!("the module `{}`", module.name)),
                _ => none("a module"),
            },
            Expr::FuncCall(call) => match &call.object {
                Some(object) => self.why_not(object),
                None => none(format!("`{}`, which reads at a place of the file", call.identifier.name)),
            },
            Expr::Lookup(lookup) => self.why_not(&lookup.primary),
            Expr::Ident(name) if (self.is_rule)(name.name) => {
                Refused::new(Reason::Combined, format!("the rule `{}`", name.name))
            }
            Expr::Ident(name) => none(format!("`{}`: a module, or a variable from outside", name.name)),
            _ => match expr.children().find(|one| !is_number(one)) {
                Some(part) => self.why_not(part),
                None => none("a calculation"),
            },
        }
    }
}

/// A whole number that is written out.
fn number(expr: &Expr<'_>) -> Option<usize> {
    match expr {
        Expr::LiteralInteger(number) => usize::try_from(number.value).ok(),
        _ => None,
    }
}

/// Whether it is made of numbers only.
fn is_number(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::LiteralInteger(_) | Expr::LiteralFloat(_) => true,
        Expr::Add(_) | Expr::Sub(_) | Expr::Mul(_) | Expr::Div(_) | Expr::Mod(_) | Expr::Minus(_) => {
            expr.children().all(is_number)
        }
        _ => false,
    }
}
