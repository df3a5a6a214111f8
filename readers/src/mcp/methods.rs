//! Who sends which method, and which protocol it belongs to.
//!
//! Source: MCP schema of revisions 2024-11-05 to 2025-11-25 (and the discovery methods of the one after);
//! A2A specification 0.1 to 1.0.

use coldcase_model::Direction;
use coldcase_model::json::Value;

/// Methods that an MCP server sends to its client.
const FROM_SERVER: [&str; 10] = [
    "sampling/createMessage",
    "elicitation/create",
    "roots/list",
    "notifications/message",
    "notifications/resources/updated",
    "notifications/resources/list_changed",
    "notifications/tools/list_changed",
    "notifications/prompts/list_changed",
    "notifications/elicitation/complete",
    "notifications/subscriptions/acknowledged",
];

/// Methods that both sides send; only the recording can tell which one did.
const FROM_BOTH: [&str; 8] = [
    "ping",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/tasks/status",
    "tasks/get",
    "tasks/result",
    "tasks/list",
    "tasks/cancel",
];

/// Methods of A2A that MCP does not have.
const A2A: [&str; 19] = [
    "message/send",
    "message/stream",
    "tasks/send",
    "tasks/sendSubscribe",
    "tasks/resubscribe",
    "tasks/pushNotification/get",
    "tasks/pushNotification/set",
    "tasks/pushNotificationConfig/get",
    "tasks/pushNotificationConfig/set",
    "tasks/pushNotificationConfig/list",
    "tasks/pushNotificationConfig/delete",
    "agent/getAuthenticatedExtendedCard",
    "SendMessage",
    "SendStreamingMessage",
    "GetTask",
    "ListTasks",
    "CancelTask",
    "SubscribeToTask",
    "GetExtendedAgentCard",
];

/// The direction of a request or notification that only one side sends. An A2A message is sent by whichever agent asks,
/// so only the recording can tell whether ours did: unsaid, it is looked at both as what we send and as what we read.
pub(super) fn direction(method: &str) -> Option<Direction> {
    if A2A.contains(&method) {
        None
    } else if FROM_SERVER.contains(&method) {
        Some(Direction::Ingress)
    } else if FROM_BOTH.contains(&method) {
        None
    } else {
        Some(Direction::Egress)
    }
}

/// Whether a request belongs to A2A. `tasks/get` and `tasks/cancel` exist in both: A2A names the task `id`, MCP
/// `taskId`.
pub(super) fn is_a2a(method: &str, params: Option<Value<'_, '_>>) -> bool {
    A2A.contains(&method)
        || (matches!(method, "tasks/get" | "tasks/cancel")
            && params.is_some_and(|params| params.get("id").is_some()))
}

/// Whether a result has the shape of an A2A task, message or event.
pub(super) fn is_a2a_result(result: Value<'_, '_>) -> bool {
    let has = |key| result.get(key).is_some();
    has("artifacts")
        || has("artifact")
        || has("messageId")
        || (has("status") && (has("contextId") || has("sessionId")))
        || ["statusUpdate", "artifactUpdate"].into_iter().any(has)
}

/// The direction of a response whose shape only one side can send: answers to sampling, elicitation and roots
/// leave the agent.
pub(super) fn result_direction(result: Value<'_, '_>) -> Direction {
    let has = |key| result.get(key).is_some();
    let from_client = (has("model") && has("role")) || (has("action") && !has("tools")) || has("roots");
    if from_client { Direction::Egress } else { Direction::Ingress }
}
