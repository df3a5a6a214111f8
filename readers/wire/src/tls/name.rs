//! Text from the wire, made fit to be shown.

/// ASCII that can be seen as it is, everything else escaped.
pub(super) fn shown(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\') {
        return bytes.iter().map(|byte| char::from(*byte)).collect();
    }
    bytes.escape_ascii().to_string()
}

/// The same for text, in which letters of every script stay.
pub(super) fn shown_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() || is_invisible(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Marks that turn the direction of writing, or take no place.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(shown(b"a\\x\x1b"), "a\\\\x\\x1b");
        assert_eq!(shown(b"a.test"), "a.test");
        assert_eq!(shown_text("Zürich\u{202e}\u{9b}"), "Zürich\\u{202e}\\u{9b}");
    }
}
