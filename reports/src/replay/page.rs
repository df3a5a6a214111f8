//! The page of a replay: one file without network, script or anything to install, as that of a scan.

use askama::Template;
use coldcase_model::{ArtifactIndex, Finding, FindingChange, Replayed, RulesetFacts, Severity};

use super::sums::{MOST_FINDINGS, ReplaySummary};
use super::text::{axes, beside, headline, name};
use super::writer::{RulesetPair, run_facts};
use crate::ReportError;
use crate::html::{CoverageView, InputsView, RunView, left_out};
use crate::output::TextFile;
use crate::quantity::grouped;

/// Rules and sessions that the page shows.
const MOST_ROWS: usize = 500;

#[derive(Template)]
#[template(path = "replay.html")]
struct Page {
    tone: &'static str,
    title: String,
    beside: Vec<String>,
    nothing_read: bool,
    facts: Vec<(&'static str, String)>,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    causes: Vec<(&'static str, String)>,
    rules: Vec<RuleRow>,
    rules_left_out: String,
    sessions: Vec<SessionRow>,
    sessions_left_out: String,
    changes: Vec<ChangeView>,
    changes_left_out: String,
    coverage: CoverageView,
    inputs: InputsView,
    sides: Vec<SideView>,
}

/// A row of the matrix.
struct Row {
    name: &'static str,
    cells: Vec<Cell>,
}

struct Cell {
    column: &'static str,
    count: String,
    /// Worse is what opens: a block that became less.
    class: &'static str,
}

struct RuleRow {
    rule: String,
    title: String,
    cause: &'static str,
    through: String,
    gained: String,
    lost: String,
    altered: String,
    first: String,
}

struct SessionRow {
    session: String,
    before: &'static str,
    after: &'static str,
    first: String,
}

struct ChangeView {
    event: String,
    time: String,
    session: String,
    from: &'static str,
    to: &'static str,
    moved: bool,
    severity: &'static str,
    causes: String,
    reason_before: String,
    reason_after: String,
    place: String,
    findings: Vec<FindingView>,
    left_out: String,
}

struct FindingView {
    change: &'static str,
    severity: &'static str,
    rule: String,
    title: String,
    cause: &'static str,
    through: String,
    surface: &'static str,
    pointer: String,
    told: String,
    excerpt: String,
}

struct SideView {
    side: &'static str,
    name: String,
    run: Option<RunView>,
}

/// Renders the page.
pub(super) fn write(
    version: &'static str,
    rulesets: &RulesetPair,
    summary: &ReplaySummary,
    out: &mut TextFile,
) -> Result<(), ReportError> {
    let (rows, columns) = axes(summary);
    let row =
        |from| Row { name: name(from), cells: columns.iter().map(|&to| cell(summary, from, to)).collect() };
    let moved: Vec<_> = summary.moved_sessions().collect();
    let tone = match (summary.run.nothing_read(), summary.new_allows > 0, summary.is_changed()) {
        (true, ..) => "unknown",
        (_, true, _) => "grave",
        (_, _, true) => "notable",
        _ => "quiet",
    };
    out.page(&Page {
        tone,
        title: headline(summary),
        beside: beside(summary),
        nothing_read: summary.run.nothing_read(),
        facts: facts(summary),
        rows: rows.into_iter().map(row).collect(),
        columns: columns.iter().map(|column| name(*column)).collect(),
        causes: summary.causes.iter().map(|(cause, count)| (cause.as_str(), grouped(*count))).collect(),
        rules: summary.rules.iter().take(MOST_ROWS).map(rule_row).collect(),
        rules_left_out: left_out(
            summary.rules.len() as u64,
            summary.rules.len().min(MOST_ROWS),
            "line",
            "lines",
            "changes.jsonl",
        ),
        sessions: moved.iter().take(MOST_ROWS).map(|peak| session_row(peak)).collect(),
        sessions_left_out: left_out(
            moved.len() as u64,
            moved.len().min(MOST_ROWS),
            "session",
            "sessions",
            "the output of --json",
        ),
        changes: summary.shown.iter().map(|shown| ChangeView::of(shown, summary)).collect(),
        changes_left_out: left_out(
            summary.changed,
            summary.shown.len(),
            "changed event",
            "changed events",
            "changes.jsonl and tables/verdict_changes.parquet",
        ),
        coverage: CoverageView::of(&summary.run),
        inputs: InputsView::of(&summary.run),
        sides: vec![
            side("baseline", version, rulesets.baseline.as_ref()),
            side("candidate", version, Some(&rulesets.candidate)),
        ],
    })
}

fn facts(summary: &ReplaySummary) -> Vec<(&'static str, String)> {
    vec![
        ("events", grouped(summary.run.events)),
        ("unchanged", grouped(summary.unchanged())),
        ("changed", grouped(summary.changed)),
        ("newly blocked", grouped(summary.new_blocks)),
        ("newly let pass", grouped(summary.new_allows)),
        ("not compared", grouped(summary.not_compared())),
    ]
}

fn cell(
    summary: &ReplaySummary,
    from: Option<coldcase_model::Action>,
    to: Option<coldcase_model::Action>,
) -> Cell {
    let count = summary.matrix.get(&(from, to)).copied().unwrap_or(0);
    let opens = matches!((from, to), (Some(from), Some(to)) if to < from);
    Cell {
        column: name(to),
        count: if count == 0 { "–".to_owned() } else { grouped(count) },
        class: if count > 0 && opens { " missed" } else { "" },
    }
}

fn rule_row(
    ((rule, cause), sum): (&(String, coldcase_model::ChangeCause), &super::sums::RuleSum),
) -> RuleRow {
    let count = |count: u64| if count == 0 { "–".to_owned() } else { grouped(count) };
    RuleRow {
        rule: rule.clone(),
        title: sum.title.clone(),
        cause: cause.as_str(),
        through: sum.through.clone().unwrap_or_default(),
        gained: count(sum.findings.gained),
        lost: count(sum.findings.lost),
        altered: count(sum.findings.altered),
        first: sum.first.map(|event| event.to_string()).unwrap_or_default(),
    }
}

fn session_row(peak: &super::sums::SessionPeak) -> SessionRow {
    SessionRow {
        session: peak.session.as_str().to_owned(),
        before: peak.before.as_str(),
        after: peak.after.as_str(),
        first: peak.first.to_string(),
    }
}

fn side(side: &'static str, version: &'static str, facts: Option<&RulesetFacts>) -> SideView {
    SideView {
        side,
        name: facts.map_or_else(|| "what the recordings say".to_owned(), |facts| facts.name.clone()),
        run: facts.map(|facts| RunView::of(&run_facts(version, facts), None)),
    }
}

impl ChangeView {
    fn of(shown: &Replayed, summary: &ReplaySummary) -> Self {
        let judged = &shown.after;
        let artifact: ArtifactIndex = judged.head.id.artifact;
        let path = summary.run.paths.get(&artifact).cloned().unwrap_or_else(|| format!("input {artifact}"));
        let worst =
            shown.findings.iter().filter_map(FindingChange::finding).map(|finding| finding.rule.severity);
        let same = shown.before.verdict.reason == judged.verdict.reason;
        Self {
            event: judged.head.id.to_string(),
            time: judged.head.time.map(|time| time.to_string()).unwrap_or_default(),
            session: judged.labels.session.as_str().to_owned(),
            from: name(shown.from),
            to: name(shown.to),
            moved: shown.is_moved(),
            severity: worst.max().map_or("info", Severity::as_str),
            causes: shown.causes.iter().map(|cause| cause.as_str()).collect::<Vec<_>>().join(", "),
            reason_before: if same { String::new() } else { shown.before.verdict.reason.to_string() },
            reason_after: judged.verdict.reason.to_string(),
            place: format!("{path}, record {}", grouped(judged.head.source.pos.record)),
            findings: shown.findings.iter().take(MOST_FINDINGS).filter_map(FindingView::of).collect(),
            left_out: left_out(
                shown.findings.len() as u64,
                shown.findings.len().min(MOST_FINDINGS),
                "finding",
                "findings",
                "changes.jsonl",
            ),
        }
    }
}

impl FindingView {
    fn of(change: &FindingChange) -> Option<Self> {
        let finding = change.finding()?;
        let says = |finding: &Finding| {
            format!("{}, {:.0} %", finding.rule.severity, f64::from(finding.confidence.0) * 100.0)
        };
        let told = match (&change.before, &change.after) {
            (Some(before), Some(after)) => format!("{} → {}", says(before), says(after)),
            _ => says(finding),
        };
        Some(Self {
            change: change.kind.as_str(),
            severity: finding.rule.severity.as_str(),
            rule: finding.rule.id.to_string(),
            title: finding.rule.title.to_string(),
            cause: change.cause.as_str(),
            through: change.through.as_deref().unwrap_or_default().to_owned(),
            surface: finding.surface.as_str(),
            pointer: finding.pointer.as_str().to_owned(),
            told,
            excerpt: finding.excerpt.as_str().to_owned(),
        })
    }
}
