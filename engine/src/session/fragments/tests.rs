//! Pieces of one secret are joined and those of unlike things are not.

use std::sync::LazyLock;

use super::*;
use crate::pack::Pack;
use crate::session::observe::hash;

static PACK: LazyLock<Pack> = LazyLock::new(|| Pack::builtin().unwrap());

fn token() -> String {
    ["ghp_", "K9TnBCdqx40", "TDEMOCOLDCAS", "E7XyQ2m", "41aPv8"].concat()
}

/// Sends values, each in an event of its own, to a place under a name; gives the events with a finding and its edges.
fn sent(all: &[(&str, &str, &str)]) -> Vec<(u64, Vec<u64>)> {
    sent_after(&[], all)
}

/// The same where an event before them has brought secrets.
fn sent_after(known: &[&[u8]], all: &[(&str, &str, &str)]) -> Vec<(u64, Vec<u64>)> {
    let mut joiner = Joiner::new(&PACK);
    let mut fragments = Fragments::default();
    for secret in known {
        fragments.known.learn(EventId { index: 100, ..EventId::default() }, secret);
    }
    let mut told = Vec::new();
    for (index, (place, name, value)) in (0..).zip(all) {
        let mut head = EventHead::new(EventKind::HttpRequest, SessionKey::new("s"), SourceSpan::default());
        head.id.index = index;
        let (surface, at) = (Surface::Query, SourceSpan::default());
        let piece = Piece::new((name.as_bytes(), value.as_bytes()), surface, at);
        let pieces = Pieces { destination: hash(place.as_bytes()), all: vec![piece] };
        let (mut findings, mut story) = (Vec::new(), Story::default());
        fragments.fold(&head, pieces, &mut joiner, &mut findings, &mut story);
        for finding in &findings {
            assert!(
                all.iter().all(|(.., value)| !finding.excerpt.as_str().contains(value)),
                "no piece is shown"
            );
        }
        if !findings.is_empty() {
            told.push((index, story.edges.iter().map(|edge| edge.from.index).collect()));
        }
    }
    assert!(fragments.waiting.len() <= MOST_WAITING);
    told
}

/// A text in pieces of 14 bytes, 13, and the rest.
fn in_three(text: &str) -> [&str; 3] {
    let (one, rest) = text.split_at(14);
    let (two, three) = rest.split_at(13);
    [one, two, three]
}

#[test]
fn a_secret_in_three_pieces_is_told_at_the_last() {
    let token = token();
    let [one, two, three] = in_three(&token);
    let pieces = [("a", "d", one), ("a", "d", two), ("a", "d", three)];
    assert_eq!(sent(&pieces), [(2, vec![0, 1])]);
    // Under names of their own, with other values to other places between.
    let pieces =
        [("a", "x", one), ("b", "q", "weather"), ("a", "y", two), ("b", "q", "tomorrow"), ("a", "z", three)];
    assert_eq!(sent(&pieces), [(4, vec![0, 2])]);
    // Under one name, with other parameters between.
    let pieces = [
        ("a", "d", one),
        ("a", "at", "1772359200"),
        ("a", "d", two),
        ("a", "at", "1772359201"),
        ("a", "d", three),
    ];
    assert_eq!(sent(&pieces), [(4, vec![0, 2])]);
}

#[test]
fn a_whole_secret_and_ordinary_values_are_none_in_pieces() {
    let token = token();
    let [one, two, three] = in_three(&token);
    assert_eq!(sent(&[("a", "d", &token), ("a", "d", "weather"), ("a", "d", "tomorrow")]), []);
    assert_eq!(sent(&[("a", "d", one), ("b", "d", two), ("c", "d", three)]), []);
    assert_eq!(
        sent(&[("a", "d", "ghp_docs"), ("a", "d", "page"), ("a", "d", "index.html"), ("a", "d", "en")]),
        []
    );
    assert_eq!(sent(&[("a", "d", "weather"); 100]), []);
}

#[test]
fn pieces_of_a_known_secret_are_told_in_any_order_to_any_place_and_encoded() {
    let secret = ["Vq83kd", "PPe01m", "zzQ7ta", "Lw55xc"];
    let whole = secret.concat();
    let known: [&[u8]; 1] = [whole.as_bytes()];
    let pieces = [("a", "x", secret[2]), ("b", "y", secret[0]), ("c", "z", secret[3]), ("a", "x", secret[1])];
    assert_eq!(sent_after(&known, &pieces), [(3, vec![0, 1, 2, 100])]);
    assert_eq!(sent(&pieces), []);
    // Six bytes in base64 and in hexadecimal.
    let coded =
        [("a", "x", "VnE4M2tk"), ("b", "y", "505065303 16d"), ("a", "z", secret[2]), ("a", "u", secret[3])];
    assert_eq!(sent_after(&known, &coded), []);
    let coded =
        [("a", "x", "VnE4M2tk"), ("b", "y", "50506530316d"), ("a", "z", secret[2]), ("a", "u", secret[3])];
    assert_eq!(sent_after(&known, &coded), [(3, vec![0, 1, 2, 100])]);
}

#[test]
fn a_known_secret_as_a_whole_or_in_part_is_none_in_pieces() {
    let secret = ["Vq83kd", "PPe01m", "zzQ7ta", "Lw55xc"];
    let whole = secret.concat();
    let known: [&[u8]; 1] = [whole.as_bytes()];
    assert_eq!(sent_after(&known, &[("a", "x", &whole), ("a", "x", whole.split_at(22).0)]), []);
    assert_eq!(sent_after(&known, &[("a", "x", secret[0]); 20]), []);
    assert_eq!(
        sent_after(&known, &[("a", "x", secret[0]), ("a", "x", secret[1]), ("a", "x", secret[3])]),
        []
    );
}

proptest::proptest! {
    /// However a known secret is cut into two to eight pieces and ordered.
    #[test]
    fn every_cut_of_a_known_secret_is_told(
        secret in "[A-Za-z0-9]{40}", cuts in proptest::collection::btree_set(1..8usize, 1..8), turn in 0..8usize,
    ) {
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts.iter().map(|cut| cut * 5).chain([40]) {
            pieces.push(("a", "x", secret.get(from..cut).unwrap()));
            from = cut;
        }
        let most = pieces.iter().map(|(.., piece)| piece.len()).max().unwrap_or_default();
        let turn = turn % pieces.len();
        pieces.rotate_left(turn);
        let mut known = Known::default();
        known.learn(EventId::default(), secret.as_bytes());
        let place = Taken { event: EventId::default(), surface: Surface::Query, len: 0 };
        let told = pieces.iter().filter_map(|(.., piece)| known.take(place, piece.as_bytes())).count();
        proptest::prop_assert_eq!(told, usize::from(most <= 32));
    }
}
