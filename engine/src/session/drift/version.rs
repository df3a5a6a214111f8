//! A version of a definition, as the fold keeps it: its texts by member, bounded, and what rules found in it.
//!
//! Texts are redacted before they are kept. Of a text that is too long to keep, the hashes of its sentences stay, so that new
//! ones can still be told.

use coldcase_model::json::{Kind, Tape, Value};
use coldcase_model::{Digest, EventId};

use super::super::observe::canonical;
use super::super::observe::listed::{Broken, Definition, Listed};
use super::sentences::{self, sentences};

/// One version of a definition.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Version {
    /// Of the whole definition.
    pub(super) digest: Digest,
    /// Of the definition without its name.
    pub(super) body: Digest,
    /// Its members besides its name, by key.
    pub(super) fields: Vec<Field>,
    /// What rules found in it.
    pub(super) rules: Vec<Broken>,
    /// The event that listed it; `None` for one from a baseline.
    pub(super) event: Option<EventId>,
}

/// A member of a definition.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Field {
    /// Its key.
    pub(super) key: String,
    /// Of its canonical form.
    pub(super) digest: Digest,
    /// A string as it is, anything else in its canonical form.
    pub(super) text: String,
    /// Hashes of its sentences, sorted, where the text is cut.
    pub(super) sentences: Vec<u64>,
    /// Whether the text is not all of it.
    pub(super) cut: bool,
}

/// How many bytes of a definition are kept to compare with.
const MOST_KEPT: usize = 16 << 10;
/// How many bytes of a definition are read when it is new.
const MOST_READ: usize = 256 << 10;
/// How many sentences of a cut text are known.
const MOST_SENTENCES: usize = 2048;
/// How many members of a definition are told apart.
const MOST_FIELDS: usize = 64;

impl Version {
    /// A definition that is not there.
    pub(super) const ABSENT: Self = Self {
        digest: Digest([0; 32]),
        body: Digest([0; 32]),
        fields: Vec::new(),
        rules: Vec::new(),
        event: None,
    };

    /// Reads a definition; its texts are longer than [`Self::kept`] keeps them.
    pub(super) fn read(listed: &Listed, definition: &Definition, event: EventId, tape: &mut Tape) -> Self {
        let mut version = Self {
            digest: definition.digest,
            rules: definition.rules.clone(),
            event: Some(event),
            ..Self::ABSENT
        };
        let Ok(value) = tape.parse(definition.span.of(&listed.document)) else { return version };
        let mut room = Vec::new();
        if value.kind() != Kind::Object {
            version.body = definition.digest;
            version.fields.push(field("instructions", value, listed, MOST_READ, &mut room));
            return version;
        }
        let mut members = canonical::sorted(value);
        members.retain(|(key, _)| !matches!(key.as_slice(), b"name" | b"id" | b"skills"));
        let mut left = MOST_READ;
        for (key, member) in members.iter().take(MOST_FIELDS) {
            let key = listed.redactor.text(key, 256);
            let read = field(key.as_str(), *member, listed, left, &mut room);
            left = left.saturating_sub(read.text.len());
            version.fields.push(read);
        }
        // Redaction may have changed the order of keys.
        version.fields.sort_by(|a, b| a.key.cmp(&b.key));
        room.clear();
        canonical::write_object(members, &mut room);
        version.body = canonical::digest_of(&room);
        version
    }

    /// The version as it is kept: a description first, then as much of the rest as there is room for.
    pub(super) fn kept(mut self) -> Self {
        let mut left = MOST_KEPT;
        let (first, rest): (Vec<_>, Vec<_>) = self
            .fields
            .iter_mut()
            .partition(|field| matches!(field.key.as_str(), "description" | "instructions"));
        for field in first.into_iter().chain(rest) {
            if field.text.len() > left {
                field.cut(left);
            }
            field.text.shrink_to_fit();
            left = left.saturating_sub(field.text.len());
        }
        self
    }

    /// The version without its texts, where there is no room for them.
    pub(super) fn without_texts(mut self) -> Self {
        for field in &mut self.fields {
            field.cut = true;
            field.text = String::new();
            field.sentences = Vec::new();
        }
        self
    }

    /// How many bytes it holds, roughly.
    pub(super) fn size(&self) -> usize {
        self.fields
            .iter()
            .map(|field| field.key.len() + field.text.len() + 8 * field.sentences.len() + 128)
            .sum()
    }

    /// The member with this key.
    pub(super) fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

impl Field {
    fn cut(&mut self, most: usize) {
        let mut known: Vec<u64> = sentences(&self.text).take(MOST_SENTENCES).map(sentences::hash).collect();
        known.sort_unstable();
        known.dedup();
        self.sentences = known;
        self.text.truncate(self.text.floor_char_boundary(most));
        self.cut = true;
    }
}

fn field(key: &str, value: Value<'_, '_>, listed: &Listed, most: usize, room: &mut Vec<u8>) -> Field {
    let digest = canonical::digest(value, room);
    let text = match value.kind() {
        Kind::String => {
            let bytes = canonical::content(value);
            let mut left = most;
            let lines = bytes.split(|byte| *byte == b'\n').map_while(|line| {
                let shown = listed.redactor.text(line.trim_ascii(), left);
                left = left.checked_sub(shown.as_str().len() + 1)?;
                Some(shown.as_str().to_owned())
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        _ => listed.redactor.text(room, most).as_str().to_owned(),
    };
    // What was left out here is not known at all; what is kept says so.
    let cut = canonical_len(value, room) > most;
    Field { key: key.to_owned(), digest, text, sentences: Vec::new(), cut }
}

fn canonical_len(value: Value<'_, '_>, room: &[u8]) -> usize {
    if value.kind() == Kind::String { value.content().len() } else { room.len() }
}
