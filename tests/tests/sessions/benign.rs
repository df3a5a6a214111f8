//! Recordings of agents at ordinary work: no session of theirs rises above *elevated*, and what is drawn between events is
//! as it should be: from an earlier event of the same input, linked by bytes or inferred from order, never both.

use std::collections::BTreeMap;
use std::convert::Infallible;

use coldcase_engine::{Policy, Report, run};
use coldcase_model::{Anomaly, Basis, InputFacts, Judged, RiskLevel, Show};
use coldcase_readers::{InputSet, Limits, expand};

use crate::real::files;

/// The peak of each session, what raised it, and what is wrong with edges.
#[derive(Default)]
struct Peaks {
    of: BTreeMap<(u32, String), (RiskLevel, Vec<String>)>,
    wrong: Vec<String>,
}

impl Report for Peaks {
    type Error = Infallible;
    fn judged(&mut self, judged: &Judged) -> Result<(), Infallible> {
        let session = (judged.head.id.artifact.0, judged.head.session.0.to_string());
        let (peak, why) = self.of.entry(session).or_insert((RiskLevel::Normal, Vec::new()));
        *peak = judged.verdict.risk.level.max(*peak);
        why.extend(
            judged
                .story
                .signals
                .iter()
                .map(|signal| format!("{} {} +{}", judged.head.id, signal.what, signal.points)),
        );
        for edge in &judged.story.edges {
            let (earlier, linked) = (edge.from < judged.head.id, edge.basis == Basis::Linked);
            if !earlier || linked != (edge.shared_bytes > 0) {
                self.wrong.push(format!("{edge:?} of {}", judged.head.id));
            }
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

#[test]
fn no_session_of_ordinary_work_rises_above_elevated() {
    let Some(files) = files("sessions") else { return };
    let pack = coldcase_builtin::pack().unwrap();
    let mut high = Vec::new();
    let mut sessions = 0;
    for path in files {
        let limits = Limits::default();
        let mut inputs = InputSet::new(expand(std::slice::from_ref(&path), &limits).unwrap(), limits);
        let mut peaks = Peaks::default();
        let Ok(()) = run(&mut inputs, &pack, &Policy::balanced(), Show::Redacted, 2, &mut peaks, &|_| {});
        sessions += peaks.of.len();
        assert_eq!(peaks.wrong, Vec::<String>::new(), "{}", path.display());
        for (peak, why) in peaks.of.into_values().filter(|(peak, _)| *peak > RiskLevel::Elevated) {
            high.push(format!("{}: {} by {}", path.display(), peak.as_str(), why.join(", ")));
        }
    }
    println!("{sessions} sessions");
    assert!(high.is_empty(), "{} too high:\n{}", high.len(), high.join("\n"));
}
