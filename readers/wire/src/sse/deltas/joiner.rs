//! Texts while their deltas come in.

use std::collections::BTreeMap;

use coldcase_model::json::Tape;

use super::shapes;

/// The most bytes of all texts of one stream together: a model's longest answer is under 1 MB.
const BYTES: usize = 16 << 20;

/// The most texts of one stream.
const TEXTS: usize = 4096;

/// The most deltas whose places are kept, over all texts: 4 MiB.
const PIECES: usize = 1 << 18;

/// What a joined text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What the model says.
    Text,
    /// What it thinks.
    Reasoning,
    /// The arguments of a tool that it calls: JSON, where the model keeps to the rules.
    ToolArguments,
}

/// A text whose deltas came one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// What it is.
    pub kind: Kind,
    /// The name of the tool whose arguments it is.
    pub name: Option<String>,
    /// Which answer of several, or which output item of one, it belongs to.
    pub answer: u64,
    /// Which text within that it is.
    pub index: u64,
    /// The text.
    pub text: Vec<u8>,
    /// From which offset of `text` on it came in which event.
    pub pieces: Vec<(usize, u64)>,
    /// Whether deltas are missing that were over the cap.
    pub is_cut: bool,
}

/// Which text a delta belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) kind: Kind,
    pub(super) answer: u64,
    pub(super) index: u64,
}

/// Joins the deltas of one stream of events, whichever of the known shapes they have.
///
/// The shapes are OpenAI chat completions and responses, Anthropic messages, Gemini `streamGenerateContent`, and any
/// object with a string `delta`. Data of other shapes is passed over.
#[derive(Debug, Default)]
pub struct Joiner {
    tape: Tape,
    texts: Texts,
}

/// The texts so far.
#[derive(Debug, Default)]
pub(super) struct Texts {
    list: Vec<Joined>,
    by_key: BTreeMap<Key, usize>,
    bytes: usize,
    pieces: usize,
    over_limit: u64,
    /// The number of the event that is being read.
    event: u64,
}

impl Joiner {
    /// Takes the data of one event, or of one WebSocket message. Its number is what the pieces will name.
    pub fn push(&mut self, number: u64, data: &[u8]) {
        // Keep-alives and plain texts are no objects.
        if !matches!(data.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return;
        }
        self.texts.event = number;
        let Ok(root) = self.tape.parse(data) else { return };
        shapes::read(root, &mut self.texts);
        // Gemini without `alt=sse` answers with one array of what would be events.
        for item in root.items() {
            shapes::read(item, &mut self.texts);
        }
    }

    /// How many bytes of deltas were over a cap.
    pub fn over_limit(&self) -> u64 {
        self.texts.over_limit
    }

    /// The texts, in the order in which they began.
    pub fn finish(self) -> Vec<Joined> {
        let mut list = self.texts.list;
        list.retain(|joined| !joined.text.is_empty() || joined.name.is_some());
        list
    }
}

impl Texts {
    /// A new answer begins: what follows joins none of the texts before.
    pub(super) fn forget(&mut self) {
        self.by_key.clear();
    }

    /// A text ends: what follows under its key is another.
    pub(super) fn end(&mut self, key: Key) {
        self.by_key.remove(&key);
    }

    /// Says a text's name, once it is known; some servers repeat it, few send it in pieces.
    pub(super) fn name(&mut self, key: Key, name: &str) {
        let Some(joined) = self.get(key) else { return };
        if joined.name.is_none() && !name.is_empty() {
            joined.name = Some(shorten(name));
        }
    }

    /// Adds a delta.
    pub(super) fn add(&mut self, key: Key, delta: &[u8]) {
        if delta.is_empty() {
            return;
        }
        let (bytes, pieces, event) = (self.bytes, self.pieces, self.event);
        let Some(joined) = self.get(key) else {
            self.over_limit += delta.len() as u64;
            return;
        };
        let kept = delta.get(..BYTES.saturating_sub(bytes)).unwrap_or(delta);
        joined.is_cut |= kept.len() < delta.len();
        let is_new = joined.pieces.last().is_none_or(|(_, last)| *last != event);
        let is_placed = is_new && pieces < PIECES && !kept.is_empty();
        if is_placed {
            joined.pieces.push((joined.text.len(), event));
        }
        joined.text.extend_from_slice(kept);
        self.bytes += kept.len();
        self.pieces += usize::from(is_placed);
        self.over_limit += (delta.len() - kept.len()) as u64;
    }

    /// A key that was not used yet, for a text that comes whole.
    pub(super) fn next(&self, key: Key) -> Key {
        Key { index: self.list.len() as u64, ..key }
    }

    fn get(&mut self, key: Key) -> Option<&mut Joined> {
        let index = match self.by_key.get(&key) {
            Some(index) => *index,
            None if self.list.len() >= TEXTS => return None,
            None => {
                let Key { kind, answer, index } = key;
                let (text, pieces) = (Vec::new(), Vec::new());
                self.list.push(Joined { kind, name: None, answer, index, text, pieces, is_cut: false });
                self.by_key.insert(key, self.list.len() - 1);
                self.list.len() - 1
            }
        };
        self.list.get_mut(index)
    }
}

/// Names of tools are under 200 characters in every protocol; longer ones are no names.
fn shorten(name: &str) -> String {
    name.chars().take(200).collect()
}
