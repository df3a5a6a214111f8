//! Messages that are spread over attributes with numbers in their names, as Traceloop and OpenInference write them:
//! `gen_ai.prompt.0.role`, `llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments`.

use std::collections::BTreeMap;

use coldcase_model::Timestamp;
use coldcase_model::json::Value;

use super::attributes::{Attribute, Held};
use super::meaning::Meaning;
use super::unit::Piece;
use crate::agent::Speaker;

/// Where lists of messages stand, what stands between number and field, and who speaks where nothing says so.
const LISTS: [(&str, &str, Speaker); 6] = [
    ("gen_ai.prompt.", "", Speaker::User),
    ("gen_ai.completion.", "", Speaker::Assistant),
    ("llm.prompts.", "", Speaker::User),
    ("llm.completions.", "", Speaker::Assistant),
    ("llm.input_messages.", "message.", Speaker::User),
    ("llm.output_messages.", "message.", Speaker::Assistant),
];

/// A message's list and number as they are written, and who speaks there usually.
type Place<'k> = (&'k str, Speaker);

/// The message that an attribute belongs to, and which field of it the attribute is.
fn split(key: &str) -> Option<(Place<'_>, &str)> {
    LISTS.iter().find_map(|(list, between, usual)| {
        let (number, field) = key.strip_prefix(list)?.split_once('.')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let field = field.strip_prefix(between).filter(|_| is_number)?;
        Some(((key.get(..list.len() + number.len())?, *usual), field))
    })
}

/// A field of a call, and the call's number, in either spelling.
fn call_field(field: &str) -> Option<(&str, &str)> {
    if let Some(old) = field.strip_prefix("function_call_") {
        return Some(("", old.strip_suffix("_json").unwrap_or(old)));
    }
    if let Some(old) = field.strip_prefix("function_call.") {
        return Some(("", old));
    }
    let (number, rest) = field.strip_prefix("tool_calls.")?.split_once('.')?;
    let rest = rest.strip_prefix("tool_call.").unwrap_or(rest);
    Some((number, rest.strip_prefix("function.").unwrap_or(rest)))
}

/// What is said of one message besides its text.
#[derive(Default)]
struct Told<'t, 'd> {
    speaker: Option<Speaker>,
    name: Option<Value<'t, 'd>>,
    call: Option<Value<'t, 'd>>,
    /// Name and id of each call.
    calls: BTreeMap<String, [Option<Value<'t, 'd>>; 2]>,
}

/// The pieces that are spread over these attributes.
///
/// What the model said was there at `end`.
pub(super) fn pieces<'t, 'd>(
    attributes: &[Attribute<'t, 'd>],
    end: Option<Timestamp>,
    out: &mut Vec<Piece<'t, 'd>>,
) {
    let mut messages: BTreeMap<&str, Told<'t, 'd>> = BTreeMap::new();
    let told = attributes.iter().filter_map(|attribute| Some((split(&attribute.key)?, attribute.held)));
    for ((place, field), held) in told.clone() {
        let message = messages.entry(place.0).or_default();
        match field {
            "role" => message.speaker = held.str().and_then(|role| Speaker::of(&role)),
            "name" => message.name = Some(held.value),
            "tool_call_id" => message.call = Some(held.value),
            _ => {
                if let Some((number, field)) = call_field(field) {
                    let call = message.calls.entry(number.to_owned()).or_default();
                    match field {
                        "name" => call[0] = Some(held.value),
                        "id" => call[1] = Some(held.value),
                        _ => {}
                    }
                }
            }
        }
    }
    for ((place, field), held) in told {
        let Some(message) = messages.get(place.0) else { continue };
        let speaker = message.speaker.unwrap_or(place.1);
        let time = end.filter(|_| place.1 == Speaker::Assistant);
        out.extend(piece(message, speaker, (field, held), time));
    }
}

fn piece<'t, 'd>(
    message: &Told<'t, 'd>,
    speaker: Speaker,
    (field, held): (&str, Held<'t, 'd>),
    time: Option<Timestamp>,
) -> Option<Piece<'t, 'd>> {
    let is_text = field == "content"
        || field == "reasoning"
        || field.starts_with("contents.") && field.ends_with(".message_content.text");
    if is_text {
        let is_result = speaker == Speaker::Tool;
        let meaning = if is_result { Meaning::Result } else { Meaning::Said(speaker) };
        let [tool, call] = if is_result { [message.name, message.call] } else { [None, None] };
        return Some(Piece { held, meaning, tool, call, time });
    }
    let (number, field) = call_field(field)?;
    let [tool, call] = *message.calls.get(number)?;
    match field {
        "arguments" => Some(Piece { held, meaning: Meaning::Arguments, tool, call, time }),
        "name" => Some(Piece { held, meaning: Meaning::Name, tool: None, call: None, time }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use coldcase_model::json::Tape;

    use super::*;
    use crate::trace::attributes;

    #[test]
    fn both_spellings_of_messages_are_put_together() {
        let text = br#"{"gen_ai.prompt.0.role":"system","gen_ai.prompt.0.content":"S","gen_ai.prompt.10.content":"U",
            "gen_ai.completion.0.role":"assistant","gen_ai.completion.0.tool_calls.0.name":"get",
            "gen_ai.completion.0.tool_calls.0.arguments":"{}","gen_ai.completion.0.tool_calls.0.id":"c",
            "llm.input_messages.1.message.role":"tool","llm.input_messages.1.message.content":"R",
            "llm.input_messages.1.message.tool_call_id":"d",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name":"put",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments":"{ }",
            "llm.input_messages.x.message.content":"no","gen_ai.prompt.0.length":"no"}"#;
        let mut tape = Tape::default();
        let attributes = attributes::of(tape.parse(text).ok());
        let mut found = Vec::new();
        pieces(&attributes, None, &mut found);
        let text = |value: Option<Value<'_, '_>>| value.and_then(Value::str).unwrap_or_default().into_owned();
        let shown: Vec<_> = found
            .iter()
            .map(|piece| (piece.meaning, text(Some(piece.held.value)), text(piece.tool), text(piece.call)))
            .collect();
        let row = |meaning, text: &str, tool: &str, call: &str| {
            (meaning, text.to_owned(), tool.to_owned(), call.to_owned())
        };
        assert_eq!(
            shown,
            [
                row(Meaning::Said(Speaker::System), "S", "", ""),
                row(Meaning::Said(Speaker::User), "U", "", ""),
                row(Meaning::Name, "get", "", ""),
                row(Meaning::Arguments, "{}", "get", "c"),
                row(Meaning::Result, "R", "", "d"),
                row(Meaning::Name, "put", "", ""),
                row(Meaning::Arguments, "{ }", "put", ""),
            ]
        );
    }
}
