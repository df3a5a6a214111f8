//! The types of records that the logs of agents had when their readers were written. Of others it is said once that they are
//! new; they are read by their shape like all.

/// Of `ClaudeCode`.
pub(super) const CLAUDE_CODE: &[&str] = &[
    "user",
    "assistant",
    "system",
    "summary",
    "attachment",
    "progress",
    "file-history-snapshot",
    "queue-operation",
    "permission-mode",
    "last-prompt",
    "custom-title",
    "agent-name",
    "tag",
    "pr-link",
    "tool_use",
    "tool_result",
    "started",
    "result",
    "mode",
    "ai-title",
    "frame-link",
    "bridge-session",
    "relocated",
    "worktree-state",
    "atis-latch",
];

/// Of `Codex`.
pub(super) const CODEX: &[&str] = &[
    "session_meta",
    "response_item",
    "event_msg",
    "turn_context",
    "compacted",
    "world_state",
    "message",
    "reasoning",
    "function_call",
    "function_call_output",
    "function_result",
    "tool_call",
    "tool_result",
    "error",
    "inter_agent_communication_metadata",
];

/// Of `GeminiCli`.
pub(super) const GEMINI_CLI: &[&str] = &["user", "gemini", "model", "info", "error", "warning", "system"];

/// Of `QwenCode`.
pub(super) const QWEN_CODE: &[&str] = &["user", "assistant", "tool_result", "system"];

/// Of `Pi`.
pub(super) const PI: &[&str] = &[
    "session",
    "message",
    "model_change",
    "thinking_level_change",
    "compaction",
    "branch_summary",
    "custom",
    "custom_message",
    "label",
    "session_info",
];

/// Of `Droid`.
pub(super) const DROID: &[&str] = &[
    "session_start",
    "message",
    "tool_call",
    "tool_result",
    "completion",
    "todo_state",
    "system",
    "reasoning",
    "error",
];

/// Of `Grok`.
pub(super) const GROK: &[&str] =
    &["system", "user", "assistant", "reasoning", "tool_result", "tool", "backend_tool_call"];

/// Of `Opencode`.
pub(super) const OPENCODE: &[&str] = &[
    "text",
    "reasoning",
    "tool",
    "file",
    "snapshot",
    "patch",
    "step-start",
    "step-finish",
    "agent",
    "subtask",
    "compaction",
    "retry",
];
