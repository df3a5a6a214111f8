//! The ways to meet a condition: each is a list of choices, of which all must be met by one of their strings.
//!
//! A way with one choice becomes a pattern; further choices become texts that must stand near it. At most one count can stand
//! in a way.

use super::condition::Cond;
use crate::account::Reason;
use crate::dialect::Refused;
use crate::limits::{MOST_NEAR, MOST_WAYS};

/// So many of these strings, which are in order, have to be there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Choice {
    pub(super) least: usize,
    pub(super) of: Vec<usize>,
}

/// A way to meet a condition.
pub(super) type Way = Vec<Choice>;

/// All ways to meet a condition, the ones that need a single string as one.
pub(super) fn ways(cond: &Cond) -> Result<Vec<Way>, Refused> {
    let mut all = of(cond)?;
    for way in &mut all {
        simplify(way);
        if way.is_empty() {
            return Err(Refused::new(Reason::NoCounterpart, "a condition that no string has to meet"));
        }
        if way.iter().filter(|choice| choice.least > 1).count() > 1 {
            return Err(Refused::new(Reason::NoCounterpart, "two counts of strings that must hold together"));
        }
        if way.iter().map(|choice| if choice.least > 1 { choice.of.len() } else { 1 }).sum::<usize>()
            > MOST_NEAR
        {
            return Err(together());
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn together() -> Refused {
    Refused::new(Reason::TooLarge, format!("more than {MOST_NEAR} texts that must be there together"))
}

fn too_many() -> Refused {
    Refused::new(Reason::TooLarge, format!("more than {MOST_WAYS} ways to meet the condition"))
}

fn of(cond: &Cond) -> Result<Vec<Way>, Refused> {
    Ok(match cond {
        Cond::Always => vec![Way::new()],
        Cond::One(string) => vec![vec![Choice { least: 1, of: vec![*string] }]],
        Cond::Least(least, of) => vec![vec![Choice { least: *least, of: of.clone() }]],
        Cond::Any(all) => {
            let (mut single, mut ways) = (Vec::new(), Vec::new());
            for one in all {
                for way in of(one)? {
                    match way.as_slice() {
                        [choice] if choice.least == 1 => single.extend_from_slice(&choice.of),
                        _ => ways.push(way),
                    }
                }
                if ways.len() > MOST_WAYS {
                    return Err(too_many());
                }
            }
            if !single.is_empty() {
                single.sort_unstable();
                single.dedup();
                ways.push(vec![Choice { least: 1, of: single }]);
            }
            ways
        }
        Cond::All(all) => {
            let mut ways = vec![Way::new()];
            for one in all {
                let next = of(one)?;
                if ways.len() * next.len() > MOST_WAYS {
                    return Err(too_many());
                }
                ways = ways
                    .iter()
                    .flat_map(|way| next.iter().map(|more| [way.as_slice(), more.as_slice()].concat()))
                    .collect();
                for way in ways.iter_mut().filter(|way| way.len() > MOST_NEAR) {
                    simplify(way);
                    if way.len() > MOST_NEAR {
                        return Err(together());
                    }
                }
            }
            ways
        }
    })
}

/// Drops choices that another one meets already.
fn simplify(way: &mut Way) {
    way.sort_unstable();
    way.dedup();
    let all = way.clone();
    let meets = |one: &Choice, other: &Choice| {
        one != other
            && other.least == 1
            && one.least == 1
            && one.of.iter().all(|string| other.of.contains(string))
    };
    way.retain(|choice| !all.iter().any(|one| meets(one, choice)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(least: usize, of: &[usize]) -> Choice {
        Choice { least, of: of.to_vec() }
    }

    fn one(string: usize) -> Cond {
        Cond::One(string)
    }

    #[test]
    fn single_strings_are_one_way_and_others_stand_beside_them() {
        let cond = Cond::Any(vec![one(0), Cond::All(vec![one(1), one(2)]), one(3)]);
        assert_eq!(ways(&cond).unwrap(), [vec![choice(1, &[0, 3])], vec![choice(1, &[1]), choice(1, &[2])]]);
        let cond = Cond::All(vec![one(0), Cond::Any(vec![one(1), one(2)]), Cond::Always]);
        assert_eq!(ways(&cond).unwrap(), [vec![choice(1, &[0]), choice(1, &[1, 2])]]);
        let cond = Cond::All(vec![one(0), Cond::Any(vec![one(0), one(2)])]);
        assert_eq!(ways(&cond).unwrap(), [vec![choice(1, &[0])]], "the first meets the second");
    }

    #[test]
    fn what_comes_to_too_much_or_to_nothing_is_refused() {
        let pair = |n: usize| Cond::All(vec![one(n), one(n + 1)]);
        let either = |n: usize| Cond::Any(vec![pair(n), pair(n + 2)]);
        let cond = Cond::All((0..8).map(|n| either(n * 4)).collect());
        assert_eq!(ways(&cond).unwrap_err().reason, Reason::TooLarge);
        assert_eq!(ways(&Cond::Always).unwrap_err().reason, Reason::NoCounterpart);
        let cond = Cond::All(vec![Cond::Least(2, vec![0, 1, 2]), Cond::Least(2, vec![3, 4, 5])]);
        assert_eq!(ways(&cond).unwrap_err().reason, Reason::NoCounterpart);
        assert_eq!(ways(&Cond::All((0..65).map(one).collect())).unwrap_err().reason, Reason::TooLarge);
    }
}
