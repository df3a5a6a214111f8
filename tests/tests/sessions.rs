//! Logs of agents: what real ones say is counted by their formats' own fields and held against the events, and an
//! incident is planted in a log of each format.

mod again;
mod benign;
mod count;
mod incidents;
mod resume;
mod tally;

use std::path::Path;

use coldcase_model::{AnomalyKind, InputState};
use coldcase_readers::Limits;

use crate::reading::read_one;
use crate::real::files;
use count::Format;
use tally::{Log, Tally};

/// The program whose log a sample is, by the folder that it lies in.
fn program(path: &Path) -> Option<Format> {
    let path = path.to_string_lossy().replace('\\', "/");
    let inside = path.get(..=path.rfind('/')?)?;
    let ending = |ending: &str| path.ends_with(ending);
    if ending(".md") || ending(".txt") || ending("migration") {
        return None;
    }
    let folders = [
        ("/gemini-cli/", Format::GeminiAnswers),
        ("/agents/gemini/", Format::Gemini),
        ("/testdata/gemini/", Format::Gemini),
        ("/agents/copilot/", Format::Copilot),
        ("/agents/qwen/", Format::Qwen),
        ("/agents/kimi/", Format::Kimi),
        ("/agents/pi/", Format::Pi),
        ("/agents/openclaw/", Format::Pi),
        ("/agents/droid/", Format::Droid),
        ("/agents/cursor/", Format::Cursor),
        ("/agents/grok/", Format::Grok),
        ("/agents/opencode/", Format::Opencode),
        ("/agents/antigravity/", Format::Antigravity),
        ("/agents/hermes/", Format::Chat),
        ("/livemcpbench/", Format::Chat),
        ("/tau_bench/", Format::Chat),
        ("/codex/", Format::Codex),
        ("/jazzyalex/", Format::Codex),
        ("/claude/", Format::Claude),
        ("/claude_code/", Format::Claude),
        ("/sniffly/", Format::Claude),
    ];
    // The most particular folder stands last in the path.
    let found = folders.iter().filter_map(|(folder, format)| Some((inside.rfind(folder)?, *format)));
    found.max_by_key(|(at, _)| *at).map(|(_, format)| format)
}

#[test]
fn what_real_logs_say_is_counted_the_same_by_their_own_fields() {
    let Some(files) = files("sessions") else { return };
    let (mut wrong, mut counted, mut total) = (Vec::new(), 0, Tally::default());
    for path in &files {
        let Some(format) = program(path) else { continue };
        let own = count::tally(format, path);
        let log = Log::read(path);
        counted += 1;
        total.add(&own);
        if let Some(difference) = own.difference(&log.tally()) {
            wrong.push(format!("{} as {}: {difference}", path.display(), log.format));
        }
    }
    println!("{counted} files: {total}");
    assert!(wrong.is_empty(), "{} files differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_real_log_is_recognised_and_its_ledger_adds_up() {
    let mut unknown = Vec::new();
    for path in files("sessions").unwrap_or_default() {
        let reading = read_one(&path, Limits::default());
        let text = program(&path).is_some();
        if text && reading.facts.state != InputState::Read {
            unknown.push(format!("{}: {}", path.display(), reading.facts.format));
        }
        if text && reading.anomalies.contains(&AnomalyKind::OverLimit) {
            unknown.push(format!("{}: over a limit", path.display()));
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}
