//! The shapes of a call's arguments: their names, what they are in JSON, what strings look like, and sizes.
//!
//! Told of the arguments at the top of a call of one tool, so that many calls can be compared without a value being kept.
//! Names are cut and redacted as every other name is. Left out: what objects and arrays hold, arguments that are no JSON
//! object, and answers of a model's API, which may call several tools at once.

use coldcase_model::json::{Kind, Tape, Value, value_at};
use coldcase_model::{
    Argument, ArgumentClass, ArgumentKind, Detail, Direction, Event, Origin, Part, Redactor, Surface,
};

use super::values::SHORTEST_TOKEN;

/// How many arguments of a call are told.
const MOST: usize = 64;
/// A string without a blank that is longer than this is no word.
const LONGEST_WORD: usize = 64;
/// How much of a string is looked at for what it looks like.
const MOST_BYTES: usize = 256;

/// The arguments of the call that an event is; `redactor` is asked for only then.
pub(super) fn of(event: &Event, redactor: impl FnOnce() -> Redactor) -> Vec<Argument> {
    let head = &event.head;
    let calls = match &head.detail {
        Detail::Rpc { tool: Some(_), .. } => head.direction != Some(Direction::Ingress),
        Detail::Model { tool: Some(_), .. } => head.direction == Some(Direction::Egress),
        _ => false,
    };
    let Some(part) = event.first_on(Surface::ToolArgument).filter(|_| calls) else { return Vec::new() };
    let (mut document, mut text) = (Tape::default(), Tape::default());
    let Some(object) = object(event, part, &mut document, &mut text) else { return Vec::new() };
    let mut members = object.members().take(MOST).peekable();
    if members.peek().is_none() {
        return Vec::new();
    }
    let redactor = redactor();
    members.map(|(name, value)| argument(name, value, &redactor)).collect()
}

/// The object of a call's arguments: in the event's document, since its text has escapes resolved, or in the part, where the
/// document holds it as a string.
fn object<'t, 'e>(
    event: &'e Event,
    part: &Part,
    document: &'t mut Tape,
    text: &'t mut Tape,
) -> Option<Value<'t, 'e>> {
    let is_of_document = |part: &&Part| matches!(part.origin, Origin::Document | Origin::Body { .. });
    if is_of_document(&part) {
        let base = event.parts.iter().find(is_of_document)?.span.start;
        let root = document.parse(&event.document).ok()?;
        let value = value_at(&event.document, root, part.span.start.checked_sub(base)?)?;
        if value.kind() != Kind::String {
            return Some(value);
        }
    }
    text.parse(event.bytes(part)).ok()
}

fn argument(name: Value<'_, '_>, value: Value<'_, '_>, redactor: &Redactor) -> Argument {
    let raw = name.raw();
    let name = redactor.label(raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default());
    let kind = match value.kind() {
        Kind::Object => ArgumentKind::Object,
        Kind::Array => ArgumentKind::Array,
        Kind::String | Kind::Key => ArgumentKind::String,
        Kind::Number => ArgumentKind::Number,
        Kind::Literal if value.is_null() => ArgumentKind::Null,
        Kind::Literal => ArgumentKind::Boolean,
    };
    let raw = value.raw();
    let class = (kind == ArgumentKind::String)
        .then(|| class(raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()));
    Argument { name, kind, class, bytes: value.content().len() as u64 }
}

/// What a string as written looks like.
fn class(text: &[u8]) -> ArgumentClass {
    let len = text.len();
    let text = text.get(..MOST_BYTES).unwrap_or(text).trim_ascii();
    let has = |byte: u8| memchr::memchr(byte, text).is_some();
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if text.is_empty() {
        ArgumentClass::Empty
    } else if has_blank(text) {
        ArgumentClass::Text
    } else if is_url(text) {
        ArgumentClass::Url
    } else if letters == 0 && digits > 0 && text.iter().all(|byte| is_of_number(*byte)) {
        ArgumentClass::Number
    } else if is_path(text) {
        ArgumentClass::Path
    } else if has(b'@') && has(b'.') && !text.starts_with(b"@") {
        ArgumentClass::Address
    } else if len > LONGEST_WORD || len >= SHORTEST_TOKEN && digits >= 3 && letters >= 3 {
        ArgumentClass::Token
    } else {
        ArgumentClass::Word
    }
}

/// Whether there is white space, or an escape of it, of a quote, of a sign beyond ASCII; those of slashes are in paths.
fn has_blank(text: &[u8]) -> bool {
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        let is_escape = *byte == b'\\' && !matches!(bytes.next(), Some(b'/' | b'\\') | None);
        if is_escape || byte.is_ascii_whitespace() {
            return true;
        }
    }
    false
}

fn is_url(text: &[u8]) -> bool {
    let scheme = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'+').count();
    scheme > 1
        && text.get(scheme..).is_some_and(|rest| rest.starts_with(b"://") || rest.starts_with(br":\/\/"))
}

const fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b',')
}

/// Whether it is a path: from a root, from here, or of steps that are no base64.
fn is_path(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 6] = [b"/", b"\\/", b"~", b"./", b"../", b"\\\\"];
    let has_drive = text.first().is_some_and(u8::is_ascii_alphabetic) && text.get(1) == Some(&b':');
    let is_coded = |step: &[u8]| step.len() > LONGEST_WORD || step.ends_with(b"=");
    let mut steps = text.split(|byte| *byte == b'/');
    STARTS.iter().any(|start| text.starts_with(start))
        || has_drive
        || steps.clone().count() > 1 && !steps.any(is_coded)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use coldcase_model::json::{Mark, flatten};
    use coldcase_model::{EventHead, EventKind, Name, RpcRole, SessionKey, Show, SourceSpan};

    use super::*;

    /// A call of a tool, whose arguments stand at a path of a document.
    fn told(document: &'static str, path: &[&str]) -> Vec<String> {
        let document = Bytes::from_static(document.as_bytes());
        let mut tape = Tape::default();
        let root = tape.parse(&document).expect("valid");
        let mark = Mark { span: root.at(path).expect("there").content(), surface: Surface::ToolArgument };
        let flat = flatten(&document, root, &[mark], Surface::JsonString);
        let mut head = EventHead::new(EventKind::Mcp, SessionKey::new("s"), SourceSpan::default());
        let (method, tool) = (None, Some(Name::from("t")));
        head.detail = Detail::Rpc { role: RpcRole::Request, method, id: None, tool, pair: None };
        head.direction = Some(Direction::Egress);
        let (text, parts) = (flat.text, flat.parts);
        let event = Event { head, text, parts, document, document_offset: 0, extents: Vec::new() };
        let all = of(&event, || Redactor::new(Show::Redacted));
        let words = |argument: &Argument| {
            let class = argument.class.map_or("-", ArgumentClass::as_str);
            format!("{} {} {class} {}", argument.name, argument.kind, argument.bytes)
        };
        all.iter().map(words).collect()
    }

    #[test]
    fn arguments_are_told_by_name_kind_class_and_size() {
        let call = r#"{"id":"\n","params":{"arguments":{"path":"a\"b/c","n":12,"on":true,"none":null,"list":[1,2],"o":{"x":1}}}}"#;
        let wanted = [
            "path string text 6",
            "n number - 2",
            "on boolean - 4",
            "none null - 4",
            "list array - 5",
            "o object - 7",
        ];
        assert_eq!(told(call, &["params", "arguments"]), wanted);
    }

    #[test]
    fn a_value_with_quotes_makes_no_argument_and_arguments_in_a_string_are_read() {
        let forged = r#"{"a":{"x":"1\",\"forged\":\"2"}}"#;
        assert_eq!(told(forged, &["a"]), ["x string text 18"]);
        let within = r#"{"arguments":"{\"q\":\"https://a.example/\",\"k\":3}"}"#;
        assert_eq!(told(within, &["arguments"]), ["q string url 18", "k number - 1"]);
        assert_eq!(told(r#"{"a":"no object"}"#, &["a"]), Vec::<String>::new());
    }

    #[test]
    fn strings_are_classed_by_how_they_look() {
        use ArgumentClass::{Address, Empty, Number, Path, Text, Token, Url, Word};
        for (text, wanted) in [
            (" ", Empty),
            ("-12.5", Number),
            ("2026-03-01", Number),
            ("https://a.example/b?c", Url),
            (r"https:\/\/a.example", Url),
            ("/etc/hosts", Path),
            ("src/main.rs", Path),
            (r"C:\\Users", Path),
            ("~/.ssh", Path),
            ("ann@mail.example", Address),
            ("read_only", Word),
            ("a1b2c3d4e5f6a7", Token),
            ("QUJD/REVG==", Word),
            ("go on", Text),
            (r"line\nline", Text),
        ] {
            assert_eq!(class(text.as_bytes()), wanted, "{text}");
        }
        assert_eq!(class("x".repeat(500).as_bytes()), Token);
    }

    #[test]
    fn a_call_of_many_arguments_is_cut() {
        let all: Vec<String> = (0..200).map(|n| format!("\"a{n}\":{n}")).collect();
        let call: &'static str = Box::leak(format!("{{\"a\":{{{}}}}}", all.join(",")).into_boxed_str());
        assert_eq!(told(call, &["a"]).len(), MOST);
    }
}
