//! Event records of agents' logs: what is written of a real log says the same, and is judged the same, as the log.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use coldcase_engine::{Pack, Policy, Report, run};
use coldcase_model::{Anomaly, InputFacts, Judged, Show};
use coldcase_readers::{InputSet, Limits, expand, write_event};

use super::tally::Log;
use crate::real::files;

/// Rule and surface of each finding, and how often.
#[derive(Default, PartialEq, Eq, Debug)]
struct Found(BTreeMap<(String, String), usize>);

impl Report for Found {
    type Error = Infallible;
    fn judged(&mut self, judged: &Judged) -> Result<(), Infallible> {
        for finding in &judged.findings {
            let place = (finding.rule.id.to_string(), finding.surface.to_string());
            *self.0.entry(place).or_default() += 1;
        }
        Ok(())
    }
    fn anomaly(&mut self, _: &Anomaly) -> Result<(), Infallible> {
        Ok(())
    }
    fn input(&mut self, _: &InputFacts) -> Result<(), Infallible> {
        Ok(())
    }
}

fn found(pack: &Pack, path: &Path) -> Found {
    let limits = Limits::default();
    let mut inputs = InputSet::new(expand(&[path.to_owned()], &limits).unwrap(), limits);
    let mut found = Found::default();
    let Ok(()) = run(&mut inputs, pack, &Policy::balanced(), Show::Redacted, 2, &mut found, &|_| {});
    found
}

#[test]
fn a_real_log_and_its_event_records_say_the_same_and_are_judged_the_same() {
    let Some(files) = files("sessions/codex_and_others") else { return };
    let (pack, temp) = (coldcase_builtin::pack().unwrap(), tempfile::tempdir().unwrap());
    let records = temp.path().join("records.jsonl");
    let mut wrong = Vec::new();
    for path in files {
        let log = Log::read(&path);
        if log.events.is_empty() {
            continue;
        }
        let line = |(index, event)| format!("{}\n", write_event(event, &format!("{index}")));
        std::fs::write(&records, log.events.iter().enumerate().map(line).collect::<Vec<_>>().concat())
            .unwrap();
        let again = Log::read(&records);
        if let Some(difference) = log.tally().difference(&again.tally()) {
            wrong.push(format!("{}: {difference}", path.display()));
        }
        let (direct, read_back) = (found(&pack, &path), found(&pack, &records));
        if direct != read_back {
            wrong.push(format!("{}: {direct:?}, of its records {read_back:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
