//! One pass over a text for the places where any sign of a disguise could stand.
//!
//! Each kind of sign has bytes that it cannot do without, next to each other or along a run. They are told for 64
//! places at once from the classes of the bytes ([`crate::vector::each_block`]); what looks closer is called only where
//! they stand. A hint too many costs a look, a hint too few hides a disguise: a property test holds each kind to what
//! is found when every place is a hint.

use super::characters::Census;
use crate::vector::{BLOCK, Class, Masks, each_block};

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
    /// A byte that a compressed stream may begin with.
    Stream,
    /// A zero byte.
    Zero,
    /// The `=` of quoted-printable.
    Quoted,
    /// The `<` of `<~`.
    Ascii85,
    /// The first of 25 or more digits of base 85.
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
    /// A bit for each place where a word starts.
    words: Vec<u64>,
    /// What stands there beyond ASCII.
    pub(super) census: Census,
}

impl Hints {
    /// Looks for hints; `parts` are the places where parts of the text start, in order.
    pub(crate) fn find(&mut self, text: &[u8], mut parts: impl Iterator<Item = usize>) {
        self.lists.iter_mut().for_each(Vec::clear);
        self.words.clear();
        self.words.reserve(text.len().div_ceil(BLOCK));
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
        // The last three blocks, in a ring.
        let mut ring = [Around::default(); 3];
        let (mut at, mut foreign) = (0, 0);
        let (lists, words) = (&mut self.lists, &mut self.words);
        let mut starts = WordStarts::default();
        let mut step = |masks: &Masks| {
            let turn = at / BLOCK;
            foreign |= masks.of(Class::Foreign);
            words.push(starts.step(masks));
            let [a, b, c] = &mut ring;
            let (before, here, after) = match turn % 3 {
                0 => (b, c, a),
                1 => (c, a, b),
                _ => (a, b, c),
            };
            after.masks = *masks;
            after.parts = starts_of_parts(at);
            if turn > 0 {
                state.step(&Window { before, here, after }, |hint, bits| {
                    if let Some(list) = lists.get_mut(hint as usize) {
                        push(list, at - BLOCK, bits);
                    }
                });
            }
            at += BLOCK;
        };
        each_block(text, &mut step);
        // The last block is told with nothing behind it.
        step(&Masks::default());
        self.census.clear();
        if foreign != 0 {
            self.census.take(text);
        }
    }

    /// A bit for each place where a word starts: a letter or digit with neither before it, or after an escape.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The hints of one kind.
    pub(crate) fn of(&self, hint: Hint) -> Places<'_> {
        Places::of(self.lists.get(hint as usize).map_or(&[], Vec::as_slice))
    }

    /// Hints of every kind at every place, as a text of this length may have at the most.
    #[cfg(test)]
    pub(crate) fn everywhere(len: usize) -> Self {
        let all: Vec<u32> = (0..u32::try_from(len).expect("a short text")).collect();
        Self {
            lists: std::array::from_fn(|_| all.clone()),
            words: Vec::new(),
            census: Census { folds: all.clone(), accents: all, unseen: true, overrides: true },
        }
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

impl<'h> Places<'h> {
    /// These places, which are in order.
    pub(super) const fn of(places: &'h [u32]) -> Self {
        Self { places }
    }

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

/// Where words start.
#[derive(Debug, Default)]
struct WordStarts {
    word: Carry,
    backslash: Carry,
    escape: Carry,
}

impl WordStarts {
    #[inline]
    fn step(&mut self, masks: &Masks) -> u64 {
        let word = masks.of(Class::Letter) | masks.of(Class::Digit);
        let escape = masks.of(Class::Letter) & self.backslash.behind(masks.of(Class::Backslash));
        word & (!self.word.behind(word) | self.escape.behind(escape))
    }
}

/// What is carried from block to block.
#[derive(Debug, Default)]
struct State {
    run: Carry,
    run85: Carry,
    list: Carry,
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
    /// Tells the hints of a block. Each kind is passed over where the bytes that it cannot do without are not there and
    /// nothing is carried on from the block before.
    #[inline]
    fn step(&mut self, window: &Window<'_>, mut tell: impl FnMut(Hint, u64)) {
        escapes(window, &mut tell);
        codings(window, &mut tell);
        self.runs(window, &mut tell);
        self.base85(window, &mut tell);
        self.lists(window, &mut tell);
        self.leet(window, &mut tell);
        self.markdown(window, &mut tell);
        self.lines(window, &mut tell);
        self.joined(window, &mut tell);
        spelled(window, &mut tell);
    }

    #[inline]
    fn runs(&mut self, window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
        const DIGITS: [Class; 5] =
            [Class::Letter, Class::Digit, Class::Underscore, Class::Dash, Class::PlusSlash];
        let starts = lower(runs(window.both(&DIGITS), 16));
        // A part that starts within a run has what is left of it.
        tell(Hint::Run, starts & (!self.run.behind(starts) | window.here.parts));
    }

    #[inline]
    fn base85(&mut self, window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
        let starts = lower(runs(window.both(&[Class::Digit85]), 25));
        tell(Hint::Base85, starts & (!self.run85.behind(starts) | window.here.parts));
    }

    /// Numbers have four digits at the most, the `0x` included, so that ids and hashes are no lists. Some of the digits are
    /// decimal: the first of each hex pair of text is.
    #[inline]
    fn lists(&mut self, window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
        const FEW: u32 = 4;
        let decimal = window.of(Class::Digit).count_ones() + window.after.any(&[Class::Digit]).count_ones();
        if decimal < FEW {
            self.list = Carry::default();
            return;
        }
        let digits = window.both(&[Class::Digit, Class::HexLower, Class::HexUpper, Class::LetterX]);
        let four = digits & digits >> 1 & digits >> 2 & digits >> 3;
        let five = four & digits >> 4;
        let starts = lower(runs((digits | window.both(&[Class::ListGap])) & !five, 23));
        tell(Hint::List, starts & (!self.list.behind(starts) | window.here.parts));
    }

    /// A digit or sign between two letters, and something that is no hex digit, in one token.
    #[inline]
    fn leet(&mut self, window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
        const TOKEN: [Class; 3] = [Class::Letter, Class::Digit, Class::Sign];
        let [between, other] = &mut self.leet;
        let inside = window.behind(&[Class::Letter])
            & window.any(&[Class::Digit, Class::Sign])
            & window.ahead(1, &[Class::Letter]);
        let no_hex = window.any(&[Class::Letter, Class::Sign]) & !window.any(&HEX);
        let token = window.any(&TOKEN);
        let other = other.fill(no_hex, token);
        if inside != 0 || between.reached_end {
            tell(Hint::Leet, between.fill(inside, token) & other & window.ends(&TOKEN));
        }
    }

    #[inline]
    fn markdown(&mut self, window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
        const MARKS: [Class; 2] = [Class::Emphasis, Class::Underscore];
        const WORD: [Class; 3] = [Class::Letter, Class::Emphasis, Class::Underscore];
        let link = window.of(Class::LinkEdge);
        if link != 0 {
            tell(Hint::Link, link & window.ahead(1, &[Class::LinkEdge]));
        }
        let marks = window.any(&MARKS);
        let [cuts, emphasised] = &mut self.emphasis;
        if marks == 0 && !(cuts.reached_end || emphasised.reached_end) {
            self.mark = Flood::default();
            return;
        }
        let within = self.mark.fill(marks & window.behind(&[Class::Letter]), marks);
        let cut = within & window.ahead(1, &[Class::Letter]);
        let word = window.any(&WORD);
        let emphasis =
            cuts.fill(cut, word) & emphasised.fill(window.of(Class::Emphasis), word) & window.ends(&WORD);
        tell(Hint::Emphasis, emphasis);
        let of_name = [Class::Letter, Class::Digit, Class::Underscore, Class::Foreign];
        let underline = window.of(Class::Underscore)
            & !window.behind(&of_name)
            & window.ahead(1, &[Class::Letter, Class::Underscore]);
        tell(Hint::Underline, underline);
    }

    #[inline]
    fn lines(&mut self, window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
        const CUT: [Class; 2] = [Class::Letter, Class::Dash];
        let blank = window.of(Class::Blank);
        let newline = window.of(Class::Newline);
        let (flood, carry) = &mut self.line_end;
        let trailing = flood.fill(blank & window.behind(&CUT), blank);
        let after_blank = carry.behind(trailing);
        if newline != 0 {
            tell(Hint::LineEnd, newline & (window.behind(&CUT) | after_blank));
        }
        let (flood, carry) = &mut self.line_mark;
        let after_newline = window.behind(&[Class::Newline]);
        if after_newline == 0 && !flood.reached_end && carry.last == 0 {
            return;
        }
        let indent = flood.fill(blank & after_newline, blank);
        tell(Hint::LineMark, window.of(Class::LineMark) & (after_newline | carry.behind(indent)));
    }

    /// A quote after a word, what may stand between strings, and a quote. Over a comma only a name goes on.
    #[inline]
    fn joined(&mut self, window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
        let quote = window.of(Class::Quote);
        let [after_name, after_word] = &mut self.string_end;
        let [(list, list_end), (sum, sum_end)] = &mut self.between;
        let carried = after_word.last != 0 || list.reached_end || sum.reached_end;
        if quote == 0 && !carried {
            return;
        }
        let after_name = after_name.behind(quote & window.behind(&NAME));
        let after_word = after_word.behind(quote & (window.behind(&NAME) | window.behind(&[Class::Blank])));
        let (between, with_comma) = (window.of(Class::Between), window.any(&[Class::Between, Class::Comma]));
        let over_commas = list_end.behind(list.fill(with_comma & after_name, with_comma));
        let over_signs = sum_end.behind(sum.fill(between & after_word, between));
        tell(Hint::Joined, quote & (over_commas & window.ahead(1, &NAME) | over_signs));
    }
}

#[inline]
fn escapes(window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
    let backslash = window.of(Class::Backslash);
    if backslash != 0 {
        tell(Hint::JsonEscape, backslash & window.ahead(1, &[Class::JsonEscape]));
        tell(Hint::CodeEscape, backslash & window.ahead(1, &[Class::CodeEscape]));
    }
    let percent = window.of(Class::Percent);
    if percent != 0 {
        let hex = window.ahead(1, &HEX) & window.ahead(2, &HEX);
        tell(Hint::Percent, percent & (hex | window.ahead(1, &[Class::CodeEscape])));
    }
    tell(Hint::Reference, window.of(Class::Ampersand));
}

#[inline]
fn codings(window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
    const UPPER: [Class; 2] = [Class::Digit, Class::HexUpper];
    let flags = window.ahead(1, &[Class::Control, Class::Caret, Class::Foreign]);
    tell(Hint::Stream, window.of(Class::Control) | window.of(Class::LetterX) & flags);
    tell(Hint::Zero, window.of(Class::Zero));
    let equals = window.of(Class::Equals);
    if equals != 0 {
        let hex = window.ahead(1, &UPPER) & window.ahead(2, &UPPER);
        tell(Hint::Quoted, equals & (hex | window.ahead(1, &[Class::Blank, Class::Newline])));
    }
    let less = window.of(Class::Less);
    if less != 0 {
        tell(Hint::Ascii85, less & window.ahead(1, &[Class::Emphasis]));
        let word = window.behind(&[Class::Letter, Class::Digit, Class::Underscore, Class::Blank]);
        tell(Hint::Tag, less & word & window.ahead(1, &[Class::Letter, Class::TagStart]));
    }
}

/// Every second byte of nine is a separator, and of those between not all.
#[inline]
fn spelled(window: &Window<'_>, tell: &mut impl FnMut(Hint, u64)) {
    let separators = window.both(&[Class::Separator]);
    let pairs = separators & separators >> 2;
    let four = pairs & pairs >> 4;
    let five = lower(four & separators >> 8);
    if five != 0 {
        let between = separators >> 1 & separators >> 3 & separators >> 5 & separators >> 7;
        tell(Hint::Spelled, five & !lower(between));
    }
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
            let text =
                |sign: &str| format!("{}{sign} end", ". ".repeat(100).get(..shift as usize).expect("ASCII"));
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
        let text =
            "The harbour was quiet (550e8400-e29b-41d4-a716-446655440000), 2026-03-01T08:00:03.462Z.\n";
        for hint in [Hint::Leet, Hint::List, Hint::Spelled, Hint::Joined, Hint::LineEnd] {
            assert_eq!(places(text, hint), [], "{hint:?}");
        }
    }
}
