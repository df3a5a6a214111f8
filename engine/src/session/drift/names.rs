//! Names of tools that a session has from different servers: the same, or drawn alike, or one letter apart.

use std::collections::BTreeMap;

use coldcase_model::Excerpt;

use super::features::plain;

/// The names that one session has.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Names {
    /// By the name as it is read: the name as it was first written, and the servers that have it.
    known: BTreeMap<String, (Excerpt, Vec<Excerpt>)>,
    /// Names are compared letter by letter among the first of a session only.
    near: Vec<(String, Excerpt)>,
}

/// How two names hang together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Clash {
    /// They are the same.
    Same(Excerpt),
    /// They look the same, or nearly.
    Alike(Excerpt),
}

/// How many names of a session are known.
const MOST_NAMES: usize = 4096;
/// How many are compared letter by letter.
const MOST_NEAR: usize = 256;
/// How many servers of one name are told apart.
const MOST_OWNERS: usize = 16;
/// Shorter names are one letter apart by chance.
const SHORTEST_NEAR: usize = 6;

impl Names {
    /// Whether it is within its bounds.
    pub(super) fn is_sound(&self) -> bool {
        self.known.len() <= MOST_NAMES
            && self.near.len() <= MOST_NEAR
            && self.known.values().all(|(_, owners)| owners.len() <= MOST_OWNERS)
    }

    /// Adds a tool of a server, and tells which other server's name it clashes with, the first time it is added.
    pub(super) fn add(&mut self, server: &Excerpt, name: &Excerpt) -> Option<Clash> {
        let read = read_as(name.as_str());
        if let Some((known, owners)) = self.known.get_mut(&read) {
            let first =
                owners.first().filter(|_| !owners.contains(server) && owners.len() < MOST_OWNERS)?.clone();
            owners.push(server.clone());
            let is_plain = known.as_str().is_ascii() == name.as_str().is_ascii();
            return Some(if is_plain { Clash::Same(first) } else { Clash::Alike(first) });
        }
        let near = (read.len() >= SHORTEST_NEAR).then(|| {
            self.near
                .iter()
                .find(|(known, owner)| owner != server && one_apart(known.as_bytes(), read.as_bytes()))
        });
        let clash = near.flatten().map(|(_, owner)| Clash::Alike(owner.clone()));
        if self.near.len() < MOST_NEAR {
            self.near.push((read.clone(), server.clone()));
        }
        if self.known.len() < MOST_NAMES {
            self.known.insert(read, (name.clone(), vec![server.clone()]));
        }
        clash
    }
}

/// A name as a hasty eye reads it: look-alikes folded, small letters, `-`, `_` and `.` left out.
fn read_as(name: &str) -> String {
    let name = plain(name).to_lowercase();
    name.chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' ')).collect()
}

/// Whether one byte more, less or different, or two that changed places, make one of the other. A plural is no look-alike, and
/// what differs in its first letter is another word: `get` and `set`.
fn one_apart(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 || short.first() != long.first() {
        return false;
    }
    let head = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let tail =
        |skip_short: usize, skip_long: usize| short.get(head + skip_short..) == long.get(head + skip_long..);
    if short.len() < long.len() {
        return tail(0, 1) && long != [short, b"s"].concat();
    }
    let turned = short.get(head) == long.get(head + 1) && short.get(head + 1) == long.get(head);
    tail(1, 1) || (turned && tail(2, 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldcase_model::Redactor;

    fn name(text: &str) -> Excerpt {
        Redactor::default().name(text)
    }

    #[test]
    fn a_name_of_another_server_clashes_once() {
        let mut names = Names::default();
        let (ours, theirs) = (name("ours"), name("theirs"));
        assert_eq!(names.add(&ours, &name("send_mail")), None);
        assert_eq!(names.add(&ours, &name("send_mail")), None);
        assert_eq!(names.add(&theirs, &name("send_mail")), Some(Clash::Same(ours.clone())));
        assert_eq!(names.add(&theirs, &name("send_mail")), None);
        assert_eq!(
            names.add(&name("third"), &name("s\u{0435}nd_m\u{0430}il")),
            Some(Clash::Alike(ours.clone()))
        );
        assert_eq!(names.add(&name("fourth"), &name("sendMail")), Some(Clash::Same(ours)));
    }

    #[test]
    fn one_letter_apart_is_alike_and_a_plural_is_not() {
        for (a, b) in [("readfile", "raedfile"), ("readfile", "readfi1e"), ("readfile", "readffile")] {
            assert!(one_apart(a.as_bytes(), b.as_bytes()), "{a} {b}");
            assert!(one_apart(b.as_bytes(), a.as_bytes()), "{b} {a}");
        }
        for (a, b) in [
            ("readfile", "readfiles"),
            ("readfile", "writefile"),
            ("readfile", "raefdile"),
            ("getuser", "setuser"),
        ] {
            assert!(!one_apart(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
    }
}
