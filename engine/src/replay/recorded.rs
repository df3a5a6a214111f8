//! The candidate against what a firewall wrote down: verdicts only, since its findings were drawn by rules of its own.

use coldcase_model::{Action, ChangeCause, Judged, Replayed, Standing};

/// What the candidate makes of an event, beside the verdict that is recorded on it.
pub(super) fn replayed(judged: Judged) -> Replayed {
    let action = judged.verdict.action;
    let (standing, from, to) = match &judged.head.recorded {
        None => (Standing::NoVerdict, None, Some(action)),
        Some(recorded) => match recorded_action(recorded.verdict.as_bytes()) {
            None => (Standing::UnknownVerdict, None, Some(action)),
            known if judged.head.lacks_bytes() => (Standing::EvidenceOnly, known, None),
            known => (Standing::Compared, known, Some(action)),
        },
    };
    let mut replayed = Replayed {
        before: judged.clone(),
        after: judged,
        from,
        to,
        standing,
        findings: Vec::new(),
        causes: Vec::new(),
    };
    if replayed.is_moved() {
        replayed.causes.push(ChangeCause::Recorded);
    }
    replayed
}

/// The action that a firewall's word stands for.
fn recorded_action(word: &[u8]) -> Option<Action> {
    let word = std::str::from_utf8(word).ok()?.trim().to_ascii_lowercase();
    Some(match word.as_str() {
        "allow" | "allowed" | "pass" | "permit" | "clean" | "forward" => Action::Allow,
        "warn" | "warned" | "log" | "audit" => Action::Warn,
        "strip" | "stripped" | "redact" | "redacted" => Action::Strip,
        "ask" | "defer" | "hold" => Action::Ask,
        "redirect" | "redirected" => Action::Redirect,
        "block" | "blocked" | "deny" | "denied" => Action::Block,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_firewalls_are_actions_or_unknown() {
        assert_eq!(recorded_action(b"Block"), Some(Action::Block));
        assert_eq!(recorded_action(b"allow"), Some(Action::Allow));
        assert_eq!(recorded_action(b"defer"), Some(Action::Ask));
        assert_eq!(recorded_action(b"perhaps"), None);
        assert_eq!(recorded_action(b"\xff"), None);
    }
}
