//! JSON-RPC errors in place of what does not pass.

use std::sync::Arc;

use serde_json::json;

/// Stopped by the policy: in the range that JSON-RPC leaves to servers, away from the codes that MCP uses.
///
/// Source: JSON-RPC 2.0, section 5.1; MCP 2025-11-25 uses -32002 and -32042, its SDKs -32000 and -32001.
pub(super) const BLOCKED: i32 = -32010;
/// Source: JSON-RPC 2.0, section 5.1.
pub(super) const NOT_JSON: i32 = -32700;
/// Source: JSON-RPC 2.0, section 5.1.
pub(super) const NOT_A_MESSAGE: i32 = -32600;
/// Source: JSON-RPC 2.0, section 5.1.
pub(super) const FAILED: i32 = -32603;

/// Why something does not pass. It holds no bytes of the message.
#[derive(Debug, Clone)]
pub(super) struct Why {
    pub(super) code: i32,
    pub(super) reason: String,
    /// What the policy says, if it was asked.
    pub(super) action: &'static str,
    pub(super) rules: Vec<Arc<str>>,
}

impl Why {
    /// Stopped before the policy was asked.
    pub(super) fn refused(code: i32, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), action: "refused", rules: Vec::new() }
    }
}

/// The error for a message with this id, which is JSON as it was written.
pub(super) fn error(id: &[u8], why: &Why) -> Vec<u8> {
    let body = json!({
        "code": why.code,
        "message": format!("blocked by coldcase: {}", why.reason),
        "data": { "action": why.action, "reason": why.reason, "rules": why.rules },
    });
    let mut bytes = b"{\"jsonrpc\":\"2.0\",\"id\":".to_vec();
    bytes.extend_from_slice(id);
    bytes.extend_from_slice(format!(",\"error\":{body}}}").as_bytes());
    bytes
}

/// Items as a batch.
pub(super) fn batch(items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![b'['];
    bytes.extend_from_slice(&items.join(&b','));
    bytes.push(b']');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_the_id_as_it_was_written() {
        let why = Why::refused(BLOCKED, "a \"quoted\" reason");
        for id in ["1", "\"1\"", "null", "-0", "1e400", "123456789012345678901234567890", "\"\\u0041\""] {
            let text = String::from_utf8(error(id.as_bytes(), &why)).unwrap();
            assert!(text.starts_with(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":")), "{text}");
            assert!(text.contains(r#"a \"quoted\" reason"#), "{text}");
        }
        let both = batch(&[error(b"1", &why), error(b"2", &why)]);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&both).unwrap()[1]["id"], 2);
    }
}
