//! The results of `rules test` for a person and for a program.

use coldcase_engine::{Evaded, Promise, Tried};
use serde_json::{Map, Value, json};

use super::corpus::Judged;
use super::run::{Comparison, Measured};
use crate::cmd::labels::curve::{self, Point};
use crate::cmd::labels::{Score, Share};

/// What a person reads: what is broken, wishes that came true, tables of what was asked for, what is worse or better.
pub(super) fn as_text(measured: &Measured, points: &[Point], with_cost: bool) -> String {
    let line = |one: &Promise| format!("{}:{}: {}: {}\n", one.pack, one.line, one.rule, one.problem());
    let mut text: String = measured.broken().map(line).collect();
    for one in measured.promises.iter().filter(|one| one.wanted.is_todo() && one.kept) {
        let now = one.wanted.as_str().trim_start_matches("todo_");
        text.push_str(&format!(
            "{}:{}: {}: {} {} holds now: it can stand under `{now}`\n",
            one.pack,
            one.line,
            one.rule,
            one.wanted.as_str(),
            one.number,
        ));
    }
    if let Some(evaded) = &measured.evaded {
        text.push_str(&evasions(evaded));
    }
    if let Some(judged) = &measured.corpus {
        text.push_str(&corpus(judged, with_cost));
    }
    if !points.is_empty() {
        text.push_str(&curve::table(points));
    }
    if let Some(comparison) = &measured.baseline {
        text.push_str(&baseline(comparison));
    }
    text
}

/// A line for each rule that misses something, and one for each disguise.
fn evasions(evaded: &[Evaded]) -> String {
    let share = |(right, of): (usize, usize)| Share::new(right as u64, of as u64);
    let missed = |rows: &[Tried]| {
        let missed = rows.iter().filter(|row| row.right < row.tried).map(|row| row.disguise);
        missed.collect::<Vec<_>>().join(", ")
    };
    let mut text = String::new();
    for one in evaded {
        let (found, silent) = (share(one.found_of()), share(one.silent_of()));
        if found.right < found.of {
            let missed = missed(&one.found);
            text.push_str(&format!(
                "{}: evasion score {} ({} of {}); misses {missed}\n",
                one.rule,
                found.text(),
                found.right,
                found.of
            ));
        }
        if silent.right < silent.of {
            let heard = missed(&one.silent);
            text.push_str(&format!("{}: `no_match` texts are found behind {heard}\n", one.rule));
        }
    }
    let mut by_disguise: Vec<Tried> = Vec::new();
    for row in evaded.iter().flat_map(|one| &one.found) {
        let Some(sum) = by_disguise.iter_mut().find(|sum| sum.disguise == row.disguise) else {
            by_disguise.push(row.clone());
            continue;
        };
        sum.tried += row.tried;
        sum.right += row.right;
        sum.exact += row.exact;
    }
    text.push_str(&format!("{:<20} {:>8} {:>8} {:>8}\n", "disguise", "tried", "found", "exact"));
    for row in by_disguise {
        let of = |right: usize| share((right, row.tried)).text();
        text.push_str(&format!(
            "{:<20} {:>8} {:>8} {:>8}\n",
            row.disguise,
            row.tried,
            of(row.right),
            of(row.exact)
        ));
    }
    text
}

fn corpus(judged: &Judged, with_cost: bool) -> String {
    let mut text = format!("{:>9} {:>9} {:>8} {:>8} {:>8}", "precision", "recall", "hits", "false", "missed");
    text.push_str(if with_cost { "       us  rule\n" } else { "  rule\n" });
    let mut line = |rule: &str, Score { precision, recall }: Score, micros: Option<u64>| {
        text.push_str(&format!(
            "{:>9} {:>9} {:>8} {:>8} {:>8}",
            precision.text(),
            recall.text(),
            precision.of,
            precision.of - precision.right,
            recall.of - recall.right,
        ));
        if with_cost {
            text.push_str(&micros.map_or_else(|| format!("{:>9}", ""), |micros| format!("{micros:>9}")));
        }
        text.push_str(&format!("  {rule}\n"));
    };
    for (rule, score) in &judged.tally.rules {
        line(rule, *score, Some(micros(judged, rule)));
    }
    line("(all)", judged.tally.at(0.0), None);
    text
}

fn micros(judged: &Judged, rule: &str) -> u64 {
    judged.costs.get(rule).map_or(0, |cost| cost.ticks / 1000)
}

fn baseline(comparison: &Comparison) -> String {
    let mut text = String::new();
    for one in &comparison.compared {
        let rule = one.rule.as_deref().unwrap_or("all rules");
        one.worse.iter().for_each(|what| text.push_str(&format!("worse: {rule}: {what}\n")));
        one.better.iter().for_each(|what| text.push_str(&format!("better: {rule}: {what}\n")));
    }
    text
}

/// What is told beside the data.
pub(super) fn sentences(measured: &Measured) -> Vec<String> {
    let wishes = measured.promises.iter().filter(|one| one.wanted.is_todo()).count();
    let come_true = measured.promises.iter().filter(|one| one.wanted.is_todo() && one.kept).count();
    let texts = measured.promises.len() - wishes;
    let broken = measured.broken().count();
    let mut all = vec![format!(
        "{} packs, {} rules, {texts} texts: {} as promised, {broken} not",
        measured.packs.len(),
        rules(&measured.promises),
        texts - broken,
    )];
    if wishes > 0 {
        all.push(format!("{wishes} wishes (todo_match, todo_no_match): {come_true} hold now"));
    }
    let results = &measured.snapshot.all;
    if let (Some(found), Some(silent), Some(evaded)) = (results.evasions, results.negatives, &measured.evaded)
    {
        let left_out: usize = evaded.iter().map(|one| one.left_out).sum();
        all.push(format!(
            "evasions: {} of {} found ({}), {} of {} left alone ({}); {left_out} texts are not tried",
            found.right,
            found.of,
            found.text(),
            silent.right,
            silent.of,
            silent.text(),
        ));
    }
    if let Some(judged) = &measured.corpus {
        let tally = &judged.tally;
        all.push(format!(
            "corpus: {} recordings, {} texts, {} events, {} anomalies",
            tally.recordings, tally.texts, tally.events, tally.anomalies
        ));
        all.extend(judged.unread.iter().map(|path| format!("nothing was read of {}", path.display())));
    }
    if let Some(comparison) = &measured.baseline {
        if comparison.other_labels {
            all.push("the labels of the corpus are not those of the baseline".into());
        }
        if !comparison.not_asked.is_empty() {
            all.push(format!(
                "not compared, since it was not asked for: {}",
                comparison.not_asked.join(", ")
            ));
        }
    }
    all
}

fn rules(promises: &[Promise]) -> usize {
    let mut rules: Vec<(&str, &str)> =
        promises.iter().map(|one| (one.pack.as_str(), one.rule.as_str())).collect();
    rules.dedup();
    rules.len()
}

/// All results as one object.
pub(super) fn as_json(measured: &Measured, points: &[Point], with_cost: bool) -> Value {
    let mut rules: Map<String, Value> = Map::new();
    for (rule, results) in &measured.snapshot.rules {
        let mut members = json!({
            "promises": share(results.promises),
            "evasions": results.evasions.map(share),
            "negatives": results.negatives.map(share),
            "precision": results.corpus.map(|score| share(score.precision)),
            "recall": results.corpus.map(|score| share(score.recall)),
        });
        if let (Some(judged), Some(members), true) = (&measured.corpus, members.as_object_mut(), with_cost) {
            members.insert("micros".into(), json!(micros(judged, rule)));
        }
        rules.insert(rule.clone(), members);
    }
    let all = &measured.snapshot.all;
    let told = |one: &Promise| json!({ "rule": one.rule, "pack": one.pack, "line": one.line, "wanted": one.wanted.as_str(), "number": one.number });
    let wishes = measured.promises.iter().filter(|one| one.wanted.is_todo()).map(|one| {
        let mut wish = told(one);
        if let Some(members) = wish.as_object_mut() {
            members.insert("holds".into(), json!(one.kept));
        }
        wish
    });
    json!({
        "all": {
            "promises": share(all.promises), "evasions": all.evasions.map(share), "negatives": all.negatives.map(share),
            "precision": all.corpus.map(|score| share(score.precision)),
            "recall": all.corpus.map(|score| share(score.recall)),
        },
        "broken": measured.broken().map(told).collect::<Vec<_>>(),
        "todo": wishes.collect::<Vec<_>>(),
        "rules": rules,
        "disguises": measured.evaded.as_deref().map(disguises),
        "curve": points.iter().map(point).collect::<Vec<_>>(),
        "baseline": measured.baseline.as_ref().map(comparison),
    })
}

fn share(share: Share) -> Value {
    let value = share.of_ten_thousand().and_then(|share| u32::try_from(share).ok());
    json!({ "right": share.right, "of": share.of, "share": value.map(|value| f64::from(value) / 10_000.0) })
}

/// What each rule misses, by disguise.
fn disguises(evaded: &[Evaded]) -> Value {
    let rows = |rows: &[Tried]| {
        let row = |row: &Tried| json!({ "disguise": row.disguise, "tried": row.tried, "right": row.right, "exact": row.exact });
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let one = |one: &Evaded| json!({ "rule": one.rule, "found": rows(&one.found), "silent": rows(&one.silent), "left_out": one.left_out });
    evaded.iter().map(one).collect()
}

fn point(point: &Point) -> Value {
    json!({
        "confidence": curve::decimal(point.least),
        "precision": share(point.score.precision),
        "recall": share(point.score.recall),
    })
}

fn comparison(comparison: &Comparison) -> Value {
    let changed = comparison.compared.iter().filter(|one| !one.worse.is_empty() || !one.better.is_empty());
    let changed = changed.map(|one| json!({ "rule": one.rule, "worse": one.worse, "better": one.better }));
    json!({
        "changed": changed.collect::<Vec<_>>(),
        "not_compared": comparison.not_asked,
        "other_labels": comparison.other_labels,
    })
}
