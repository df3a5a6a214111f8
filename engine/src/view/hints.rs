//! One pass over a text for the places where any sign of a disguise could stand.
//!
//! Each kind of sign has bytes that it cannot do without, next to each other or along a run. They are told for 64
//! places at once from the classes of the bytes ([`crate::vector::classify`]); what looks closer is called only where
//! they stand. A hint too many costs a look, a hint too few hides a disguise: a property test holds each kind to what
//! is found when every place is a hint.

use crate::vector::{BLOCK, Class, Masks, classify};

/// What could begin at a place, or end there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Hint {
    /// The backslash of an escape of JSON.
    JsonEscape,
    /// The backslash of an escape of a programming language.
    CodeEscape,
    /// The `%` of percent encoding.
    Percent,
    /// The `&` of a character reference.
    Reference,
    /// The first of sixteen or more base64 digits.
    Run,
    /// A byte that a compressed stream may begin with, or a zero byte.
    Binary,
    /// The `=` of quoted-printable.
    Quoted,
    /// The `<` of `<~`.
    Ascii85,
    /// `^`, `@` or `$` in a long run of base 85 digits.
    Base85,
    /// The start of a list of numbers.
    List,
    /// The first separator of a word that is spelled out.
    Spelled,
    /// The last byte of a token that may be leetspeak.
    Leet,
    /// The `<` of a tag after a word.
    Tag,
    /// The last byte of a word with marks of emphasis in it.
    Emphasis,
    /// An underscore that begins a word.
    Underline,
    /// The `]` before the target of a link.
    Link,
    /// A line end after a letter or a hyphen.
    LineEnd,
    /// The mark that a line begins with.
    LineMark,
    /// The quote that opens a string after another string.
    Joined,
}

/// How many kinds of hints there are.
const KINDS: usize = Hint::Joined as usize + 1;

/// The hints of a text, in order of their places.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    lists: [Vec<u32>; KINDS],
    /// Whether there is a byte beyond ASCII.
    pub(crate) foreign: bool,
}

impl Hints {
    /// Looks for hints; `parts` are the places where parts of the text start, in order.
    pub(crate) fn find(&mut self, text: &[u8], mut parts: impl Iterator<Item = usize>) {
        self.lists.iter_mut().for_each(Vec::clear);
        self.foreign = false;
        let mut next_part = parts.next();
        let mut starts_of_parts = |block: usize| {
            let mut starts = 0;
            while let Some(start) = next_part.filter(|start| *start < block + BLOCK) {
                starts |= u64::from(start >= block) << (start & (BLOCK - 1));
                next_part = parts.next();
            }
            starts
        };
        let mut state = State::default();
        let mut here = Around { masks: classify(text, 0), parts: starts_of_parts(0) };
        let mut before = Around::default();
        for at in (0..text.len()).step_by(BLOCK) {
            let next = at + BLOCK;
            let after = Around { masks: classify(text, next), parts: starts_of_parts(next) };
            let window = Window { before: &before, here: &here, after: &after };
            self.foreign |= here.masks.of(Class::Foreign) != 0;
            let found = state.step(&window);
            for (list, bits) in self.lists.iter_mut().zip(found) {
                push(list, at, bits);
            }
            before = here;
            here = after;
        }
    }

    /// The hints of one kind.
    pub(crate) fn of(&self, hint: Hint) -> Places<'_> {
        Places { places: self.lists.get(hint as usize).map_or(&[], Vec::as_slice) }
    }

    /// Hints of every kind at every place, as a text of this length may have at the most.
    #[cfg(test)]
    pub(crate) fn everywhere(len: usize) -> Self {
        let all: Vec<u32> = (0..u32::try_from(len).expect("a short text")).collect();
        Self { lists: std::array::from_fn(|_| all.clone()), foreign: true }
    }
}

fn push(list: &mut Vec<u32>, at: usize, mut bits: u64) {
    // Readers cut records long before 4 GiB.
    let base = u32::try_from(at).unwrap_or(u32::MAX);
    while bits != 0 {
        list.push(base + bits.trailing_zeros());
        bits &= bits - 1;
    }
}

/// Places in order, taken one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'h> {
    places: &'h [u32],
}

impl Places<'_> {
    /// The next place at `from` or later; those before it are passed for good.
    pub(crate) fn next(&mut self, from: usize) -> Option<usize> {
        /// So many are looked at one by one before a search halves the rest.
        const FEW: usize = 8;
        let before = |place: &&u32| (**place as usize) < from;
        let mut skip = self.places.iter().take(FEW).take_while(before).count();
        if skip == FEW {
            skip = self.places.partition_point(|place| before(&place));
        }
        self.places = self.places.get(skip..).unwrap_or_default();
        self.places.first().map(|place| *place as usize)
    }
}

/// A block's classes, and where parts of the text start in it.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    masks: Masks,
    parts: u64,
}

impl Around {
    /// The bytes that are in any of some classes.
    fn any(&self, classes: &[Class]) -> u64 {
        classes.iter().fold(0, |bytes, &class| bytes | self.masks.of(class))
    }
}

/// Three blocks in a row.
struct Window<'b> {
    before: &'b Around,
    here: &'b Around,
    after: &'b Around,
}

impl Window<'_> {
    fn of(&self, class: Class) -> u64 {
        self.here.masks.of(class)
    }

    fn any(&self, classes: &[Class]) -> u64 {
        self.here.any(classes)
    }

    /// The places after a byte that is in any of some classes.
    fn behind(&self, classes: &[Class]) -> u64 {
        self.here.any(classes) << 1 | self.before.any(classes) >> 63
    }

    /// The places `by` bytes before one that is in any of some classes.
    fn ahead(&self, by: u32, classes: &[Class]) -> u64 {
        self.here.any(classes) >> by | self.after.any(classes) << (64 - by)
    }

    /// This block and the one after it.
    fn both(&self, classes: &[Class]) -> u128 {
        u128::from(self.here.any(classes)) | u128::from(self.after.any(classes)) << 64
    }

    /// The last bytes of the runs of some classes, and of the parts within such a run.
    fn ends(&self, classes: &[Class]) -> u64 {
        let next_part = self.here.parts >> 1 | self.after.parts << 63;
        self.here.any(classes) & (!self.ahead(1, classes) | next_part)
    }
}

/// Bits that are spread along runs, from block to block.
#[derive(Debug, Default)]
struct Flood {
    reached_end: bool,
}

impl Flood {
    /// The bytes of runs in `within` from their first seed on.
    const fn fill(&mut self, seeds: u64, within: u64) -> u64 {
        let seeds = (seeds | self.reached_end as u64) & within;
        // The carry of the addition runs from a seed to the end of its run.
        let filled = (within.wrapping_add(seeds) ^ within | seeds) & within;
        self.reached_end = filled >> 63 != 0;
        filled
    }
}

/// Bits that are moved up by one place, from block to block.
#[derive(Debug, Default)]
struct Carry {
    last: u64,
}

impl Carry {
    /// The places after these.
    const fn behind(&mut self, bits: u64) -> u64 {
        let moved = bits << 1 | self.last;
        self.last = bits >> 63;
        moved
    }
}

/// Where at least `count` set bits start, for a count from 16 to 31.
const fn runs(bits: u128, count: u32) -> u128 {
    let two = bits & bits >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    let sixteen = eight & eight >> 8;
    sixteen & sixteen >> (count - 16)
}

#[expect(clippy::cast_possible_truncation, reason = "the lower block is what is asked for")]
const fn lower(bits: u128) -> u64 {
    bits as u64
}

/// What is carried from block to block.
#[derive(Debug, Default)]
struct State {
    run: Carry,
    list: Carry,
    long_85: Flood,
    leet: [Flood; 2],
    mark: Flood,
    emphasis: [Flood; 2],
    line_end: (Flood, Carry),
    line_mark: (Flood, Carry),
    string_end: [Carry; 2],
    between: [(Flood, Carry); 2],
}

const NAME: [Class; 4] = [Class::Letter, Class::Digit, Class::Underscore, Class::Dash];
const HEX: [Class; 3] = [Class::Digit, Class::HexLower, Class::HexUpper];

impl State {
    /// The hints of a block, by their kind.
    fn step(&mut self, window: &Window<'_>) -> [u64; KINDS] {
        let [json, code, percent, reference] = escapes(window);
        let [binary, quoted, ascii85] = codings(window);
        let [emphasis, underline, link] = self.markdown(window);
        let [line_end, line_mark] = self.lines(window);
        [
            json,
            code,
            percent,
            reference,
            self.runs(window),
            binary,
            quoted,
            ascii85,
            self.base85(window),
            self.lists(window),
            spelled(window),
            self.leet(window),
            tags(window),
            emphasis,
            underline,
            link,
            line_end,
            line_mark,
            self.joined(window),
        ]
    }

    fn runs(&mut self, window: &Window<'_>) -> u64 {
        const DIGITS: [Class; 5] =
            [Class::Letter, Class::Digit, Class::Underscore, Class::Dash, Class::PlusSlash];
        let starts = lower(runs(window.both(&DIGITS), 16));
        // A part that starts within a run has what is left of it.
        starts & (!self.run.behind(starts) | window.here.parts)
    }

    fn base85(&mut self, window: &Window<'_>) -> u64 {
        let starts = lower(runs(window.both(&[Class::Digit85]), 25));
        self.long_85.fill(starts, window.of(Class::Digit85)) & window.of(Class::Mark85)
    }

    /// Numbers have four digits at the most, the `0x` included, so that ids and hashes are no lists.
    fn lists(&mut self, window: &Window<'_>) -> u64 {
        let digits = window.both(&[Class::Digit, Class::HexLower, Class::HexUpper, Class::LetterX]);
        let four = digits & digits >> 1 & digits >> 2 & digits >> 3;
        let five = four & digits >> 4;
        let starts = lower(runs((digits | window.both(&[Class::ListGap])) & !five, 23));
        starts & (!self.list.behind(starts) | window.here.parts)
    }

    /// A digit or sign between two letters, and something that is no hex digit, in one token.
    fn leet(&mut self, window: &Window<'_>) -> u64 {
        const TOKEN: [Class; 3] = [Class::Letter, Class::Digit, Class::Sign];
        let [between, other] = &mut self.leet;
        let inside = window.behind(&[Class::Letter])
            & window.any(&[Class::Digit, Class::Sign])
            & window.ahead(1, &[Class::Letter]);
        let no_hex = window.any(&[Class::Letter, Class::Sign]) & !window.any(&HEX);
        let token = window.any(&TOKEN);
        between.fill(inside, token) & other.fill(no_hex, token) & window.ends(&TOKEN)
    }

    fn markdown(&mut self, window: &Window<'_>) -> [u64; 3] {
        const MARKS: [Class; 2] = [Class::Emphasis, Class::Underscore];
        const WORD: [Class; 3] = [Class::Letter, Class::Emphasis, Class::Underscore];
        let marks = window.any(&MARKS);
        let within = self.mark.fill(marks & window.behind(&[Class::Letter]), marks);
        let cut = within & window.ahead(1, &[Class::Letter]);
        let word = window.any(&WORD);
        let [cuts, emphasised] = &mut self.emphasis;
        let emphasis = cuts.fill(cut, word)
            & emphasised.fill(window.of(Class::Emphasis), word)
            & window.ends(&WORD);
        let of_name = [Class::Letter, Class::Digit, Class::Underscore, Class::Foreign];
        let underline = window.of(Class::Underscore)
            & !window.behind(&of_name)
            & window.ahead(1, &[Class::Letter, Class::Underscore]);
        let link = window.of(Class::BracketClose) & window.ahead(1, &[Class::ParenOpen]);
        [emphasis, underline, link]
    }

    fn lines(&mut self, window: &Window<'_>) -> [u64; 2] {
        const CUT: [Class; 2] = [Class::Letter, Class::Dash];
        let blank = window.of(Class::Blank);
        let newline = window.of(Class::Newline);
        let (flood, carry) = &mut self.line_end;
        let trailing = flood.fill(blank & window.behind(&CUT), blank);
        let end = newline & (window.behind(&CUT) | carry.behind(trailing));
        let (flood, carry) = &mut self.line_mark;
        let indent = flood.fill(blank & window.behind(&[Class::Newline]), blank);
        let mark = window.of(Class::LineMark) & (window.behind(&[Class::Newline]) | carry.behind(indent));
        [end, mark]
    }

    /// A quote after a word, what may stand between strings, and a quote. Over a comma only a name goes on.
    fn joined(&mut self, window: &Window<'_>) -> u64 {
        let quote = window.of(Class::Quote);
        let [after_name, after_word] = &mut self.string_end;
        let after_name = after_name.behind(quote & window.behind(&NAME));
        let after_word =
            after_word.behind(quote & (window.behind(&NAME) | window.behind(&[Class::Blank])));
        let [(list, list_end), (sum, sum_end)] = &mut self.between;
        let (between, with_comma) =
            (window.of(Class::Between), window.any(&[Class::Between, Class::Comma]));
        let over_commas = list_end.behind(list.fill(with_comma & after_name, with_comma));
        let over_signs = sum_end.behind(sum.fill(between & after_word, between));
        quote & (over_commas & window.ahead(1, &NAME) | over_signs)
    }
}

fn escapes(window: &Window<'_>) -> [u64; 4] {
    let backslash = window.of(Class::Backslash);
    let hex = window.ahead(1, &HEX) & window.ahead(2, &HEX);
    [
        backslash & window.ahead(1, &[Class::JsonEscape]),
        backslash & window.ahead(1, &[Class::CodeEscape]),
        window.of(Class::Percent) & (hex | window.ahead(1, &[Class::CodeEscape])),
        window.of(Class::Ampersand),
    ]
}

fn codings(window: &Window<'_>) -> [u64; 3] {
    const UPPER: [Class; 2] = [Class::Digit, Class::HexUpper];
    let flags = window.ahead(1, &[Class::Control, Class::Mark85, Class::Foreign]);
    let hex = window.ahead(1, &UPPER) & window.ahead(2, &UPPER);
    [
        window.of(Class::Control) | window.of(Class::LetterX) & flags,
        window.of(Class::Equals) & (hex | window.ahead(1, &[Class::Blank, Class::Newline])),
        window.of(Class::Less) & window.ahead(1, &[Class::Emphasis]),
    ]
}

/// Every second byte of nine is a separator, and of those between not all.
fn spelled(window: &Window<'_>) -> u64 {
    let separators = window.both(&[Class::Separator]);
    let every_second = |bits: u128| bits & bits >> 2 & bits >> 4 & bits >> 6;
    let between = every_second(separators >> 1);
    lower(every_second(separators) & separators >> 8 & !between)
}

fn tags(window: &Window<'_>) -> u64 {
    window.of(Class::Less)
        & window.behind(&[Class::Letter, Class::Digit, Class::Underscore, Class::Blank])
        & window.ahead(1, &[Class::Letter, Class::TagStart])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str, hint: Hint) -> Vec<u32> {
        let mut hints = Hints::default();
        hints.find(text.as_bytes(), std::iter::once(0));
        hints.lists[hint as usize].clone()
    }

    #[test]
    fn a_hint_is_seen_at_every_place_of_a_block() {
        for shift in 0..200u32 {
            let text = |sign: &str| format!("{}{sign} end", ". ".repeat(100).get(..shift as usize).expect("ASCII"));
            assert_eq!(places(&text("n0t"), Hint::Leet), [shift + 2], "{shift}");
            assert_eq!(places(&text("i*g*nore"), Hint::Emphasis), [shift + 7], "{shift}");
            assert_eq!(places(&text("x'+ 'y"), Hint::Joined), [shift + 4], "{shift}");
            assert_eq!(places(&text("0123456789abcdefg"), Hint::Run), [shift], "{shift}");
            assert_eq!(places(&text("x-\n   > y"), Hint::LineMark), [shift + 6], "{shift}");
            assert_eq!(places(&text("x-  \ny"), Hint::LineEnd), [shift + 4], "{shift}");
            assert_eq!(places(&text("x%41"), Hint::Percent), [shift + 1], "{shift}");
        }
    }

    #[test]
    fn ordinary_content_gives_few_hints() {
        let text = "The harbour was quiet (550e8400-e29b-41d4-a716-446655440000), 2026-03-01T08:00:03.462Z.\n";
        for hint in [Hint::Leet, Hint::List, Hint::Spelled, Hint::Base85, Hint::Joined, Hint::LineEnd] {
            assert_eq!(places(text, hint), [], "{hint:?}");
        }
    }
}
