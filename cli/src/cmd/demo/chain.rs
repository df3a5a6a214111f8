//! A flight-recorder log of version 2, chained as the recorder chains it.
//!
//! The hash of an entry is SHA-256 over its fields, joined by zero bytes, with `detail` as it stands in the line.

use sha2::{Digest, Sha256};

/// One decision of the firewall.
pub(super) struct Decision {
    pub(super) time: &'static str,
    pub(super) verdict: &'static str,
    pub(super) layer: &'static str,
    pub(super) pattern: &'static str,
    pub(super) transport: &'static str,
    pub(super) request: &'static str,
}

/// The lines of a log that holds these decisions.
pub(super) fn log(session: &str, decisions: &[Decision]) -> String {
    let mut out = String::new();
    let mut previous = "genesis".to_owned();
    for (seq, decision) in decisions.iter().enumerate() {
        let Decision { time, verdict, layer, pattern, transport, request } = decision;
        let shown = if layer.is_empty() { "unknown" } else { layer };
        let in_brackets = if pattern.is_empty() { String::new() } else { format!(" ({pattern})") };
        let summary = format!("{verdict}: {shown}{in_brackets}");
        let detail = format!(
            r#"{{"layer":"{layer}","pattern":"{pattern}","request_id":"{request}","verdict":"{verdict}"}}"#
        );
        let number = seq.to_string();
        let parts = [
            "2",
            &number,
            time,
            session,
            "",
            "decision",
            "proxy_decision",
            transport,
            &summary,
            &detail,
            "",
            &previous,
        ];
        let digest = Sha256::digest(parts.join("\0").as_bytes());
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        out.push_str(&format!(
            r#"{{"v":2,"seq":{seq},"ts":"{time}","session_id":"{session}","type":"decision","event_kind":"proxy_decision","transport":"{transport}","summary":"{summary}","detail":{detail},"prev_hash":"{previous}","hash":"{hash}"}}"#
        ));
        out.push('\n');
        previous = hash;
    }
    out
}
