//! File names of an evidence folder, taken apart.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 2.

/// What a file's name says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceName<'n> {
    /// A shard of a session's log.
    Shard {
        /// The session.
        session: &'n str,
        /// The sequence number of its first entry. What is no number reads as 0.
        start: u64,
        /// Whether the writer would spell the name so.
        canonical: bool,
    },
    /// The encrypted original of an entry or a payload.
    Sidecar,
    /// A chain link or a recovery seal.
    Link,
    /// A manifest of a receipt group.
    Group,
    /// A lock or a leftover of the recorder: no evidence.
    Leftover,
    /// Nothing of the recorder's.
    Other,
}

impl<'n> EvidenceName<'n> {
    /// Takes a name apart. Its session is everything before the last dash.
    pub fn of(name: &'n str) -> Self {
        if let Some(inner) = between(name, "evidence-", ".jsonl")
            && let Some((session, start)) = inner.rsplit_once('-')
        {
            let number = start.parse::<u64>().ok().filter(|_| !start.starts_with('+'));
            let canonical = number.is_some_and(|number| number.to_string() == start);
            return Self::Shard { session, start: number.unwrap_or(0), canonical };
        }
        if name.ends_with(".raw.enc") || name.ends_with(".payload.enc") {
            Self::Sidecar
        } else if between(name, "chain-link-", ".json").is_some() {
            Self::Link
        } else if between(name, "receipt-group-", ".json").is_some() {
            Self::Group
        } else if is_leftover(name) {
            Self::Leftover
        } else {
            Self::Other
        }
    }
}

fn between<'n>(name: &'n str, before: &str, after: &str) -> Option<&'n str> {
    name.strip_prefix(before)?.strip_suffix(after)
}

fn is_leftover(name: &str) -> bool {
    between(name, ".append-", ".lock").is_some()
        || between(name, ".chain-link-", ".tmp").is_some()
        || name.starts_with(".pipelock-writability-probe-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(name: &str) -> Option<(&str, u64, bool)> {
        match EvidenceName::of(name) {
            EvidenceName::Shard { session, start, canonical } => Some((session, start, canonical)),
            _ => None,
        }
    }

    #[test]
    fn the_session_is_everything_before_the_last_dash() {
        assert_eq!(shard("evidence-proxy-0.jsonl"), Some(("proxy", 0, true)));
        assert_eq!(shard("evidence-proxy-evil-0.jsonl"), Some(("proxy-evil", 0, true)));
        assert_eq!(shard("evidence---8.jsonl"), Some(("-", 8, true)));
        assert_eq!(shard("evidence-..-8.jsonl"), Some(("..", 8, true)));
        assert_eq!(shard("evidence-x y-18446744073709551615.jsonl"), Some(("x y", u64::MAX, true)));
    }

    #[test]
    fn starts_that_the_writer_never_writes_are_told() {
        for (name, start) in [
            ("evidence-p-00.jsonl", 0),
            ("evidence-p-007.jsonl", 7),
            ("evidence-p-x.jsonl", 0),
            ("evidence-p-18446744073709551616.jsonl", 0),
            ("evidence-p-+7.jsonl", 0),
            ("evidence-p-.jsonl", 0),
        ] {
            assert_eq!(shard(name), Some(("p", start, false)), "{name}");
        }
    }

    #[test]
    fn the_other_files_of_a_folder_are_known() {
        for (name, kind) in [
            ("evidence-p-5.raw.enc", EvidenceName::Sidecar),
            ("000000.payload.enc", EvidenceName::Sidecar),
            ("chain-link-proxy.json", EvidenceName::Link),
            ("receipt-group-00-open.json", EvidenceName::Group),
            (".append-proxy.lock", EvidenceName::Leftover),
            (".chain-link-proxy.tmp", EvidenceName::Leftover),
            (".pipelock-writability-probe-1", EvidenceName::Leftover),
            ("evidence.jsonl", EvidenceName::Other),
            ("notes.txt", EvidenceName::Other),
        ] {
            assert_eq!(EvidenceName::of(name), kind, "{name}");
        }
    }
}
