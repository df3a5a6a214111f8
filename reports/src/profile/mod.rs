//! The behaviour of agents and servers over many sessions, and what in other sessions deviates from it, with the numbers.
//!
//! A subject is a server of tools or an agent by its name, or what has neither. A profile has for each subject the tools and hosts
//! that its sessions use, the hours of the day, and for each measure of a session the median and the median absolute deviation,
//! which a few odd sessions hardly move; for each argument of a tool its shape (`arguments.rs`). It is made and compared on
//! demand, from reports. Left out: the values of arguments, which no report holds.

mod arguments;
mod gather;
mod stats;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use arguments::Shape;
use arguments::{Held, compare, shape};
pub use gather::{Gathered, SessionFacts};
use stats::spread;
pub use text::deviations_text;

/// What is usual for each subject.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The version of this form: 2. The first had no arguments.
    pub version: u32,
    /// By subject.
    pub subjects: BTreeMap<String, Usual>,
}

/// What is usual for a subject.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usual {
    /// How many sessions it rests on.
    pub sessions: u64,
    /// By measure.
    pub measures: BTreeMap<String, Spread>,
    /// Tools, and how many sessions use each.
    pub tools: BTreeMap<String, u64>,
    /// Hosts, and how many sessions use each.
    pub hosts: BTreeMap<String, u64>,
    /// By tool, the shapes of its arguments by their names.
    #[serde(default)]
    pub arguments: BTreeMap<String, BTreeMap<String, Shape>>,
    /// For each hour of the day in UTC how many sessions have an event in it.
    pub hours: Vec<u64>,
    /// Whether there were more tools, hosts or arguments than are kept: nothing is called new then.
    #[serde(default)]
    pub cut: bool,
}

/// How a measure is spread over sessions.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The middle one.
    pub median: f64,
    /// The middle one of how far the sessions are from it.
    pub deviation: f64,
}

/// Something that is not as usual.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deviation {
    /// The subject.
    pub subject: String,
    /// The session.
    pub session: String,
    /// `tool`, `host`, `hour`, `argument`, `argument_form`, `argument_bytes`, or a measure.
    pub what: String,
    /// The tool, host, hour or argument; nothing for a measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The session's number.
    pub value: f64,
    /// What is usual; for what is new how many sessions of the profile have it.
    pub median: f64,
    /// How far sessions mostly are from it.
    pub deviation: f64,
    /// How many times that the session is from it.
    pub score: f64,
    /// How many sessions the profile rests on.
    pub sessions: u64,
}

/// The most bytes of a profile that are read.
pub const LARGEST_PROFILE: u64 = 64 << 20;
/// The version of the form that is written; older ones are read too.
const VERSION: u32 = 2;
/// Fewer sessions than this tell nothing of what is usual.
const FEWEST: u64 = 5;
/// How many robust standard deviations are no chance.
const FAR: f64 = 6.0;
/// How many tools, hosts and arguments of a subject are kept, each.
const MOST_NAMES: usize = 10_000;

impl Profile {
    /// What is usual in the sessions that were gathered.
    pub fn of(gathered: &Gathered) -> Self {
        let mut subjects: BTreeMap<String, Usual> = BTreeMap::new();
        let mut measures: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
        let mut arguments: BTreeMap<(&str, &str, &str), Vec<&Held>> = BTreeMap::new();
        for ((subject, _), facts) in gathered.sessions() {
            let usual = subjects.entry(subject.clone()).or_default();
            usual.add(facts);
            for (measure, value) in facts.measures() {
                measures.entry((subject, measure)).or_default().push(value);
            }
            for ((tool, argument), held) in &facts.arguments {
                arguments.entry((subject, tool, argument)).or_default().push(held);
            }
        }
        for ((subject, measure), values) in measures {
            if let Some(usual) = subjects.get_mut(subject) {
                usual.measures.insert(measure.to_owned(), spread(values));
            }
        }
        let mut kept = ("", 0);
        for ((subject, tool, argument), sessions) in arguments {
            kept = (subject, if kept.0 == subject { kept.1 + 1 } else { 1 });
            let Some(usual) = subjects.get_mut(subject) else { continue };
            if kept.1 > MOST_NAMES {
                usual.cut = true;
                continue;
            }
            let of_tool = usual.arguments.entry(tool.to_owned()).or_default();
            of_tool.insert(argument.to_owned(), shape(&sessions));
        }
        Self { version: VERSION, subjects }
    }

    /// Whether it is of this version and its numbers are numbers.
    pub fn is_sound(&self) -> bool {
        let sound = |usual: &Usual| {
            let finite = |spread: &Spread| spread.median.is_finite() && spread.deviation >= 0.0;
            let mut shapes = usual.arguments.values().flat_map(BTreeMap::values);
            usual.hours.len() <= 24
                && usual.measures.values().all(finite)
                && shapes.all(|shape| finite(&shape.bytes))
        };
        (1..=VERSION).contains(&self.version) && self.subjects.values().all(sound)
    }

    /// What in other sessions is not as usual, by subject and session; and the subjects of which too little is known.
    pub fn deviations(&self, gathered: &Gathered) -> (Vec<Deviation>, Vec<String>) {
        let (mut all, mut unknown) = (Vec::new(), Vec::new());
        for ((subject, session), facts) in gathered.sessions() {
            match self.subjects.get(subject).filter(|usual| usual.sessions >= FEWEST) {
                Some(usual) => usual.compare((subject, session), facts, &mut all),
                None if unknown.last() != Some(subject) => unknown.push(subject.clone()),
                None => {}
            }
        }
        (all, unknown)
    }
}

impl Usual {
    fn add(&mut self, facts: &SessionFacts) {
        self.sessions += 1;
        let Self { tools, hosts, cut, hours, .. } = self;
        for (names, known) in [(&facts.tools, tools), (&facts.hosts, hosts)] {
            *cut |= facts.cut;
            for name in names {
                if let Some(count) = known.get_mut(name) {
                    *count += 1;
                } else if known.len() < MOST_NAMES {
                    known.insert(name.clone(), 1);
                } else {
                    *cut = true;
                }
            }
        }
        hours.resize(24, 0);
        for (count, _) in hours.iter_mut().zip(facts.hours).filter(|(_, has)| *has) {
            *count += 1;
        }
    }

    fn compare(&self, (subject, session): (&str, &str), facts: &SessionFacts, all: &mut Vec<Deviation>) {
        let deviation = |what: &str, name: Option<String>, value: f64, usual: Spread, score: f64| Deviation {
            subject: subject.to_owned(),
            session: session.to_owned(),
            what: what.to_owned(),
            name,
            value,
            median: usual.median,
            deviation: usual.deviation,
            score,
            sessions: self.sessions,
        };
        for (measure, value) in facts.measures() {
            let Some(usual) = self.measures.get(measure) else { continue };
            let score = stats::score(value, *usual);
            if score.abs() >= FAR {
                all.push(deviation(measure, None, value, *usual, score));
            }
        }
        let never = Spread { median: 0.0, deviation: 0.0 };
        if !self.cut {
            for (what, names, known) in
                [("tool", &facts.tools, &self.tools), ("host", &facts.hosts, &self.hosts)]
            {
                let new = names.iter().filter(|name| !known.contains_key(*name));
                all.extend(new.map(|name| deviation(what, Some(name.clone()), 1.0, never, 0.0)));
            }
        }
        for ((tool, argument), held) in &facts.arguments {
            // Of a tool that is new, or that few sessions use, nothing is known; nor are arguments of older profiles.
            if !self.is_known(tool) || self.arguments.is_empty() {
                continue;
            }
            let known = self.arguments.get(tool).and_then(|shapes| shapes.get(argument));
            let odd = compare(&format!("{tool}.{argument}"), held, known);
            let odd = odd.into_iter().filter(|(what, ..)| *what != "argument" || !self.cut);
            all.extend(
                odd.map(|(what, name, value, usual, score)| deviation(what, Some(name), value, usual, score)),
            );
        }
        let has_hours = self.hours.iter().any(|count| *count > 0);
        for (hour, (count, has)) in self.hours.iter().zip(facts.hours).enumerate() {
            if has && *count == 0 && has_hours {
                all.push(deviation("hour", Some(format!("{hour:02}")), 1.0, never, 0.0));
            }
        }
    }
}

impl Usual {
    /// Whether enough sessions use a tool.
    fn is_known(&self, tool: &str) -> bool {
        self.tools.get(tool).is_some_and(|sessions| *sessions >= FEWEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sessions of one server: name, calls of a tool, and the hour.
    fn gathered(sessions: &[(&str, &str, u64, u32)]) -> Gathered {
        let mut gathered = Gathered::default();
        for (session, tool, calls, hour) in sessions {
            for call in 0..*calls {
                let nanos = (i64::from(*hour) * 3600 + i64::try_from(call).unwrap()) * 1_000_000_000;
                gathered.add_call("hub", session, tool, Some(nanos));
            }
        }
        gathered
    }

    fn usual() -> Profile {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        let sessions: Vec<_> = names
            .iter()
            .zip([10, 11, 12, 9, 10, 11, 10])
            .map(|(name, calls)| (*name, "read", calls, 9))
            .collect();
        Profile::of(&gathered(&sessions))
    }

    #[test]
    fn what_is_as_ever_is_no_deviation_and_what_is_not_says_by_how_much() {
        let profile = usual();
        assert_eq!(profile.deviations(&gathered(&[("x", "read", 11, 9)])), (Vec::new(), Vec::new()));
        let (all, unknown) = profile.deviations(&gathered(&[("x", "read", 400, 9)]));
        assert!(unknown.is_empty());
        let calls = all.iter().find(|deviation| deviation.what == "calls").expect("calls deviate");
        assert_eq!((calls.value, calls.median, calls.deviation, calls.sessions), (400.0, 10.0, 1.0, 7));
        assert!(calls.score > 100.0, "{calls:?}");
        let (all, _) = profile.deviations(&gathered(&[("x", "delete", 10, 3)]));
        let names: Vec<_> = all.iter().filter_map(|deviation| deviation.name.as_deref()).collect();
        assert_eq!(names, ["delete", "03"], "{all:?}");
    }

    #[test]
    fn one_odd_session_does_not_move_what_is_usual() {
        let mut sessions: Vec<_> = ["a", "b", "c", "d", "e", "f"].map(|name| (name, "read", 10, 9)).to_vec();
        sessions.push(("odd", "read", 500, 9));
        let profile = Profile::of(&gathered(&sessions));
        let usual = profile.subjects["server hub"].measures["calls"];
        assert_eq!((usual.median, usual.deviation), (10.0, 0.0));
        let (all, _) = profile.deviations(&gathered(&sessions));
        assert!(all.iter().all(|deviation| deviation.session == "odd") && !all.is_empty(), "{all:?}");
    }

    /// Sessions that read a file of so many bytes of path each, five times.
    fn readers(names: &[&str], form: &str, argument: &str, bytes: u64) -> Gathered {
        let mut gathered = Gathered::default();
        for (session, more) in names.iter().zip(0..) {
            for _ in 0..5 {
                gathered.add_call("hub", session, "read", None);
                gathered.add_argument("hub", session, ["read", argument, form], bytes + more);
            }
        }
        gathered
    }

    #[test]
    fn an_argument_that_is_new_of_another_form_or_longer_is_told() {
        let profile = Profile::of(&readers(&["a", "b", "c", "d", "e"], "string path", "path", 20));
        let shape = &profile.subjects["server hub"].arguments["read"]["path"];
        assert_eq!((shape.sessions, shape.calls, shape.most), (5, 25, 24));
        assert_eq!((shape.bytes.median, shape.bytes.deviation), (22.0, 1.0));
        let odd = |form: &str, argument: &str, bytes: u64| {
            let (all, _) = profile.deviations(&readers(&["x"], form, argument, bytes));
            let words = |one: &Deviation| (one.what.clone(), one.name.clone().unwrap_or_default(), one.value);
            all.iter().map(words).collect::<Vec<_>>()
        };
        assert_eq!(odd("string path", "path", 30), []);
        assert_eq!(
            odd("string url", "path", 30),
            [("argument_form".into(), "read.path: string url".into(), 5.0)]
        );
        assert_eq!(odd("string path", "path", 4000), [("argument_bytes".into(), "read.path".into(), 4000.0)]);
        assert_eq!(odd("string path", "then", 20), [("argument".into(), "read.then".into(), 5.0)]);
        let text = deviations_text(&profile.deviations(&readers(&["x"], "number", "path", 4000)).0, &[]);
        assert!(text.contains("argument_form read.path: number: in none of 5 sessions"), "{text}");
        assert!(text.contains("argument_bytes read.path 4000: usually 22 \u{b1} 1 in 5 sessions"), "{text}");
    }

    #[test]
    fn a_profile_of_the_first_version_says_nothing_of_arguments() {
        let text = serde_json::to_string(&usual()).expect("written");
        let text = text.replace("\"version\":2", "\"version\":1").replace("\"arguments\":{},", "");
        let profile: Profile = serde_json::from_str(&text).expect("read");
        assert!(profile.is_sound() && !text.contains("arguments"));
        let (all, _) = profile.deviations(&readers(&["x"], "string path", "path", 20));
        assert!(all.iter().all(|deviation| !deviation.what.starts_with("argument")), "{all:?}");
    }

    #[test]
    fn of_few_sessions_nothing_is_said() {
        let profile = Profile::of(&gathered(&[("a", "read", 10, 9)]));
        let (all, unknown) = profile.deviations(&gathered(&[("x", "delete", 900, 3)]));
        assert_eq!((all, unknown), (Vec::new(), vec!["server hub".to_owned()]));
    }

    #[test]
    fn a_profile_is_read_as_it_was_written() {
        let profile = usual();
        let text = serde_json::to_string(&profile).expect("written");
        assert_eq!(serde_json::from_str::<Profile>(&text).expect("read"), profile);
        assert!(profile.is_sound() && !Profile { version: 3, ..profile }.is_sound());
    }
}
