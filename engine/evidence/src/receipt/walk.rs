//! One pass over an object against its table: unknown, duplicate, missing and mistyped fields, and the spelling.
//!
//! Nothing is decoded and nothing allocated unless something is wrong.

use coldcase_model::json::{Kind, Value};

use super::problem::ReceiptProblem;
use super::schema::{Field, Presence, Shape, Table};
use crate::spelling::{Strictness, is_writer_time, string, value as spelled_value};

/// More problems of one receipt say nothing new.
const MOST_PROBLEMS: usize = 16;

/// What a pass has found so far.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) problems: Vec<ReceiptProblem>,
    /// Whether all is spelled and ordered as the writer does.
    pub(super) canonical: bool,
    /// An object, and a field of it that is passed over though its table does not have it.
    extra: Option<(&'static str, &'static str)>,
}

impl Walk {
    pub(super) fn new() -> Self {
        Self { problems: Vec::new(), canonical: true, extra: None }
    }

    /// As [`Walk::new`], passing over a field of the object that this table describes.
    pub(super) fn passing_over(table: &Table, field: &'static str) -> Self {
        Self { extra: Some((table.name, field)), ..Self::new() }
    }

    pub(super) fn add(&mut self, problem: ReceiptProblem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Checks an object and all that it holds.
    pub(super) fn object(&mut self, table: &'static Table, object: Value<'_, '_>) {
        let span = object.span();
        let (mut seen, mut next, mut at) = (0_u128, 0, span.start + 1);
        for (key, value) in object.members() {
            // White space shows as a gap between where a token should stand and where it does.
            self.canonical &= key.span().start == at && value.span().start == key.span().end + 1;
            at = value.span().end + 1;
            let Some(index) = position(table, key, next) else {
                self.unknown(table, key);
                continue;
            };
            let Some(field) = table.fields.get(index) else { continue };
            if seen & 1 << index != 0 {
                self.add(ReceiptProblem::DuplicateField { object: table.name, field: field.name });
                continue;
            }
            seen |= 1 << index;
            self.canonical &= index >= next && !key.is_escaped();
            next = next.max(index + 1);
            self.field(table, field, value);
        }
        self.canonical &= span.end == at || (seen == 0 && span.end == at + 1);
        self.missing(table, seen);
    }

    fn unknown(&mut self, table: &'static Table, key: Value<'_, '_>) {
        self.canonical = false;
        if self.extra.is_some_and(|(object, field)| object == table.name && key.is_key(field)) {
            return;
        }
        let bytes = key.raw();
        let inside = bytes.get(1..bytes.len().saturating_sub(1)).unwrap_or_default();
        let field = inside.escape_ascii().take(64).map(char::from).collect();
        self.add(ReceiptProblem::UnknownField { object: table.name, field });
    }

    fn missing(&mut self, table: &'static Table, seen: u128) {
        let missing = table.required & !seen;
        if missing == 0 {
            return;
        }
        for (index, field) in table.fields.iter().enumerate() {
            if missing & 1 << index != 0 {
                self.add(ReceiptProblem::MissingField { object: table.name, field: field.name });
            }
        }
    }

    fn field(&mut self, table: &'static Table, field: &'static Field, value: Value<'_, '_>) {
        if is_empty(field.shape, value.raw()) {
            match field.presence {
                Presence::Always => {}
                Presence::Filled => {
                    self.add(ReceiptProblem::EmptyField { object: table.name, field: field.name });
                    return;
                }
                // The writer leaves it out.
                Presence::IfNotEmpty => {
                    self.canonical = false;
                    if value.is_null() {
                        return;
                    }
                }
            }
        }
        if !self.shape(field.shape, value) {
            self.add(ReceiptProblem::WrongType { object: table.name, field: field.name });
        }
    }

    /// Whether a value has a shape.
    fn shape(&mut self, shape: Shape, value: Value<'_, '_>) -> bool {
        match shape {
            Shape::Text => self.text(value),
            Shape::Time => self.text(value) && is_time(value),
            Shape::Bool => matches!(value.raw(), b"true" | b"false"),
            Shape::Int => self.int(value),
            Shape::Unsigned => value.u64().is_some(),
            Shape::Byte => value.u64().is_some_and(|level| level <= 255),
            Shape::TextsOrNull if value.is_null() => true,
            Shape::Texts | Shape::TextsOrNull => self.items(value, Self::text),
            Shape::Object(table) => self.inner(table, value),
            Shape::Objects(table) => self.items(value, |walk, item| walk.inner(table, item)),
            Shape::Counts => self.counts(value),
            Shape::Any => {
                self.canonical &= spelled_value(value.raw(), 0, &mut Vec::new()) == Ok(value.raw().len());
                true
            }
        }
    }

    fn inner(&mut self, table: &'static Table, value: Value<'_, '_>) -> bool {
        let right = value.kind() == Kind::Object;
        if right {
            self.object(table, value);
        }
        right
    }

    fn items(&mut self, list: Value<'_, '_>, mut item: impl FnMut(&mut Self, Value<'_, '_>) -> bool) -> bool {
        let span = list.span();
        let (mut right, mut at, mut any) = (list.kind() == Kind::Array, span.start + 1, false);
        for value in list.items() {
            self.canonical &= value.span().start == at;
            at = value.span().end + 1;
            any = true;
            right &= item(self, value);
        }
        self.canonical &= span.end == at || (!any && span.end == at + 1);
        right
    }

    fn text(&mut self, value: Value<'_, '_>) -> bool {
        let right = value.kind() == Kind::String;
        self.canonical &= !right || string(value.raw(), 1, Strictness::Field).is_ok();
        right
    }

    fn int(&mut self, value: Value<'_, '_>) -> bool {
        self.canonical &= value.raw() != b"-0";
        int(value).is_some()
    }

    fn counts(&mut self, object: Value<'_, '_>) -> bool {
        let (mut right, mut at, mut last) = (object.kind() == Kind::Object, object.span().start + 1, None);
        for (key, value) in object.members() {
            self.canonical &= key.span().start == at && value.span().start == key.span().end + 1;
            self.canonical &= string(key.raw(), 1, Strictness::Field).is_ok();
            at = value.span().end + 1;
            right &= self.int(value);
            let name = decoded(key);
            // A key that stands twice is a value that two readers read differently.
            right &= last.as_ref() != Some(&name);
            self.canonical &= last.is_none_or(|last| last < name);
            last = Some(name);
        }
        let end = object.span().end;
        self.canonical &= end == at || (last.is_none() && end == at + 1);
        right
    }
}

/// A key with its escapes resolved.
pub(super) fn decoded(key: Value<'_, '_>) -> Vec<u8> {
    let bytes = key.raw();
    coldcase_model::json::unescape(bytes.get(1..bytes.len().saturating_sub(1)).unwrap_or_default())
}

/// A whole number with a sign.
pub(super) fn int(value: Value<'_, '_>) -> Option<i64> {
    std::str::from_utf8(value.raw()).ok()?.parse().ok()
}

/// Where a table has a key, looked for from `next` on first: a writer's fields come in order.
fn position(table: &Table, key: Value<'_, '_>, next: usize) -> Option<usize> {
    let raw = key.raw();
    let name = raw.get(1..raw.len().saturating_sub(1))?;
    let escaped = key.is_escaped();
    let is = |field: &Field| if escaped { key.is_key(field.name) } else { field.name.as_bytes() == name };
    let (before, after) = table.fields.split_at_checked(next)?;
    match after.iter().position(is) {
        Some(at) => Some(next + at),
        None => before.iter().position(is),
    }
}

/// Whether the writer takes a value for empty. An object is left out only if there is none.
pub(super) fn is_empty(shape: Shape, raw: &[u8]) -> bool {
    match shape {
        Shape::Object(_) | Shape::Any => raw == b"null",
        Shape::Text => raw == b"\"\"",
        // The second is a time that was never set.
        Shape::Time => matches!(raw, b"\"\"" | b"\"0001-01-01T00:00:00Z\""),
        Shape::Bool => raw == b"false",
        Shape::Int | Shape::Unsigned | Shape::Byte => matches!(raw, b"0" | b"-0"),
        Shape::Texts | Shape::TextsOrNull | Shape::Objects(_) => matches!(raw, b"[]" | b"null"),
        Shape::Counts => matches!(raw, b"{}" | b"null"),
    }
}

/// A time of a record: as the writer spells one, in UTC or with an offset of its own.
fn is_time(value: Value<'_, '_>) -> bool {
    let Some(text) = value.string() else { return false };
    if is_writer_time(&text) {
        return true;
    }
    let Some((local, offset)) = text.split_last_chunk::<6>() else { return false };
    let [sign, rest @ ..] = offset;
    let right = matches!(sign, b'+' | b'-')
        && matches!(rest, [b'0'..=b'2', b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9'])
        && rest != b"00:00"
        && rest.first_chunk() < Some(b"24");
    let mut utc = local.to_vec();
    utc.push(b'Z');
    right && is_writer_time(&utc)
}
