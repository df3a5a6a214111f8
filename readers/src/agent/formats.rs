//! The logs of coding agents that are known by name: how each is recognised, which types its records have, and where it
//! keeps its session and times. What is said in a record is found by its shape, the same for all.
//!
//! | format | agent | versions that it was written for |
//! |---|---|---|
//! | `claude_code` | Claude Code projects, sub-agents included | 1.0 to 2.1 |
//! | `codex` | OpenAI Codex rollouts | 0.20 to 0.146 |
//! | `gemini_cli` | Gemini CLI sessions, whole or as lines | 0.1 to 0.40 |
//! | `copilot_cli` | GitHub Copilot CLI events | 0.0.420 to 1.0.77 |
//! | `qwen_code` | Qwen Code | 0.21 |
//! | `kimi_cli` | Kimi CLI wire logs | protocol 1.4 |
//! | `pi` | pi, and OpenClaw, which is built on it | version 3 |
//! | `droid` | Factory Droid sessions and streams | 0.81 |
//! | `cursor` | Cursor agent transcripts | 2026 |
//! | `grok` | Grok CLI chat histories | 2026 |
//! | `opencode` | opencode storage: a file for each message and part | 1.3 |
//! | `antigravity` | Antigravity CLI steps | 2026 |
//! | `chat` | lists of messages with roles, of any program | |

use super::types;
use coldcase_model::json::{Kind, Value};

/// A log of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AgentLog {
    /// Claude Code.
    ClaudeCode,
    /// OpenAI Codex.
    Codex,
    /// Gemini CLI.
    GeminiCli,
    /// GitHub Copilot CLI.
    CopilotCli,
    /// Qwen Code.
    QwenCode,
    /// Kimi CLI.
    KimiCli,
    /// pi and OpenClaw.
    Pi,
    /// Factory Droid.
    Droid,
    /// Cursor.
    Cursor,
    /// Grok CLI.
    Grok,
    /// opencode.
    Opencode,
    /// Antigravity CLI.
    Antigravity,
    /// Messages with roles.
    Chat,
}

impl AgentLog {
    /// The name used in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude_code",
            Self::Codex => "codex",
            Self::GeminiCli => "gemini_cli",
            Self::CopilotCli => "copilot_cli",
            Self::QwenCode => "qwen_code",
            Self::KimiCli => "kimi_cli",
            Self::Pi => "pi",
            Self::Droid => "droid",
            Self::Cursor => "cursor",
            Self::Grok => "grok",
            Self::Opencode => "opencode",
            Self::Antigravity => "antigravity",
            Self::Chat => "chat",
        }
    }

    /// The log that a record is of, by its members.
    pub(crate) fn of(record: Value<'_, '_>) -> Option<Self> {
        let has = |key| record.get(key).is_some();
        let kind = record.get_str("type").unwrap_or_default();
        let message = record.get("message");
        let is_turn = matches!(&*kind, "user" | "assistant") && !has("role");
        if has("sessionId") && (has("uuid") || has("leafUuid") || has("isSidechain")) {
            let parts = message.is_some_and(|message| message.get("parts").is_some());
            return Some(if parts || has("systemPayload") { Self::QwenCode } else { Self::ClaudeCode });
        }
        if matches!(&*kind, "file-history-snapshot" | "queue-operation")
            || kind == "summary" && has("leafUuid")
            || is_turn && has("timestamp") && message.is_some_and(|message| message.get("content").is_some())
        {
            return Some(Self::ClaudeCode);
        }
        let is_item =
            matches!(&*kind, "session_meta" | "response_item" | "event_msg" | "turn_context" | "compacted");
        if is_item && has("payload") {
            return Some(Self::Codex);
        }
        if kind.contains('.') && has("data") && has("id") && has("timestamp") {
            return Some(Self::CopilotCli);
        }
        let is_answer = |method: &str| method.starts_with("generateContent") && has("response");
        if has("projectHash") && has("sessionId")
            || record.get_str("method").is_some_and(|name| is_answer(&name))
        {
            return Some(Self::GeminiCli);
        }
        if kind == "metadata" && has("protocol_version")
            || kind == "context.append_message"
            || kind == "turn.prompt"
        {
            return Some(Self::KimiCli);
        }
        if kind == "session" && has("version") && has("id") && has("cwd") {
            return Some(Self::Pi);
        }
        let has_session = has("session_id") || has("sessionId");
        if kind == "session_start" && has("id") && has("cwd")
            || has_session && (kind == "tool_call" || kind == "message" && has("role") && has("text"))
        {
            return Some(Self::Droid);
        }
        if has("step_index") && has("source") {
            return Some(Self::Antigravity);
        }
        if has("sessionID") && (has("role") || has("messageID"))
            || has("messageID") && (has("callID") || has("text"))
            || has("projectID") && has("directory")
            || kind == "text" && has("id") && record.at(&["time", "start"]).is_some()
        {
            return Some(Self::Opencode);
        }
        if kind == "system" && has("content") && record.members().count() <= 3
            || has("model_fingerprint")
            || kind == "user" && has("prompt_index")
        {
            return Some(Self::Grok);
        }
        let says = |value: Value<'_, '_>| value.get("content").or(value.get("parts")).is_some();
        if has("role") {
            if message.is_some_and(|message| message.kind() == Kind::Object && says(message)) {
                return Some(Self::Cursor);
            }
            return (says(record) || has("tool_calls") || message.is_some()).then_some(Self::Chat);
        }
        None
    }

    /// Where records of the log, or its first ones, name the session.
    const fn session_paths(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::ClaudeCode | Self::QwenCode | Self::GeminiCli => &[&["sessionId"]],
            Self::Codex => &[&["payload", "session_id"], &["payload", "id"]],
            Self::CopilotCli => &[&["data", "sessionId"]],
            Self::Opencode => &[&["sessionID"], &["messageID"]],
            Self::Pi => &[&["id"]],
            Self::Droid => &[&["session_id"], &["sessionId"], &["id"]],
            Self::KimiCli | Self::Cursor | Self::Grok | Self::Antigravity | Self::Chat => {
                &[&["session_id"], &["sessionId"]]
            }
        }
    }

    /// Whether every record names the session, and not only the first.
    pub(crate) const fn names_session_always(self) -> bool {
        matches!(self, Self::ClaudeCode | Self::QwenCode | Self::Opencode)
    }

    /// The session that a record names.
    pub(crate) fn session(self, record: Value<'_, '_>) -> Option<String> {
        let named = self.session_paths().iter().find_map(|path| record.at(path));
        named.and_then(Value::str).filter(|id| !id.is_empty()).map(std::borrow::Cow::into_owned)
    }

    /// The types of records that the reader was written for; of others it says so once.
    pub(crate) const fn known_types(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::ClaudeCode => types::CLAUDE_CODE,
            Self::Codex => types::CODEX,
            Self::GeminiCli => types::GEMINI_CLI,
            Self::QwenCode => types::QWEN_CODE,
            Self::Pi => types::PI,
            Self::Droid => types::DROID,
            Self::Grok => types::GROK,
            Self::Opencode => types::OPENCODE,
            Self::CopilotCli | Self::KimiCli | Self::Cursor | Self::Antigravity | Self::Chat => return None,
        })
    }
}
