//! Messages: data on standard output, everything else on standard error, and nothing that acts on the terminal.

use std::io::{self, Write};

/// Writes text to standard output.
pub(crate) fn out(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// Tells something that is not data.
pub(crate) fn note(text: &str) {
    let _closed = writeln!(io::stderr(), "{}", sanitize(text));
}

/// Tells why a command failed, with every cause.
pub(crate) fn error(error: &anyhow::Error) {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    note(&format!("coldcase: {}", causes.join(": ")));
}

/// Whether whoever read our output has gone: `coldcase … | head` is no failure.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        io.or_else(|| cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind))
    };
    error.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

/// Control characters, turns of the writing direction and other ends of lines as visible escapes; line feeds and
/// tabs stay.
pub(crate) fn sanitize(text: &str) -> String {
    escape(text, |c| acts(c) && !matches!(c, '\n' | '\t'))
}

/// As [`sanitize`], line feeds and tabs as well: for a name inside a text, where it must not look like lines of ours.
pub(crate) fn one_line(text: &str) -> String {
    escape(text, acts)
}

fn acts(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0x061C | 0x200E | 0x200F | 0x2028 | 0x2029 | 0x202A..=0x202E | 0x2066..=0x2069)
}

fn escape(text: &str, which: impl Fn(char) -> bool) -> String {
    if !text.contains(&which) {
        return text.to_owned();
    }
    text.chars().map(|c| if which(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_instead() {
        assert_eq!(sanitize("a\u{1b}[31mb\u{202e}\n"), "a\\u{1b}[31mb\\u{202e}\n");
        for c in ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'] {
            assert_eq!(sanitize(&c.to_string()), c.escape_unicode().to_string());
        }
    }

    #[test]
    fn a_name_stays_on_its_line() {
        assert_eq!(one_line("a\n\tb\r\u{2028}"), "a\\u{a}\\u{9}b\\u{d}\\u{2028}");
        let once = one_line("a\nb");
        assert_eq!(sanitize(&once), once);
        assert_eq!(one_line("naïve name"), "naïve name");
    }
}
