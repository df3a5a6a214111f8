//! What makes a place a hint, kind by kind: conditions on the classes of the bytes there, before it and after it.

use super::Hint;
use super::window::{Carry, Flood, Window, lower, runs};
use crate::vector::{Class, Masks};

/// Where words start.
#[derive(Debug, Default)]
pub(super) struct WordStarts {
    word: Carry,
    backslash: Carry,
    escape: Carry,
}

impl WordStarts {
    #[inline]
    pub(super) fn step(&mut self, masks: &Masks) -> u64 {
        let word = masks.of(Class::Letter) | masks.of(Class::Digit);
        let escape = masks.of(Class::Letter) & self.backslash.behind(masks.of(Class::Backslash));
        word & (!self.word.behind(word) | self.escape.behind(escape))
    }
}

/// What is carried from block to block.
#[derive(Debug, Default)]
pub(super) struct State {
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
    pub(super) fn step(&mut self, window: &Window<'_>, mut tell: impl FnMut(Hint, u64)) {
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
