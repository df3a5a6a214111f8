//! Who speaks: the words that formats have for it, and what it means for direction and surface.
//!
//! | speaker | direction | surface | trust that later stages build on |
//! |---|---|---|---|
//! | system, developer | ingress | `model_input` | trusted: the operator's |
//! | user | ingress | `model_input` | trusted: the person's |
//! | assistant | egress | `model_output` | what the model says and asks for |
//! | tool | ingress | `tool_result` | untrusted: content from outside |
//! | unknown | none | `model_output` | person or model, the record does not say which; rules for either direction apply |
//!
//! A tool call is the assistant's, with its arguments on `tool_argument`; a list of tools is ingress on
//! `tool_description`, `tool_name` and `tool_schema`.

use coldcase_model::json::Value;
use coldcase_model::{Direction, Surface};

use super::formats::AgentLog;

/// Who says something in an agent's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// The operator's instructions.
    System,
    /// The person, or the program in their place.
    User,
    /// The model.
    Assistant,
    /// A tool, with what it returned.
    Tool,
    /// The person or the model.
    Unknown,
}

impl Speaker {
    /// The speaker that a role, or the first word of a record's type, names.
    pub(crate) fn of(word: &str) -> Option<Self> {
        match word {
            "reasoning" | "thinking" | "output_text" | "AgentMessage" | "Reasoning" | "Plan" => {
                return Some(Self::Assistant);
            }
            "UserMessage" => return Some(Self::User),
            _ => {}
        }
        let first = word.split(['.', '_', '-', '/', ' ']).next().unwrap_or_default();
        match first {
            "system" | "developer" | "SystemMessage" => Some(Self::System),
            "user" | "human" | "USER" | "HumanMessage" => Some(Self::User),
            "assistant" | "model" | "gemini" | "ai" | "agent" | "MODEL" | "AIMessage" | "AIMessageChunk" => {
                Some(Self::Assistant)
            }
            "tool" | "toolResult" | "function" | "ToolMessage" | "FunctionMessage" | "bashExecution" => {
                Some(Self::Tool)
            }
            _ => None,
        }
    }

    /// Who speaks in a record of a log where its shapes do not say.
    pub(crate) fn of_record(log: AgentLog, record: Value<'_, '_>) -> Option<Self> {
        let kind = record.get_str("type").unwrap_or_default();
        match (log, &*kind) {
            (AgentLog::ClaudeCode, "summary")
            | (AgentLog::Codex, "compacted")
            | (AgentLog::KimiCli, "context.append_loop_event" | "context.apply_compaction")
            | (AgentLog::Pi, "compaction" | "branch_summary")
            | (AgentLog::Droid, "completion") => Some(Self::Assistant),
            (AgentLog::ClaudeCode, "queue-operation") | (AgentLog::KimiCli, "turn.prompt" | "turn.steer") => {
                Some(Self::User)
            }
            (AgentLog::Pi, "custom_message") | (AgentLog::KimiCli, "plugin.session_start") => {
                Some(Self::System)
            }
            (AgentLog::Opencode, "text") if record.get("role").is_none() => Some(Self::Unknown),
            (AgentLog::Antigravity, _) => Some(Self::of_step(&record.get_str("source")?, &kind)),
            _ => None,
        }
    }

    /// Who speaks in a step: the model plans, and what else it does brings in what a tool returned.
    fn of_step(source: &str, kind: &str) -> Self {
        match (source, kind) {
            (_, "USER_INPUT") => Self::User,
            (source, _) if source.starts_with("USER") => Self::User,
            ("SYSTEM", _) => Self::System,
            (_, "PLANNER_RESPONSE") => Self::Assistant,
            _ => Self::Tool,
        }
    }

    /// The role's name in events.
    pub(crate) const fn role(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Unknown => "unknown",
        }
    }

    /// Which way its words go, as the agent sees it.
    pub(crate) const fn direction(self) -> Option<Direction> {
        match self {
            Self::System | Self::User | Self::Tool => Some(Direction::Ingress),
            Self::Assistant => Some(Direction::Egress),
            Self::Unknown => None,
        }
    }

    /// Where its words sit.
    pub(crate) const fn surface(self) -> Surface {
        match self {
            Self::System | Self::User => Surface::ModelInput,
            Self::Assistant | Self::Unknown => Surface::ModelOutput,
            Self::Tool => Surface::ToolResult,
        }
    }
}
