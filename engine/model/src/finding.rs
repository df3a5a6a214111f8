//! The finding: a conclusion, with the rule that drew it and the bytes that it rests on.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::kind::vocabulary;
use crate::{Acceptance, Direction, EventId, Excerpt, FindingId, Fingerprint, SourceSpan, Span, Surface};

vocabulary! {
    /// What a finding is about.
    Category {
        /// Data that must not leave: credentials, personal data.
        Dlp => "dlp",
        /// Text that tries to instruct the model.
        Injection => "injection",
        /// A tool definition that tries to instruct the model.
        ToolPoison => "tool_poison",
        /// A tool definition that changed.
        ToolDrift => "tool_drift",
        /// A tool call that policy should look at.
        ToolPolicy => "tool_policy",
        /// A sequence of calls.
        Chain => "chain",
        /// A request to an address that the agent has no business with.
        Ssrf => "ssrf",
        /// A request to a host that collects data.
        Egress => "egress",
        /// A shape that carries data out.
        Exfil => "exfil",
        /// Two readings of one message.
        Smuggling => "smuggling",
        /// Untrusted content before a sensitive action.
        Taint => "taint",
        /// Evidence that was altered.
        Integrity => "integrity",
    }
}

vocabulary! {
    /// How bad a finding is if it is true.
    Severity {
        /// Worth knowing.
        Info => "info",
        /// Minor.
        Low => "low",
        /// To be looked at.
        Medium => "medium",
        /// To be acted on.
        High => "high",
        /// To be acted on now.
        Critical => "critical",
    }
}

vocabulary! {
    /// One step of decoding from the source to a match.
    ViewKind {
        /// JSON string escapes resolved.
        JsonUnescape => "json_unescape",
        /// Percent encoding.
        Percent => "percent",
        /// HTML character references.
        HtmlEntities => "html_entities",
        /// Base64, either alphabet.
        Base64 => "base64",
        /// Pairs of hex digits, in one run or apart.
        Hex => "hex",
        /// gzip.
        Gzip => "gzip",
        /// Compatibility forms, look-alikes and invisible characters folded to plain text.
        UnicodeFold => "unicode_fold",
        /// Base32, either case.
        Base32 => "base32",
        /// Base32 with the alphabet that keeps order.
        Base32Hex => "base32hex",
        /// Ascii85 between `<~` and `~>`.
        Ascii85 => "ascii85",
        /// Base 85 with ZeroMQ's alphabet.
        Z85 => "z85",
        /// Base 85 with the alphabet of RFC 1924.
        Base85 => "base85",
        /// Quoted-printable.
        QuotedPrintable => "quoted_printable",
        /// zlib.
        Zlib => "zlib",
        /// deflate without a header.
        Deflate => "deflate",
        /// UTF-16, low byte first.
        Utf16Le => "utf16le",
        /// UTF-16, high byte first.
        Utf16Be => "utf16be",
        /// Escapes of programming languages resolved.
        CodeEscapes => "code_escapes",
        /// Decimal character codes.
        CharCodes => "char_codes",
        /// ROT13.
        Rot13 => "rot13",
        /// Text written backwards.
        Reversed => "reversed",
        /// Words spelled out letter by letter, joined.
        SpelledOut => "spelled_out",
        /// Text of HTML or XML without its tags.
        Markup => "markup",
        /// Text of Markdown without its marks.
        Markdown => "markdown",
        /// Wrapped text in one line, without marks at the start of lines.
        Wrapped => "wrapped",
        /// Strings of a program or an array joined.
        JoinedStrings => "joined_strings",
        /// Bytes spelled in variation selectors or zero-width characters.
        Invisible => "invisible",
        /// Text under a right-to-left override, as it is shown.
        BidiOverride => "bidi_override",
        /// Accents taken off Latin letters.
        Accents => "accents",
        /// Digits and signs folded to the letters that they stand for.
        Leetspeak => "leetspeak",
    }
}

/// How likely a finding is true, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Confidence(pub f32);

/// Where a kind of finding is described publicly.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct References {
    /// OWASP Top 10 for LLM applications, or for agentic applications.
    #[serde(default)]
    pub owasp: Vec<String>,
    /// MITRE ATLAS techniques.
    #[serde(default)]
    pub atlas: Vec<String>,
    /// MITRE ATT&CK techniques.
    #[serde(default)]
    pub attack: Vec<String>,
    /// Common Weakness Enumeration.
    #[serde(default)]
    pub cwe: Vec<String>,
}

impl References {
    /// All of them, flattened in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        [&self.owasp, &self.atlas, &self.attack, &self.cwe].into_iter().flatten().map(String::as_str)
    }
}

/// What a finding says of the rule that drew it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// The rule's dotted name.
    pub id: Arc<str>,
    /// What it recognises.
    pub title: Arc<str>,
    /// What an attacker gains.
    pub gain: Arc<str>,
    /// The pack that holds it.
    pub pack: Arc<str>,
    /// What it is about.
    pub category: Category,
    /// How bad a true finding is.
    pub severity: Severity,
    /// The rule's own severity, where this is what it says of a value from documentation or one whose check fails.
    pub lowered_from: Option<Severity>,
    /// How likely a finding is true, before what stands round it is looked at.
    pub confidence: Confidence,
    /// Where it is described.
    pub references: References,
}

/// A conclusion about one event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    /// Its name.
    pub id: FindingId,
    /// The event that it is about.
    pub event: EventId,
    /// The rule that drew it.
    pub rule: Arc<RuleInfo>,
    /// How likely it is true.
    pub confidence: Confidence,
    /// Which way the event went.
    pub direction: Option<Direction>,
    /// Where in the event.
    pub surface: Surface,
    /// The header's name, the JSON pointer or the parameter.
    pub pointer: Excerpt,
    /// The matching bytes in the part that the pointer names, after decoding of its JSON string if it is one.
    pub span: Span,
    /// The decodings from the source to the match, outermost first.
    pub views: Vec<ViewKind>,
    /// The bytes of the input that it rests on.
    pub source: SourceSpan,
    /// What was found, with secrets blanked.
    pub excerpt: Excerpt,
    /// What it is about, keyed; `None` without a baseline, and for conclusions about a session.
    pub fingerprint: Option<Fingerprint>,
    /// The entry of the baseline that speaks of it, in force or expired.
    pub acceptance: Option<Arc<Acceptance>>,
}

impl Finding {
    /// The entry of the baseline by which it counts for nothing.
    pub fn suppression(&self) -> Option<&Acceptance> {
        self.acceptance.as_deref().filter(|entry| entry.in_force)
    }

    /// Whether it counts for nothing.
    pub fn is_suppressed(&self) -> bool {
        self.suppression().is_some()
    }
}
