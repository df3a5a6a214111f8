//! Who speaks: the words that formats have for it, and what it means for direction and surface.
//!
//! | speaker | direction | surface | trust that later stages build on |
//! |---|---|---|---|
//! | system, developer | ingress | `model_input` | trusted: the operator's |
//! | user | ingress | `model_input` | trusted: the person's |
//! | assistant | egress | `model_output` | what the model says and asks for |
//! | tool | ingress | `tool_result` | untrusted: content from outside |
//!
//! A tool call is the assistant's, with its arguments on `tool_argument`; a list of tools is ingress on
//! `tool_description`, `tool_name` and `tool_schema`.

use coldcase_model::{Direction, Surface};

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
}

impl Speaker {
    /// The speaker that a role, or the first word of a record's type, names.
    pub(crate) fn of(word: &str) -> Option<Self> {
        if matches!(word, "reasoning" | "thinking" | "output_text") {
            return Some(Self::Assistant);
        }
        let first = word.split(['.', '_', '-', '/', ' ']).next().unwrap_or_default();
        match first {
            "system" | "developer" | "SystemMessage" => Some(Self::System),
            "user" | "human" | "USER" | "HumanMessage" => Some(Self::User),
            "assistant" | "model" | "gemini" | "ai" | "agent" | "MODEL" | "AIMessage" | "AIMessageChunk" => {
                Some(Self::Assistant)
            }
            "tool" | "toolResult" | "function" | "ToolMessage" | "FunctionMessage" => Some(Self::Tool),
            _ => None,
        }
    }

    /// The role's name in events.
    pub(crate) const fn role(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }

    /// Which way its words go, as the agent sees it.
    pub(crate) const fn direction(self) -> Direction {
        match self {
            Self::System | Self::User | Self::Tool => Direction::Ingress,
            Self::Assistant => Direction::Egress,
        }
    }

    /// Where its words sit.
    pub(crate) const fn surface(self) -> Surface {
        match self {
            Self::System | Self::User => Surface::ModelInput,
            Self::Assistant => Surface::ModelOutput,
            Self::Tool => Surface::ToolResult,
        }
    }
}
