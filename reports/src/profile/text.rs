//! Deviations for the terminal: a line each, with the numbers behind it.

use std::fmt::Write;

use super::Deviation;
use crate::quantity::counted;

/// What deviates, by subject and session.
pub fn deviations_text(deviations: &[Deviation], unknown: &[String]) -> String {
    let mut out = format!("{}\n", counted(deviations.len() as u64, "deviation", "deviations"));
    let mut before = None;
    for deviation in deviations {
        let Deviation { subject, session, what, name, value, median, deviation, score, sessions } = deviation;
        if before != Some((subject, session)) {
            // Writing to a string cannot fail.
            let _written = writeln!(out, "{subject}, session {session}");
            before = Some((subject, session));
        }
        let name = name.as_deref().unwrap_or_default();
        let _written = if *score == 0.0 {
            writeln!(out, "  {what} {name}: in none of {sessions} sessions")
        } else {
            let what = format!("{what} {name}");
            let what = what.trim_end();
            writeln!(
                out,
                "  {what} {value}: usually {median} \u{b1} {deviation} in {sessions} sessions, {score:+.1} deviations"
            )
        };
    }
    for subject in unknown {
        let _written = writeln!(out, "{subject}: too few sessions in the profile to say what is usual");
    }
    out
}
