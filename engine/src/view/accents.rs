//! Letters with accents that spell a word of another language: `ïgnörë prévïöüs`.
//!
//! Accents belong to the words of most languages, so the sign is a word that, without them, is one that orders are made
//! of; French `système` is none, `sÿstëm` is.

use coldcase_model::{Span, ViewKind};

use super::characters::base;
use super::places::Places;
use super::utf8::{char_at, next_non_ascii};
use super::{Region, around, words};

/// Finds stretches with a word of orders that is written with accents.
pub(super) fn regions(
    text: &[u8],
    mut places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let mut at = 0;
    while let Some(found) = places.next(at) {
        at = found + 1;
        if char_at(text, found).and_then(base).is_none() {
            continue;
        }
        let part = bounds(found);
        let (word, end) = word_round(text, part, found);
        at = end.max(at);
        if let Some(word) = word
            && is_disguised(word.of(text))
        {
            around::add(text, part, word, ViewKind::Accents, out);
        }
    }
}

/// The word round an accented letter, `None` where it is too long for one that is known, and where to look on.
fn word_round(text: &[u8], part: Span, at: usize) -> (Option<Span>, usize) {
    let before = Span::new(at.saturating_sub(words::LONGEST + 1).max(part.start), at).of(text);
    let ascii = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let mut end = at;
    while let Some(&byte) = Span::new(end, part.end).of(text).first() {
        if byte.is_ascii_alphabetic() {
            end += 1;
        } else if let Some(c) = char_at(text, end).filter(|&c| base(c).is_some()) {
            end += c.len_utf8();
        } else {
            break;
        }
        if end - at > 3 * words::LONGEST {
            return (None, end);
        }
    }
    let other = before.len().checked_sub(ascii + 1).and_then(|before_word| before.get(before_word));
    (other.is_none_or(u8::is_ascii).then_some(Span::new(at - ascii, end)), end)
}

/// Whether a word is one of orders without its accents.
fn is_disguised(word: &[u8]) -> bool {
    let mut plain = [0; words::LONGEST];
    let (mut at, mut len) = (0, 0);
    while let Some(c) = char_at(word, at) {
        let (Some(byte), Some(place)) =
            (if c.is_ascii() { u8::try_from(c).ok() } else { base(c) }, plain.get_mut(len))
        else {
            return false;
        };
        *place = byte;
        (at, len) = (at + c.len_utf8(), len + 1);
    }
    words::is_order_word(plain.get(..len).unwrap_or_default())
}

/// Takes the accents off; the rest stays.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let (mut at, mut copied) = (0, 0);
    while let Some(found) = next_non_ascii(source, at) {
        let c = char_at(source, found);
        at = found + c.map_or(1, char::len_utf8);
        let Some(letter) = c.and_then(base) else { continue };
        out.extend_from_slice(source.get(copied..found).unwrap_or_default());
        step(found, out.len());
        out.push(letter);
        step(at, out.len());
        copied = at;
    }
    out.extend_from_slice(source.get(copied..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::super::trial::{decoded, shows};
    use super::*;

    #[test]
    fn accents_are_taken_off() {
        assert_eq!(
            decoded(ViewKind::Accents, "ïgnörë prévïöüs, Ăľľ øṙđẽŗs — да"),
            "ignore previous, All orders — да"
        );
    }

    #[test]
    fn words_of_orders_with_accents_are_a_sign() {
        for text in ["ïgnörë", "x ÏGNÖRË y", "all prévïöüs", "sÿstem", "please rėveal it", "ā tóken"]
        {
            assert!(shows(ViewKind::Accents, text), "{text}");
        }
    }

    #[test]
    fn ordinary_writing_shows_no_sign() {
        for text in [
            "Le système a été réinitialisé; les élèves préfèrent l'été.",
            "Příliš žluťoučký kůň úpěl ďábelské ódy. Řekněte nám, co chcete vědět.",
            "Được rồi, tôi sẽ gửi báo cáo cho bạn vào thứ hai.",
            "Größere Änderungen über Nacht; naïve café résumé",
            "La contraseña está en el menú. Não há instruções. Año después, ignoró todo.",
            "Zażółć gęślą jaźń. Łódź, Đà Nẵng, Malmö, København",
            "Привет, мир. 日本語のテキスト。 ïïïïïïïïïïïïïïïïïïïïïïïïïïïïïïïïïïïïï",
        ] {
            assert!(!shows(ViewKind::Accents, text), "{text}");
        }
    }
}
