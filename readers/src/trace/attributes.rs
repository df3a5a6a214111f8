//! Attributes of spans: in OTLP's list of keys and typed values, or as a plain object, flat or nested.

use std::borrow::Cow;

use bytes::Bytes;
use coldcase_model::json::{Kind, Value};

/// An attribute with its name as it is written with dots.
#[derive(Debug, Clone)]
pub(super) struct Attribute<'t, 'd> {
    pub(super) key: Cow<'d, str>,
    pub(super) held: Held<'t, 'd>,
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'t, 'd> {
    /// The string, or the whole value where it is none.
    pub(super) value: Value<'t, 'd>,
    /// It is a list or map in OTLP's own spelling.
    pub(super) is_typed: bool,
}

impl<'t, 'd> Held<'t, 'd> {
    /// A value of OTLP, which names its type; `None` for numbers and the like.
    pub(super) fn of_typed(value: Value<'t, 'd>) -> Option<Self> {
        let get = |camel, snake| value.get(camel).or_else(|| value.get(snake));
        if let Some(string) = get("stringValue", "string_value") {
            return (string.kind() == Kind::String).then_some(Self { value: string, is_typed: false });
        }
        let is_list = get("arrayValue", "array_value").or(get("kvlistValue", "kvlist_value")).is_some();
        is_list.then_some(Self { value, is_typed: true })
    }

    /// A value of plain JSON; `None` for numbers and the like.
    pub(super) fn of_plain(value: Value<'t, 'd>) -> Option<Self> {
        matches!(value.kind(), Kind::String | Kind::Array | Kind::Object)
            .then_some(Self { value, is_typed: false })
    }

    /// Its string.
    pub(super) fn str(self) -> Option<Cow<'d, str>> {
        self.value.str()
    }

    /// A list or map of OTLP as the JSON that it stands for.
    pub(super) fn as_json(self) -> Option<Bytes> {
        if !self.is_typed {
            return None;
        }
        let mut out = Vec::with_capacity(self.value.span().len());
        write(self.value, 0, &mut out);
        Some(Bytes::from(out))
    }
}

/// How deep lists and maps are followed.
const MAX_DEPTH: usize = 24;
/// How deep the objects of plain attributes are taken for parts of names.
const MAX_NAMES: usize = 4;
/// How many attributes of one span are told apart.
const MAX_ATTRIBUTES: usize = 16_384;

fn write(value: Value<'_, '_>, depth: usize, out: &mut Vec<u8>) {
    let get = |camel, snake| value.get(camel).or_else(|| value.get(snake));
    if depth > MAX_DEPTH {
        return out.extend_from_slice(value.raw());
    }
    if let Some(list) = get("arrayValue", "array_value") {
        out.push(b'[');
        for (index, item) in list.get("values").into_iter().flat_map(Value::items).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write(item, depth + 1, out);
        }
        return out.push(b']');
    }
    if let Some(map) = get("kvlistValue", "kvlist_value") {
        out.push(b'{');
        for (index, item) in map.get("values").into_iter().flat_map(Value::items).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let key =
                item.get("key").filter(|key| key.kind() == Kind::String).map_or(&b"\"\""[..], Value::raw);
            out.extend_from_slice(key);
            out.push(b':');
            match item.get("value") {
                Some(value) => write(value, depth + 1, out),
                None => out.extend_from_slice(b"null"),
            }
        }
        return out.push(b'}');
    }
    // A value of one type, and what is none as it stands.
    let mut members = value.members();
    match (members.next(), members.next()) {
        (Some((_, only)), None) => out.extend_from_slice(only.raw()),
        _ => out.extend_from_slice(value.raw()),
    }
}

/// The attributes of a span, event or resource.
pub(super) fn of<'t, 'd>(attributes: Option<Value<'t, 'd>>) -> Vec<Attribute<'t, 'd>> {
    let mut found = Vec::new();
    let Some(attributes) = attributes else { return found };
    for item in attributes.items().take(MAX_ATTRIBUTES) {
        let held = item.get("value").and_then(Held::of_typed);
        if let (Some(key), Some(held)) = (item.get_str("key"), held) {
            found.push(Attribute { key, held });
        }
    }
    plain(attributes, "", 0, &mut found);
    found
}

/// The members of a plain object; what is nested is listed both whole and by its parts.
fn plain<'t, 'd>(object: Value<'t, 'd>, before: &str, depth: usize, found: &mut Vec<Attribute<'t, 'd>>) {
    for (key, value) in object.members() {
        if found.len() >= MAX_ATTRIBUTES {
            return;
        }
        let (Some(held), Some(name)) = (Held::of_plain(value), name(key)) else { continue };
        let key: Cow<'d, str> = if before.is_empty() { name } else { Cow::Owned(format!("{before}.{name}")) };
        if value.kind() == Kind::Object && depth < MAX_NAMES {
            plain(value, &key, depth + 1, found);
        }
        found.push(Attribute { key, held });
    }
}

fn name<'d>(key: Value<'_, 'd>) -> Option<Cow<'d, str>> {
    let raw = key.raw();
    let content = raw.get(1..raw.len().saturating_sub(1))?;
    std::str::from_utf8(content).ok().map(Cow::Borrowed)
}

/// The string of an attribute.
pub(super) fn string<'d>(attributes: &[Attribute<'_, 'd>], key: &str) -> Option<Cow<'d, str>> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    found.held.str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use coldcase_model::json::Tape;

    use super::*;

    #[test]
    fn typed_values_become_the_json_that_they_stand_for() {
        let text = br#"[{"key":"m","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[
            {"key":"role","value":{"stringValue":"us\"er"}},{"key":"n","value":{"intValue":"7"}},
            {"key":"b","value":{"boolValue":true}},{"key":"none"}]}}]}}},
            {"key":"s","value":{"stringValue":"text"}},{"key":"n","value":{"intValue":"1"}}]"#;
        let mut tape = Tape::default();
        let found = of(tape.parse(text).ok());
        let names: Vec<&str> = found.iter().map(|attribute| attribute.key.as_ref()).collect();
        assert_eq!(names, ["m", "s"]);
        let json = found[0].held.as_json().unwrap();
        assert_eq!(json, r#"[{"role":"us\"er","n":"7","b":true,"none":null}]"#);
        assert_eq!(string(&found, "s").as_deref(), Some("text"));
    }

    #[test]
    fn nested_names_are_joined_with_dots() {
        let text =
            br#"{"llm":{"input_messages":[{"message":{"role":"user"}}],"model_name":"m"},"a.b":"c","n":1}"#;
        let mut tape = Tape::default();
        let found = of(tape.parse(text).ok());
        let names: Vec<&str> = found.iter().map(|attribute| attribute.key.as_ref()).collect();
        assert_eq!(names, ["llm.input_messages", "llm.model_name", "llm", "a.b"]);
    }
}
