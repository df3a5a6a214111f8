//! Bodies, requests and statuses of captures whose content is stated: all are found, and no others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use coldcase_model::AnomalyKind;
use coldcase_readers::Limits;
use coldcase_wire::{Found, Side, What};
use serde_json::Value;

use super::data;
use super::wired::{Wired, body, content, counted, sha256, wired};
use crate::reading::read_one;

/// The hash of no bytes.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Files of what decodes to more than is kept; it is cut, and no hash of a cut body is stated.
const BOMBS: [&str; 3] = ["h1-enc-bomb-50MB.pcap", "h1-enc-bomb-nested.pcap", "ws-deflate-bomb.pcap"];
/// Bodies that are stated and not found: how many in which file, and why.
const MISSING: [(&str, usize, &str); 0] = [];
/// Bodies that are found and not stated: how many in which file, and why.
const UNSTATED: [(&str, usize, &str); 4] = [
    (
        "fmt-bad-caplen.pcap",
        2,
        "an exchange before the damaged record, of which nothing is stated; its answer is cut",
    ),
    ("fmt-cut-record.pcap", 2, "the exchange in which the file ends; its answer is cut"),
    (
        "fmt-gz-truncated.pcap.gz",
        4,
        "two exchanges before the cut, of which nothing is stated; the last answer is cut",
    ),
    (
        "h1-dup-content-length.pcap",
        2,
        "by one of two lengths, a request and its answer, of which nothing is stated",
    ),
];

/// A capture whose content is stated.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) stated: Value,
    pub(super) wired: Wired,
}

impl Case {
    /// The exchanges that are stated.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &Value> {
        self.flows().flat_map(|flow| list(&flow["exchanges"]))
    }

    /// What is in findings, and what is not, is no more than the capture.
    fn check_accounts(&self) {
        let accounts = self.wired.accounts;
        let found: u64 = self.wired.found.iter().map(Found::content_bytes).sum();
        let booked = accounts.content + accounts.opaque + accounts.lost + accounts.over_limit + found;
        assert!(booked <= accounts.total, "{}: {found} in findings, {accounts:?}", self.name);
    }

    pub(super) fn flows(&self) -> impl Iterator<Item = &Value> {
        list(&self.stated["flows"])
    }
}

pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The files of known truth with what is stated of them; `None`, with a note, where they are not there.
pub(super) fn stated() -> Option<Vec<(PathBuf, Value)>> {
    let folder = data("hard")?;
    let truth: Value = serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
    let files: Vec<_> =
        list(&truth["files"]).map(|one| (folder.join(text(&one["file"])), one.clone())).collect();
    assert!(files.len() > 150, "{} files", files.len());
    Some(files)
}

/// The captures among them, read.
pub(super) fn cases() -> Option<Vec<Case>> {
    let is_capture = |path: &Path| path.to_string_lossy().contains(".pcap");
    let read = |(path, stated): (PathBuf, Value)| {
        let key_log = stated["keylog"].as_str().map(|name| std::fs::read(path.with_file_name(name)).unwrap());
        let wired = wired(&content(&path), &key_log.unwrap_or_default());
        Case { name: text(&stated["file"]), stated, wired }
    };
    Some(stated()?.into_iter().filter(|(path, _)| is_capture(path)).map(read).collect())
}

/// Hashes of bodies by side, and how often each is there.
type Bodies = BTreeMap<(Side, String), usize>;

fn stated_bodies(case: &Case) -> Bodies {
    let sides = |exchange: &Value| {
        let answer = exchange.get("resp_present_sha256").unwrap_or(&exchange["resp_sha256"]);
        [(Side::Client, exchange["req_sha256"].clone()), (Side::Server, answer.clone())]
    };
    let all = case.exchanges().flat_map(sides).filter(|(_, hash)| hash.is_string());
    counted(all.map(|(side, hash)| (side, text(&hash))))
}

/// Bodies of HTTP; messages of WebSocket are compared elsewhere.
fn found_bodies(case: &Case) -> Bodies {
    let all = case.wired.found.iter().filter_map(body).filter(|body| body.opcode.is_none());
    counted(all.map(|body| (body.side, sha256(&body.bytes))))
}

/// Those of these that are not among the others.
fn left(these: &Bodies, others: &Bodies) -> Vec<(Side, String)> {
    let more = |(body, count): (&(Side, String), &usize)| {
        vec![body.clone(); count.saturating_sub(others.get(body).copied().unwrap_or(0))]
    };
    these.iter().flat_map(more).collect()
}

/// Files with how many bodies each, against those that are expected.
fn compare(what: &str, files: &BTreeMap<String, Vec<(Side, String)>>, expected: &[(&str, usize, &str)]) {
    for (name, bodies) in files {
        println!("{what}: {name}: {bodies:?}");
    }
    let counts: BTreeMap<&str, usize> = files.iter().map(|(name, all)| (name.as_str(), all.len())).collect();
    let expected: BTreeMap<&str, usize> = expected.iter().map(|(name, count, _)| (*name, *count)).collect();
    assert_eq!(counts, expected, "{what}");
}

#[test]
fn every_stated_body_is_found_and_no_other() {
    let Some(cases) = cases() else { return };
    let (mut missing, mut unstated) = (BTreeMap::new(), BTreeMap::new());
    let (mut stated_count, mut missing_count) = (0, 0);
    for case in &cases {
        case.check_accounts();
        let (stated, found) = (stated_bodies(case), found_bodies(case));
        stated_count += stated.values().sum::<usize>();
        let not_found = left(&stated, &found);
        missing_count += not_found.len();
        if !not_found.is_empty() {
            missing.insert(case.name.clone(), not_found);
        }
        // Interim answers and answers without a body are found as well.
        let more: Vec<_> = left(&found, &stated).into_iter().filter(|(_, hash)| hash != EMPTY).collect();
        if !more.is_empty() && !BOMBS.contains(&case.name.as_str()) {
            unstated.insert(case.name.clone(), more);
        }
    }
    let found = stated_count - missing_count;
    println!("{} captures, {stated_count} bodies stated, {found} found", cases.len());
    compare("missing", &missing, &MISSING);
    compare("unstated", &unstated, &UNSTATED);
    assert!(found >= 430);
}

/// Method and target of requests, status of answers.
#[test]
fn every_stated_request_and_status_is_found() {
    let Some(cases) = cases() else { return };
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in &cases {
        let mut found: Vec<String> = Vec::new();
        for one in &case.wired.found {
            match &one.what {
                What::Http1(message, _) => {
                    if let Some((method, target)) = message.request() {
                        let shown = String::from_utf8_lossy;
                        found.push(format!("{} {}", shown(method), shown(target)));
                    }
                    found.extend(message.status().map(|status| status.to_string()));
                }
                What::Http2(message, _) => {
                    let field = |name| message.field(name).map(|value| String::from_utf8_lossy(value));
                    if let (Some(method), Some(path)) = (field(":method"), field(":path")) {
                        found.push(format!("{method} {path}"));
                    }
                    found.extend(field(":status").map(std::borrow::Cow::into_owned));
                }
                What::WebSocket(..) | What::Dns(..) | What::Hello(_) | What::Text(_) => {}
            }
        }
        let (mut stated, found) = (Vec::new(), counted(found));
        for exchange in case.exchanges() {
            if let (Some(method), Some(target)) = (exchange["method"].as_str(), exchange["target"].as_str()) {
                stated.push(format!("{method} {target}"));
            }
            stated.extend(exchange["status"].as_u64().map(|status| status.to_string()));
        }
        count += stated.len();
        for (line, times) in counted(stated) {
            if found.get(&line).copied().unwrap_or(0) < times {
                wrong.push(format!("{}: {line}: {found:?}", case.name));
            }
        }
    }
    println!("{count} requests and statuses");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a capture shows as an anomaly, of a kind that tells damage and loss from malformed input.
#[test]
fn what_is_stated_to_be_reported_is_an_anomaly() {
    use AnomalyKind::{BadBody, CutShort, Malformed, OverLimit};
    let Some(files) = stated() else { return };
    let mut wrong = Vec::new();
    for (name, kind) in [
        ("fmt-gz-truncated.pcap.gz", CutShort),
        ("fmt-cut-record.pcap", CutShort),
        ("fmt-bad-caplen.pcap", Malformed),
        ("fmt-snaplen-96.pcap", CutShort),
        ("ip4-frag-overlap.pcap", Malformed),
        ("tcp-overlap-conflict.pcap", Malformed),
        ("tcp-gap-in-body.pcap", CutShort),
        ("tcp-gap-in-header.pcap", CutShort),
        ("tcp-midstream.pcap", Malformed),
        ("tcp-cut-end.pcap", CutShort),
        ("tcp-rst-in-body.pcap", CutShort),
        ("tcp-bad-checksum-decoy.pcap", Malformed),
        ("tcp-hole-then-4MB.pcap", CutShort),
        ("h1-smuggle-cl-te.pcap", Malformed),
        ("h1-dup-content-length.pcap", Malformed),
        ("h1-enc-gzip-cut.pcap", BadBody),
        ("h1-enc-lie-plain.pcap", BadBody),
        ("h1-enc-bomb-50MB.pcap", BadBody),
        ("h1-enc-bomb-nested.pcap", BadBody),
        ("ws-deflate-bomb.pcap", OverLimit),
        ("h2-midstream-hpack-lost.pcap", Malformed),
        ("h2-hpack-bomb.pcap", OverLimit),
        ("h2-continuation-flood.pcap", OverLimit),
        ("dns-bad.pcap", Malformed),
    ] {
        let (path, _) = files.iter().find(|(path, _)| path.ends_with(name)).unwrap();
        let anomalies = read_one(path, Limits::default()).anomalies;
        if !anomalies.contains(&kind) {
            wrong.push(format!("{name}: {kind} not in {anomalies:?}"));
        }
    }
    for name in [
        "fmt-le-usec.pcap",
        "tcp-out-of-order.pcap",
        "tcp-retransmit.pcap",
        "tcp-directions-apart.pcap",
        "h2-interleaved.pcap",
    ] {
        let (path, _) = files.iter().find(|(path, _)| path.ends_with(name)).unwrap();
        let anomalies = read_one(path, Limits::default()).anomalies;
        if !anomalies.is_empty() {
            wrong.push(format!("{name}: sound, and yet {anomalies:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
