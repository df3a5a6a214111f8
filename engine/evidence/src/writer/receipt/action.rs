//! What a receipt is about: an action, its kind, and what it can do.
//!
//! The names are those of Pipelock, `internal/receipt/action.go`.

use crate::hex;

/// An action that was decided on. Only `target`, `verdict` and `transport` must not be empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Action<'a> {
    /// Random bytes, which keep the ids of two actions apart.
    pub random: [u8; 10],
    /// What kind of action.
    pub action_type: ActionType,
    /// On whose behalf.
    pub principal: &'a str,
    /// By whom.
    pub actor: &'a str,
    /// On what: a URL, a tool.
    pub target: &'a str,
    /// What it changes outside.
    pub side_effect: SideEffect,
    /// Whether it can be undone.
    pub reversibility: Reversibility,
    /// The hash of the policy that decided; may be empty.
    pub policy_hash: &'a str,
    /// What was decided.
    pub verdict: &'a str,
    /// How the traffic came.
    pub transport: &'a str,
    /// The HTTP method; may be empty.
    pub method: &'a str,
    /// The layer that decided; may be empty.
    pub layer: &'a str,
    /// The pattern that matched; may be empty.
    pub pattern: &'a str,
    /// How severe the match is; may be empty.
    pub severity: &'a str,
    /// The request; may be empty.
    pub request_id: &'a str,
}

impl Action<'_> {
    /// The action's id, a UUID of version 7. Source: RFC 9562, section 5.7.
    pub(super) fn id(&self, now: i64) -> String {
        let millis = u64::try_from(now).unwrap_or_default() / 1_000_000;
        let [a, b, rest @ ..] = self.random;
        let [_, _, time @ ..] = millis.to_be_bytes();
        let [c, low @ ..] = rest;
        let first = hex::encode(&time);
        let (high, middle) = first.split_at_checked(8).unwrap_or((&first, ""));
        let version = hex::encode(&[0x70 | a & 0x0F, b]);
        let (variant, node) = (hex::encode(&[0x80 | c & 0x3F]), hex::encode(&low));
        let (clock, node) = node.split_at_checked(2).unwrap_or((&node, ""));
        format!("{high}-{middle}-{version}-{variant}{clock}-{node}")
    }
}

/// The kind of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ActionType {
    Read,
    Derive,
    Write,
    Delegate,
    Authorize,
    Spend,
    Commit,
    Actuate,
    #[default]
    Unclassified,
}

impl ActionType {
    /// The name in a receipt.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Derive => "derive",
            Self::Write => "write",
            Self::Delegate => "delegate",
            Self::Authorize => "authorize",
            Self::Spend => "spend",
            Self::Commit => "commit",
            Self::Actuate => "actuate",
            Self::Unclassified => "unclassified",
        }
    }
}

/// What an action changes outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SideEffect {
    #[default]
    None,
    ExternalRead,
    ExternalWrite,
    Financial,
    Physical,
}

impl SideEffect {
    /// The name in a receipt.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ExternalRead => "external_read",
            Self::ExternalWrite => "external_write",
            Self::Financial => "financial",
            Self::Physical => "physical",
        }
    }
}

/// Whether an action can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Reversibility {
    Full,
    Compensatable,
    Irreversible,
    #[default]
    Unknown,
}

impl Reversibility {
    /// The name in a receipt.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Compensatable => "compensatable",
            Self::Irreversible => "irreversible",
            Self::Unknown => "unknown",
        }
    }
}
