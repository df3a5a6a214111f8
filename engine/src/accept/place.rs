//! Places that a user accepts findings of a rule at: a host, and paths of URLs on it.
//!
//! This is the shape of Pipelock's `suppress` entries, with the host that they do not have: a path alone is anybody's to
//! serve. Left out: places in events without a URL, and paths that could be read as another one.

use coldcase_model::{Event, Surface};

/// The longest host or path.
const MOST_BYTES: usize = 500;

/// Paths on a host.
///
/// | path | what it covers |
/// |---|---|
/// | `docs/` | all below that folder |
/// | `docs/*.md` | paths of that form; `*` and `?` stand for no slash |
/// | `*.test.ts`, `*/robots.txt` | the same in any folder |
/// | `robots.txt`, `a/b.txt` | that path, and any that ends with it after a slash |
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceptedPlace {
    host: String,
    path: String,
}

impl AcceptedPlace {
    /// A place; what is wrong with it, otherwise.
    pub fn new(host: &str, path: &str) -> Result<Self, String> {
        for (name, text) in [("host", host), ("path", path)] {
            if text.is_empty() || text.len() > MOST_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic())
            {
                return Err(format!(
                    "the {name} is empty, longer than {MOST_BYTES} bytes, or holds other than ASCII signs"
                ));
            }
        }
        if host.contains(['/', '@', '*', '?', '\\', '#']) {
            return Err(format!("{host:?} is not one host"));
        }
        if path.contains(['[', ']', '\\', '#', '{']) {
            return Err(format!("of {path:?}: a path has `*` and `?`, and no classes"));
        }
        let path = path.trim_start_matches('/');
        if path.trim_start_matches(['*', '/']).is_empty() {
            return Err("a path that covers all of a host; turn the rule off instead".to_owned());
        }
        if !is_plain(path.trim_end_matches('/').as_bytes()) {
            return Err(format!("{path:?} leads through `.`, `..` or an empty folder"));
        }
        Ok(Self { host: host.to_ascii_lowercase(), path: path.to_owned() })
    }

    /// The host, in lower case.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path as it is written.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether an event goes there or comes from there.
    pub(crate) fn has(&self, event: &Event) -> bool {
        let Some(url) = event.first_on(Surface::Url) else { return false };
        split(event.bytes(url))
            .is_some_and(|(host, path)| host.eq_ignore_ascii_case(self.host.as_bytes()) && self.covers(path))
    }

    /// Whether a path, without the slash at its start, is one of these.
    fn covers(&self, path: &[u8]) -> bool {
        if !is_plain(path.strip_suffix(b"/").unwrap_or(path)) {
            return false;
        }
        let own = self.path.as_bytes();
        let has_signs = own.iter().any(|byte| matches!(byte, b'*' | b'?'));
        if !has_signs && own.ends_with(b"/") {
            return path.starts_with(own);
        }
        let anywhere = own.strip_prefix(b"*/");
        let own = anywhere.unwrap_or(own);
        // In any folder, unless it names the folders itself.
        if anywhere.is_some() || !has_signs || !own.contains(&b'/') {
            let starts = std::iter::once(0).chain(memchr::memchr_iter(b'/', path).map(|at| at + 1));
            return starts.filter_map(|at| path.get(at..)).any(|tail| fits(own, tail));
        }
        fits(own, path)
    }
}

/// Host and path of a URL of the web, the path without the slash at its start and without what follows it. User information and
/// whatever programs read in two ways stay with the host, so that it is none that anybody names.
fn split(url: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memmem::find(url, b"://")?;
    let (scheme, rest) = (url.get(..colon)?, url.get(colon + 3..)?);
    if ![&b"https"[..], b"http", b"wss", b"ws"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let (host, rest) = rest.split_at_checked(end)?;
    let end = rest.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(rest.len());
    let path = rest.get(..end)?;
    Some((host, path.strip_prefix(b"/").unwrap_or(path)))
}

/// Whether a path can be read in one way only.
fn is_plain(path: &[u8]) -> bool {
    let is_odd = |byte: &u8| *byte == b'\\' || *byte <= b' ' || *byte == 0x7F;
    path.is_empty()
        || path.split(|byte| *byte == b'/').all(|folder| {
            // What follows a semicolon belongs to no name for some servers.
            let name = folder.split(|byte| *byte == b';').next().unwrap_or_default();
            !matches!(name, b"" | b"." | b"..") && !folder.iter().any(is_odd) && !hides_a_sign(folder)
        })
}

/// Whether a dot or a slash is written with a percent sign, or the percent sign itself.
fn hides_a_sign(folder: &[u8]) -> bool {
    folder.windows(3).any(|three| match three {
        [b'%', high, low] => matches!(&[*high, low.to_ascii_lowercase()], b"2e" | b"2f" | b"5c" | b"25"),
        _ => false,
    })
}

/// Whether a text is of a form in which `*` stands for any signs and `?` for one, and neither for a slash.
fn fits(form: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (form.get(at), text.get(from)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                star = Some((at + 1, from));
                at += 1;
                continue;
            }
            (Some(b'?'), Some(byte)) if *byte != b'/' => {
                (at, from) = (at + 1, from + 1);
                continue;
            }
            (Some(own), Some(byte)) if own == byte => {
                (at, from) = (at + 1, from + 1);
                continue;
            }
            _ => {}
        }
        // The last star takes one sign more.
        match star {
            Some((after, taken)) if text.get(taken).is_some_and(|byte| *byte != b'/') => {
                star = Some((after, taken + 1));
                (at, from) = (after, taken + 1);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(path: &str, paths: &[&str]) -> Vec<bool> {
        let place = AcceptedPlace::new("Example.com", path).unwrap();
        paths.iter().map(|one| place.covers(one.as_bytes())).collect()
    }

    #[test]
    fn a_url_has_one_host_or_none_that_is_named() {
        for (url, wanted) in [
            ("https://a.example:8/b/c?d#e", Some(("a.example:8", "b/c"))),
            ("WSS://a.example?x/y", Some(("a.example", ""))),
            ("https://u@a.example/b", Some(("u@a.example", "b"))),
            (r"https://e.example\@a.example/b", Some((r"e.example\@a.example", "b"))),
            ("e.example/?x=https://a.example/b", None),
            ("file://a.example/b", None),
            ("/b", None),
            ("", None),
        ] {
            let wanted = wanted.map(|(host, path)| (host.as_bytes(), path.as_bytes()));
            assert_eq!(split(url.as_bytes()), wanted, "{url}");
        }
    }

    #[test]
    fn paths_are_matched_as_their_form_says() {
        assert_eq!(
            covers("docs/", &["docs/a", "docs/a/b/", "docs", "a/docs/b", "docsx/a"]),
            [true, true, false, false, false]
        );
        assert_eq!(covers("docs/*.md", &["docs/a.md", "docs/a/b.md", "x/docs/a.md"]), [true, false, false]);
        assert_eq!(covers("*.md", &["a.md", "x/y/a.md", "a.mdx"]), [true, true, false]);
        assert_eq!(
            covers("*/robots.txt", &["robots.txt", "a/robots.txt", "xrobots.txt"]),
            [true, true, false]
        );
        assert_eq!(
            covers("/robots.txt", &["robots.txt", "a/robots.txt", "robots.txt/a"]),
            [true, true, false]
        );
        assert_eq!(covers("a?c/*x*", &["abc/yxz", "a/c/x", "abc/y"]), [true, false, false]);
    }

    #[test]
    fn a_path_that_may_be_another_one_is_covered_by_nothing() {
        for path in [
            "docs/../secret",
            "docs/./a",
            "docs//a",
            "docs/%2e%2E/a",
            "docs/..%2fa",
            "docs\\..\\a",
            "docs/%252e/a",
            "docs/..;/a",
            "docs/.\t./a",
        ] {
            assert_eq!(covers("docs/", &[path]), [false], "{path}");
        }
        assert_eq!(covers("docs/", &["docs/%20a"]), [true]);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for (host, path) in [
            ("", "a"),
            ("h", ""),
            ("*.example.com", "a"),
            ("a@b", "x"),
            ("h", "*"),
            ("h", "/"),
            ("h", "**/*"),
            ("h", "[ab].txt"),
            ("h", "a/../b"),
            ("h", "a b"),
        ] {
            assert!(AcceptedPlace::new(host, path).is_err(), "{host} {path}");
        }
        let place = AcceptedPlace::new("A.example:8443", "x").unwrap();
        assert_eq!((place.host(), place.path()), ("a.example:8443", "x"));
    }

    #[test]
    fn many_stars_take_no_long_time() {
        let form = format!("{}b", "*a".repeat(200));
        assert!(!fits(form.as_bytes(), "a".repeat(100_000).as_bytes()));
    }
}
