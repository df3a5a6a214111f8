//! `timeline`: the sessions of a report, and the story of one of them, or of the run that it is a recording of.

use anyhow::bail;
use coldcase_reports::{
    SessionSum, joined, joined_text, recordings, recordings_text, sessions, sessions_text,
    timeline as moments, timeline_text,
};

use crate::args::TimelineArgs;
use crate::term::{self, Exit};

pub(crate) fn timeline(args: &TimelineArgs) -> anyhow::Result<Exit> {
    let all = sessions(&args.out)?;
    let chosen = match &args.session {
        Some(name) => Some(named(&all, name)?),
        None if args.worst || all.len() == 1 => all.first(),
        None => None,
    };
    let Some(sum) = chosen else {
        term::out(&term::sanitize(&sessions_text(&all, args.top)))?;
        return Ok(Exit::Done);
    };
    let head = sessions_text(std::slice::from_ref(sum), 1);
    let (shown, also) = if args.joined {
        let (shown, more) = recordings(&args.out, &sum.session)?;
        let also = recordings_text(&shown, more);
        (shown, also)
    } else {
        (vec![sum.session.clone()], joined_text(&joined(&args.out, &sum.session)?))
    };
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let text = timeline_text(&moments(&args.out, &shown)?, args.all);
    term::out(&term::sanitize(&format!("{head}{also}\n{text}")))?;
    Ok(Exit::Done)
}

/// The session of this name, or the only one whose name starts so.
fn named<'s>(all: &'s [SessionSum], name: &str) -> anyhow::Result<&'s SessionSum> {
    if let Some(exact) = all.iter().find(|sum| sum.session == name) {
        return Ok(exact);
    }
    let mut found = all.iter().filter(|sum| sum.session.starts_with(name));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => bail!("no session {name:?}; without --session all are listed"),
        (Some(_), Some(_)) => bail!("several sessions start with {name:?}; give more of the name"),
    }
}
