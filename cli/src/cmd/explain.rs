//! `explain`: one finding of a report, in words, with where its bytes stand.

use std::fs::File;
use std::io::{BufRead, BufReader};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::args::ExplainArgs;
use crate::term::{self, Exit};

pub(crate) fn explain(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let path = args.out.join("findings.jsonl");
    let file = File::open(&path)
        .with_context(|| format!("{} is no report: cannot open {}", args.out.display(), path.display()))?;
    let wanted = args.finding.trim().to_ascii_lowercase();
    let mut found = Vec::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        let finding: Value = serde_json::from_str(&line)
            .with_context(|| format!("{}, line {}, is no finding", path.display(), number + 1))?;
        let id = text(&finding, "finding");
        if id.starts_with(&wanted) && !wanted.is_empty() {
            found.push(finding);
        }
    }
    match found.as_slice() {
        [] => bail!(
            "no finding {} in {}; ids stand in findings.jsonl and in the report",
            args.finding,
            args.out.display()
        ),
        [finding] => {
            term::out(&term::sanitize(&explanation(finding, &input_path(args, finding))))?;
            Ok(Exit::Done)
        }
        several => bail!("{} findings start with {}; give more of the id", several.len(), args.finding),
    }
}

/// The path of the finding's input, from the manifest.
fn input_path(args: &ExplainArgs, finding: &Value) -> String {
    let manifest = File::open(args.out.join("manifest.json"));
    let manifest: Option<Value> =
        manifest.ok().and_then(|file| serde_json::from_reader(BufReader::new(file)).ok());
    let index = finding.get("artifact").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
    let path =
        index.and_then(|index| manifest?.get("inputs")?.get(index)?.get("path")?.as_str().map(str::to_owned));
    path.unwrap_or_else(|| "an input that the manifest does not name".to_owned())
}

fn explanation(finding: &Value, path: &str) -> String {
    let mut out = format!("{} [{}]\n", text(finding, "title"), text(finding, "rule"));
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("  {name:<12}{value}\n"));
        }
    };
    row("finding", text(finding, "finding"));
    row("severity", format!("{}, confidence {}", text(finding, "severity"), text(finding, "confidence")));
    row("gain", text(finding, "gain"));
    row("event", text(finding, "event"));
    row("time", text(finding, "time"));
    row("session", text(finding, "session"));
    let direction = text(finding, "direction");
    row("where", [direction, text(finding, "surface"), text(finding, "pointer")].join(" ").trim().to_owned());
    row("bytes", format!("{} to {} of that part", text(finding, "span_start"), text(finding, "span_end")));
    row("views", list(finding.get("views")).join(" then "));
    row(
        "source",
        format!(
            "{path}, record {}, byte {}, {} bytes",
            text(finding, "record"),
            text(finding, "offset"),
            text(finding, "length")
        ),
    );
    row("excerpt", text(finding, "excerpt"));
    if let Some(Value::Object(refs)) = finding.get("refs") {
        let all: Vec<String> = refs.values().flat_map(|refs| list(Some(refs))).collect();
        row("references", all.join(", "));
    }
    out
}

fn list(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text(finding: &Value, key: &str) -> String {
    match finding.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
