//! What a message says of the session that it belongs to, made fit to be written: ids and keys become fingerprints.

use coldcase_model::{Redactor, Show};
use coldcase_wire::{Side, What};
use sha2::{Digest, Sha256};

use crate::session_rule::SessionRule;

/// MCP 2025-06-18, "Transports", "Session Management".
const MCP: &[&str] = &["mcp-session-id"];
/// Headers by which agents are told apart, the most telling first.
const AGENT: &[&str] =
    &["x-agent-id", "x-agent-name", "x-agent", "agent-id", "x-pipelock-agent", "user-agent"];
/// Headers that are an API key and nothing else.
const KEY: &[&str] = &["x-api-key", "api-key", "x-goog-api-key", "x-auth-token"];
/// Words before a key in `Authorization`. Of a password (Basic) a fingerprint could be guessed; other schemes sign each
/// request anew.
const SCHEMES: [&str; 5] = ["bearer", "token", "apikey", "api-key", "key"];
/// A shorter key could be guessed from its fingerprint.
const SHORTEST_KEY: usize = 16;
/// Longer names of agents are cut.
const LONGEST_NAME: usize = 128;

/// What marks a message by this rule.
pub(super) fn mark(rule: SessionRule, what: &What) -> Option<String> {
    match rule {
        SessionRule::Client | SessionRule::Gap { .. } => None,
        SessionRule::Mcp => {
            let id = first_of(what, MCP)?;
            Some(format!("mcp {}", fingerprint("mcp", &id)))
        }
        SessionRule::Agent if is_request(what) => Some(format!("agent {}", agent(&first_of(what, AGENT)?))),
        SessionRule::Key if is_request(what) => Some(format!("key {}", fingerprint("key", &key(what)?))),
        SessionRule::Agent | SessionRule::Key => None,
    }
}

fn is_request(what: &What) -> bool {
    match what {
        What::Http1(message, _) => message.side == Side::Client,
        What::Http2(message, _) => message.side == Side::Client,
        What::WebSocket(..) | What::Dns(..) | What::Hello(_) | What::Text(_) => false,
    }
}

/// The value of the first of these headers that is there and not empty.
fn first_of(what: &What, names: &[&str]) -> Option<Vec<u8>> {
    names.iter().find_map(|name| {
        let value = match what {
            What::Http1(message, _) => message.values(name).next()?.into_owned(),
            What::Http2(message, _) => message.field(name)?.to_vec(),
            What::WebSocket(..) | What::Dns(..) | What::Hello(_) | What::Text(_) => return None,
        };
        Some(value.trim_ascii().to_vec()).filter(|value| !value.is_empty())
    })
}

fn key(what: &What) -> Option<Vec<u8>> {
    let bearer = || {
        let value = first_of(what, &["authorization"])?;
        match value.iter().position(u8::is_ascii_whitespace) {
            None => Some(value),
            Some(end) => {
                let (scheme, key) = value.split_at_checked(end)?;
                let is_known = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known.as_bytes()));
                is_known.then(|| key.trim_ascii().to_vec())
            }
        }
    };
    first_of(what, KEY).or_else(bearer).filter(|key| key.len() >= SHORTEST_KEY)
}

/// An agent's name as it may be shown; where something of it is blanked, a fingerprint tells it from others.
fn agent(value: &[u8]) -> String {
    let cut = value.get(..LONGEST_NAME).unwrap_or(value);
    let shown = Redactor::new(Show::Redacted).label(cut);
    if shown.as_str().as_bytes() == value {
        shown.as_str().to_owned()
    } else {
        format!("{shown} {}", fingerprint("agent", value))
    }
}

/// The first eight bytes of a hash, in hex. The same value has another fingerprint under another rule.
fn fingerprint(rule: &str, value: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"coldcase session\0");
    hash.update(rule);
    hash.update([0]);
    hash.update(value);
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_and_what_may_be_a_secret_is_not() {
        assert_eq!(agent(b"claude-code/1.0 (cli)"), "claude-code/1.0 (cli)");
        let token = format!("bot k{}", "3x9".repeat(8));
        let shown = agent(token.as_bytes());
        assert!(!shown.contains(&"3x9".repeat(2)), "{shown}");
        assert_ne!(shown, agent(format!("{token}y").as_bytes()));
        assert!(agent(b"two\nlines").starts_with("two\\n"), "{}", agent(b"two\nlines"));
    }

    #[test]
    fn a_fingerprint_depends_on_the_value_and_the_rule() {
        assert_eq!(fingerprint("key", b"a").len(), 16);
        assert_eq!(fingerprint("key", b"a"), fingerprint("key", b"a"));
        assert_ne!(fingerprint("key", b"a"), fingerprint("key", b"b"));
        assert_ne!(fingerprint("key", b"a"), fingerprint("mcp", b"a"));
    }
}
