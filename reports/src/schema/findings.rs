//! The table `findings`: one row a conclusion, with the bytes that it rests on. `findings.jsonl` has the same
//! names; what differs there is said in `jsonl.rs`.

use coldcase_model::{Direction, Finding, Judged, ViewKind};

use super::filled;
use crate::tables::{F32, Nullable, Text, Texts, Time, U32, U64, table};

/// A finding with the event that it is about.
#[derive(Clone, Copy)]
pub(crate) struct FindingRow<'r> {
    /// The event.
    pub(crate) judged: &'r Judged,
    /// One of its findings.
    pub(crate) finding: &'r Finding,
}

table! {
    /// What was concluded: one row for each finding, in input order.
    Findings<'r>("findings") from row: FindingRow<'r> {
        /// The finding's name, 16 hex digits; the same inputs and packs give the same name.
        finding: Text = row.finding.id.to_string();
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = row.finding.event.artifact.0;
        /// The event's index in its input.
        event: U64 = row.finding.event.index;
        /// When the event happened, in UTC; null when the recording does not say.
        time: Time["nanoseconds since 1970-01-01T00:00:00Z"] = row.judged.head.time;
        /// The session that the event belongs to.
        session: Nullable<Text> = filled(&row.judged.labels.session);
        /// The rule that drew the conclusion.
        rule: Text = &row.finding.rule.id;
        /// What the rule recognises.
        title: Text = &row.finding.rule.title;
        /// The pack that holds the rule.
        pack: Text = &row.finding.rule.pack;
        /// What the finding is about: `dlp`, `injection`, `tool_poison`, `tool_drift`, `tool_policy`, `chain`, `ssrf`,
        /// `egress`, `exfil`, `smuggling`, `taint` or `integrity`.
        category: Text = row.finding.rule.category.as_str();
        /// How bad it is if it is true: `info`, `low`, `medium`, `high` or `critical`.
        severity: Text = row.finding.rule.severity.as_str();
        /// How likely it is true.
        confidence: F32["fraction, 0 to 1"] = row.finding.confidence.0;
        /// `egress` (it leaves the agent) or `ingress` (it reaches the agent); null when the recording does not tell.
        direction: Nullable<Text> = row.finding.direction.map(Direction::as_str);
        /// Where in the event: `url`, `host`, `header`, `body`, `json_string`, `query`, `cookie`, `dns_name`,
        /// `ws_message`, `sse_event`, `tool_name`, `tool_description`, `tool_schema`, `tool_argument`, `tool_result`,
        /// `model_input`, `model_output` or `log_field`.
        surface: Text = row.finding.surface.as_str();
        /// The header's name, the JSON pointer or the parameter.
        pointer: Nullable<Text> = filled(&row.finding.pointer);
        /// The first matching byte in the part that surface and pointer name, after JSON string escapes are resolved.
        span_start: U64["bytes"] = row.finding.span.start as u64;
        /// One past the last matching byte.
        span_end: U64["bytes"] = row.finding.span.end as u64;
        /// The decodings from the source to the match, outermost first: `json_unescape`, `percent`, `html_entities`,
        /// `base64`, `hex`, `gzip`, `unicode_fold`, `base32`, `base32hex`, `ascii85`, `z85`, `base85`,
        /// `quoted_printable`, `zlib`, `deflate`, `utf16le`, `utf16be`, `code_escapes`, `char_codes`, `rot13`,
        /// `reversed`, `spelled_out`, `leetspeak`, `accents`, `markup`, `markdown`, `wrapped`, `joined_strings`,
        /// `invisible`, `bidi_override`; empty when the bytes match as they stand.
        views: Texts = row.finding.views.iter().copied().map(ViewKind::as_str);
        /// The reader's record (line, HAR entry) that holds the evidence, from 0.
        record: U64 = row.finding.source.pos.record;
        /// Where the evidence starts in the input's content, after decompression if the input is compressed.
        offset: U64["bytes"] = row.finding.source.pos.offset;
        /// How much of the input's content the evidence covers.
        length: U64["bytes"] = row.finding.source.len;
        /// What was found, with secrets blanked and control characters made visible.
        excerpt: Nullable<Text> = filled(&row.finding.excerpt);
        /// What `coldcase baseline accept` knows the finding by: rule, value and logical place, keyed with the baseline's key,
        /// 32 hex digits; null without `--baseline` and for conclusions about a session.
        fingerprint: Nullable<Text> = row.finding.fingerprint.map(|print| print.to_string());
        /// Why it was accepted, where the baseline suppresses it: it counts for no verdict, risk or gate; null otherwise.
        suppressed: Nullable<Text> = row.finding.suppression().map(|entry| entry.reason.as_str());
        /// OWASP Top 10 entries for LLM and agentic applications.
        owasp: Texts = &row.finding.rule.references.owasp;
        /// MITRE ATLAS techniques.
        atlas: Texts = &row.finding.rule.references.atlas;
        /// MITRE ATT&CK techniques.
        attack: Texts = &row.finding.rule.references.attack;
        /// Common Weakness Enumeration entries.
        cwe: Texts = &row.finding.rule.references.cwe;
    }
}
