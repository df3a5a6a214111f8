//! The rules by which flows of captures are grouped into sessions, and their names on a command line.

use std::fmt;
use std::str::FromStr;

const MINUTE: i64 = 60_000_000_000;
/// Without a number the rule of gaps waits so long, as web analytics have it for visits. Units: minutes.
const USUAL_GAP: i64 = 30;
/// A year. Units: minutes.
const LONGEST_GAP: i64 = 525_600;

/// What makes a session of flows in a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionRule {
    /// The client's address.
    #[default]
    Client,
    /// The id in `Mcp-Session-Id`.
    Mcp,
    /// The header by which the agent names itself.
    Agent,
    /// The API key of requests.
    Key,
    /// The client's address, until it is silent for a while.
    Gap {
        /// How long. Units: nanoseconds of capture time.
        nanos: i64,
    },
}

impl FromStr for SessionRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, minutes) = match text.split_once(':') {
            Some((name, minutes)) => (name, Some(minutes)),
            None => (text, None),
        };
        match (name, minutes) {
            ("client", None) => Ok(Self::Client),
            ("mcp", None) => Ok(Self::Mcp),
            ("agent", None) => Ok(Self::Agent),
            ("key", None) => Ok(Self::Key),
            ("gap", None) => Ok(Self::Gap { nanos: USUAL_GAP * MINUTE }),
            ("gap", Some(minutes)) => match minutes.parse::<i64>() {
                Ok(minutes @ 1..=LONGEST_GAP) => Ok(Self::Gap { nanos: minutes * MINUTE }),
                _ => Err(format!("the gap is a number of minutes from 1 to {LONGEST_GAP}, as in gap:30")),
            },
            _ => Err("one of client, mcp, agent, key, gap, gap:MINUTES".to_owned()),
        }
    }
}

impl fmt::Display for SessionRule {
    /// As it may be written on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client => f.write_str("client"),
            Self::Mcp => f.write_str("mcp"),
            Self::Agent => f.write_str("agent"),
            Self::Key => f.write_str("key"),
            Self::Gap { nanos } => write!(f, "gap:{}", nanos / MINUTE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["client", "mcp", "agent", "key", "gap:1", "gap:30", "gap:525600"] {
            assert_eq!(name.parse::<SessionRule>().unwrap().to_string(), name);
        }
        assert_eq!("gap".parse::<SessionRule>().unwrap().to_string(), "gap:30");
        for name in ["", "clients", "client:1", "gap:", "gap:0", "gap:-1", "gap:x", "gap:525601"] {
            assert!(name.parse::<SessionRule>().is_err(), "{name}");
        }
    }
}
