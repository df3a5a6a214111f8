//! A timeline for the terminal: a lane for agent, model, tools and network, the risk beside them, and under an event what
//! moved the risk and what it hangs together with.

use std::fmt::Write;

use coldcase_model::{Precision, TimeSource, Timestamp};

use super::{Lane, Moment, SessionSum, Tie};
use crate::quantity::counted;

/// How long what an event is may be on its line.
const WIDTH: usize = 56;
/// How many points fill the bar of the risk.
const FULL: f64 = 40.0;
/// How wide that bar is.
const BAR: u8 = 10;
/// How many quiet events in a row are shown one by one.
const QUIET: usize = 3;

/// The sessions of a report, the worst first; `most` of them.
pub fn sessions_text(sessions: &[SessionSum], most: usize) -> String {
    let mut out = format!("{}, the worst first\n", counted(sessions.len() as u64, "session", "sessions"));
    for sum in sessions.iter().take(most) {
        let times =
            sum.times.map(|(first, last)| format!("  {} to {}", time(first), time(last))).unwrap_or_default();
        let events = counted(sum.events, "event", "events");
        let findings = counted(sum.findings, "finding", "findings");
        // Writing to a string cannot fail.
        let _written = writeln!(
            out,
            "  {:>7.2} {:<9} {events}, {findings}{times}  {}",
            sum.peak, sum.level, sum.session
        );
    }
    if sessions.len() > most {
        let _written = writeln!(out, "  and {} more", sessions.len() - most);
    }
    out
}

/// The recordings of a run under their letters, where there are several.
pub fn recordings_text(sessions: &[String], more: usize) -> String {
    let mut out = String::new();
    for (number, session) in sessions.iter().enumerate() {
        let _written = writeln!(out, "  {}  {session}", letter(number));
    }
    if more > 0 {
        let _written = writeln!(out, "  and {more} more recordings, which are not shown");
    }
    out
}

/// The letter of a recording.
fn letter(number: usize) -> char {
    u8::try_from(number)
        .ok()
        .and_then(|number| char::from_digit(u32::from(number) + 10, 36))
        .unwrap_or('?')
        .to_ascii_uppercase()
}

/// The events of a session, or of the recordings of a run; quiet stretches are summed up unless `all` are wanted.
pub fn timeline_text(moments: &[Moment], all: bool) -> String {
    let mut out = String::from("  event      time                          agent model tools net    risk\n");
    let several = moments.iter().any(|moment| moment.recording > 0);
    let line = |out: &mut String, moment: &Moment| line(out, moment, several);
    let mut quiet: Vec<&Moment> = Vec::new();
    for moment in moments {
        if !all && !moment.is_notable() {
            quiet.push(moment);
            continue;
        }
        still(&mut out, &mut quiet, line);
        line(&mut out, moment);
        under(&mut out, moment);
    }
    still(&mut out, &mut quiet, line);
    out
}

/// A stretch of events without anything to say.
fn still(out: &mut String, quiet: &mut Vec<&Moment>, line: impl Fn(&mut String, &Moment)) {
    if quiet.len() <= QUIET {
        quiet.drain(..).for_each(|moment| line(out, moment));
        return;
    }
    let _written = writeln!(out, "  ⋮ {} quiet events", quiet.len());
    quiet.clear();
}

fn line(out: &mut String, moment: &Moment, several: bool) {
    let event =
        if several { format!("{} {}", letter(moment.recording), moment.event) } else { moment.event.clone() };
    let mark = match moment.direction.as_str() {
        "egress" => '▶',
        "ingress" => '◀',
        _ => '•',
    };
    let lanes = [Lane::Agent, Lane::Model, Lane::Tools, Lane::Network]
        .map(|lane| if lane == moment.lane { mark } else { '·' });
    let [agent, model, tools, net] = lanes;
    let time = moment.time.map(time).unwrap_or_default();
    let what: String = moment.what.chars().take(WIDTH).collect();
    let _written = writeln!(
        out,
        "  {event:<10} {time:<29} {agent}     {model}     {tools}     {net}  {:>7.2} {} {what}",
        moment.score,
        bar(moment.score),
    );
}

/// The risk as a bar of fixed width.
fn bar(score: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the bar's width"
    )]
    let filled = (score.clamp(0.0, FULL) / FULL * f64::from(BAR)).round() as usize;
    format!("{}{}", "█".repeat(filled), "░".repeat(usize::from(BAR).saturating_sub(filled)))
}

fn under(out: &mut String, moment: &Moment) {
    for (rule, severity) in &moment.findings {
        let _written = writeln!(out, "  {:<46}{severity} {rule}", "");
    }
    for (what, points) in &moment.signals {
        let _written = writeln!(out, "  {:<46}{points:+.2} {what}", "");
    }
    for Tie { from, kind, basis, shared_bytes, what } in &moment.edges {
        let bytes = if *shared_bytes == 0 { String::new() } else { format!(", {shared_bytes} bytes") };
        let _written = writeln!(out, "  {:<46}{kind} {from} ({basis}{bytes}): {what}", "");
    }
}

fn time(nanos: i64) -> String {
    Timestamp { nanos, precision: Precision::Milli, source: TimeSource::EventRecord }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(index: u64, score: f64) -> Moment {
        Moment {
            event: format!("0:{index}"),
            recording: 0,
            order: 0,
            time: None,
            lane: Lane::Tools,
            direction: "egress".to_owned(),
            what: "tools/call files read".to_owned(),
            score,
            level: "normal".to_owned(),
            signals: Vec::new(),
            findings: Vec::new(),
            edges: Vec::new(),
        }
    }

    #[test]
    fn quiet_stretches_are_summed_up() {
        let mut moments: Vec<Moment> = (0..10).map(|index| moment(index, 0.0)).collect();
        moments[7].signals.push(("dlp.x".to_owned(), 8.0));
        let text = timeline_text(&moments, false);
        assert!(text.contains("⋮ 7 quiet events") && text.contains("+8.00 dlp.x"), "{text}");
        assert!(text.contains("0:8") && text.contains("0:9") && !text.contains("0:3 "), "{text}");
        assert_eq!(timeline_text(&moments, true).matches("tools/call").count(), 10);
    }

    #[test]
    fn events_of_several_recordings_have_the_letter_of_theirs() {
        let other = Moment { recording: 1, event: "4:2".to_owned(), ..moment(0, 0.0) };
        let text = timeline_text(&[moment(3, 0.0), other], true);
        assert!(text.contains("  A 0:3") && text.contains("  B 4:2"), "{text}");
        let names = recordings_text(&["run".to_owned(), "run.har".to_owned()], 2);
        assert_eq!(names, "  A  run\n  B  run.har\n  and 2 more recordings, which are not shown\n");
    }

    #[test]
    fn the_bar_is_full_at_most() {
        assert_eq!(bar(0.0), "░░░░░░░░░░");
        assert_eq!(bar(20.0), "█████░░░░░");
        assert_eq!(bar(1e9), "██████████");
    }
}
