//! What is wrong with a line that the strict reading refused, and whether its content is nonetheless what was hashed.
//!
//! Reads as the vendor's reader does where that is safe: white space, other spellings of strings and times, absent
//! keys. Only refused lines come here, so it may be slow.

use coldcase_model::json::{ErrorKind, Kind, Tape, Value, unescape};
use jiff::Timestamp;

use super::fault::LineFault;
use super::project::{Fields, hash};
use crate::hex;
use crate::spelling::is_writer_time;

/// The keys of an entry.
const KEYS: [&str; 15] = [
    "v",
    "seq",
    "ts",
    "session_id",
    "chain_kind",
    "writer_instance_id",
    "trace_id",
    "type",
    "event_kind",
    "transport",
    "summary",
    "detail",
    "raw_ref",
    "prev_hash",
    "hash",
];
/// Those that every entry has.
const REQUIRED: [&str; 10] =
    ["v", "seq", "ts", "session_id", "type", "transport", "summary", "detail", "prev_hash", "hash"];
/// The time that stands for none.
const ZERO_TIME: &str = "0001-01-01T00:00:00Z";
/// Keys in messages are cut to this many bytes.
const SHOWN: usize = 64;

/// What is known of a refused line.
#[derive(Debug)]
pub(crate) struct Diagnosis {
    /// What is wrong.
    pub(crate) fault: LineFault,
    /// Whether the hash that the line states is that of its content: only the spelling is not the writer's.
    pub(crate) content_agrees: bool,
    /// The entry version, if it can be read.
    pub(crate) version: Option<u8>,
    /// The sequence number, if it can be read.
    pub(crate) seq: Option<u64>,
    /// The link, if it can be read.
    pub(crate) prev: Option<[u8; 32]>,
    /// The hash that the line states, if it can be read.
    pub(crate) hash: Option<[u8; 32]>,
}

/// Says what is wrong with a line that was refused at `place`.
pub(crate) fn diagnose(line: &[u8], place: usize) -> Diagnosis {
    let mut tape = Tape::default();
    let text = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let parsed = tape.parse(text);
    let root = parsed.as_ref().ok().copied().filter(|root| root.kind() == Kind::Object);
    let digest = |key| root.and_then(|root| root.get(key)?.string().and_then(|text| hex::decode(&text)));
    let stated: Option<[u8; 32]> = digest("hash");
    let computed = root.and_then(lenient_hash);
    let too_deep = matches!(&parsed, Err(error) if error.kind == ErrorKind::TooDeep);
    Diagnosis {
        fault: plain_fault(line, too_deep)
            .or_else(|| root.and_then(key_fault))
            .unwrap_or_else(|| spelling_fault(line, root, place)),
        content_agrees: stated.is_some() && computed == stated,
        version: root.and_then(|root| u8::try_from(root.get("v")?.u64()?).ok()),
        seq: root.and_then(|root| root.get("seq")?.u64()),
        prev: digest("prev_hash"),
        hash: stated,
    }
}

/// What the bytes show without being JSON.
fn plain_fault(line: &[u8], too_deep: bool) -> Option<LineFault> {
    Some(match line {
        [] => LineFault::Blank,
        [0xEF, 0xBB, 0xBF, ..] => LineFault::ByteOrderMark,
        [.., b'\r'] => LineFault::CarriageReturn,
        _ if line.contains(&0) => LineFault::ZeroBytes,
        _ if std::str::from_utf8(line).is_err() => LineFault::NotUtf8,
        _ if too_deep => LineFault::TooDeep,
        _ => return None,
    })
}

/// What is wrong with an object's keys.
fn key_fault(root: Value<'_, '_>) -> Option<LineFault> {
    let version = root.get("v").and_then(Value::u64);
    if let Some(version) = version.filter(|version| !(1..=3).contains(version)) {
        return Some(LineFault::UnknownVersion(version));
    }
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for (key, _) in root.members() {
        let name = key_name(key);
        let shown = || String::from_utf8_lossy(name.get(..SHOWN).unwrap_or(&name)).into_owned();
        let text = String::from_utf8_lossy(&name);
        if !KEYS.contains(&&*text) {
            let folded = text.to_lowercase().replace('ſ', "s").replace('\u{212A}', "k");
            let is_alias = KEYS.contains(&folded.as_str());
            return Some(if is_alias {
                LineFault::FoldedKey(shown())
            } else {
                LineFault::UnknownKey(shown())
            });
        }
        if seen.contains(&name) {
            return Some(LineFault::DuplicateKey(shown()));
        }
        let unhashed = match &*text {
            "event_kind" => version == Some(1),
            "chain_kind" | "writer_instance_id" => version != Some(3),
            _ => false,
        };
        if unhashed {
            return Some(LineFault::UnhashedKey(shown()));
        }
        seen.push(name);
    }
    let namespace = if version == Some(3) { ["chain_kind", "writer_instance_id"].as_slice() } else { &[] };
    let missing = REQUIRED.iter().chain(namespace).find(|key| root.get(key).is_none());
    missing.map(|key| LineFault::MissingKey(key))
}

fn key_name(key: Value<'_, '_>) -> Vec<u8> {
    let raw = key.raw();
    let content = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    if key.is_escaped() { unescape(content) } else { content.to_vec() }
}

/// What is left when bytes and keys are right.
fn spelling_fault(line: &[u8], root: Option<Value<'_, '_>>, place: usize) -> LineFault {
    let Some(root) = root else {
        // An entry with bytes behind it, or no JSON at all.
        let head = line.get(..place).unwrap_or_default();
        let whole = Tape::default().parse(head).is_ok_and(|value| value.kind() == Kind::Object);
        return if whole { LineFault::Trailing } else { LineFault::NotJson };
    };
    let time = root.get("ts").and_then(Value::string);
    if !time.is_some_and(|time| is_writer_time(&time)) {
        return LineFault::Time;
    }
    match line.get(place) {
        Some(b' ' | b'\t') => LineFault::WhiteSpace,
        _ => LineFault::Respelled,
    }
}

/// The hash that the vendor's reader would compute, with `detail` as it stands.
pub(crate) fn lenient_hash(root: Value<'_, '_>) -> Option<[u8; 32]> {
    let version = u8::try_from(root.get("v")?.u64()?).ok()?;
    let text = |key: &str| match root.get(key) {
        None => Some(Vec::new()),
        Some(value) if value.is_null() => Some(Vec::new()),
        Some(value) => value.string().map(std::borrow::Cow::into_owned),
    };
    let ts = match root.get("ts").filter(|ts| !ts.is_null()) {
        None => ZERO_TIME.to_owned(),
        Some(ts) => {
            // The vendor's reader takes the time from its spelling: an escape in it is refused there.
            (!ts.is_escaped()).then_some(())?;
            in_utc(std::str::from_utf8(&ts.string()?).ok()?)?
        }
    };
    let (session, chain_kind, writer) =
        (text("session_id")?, text("chain_kind")?, text("writer_instance_id")?);
    let (trace, kind, event_kind) = (text("trace_id")?, text("type")?, text("event_kind")?);
    let (transport, summary, raw_ref, prev_hash) =
        (text("transport")?, text("summary")?, text("raw_ref")?, text("prev_hash")?);
    let fields = Fields {
        version,
        seq: root.get("seq").map_or(Some(0), Value::u64)?,
        ts: ts.as_bytes(),
        session: &session,
        chain_kind: &chain_kind,
        writer: &writer,
        trace: &trace,
        kind: &kind,
        event_kind: &event_kind,
        transport: &transport,
        summary: &summary,
        detail: root.get("detail").map_or(b"null", Value::raw),
        raw_ref: &raw_ref,
        prev_hash: &prev_hash,
    };
    let strings =
        [&session, &chain_kind, &writer, &trace, &kind, &event_kind, &transport, &summary, &raw_ref];
    let namespaced = !chain_kind.is_empty() || !writer.is_empty();
    let refused = strings.iter().any(|text| text.contains(&0)) || (namespaced != (version == 3));
    (!refused && (1..=3).contains(&version)).then(|| hash(&fields, &mut Vec::new()))
}

/// A time of any offset in the writer's spelling.
fn in_utc(text: &str) -> Option<String> {
    /// `2026-03-01T10:00:00`
    const WHOLE: usize = 19;
    let bytes = text.as_bytes();
    let is_strict = bytes.get(10) == Some(&b'T')
        && !bytes.contains(&b',')
        && bytes.get(17..19).is_some_and(|second| second < b"60".as_slice());
    let (whole, rest) = text.split_at_checked(WHOLE).filter(|_| is_strict)?;
    let digits = rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let (fraction, offset) = if digits > 0 { rest.split_at_checked(1 + digits)? } else { ("", rest) };
    // Digits beyond nanoseconds are cut, not rounded.
    let fraction = fraction.get(..fraction.len().min(10))?;
    let at: Timestamp = format!("{whole}{fraction}{offset}").parse().ok()?;
    let rendered = at.to_string();
    let Some((seconds, fraction)) = rendered.strip_suffix('Z')?.split_once('.') else {
        return Some(rendered);
    };
    let fraction = fraction.trim_end_matches('0');
    Some(format!("{seconds}.{fraction}Z"))
}

#[cfg(test)]
mod tests;
