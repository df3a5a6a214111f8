//! The table `events`: what was recorded, one row an event. It holds no text of an event but its names.

use coldcase_model::{Detail, Direction, EventId, Judged, RpcRole};

use super::filled;
use crate::tables::{Nullable, Text, Time, U16, U32, U64, table};

table! {
    /// What was recorded: one row for each event, in input order.
    Events<'r>("events") from judged: &'r Judged {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = judged.head.id.artifact.0;
        /// The event's index in its input, from 0. With `artifact` it is the event's name, `artifact:event`.
        event: U64 = judged.head.id.index;
        /// The reader's record (line, HAR entry) that the event was read from, from 0.
        record: U64 = judged.head.source.pos.record;
        /// Where the event starts in the input's content, after decompression if the input is compressed.
        offset: U64["bytes"] = judged.head.source.pos.offset;
        /// How much of the input's content the event covers.
        length: U64["bytes"] = judged.head.source.len;
        /// What the event is: `http_request`, `http_response`, `ws_message`, `sse_event`, `dns`, `mcp`, `a2a`,
        /// `a2a_card`, `model`, `log` or `text`.
        kind: Text = judged.head.kind.as_str();
        /// When it happened, in UTC; null when the recording does not say.
        time: Time["nanoseconds since 1970-01-01T00:00:00Z"] = judged.head.time;
        /// Who wrote the time down: `har`, `har_websocket`, `transcript`, `capture`, `recorder`, `event_record` or `log_field`.
        time_source: Nullable<Text> = judged.head.time.map(|time| time.source.as_str());
        /// The finest unit that the recording states: `s`, `ms`, `us` or `ns`.
        time_precision: Nullable<Text> = judged.head.time.map(|time| time.precision.as_str());
        /// `egress` (it leaves the agent) or `ingress` (it reaches the agent); null when the recording does not tell.
        direction: Nullable<Text> = judged.head.direction.map(Direction::as_str);
        /// The session that it belongs to.
        session: Nullable<Text> = filled(&judged.labels.session);
        /// The name that the recording gave the event.
        name: Nullable<Text> = filled(&judged.labels.name);
        /// Who acts.
        agent: Nullable<Text> = filled(&judged.labels.agent);
        /// The server at the other end.
        server: Nullable<Text> = filled(&judged.labels.server);
        /// The HTTP or JSON-RPC method, the log entry's type or the role of the model's message.
        method: Nullable<Text> = filled(&judged.labels.method);
        /// The HTTP response's status.
        status: Nullable<U16> = status(&judged.head.detail);
        /// Scheme, host and path of the URL, without user info, query and fragment.
        target: Nullable<Text> = filled(&judged.labels.target);
        /// The tool that is called or that answers.
        tool: Nullable<Text> = filled(&judged.labels.tool);
        /// For a JSON-RPC message `request`, `notification`, `response` or `error`.
        rpc_role: Nullable<Text> = rpc_role(&judged.head.detail).map(RpcRole::as_str);
        /// The input of the event at the other end of the pair: of a JSON-RPC request, or of a tool's call.
        pair_artifact: Nullable<U32> = pair(&judged.head.detail).map(|pair| pair.artifact.0);
        /// The index of the event at the other end of the pair.
        pair_event: Nullable<U64> = pair(&judged.head.detail).map(|pair| pair.index);
        /// What the policy in force decides: `allow`, `warn`, `strip`, `ask`, `redirect` or `block`.
        action: Text = judged.verdict.action.as_str();
        /// How many findings the event has, without those that a baseline suppresses.
        findings: U32 = u32::try_from(judged.findings.iter().filter(|finding| !finding.is_suppressed()).count())
            .unwrap_or(u32::MAX);
        /// What the recording firewall wrote that it did, in its own word.
        recorded_verdict: Nullable<Text> = filled(&judged.labels.recorded_verdict);
        /// The firewall's layer that decided.
        recorded_layer: Nullable<Text> = filled(&judged.labels.recorded_layer);
        /// The firewall's pattern that fired.
        recorded_pattern: Nullable<Text> = filled(&judged.labels.recorded_pattern);
    }
}

fn status(detail: &Detail) -> Option<u16> {
    match detail {
        Detail::Http { status, .. } => *status,
        Detail::None | Detail::Rpc { .. } | Detail::Log { .. } | Detail::Model { .. } => None,
    }
}

fn rpc_role(detail: &Detail) -> Option<RpcRole> {
    match detail {
        Detail::Rpc { role, .. } => Some(*role),
        Detail::None | Detail::Http { .. } | Detail::Log { .. } | Detail::Model { .. } => None,
    }
}

fn pair(detail: &Detail) -> Option<EventId> {
    match detail {
        Detail::Rpc { pair, .. } | Detail::Model { pair, .. } => *pair,
        Detail::None | Detail::Http { .. } | Detail::Log { .. } => None,
    }
}
