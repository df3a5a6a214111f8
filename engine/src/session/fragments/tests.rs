use super::*;
use crate::pack::Pack;
use crate::session::observe::hash;

fn pack() -> Pack {
    Pack::builtin().unwrap()
}

fn token() -> String {
    ["ghp_", "K9TnBCdqx40", "TDEMOCOLDCAS", "E7XyQ2m", "41aPv8"].concat()
}

/// Sends values, each in an event of its own, to a place under a name; gives the events with a finding and its edges.
fn sent(all: &[(&str, &str, &str)]) -> Vec<(u64, Vec<u64>)> {
    let pack = pack();
    let mut joiner = Joiner::new(&pack);
    let mut fragments = Fragments::default();
    let mut told = Vec::new();
    for (index, (place, name, value)) in (0..).zip(all) {
        let mut head = EventHead::new(EventKind::HttpRequest, SessionKey::new("s"), SourceSpan::default());
        head.id.index = index;
        let piece = Piece { name: hash(name.as_bytes()), bytes: value.as_bytes().into() };
        let pieces = Pieces { destination: hash(place.as_bytes()), all: vec![piece] };
        let (mut findings, mut story) = (Vec::new(), Story::default());
        fragments.fold(&head, &pieces, &mut joiner, &mut findings, &mut story);
        if !findings.is_empty() {
            told.push((index, story.edges.iter().map(|edge| edge.from.index).collect()));
        }
    }
    assert!(fragments.waiting.len() <= MOST_WAITING);
    told
}

#[test]
fn a_secret_in_three_pieces_is_told_at_the_last() {
    let token = token();
    let pieces = [("a", "d", &token[..14]), ("a", "d", &token[14..27]), ("a", "d", &token[27..])];
    assert_eq!(sent(&pieces), [(2, vec![0, 1])]);
    // Under names of their own, with other values to other places between.
    let pieces = [
        ("a", "x", &token[..14]),
        ("b", "q", "weather"),
        ("a", "y", &token[14..27]),
        ("b", "q", "tomorrow"),
        ("a", "z", &token[27..]),
    ];
    assert_eq!(sent(&pieces), [(4, vec![0, 2])]);
    // Under one name, with other parameters between.
    let pieces = [
        ("a", "d", &token[..14]),
        ("a", "at", "1772359200"),
        ("a", "d", &token[14..27]),
        ("a", "at", "1772359201"),
        ("a", "d", &token[27..]),
    ];
    assert_eq!(sent(&pieces), [(4, vec![0, 2])]);
}

#[test]
fn a_whole_secret_and_ordinary_values_are_none_in_pieces() {
    let token = token();
    assert_eq!(sent(&[("a", "d", &token), ("a", "d", "weather"), ("a", "d", "tomorrow")]), []);
    assert_eq!(sent(&[("a", "d", &token[..14]), ("b", "d", &token[14..27]), ("c", "d", &token[27..])]), []);
    assert_eq!(
        sent(&[("a", "d", "ghp_docs"), ("a", "d", "page"), ("a", "d", "index.html"), ("a", "d", "en")]),
        []
    );
    assert_eq!(sent(&[("a", "d", "weather"); 100]), []);
}
