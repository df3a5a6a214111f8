//! What leaves for each place over time: how much that nobody could have guessed, and whether at even intervals.
//!
//! *Budget*: short values that look like chosen by chance are counted, in bits, for each host. A value that was sent there
//! lately counts nothing; a signature, a nonce and what came from outside before count a quarter, since requests have those
//! for other reasons. Names that are looked up have a smaller budget than requests. What is over it is told once, and again
//! at each doubling.
//!
//! *Beacon*: requests to a host at intervals that hardly differ, over half an hour of them or more than a score. Polling looks
//! the same, so this says little by itself.
//!
//! Left out: long values and bodies, which rules and prints look at; hosts beyond the most of a session, whose counts are
//! forgotten with the least used; requests without a time, which have no intervals.

use coldcase_model::{EventHead, EventKind, Finding, Surface};

use super::observe::{Piece, Pieces};
use super::snapshot::MOST_COUNT;
use super::taint::rules::Rule;

/// The hosts of one session and what went there.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Outflow {
    places: Vec<Place>,
    /// How many hosts were forgotten.
    pub(super) lost: u64,
    turn: u32,
}

#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Place {
    destination: u64,
    /// When it was used last, in uses of any place.
    used: u32,
    /// Quarters of bits that were sent there.
    quarters: u32,
    /// How many of them make the next finding; 0 before the first value.
    next: u32,
    /// Hashes of the values that were sent last.
    recent: [u64; RECENT],
    at: usize,
    beats: Beats,
}

/// Intervals between requests.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Beats {
    /// Nanoseconds since 1970.
    last: Option<i64>,
    count: u32,
    /// Their mean and the sum of squares of what they differ from it, in seconds.
    mean: f64,
    squares: f64,
    told: bool,
}

/// How many hosts of a session are counted.
const MOST_PLACES: usize = 16;
/// How many values a host is known to have been sent.
const RECENT: usize = 8;
/// How many bits may leave in names that are looked up: 256 bytes.
const NAMES: u32 = 2048;
/// How many bits may leave in requests: two kilobytes.
const REQUESTS: u32 = 16_384;

/// How many intervals tell a beacon.
const FEWEST_BEATS: u32 = 20;
/// After so many the count starts anew, so that a later beacon is seen too.
const MOST_BEATS: u32 = 200;
/// Requests closer than this belong to one beat.
const SHORTEST_BEAT: f64 = 1.0;
/// Intervals longer than this are a new start.
const LONGEST_BEAT: f64 = 24.0 * 3600.0;
/// How much intervals may differ from their mean: their standard deviation against it.
const EVEN: f64 = 0.1;

impl Outflow {
    /// Whether it is within its bounds.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |place: &Place| {
            let Beats { count, mean, squares, .. } = &place.beats;
            place.at < RECENT && *count <= MOST_BEATS && mean.is_finite() && squares.is_finite()
        };
        self.lost < MOST_COUNT && self.places.len() <= MOST_PLACES && self.places.iter().all(sound)
    }

    /// Takes in what leaves for a host with the next event; `brought` says whether a value came from outside before.
    pub(super) fn fold(
        &mut self,
        head: &EventHead,
        (destination, pieces): (u64, Option<&Pieces>),
        brought: impl Fn(u64) -> bool,
        findings: &mut Vec<Finding>,
    ) {
        let Some(place) = self.place(destination) else { return };
        let mut surface = None;
        for piece in pieces.iter().flat_map(|pieces| &pieces.all) {
            let bits = bits(&piece.bytes);
            if bits > 0 && place.is_new(piece) {
                let weight = if piece.signs || brought(piece.hash()) { 1 } else { 4 };
                place.quarters = place.quarters.saturating_add(bits * weight);
                surface = Some(piece.surface);
            }
        }
        if let Some(surface) = surface {
            let budget = if head.kind == EventKind::Dns { NAMES } else { REQUESTS };
            let next = if place.next == 0 { budget * 4 } else { place.next };
            place.next = next;
            if place.quarters > next {
                place.next = place.quarters.saturating_mul(2);
                findings.push(Rule::Budget.finding(head, surface, 1.0));
            }
        }
        if head.time.is_some_and(|time| place.beats.take(time.nanos)) {
            findings.push(Rule::Beacon.finding(head, Surface::Url, 1.0));
        }
    }

    fn place(&mut self, destination: u64) -> Option<&mut Place> {
        self.turn = self.turn.saturating_add(1);
        let known = self.places.iter().position(|place| place.destination == destination);
        let at = known.unwrap_or_else(|| {
            let new = Place { destination, ..Place::default() };
            if self.places.len() < MOST_PLACES {
                // Most sessions have one.
                self.places.reserve_exact(1);
                self.places.push(new);
                return self.places.len() - 1;
            }
            self.lost += 1;
            // What sent nothing that counts goes first, then what was not used for longest.
            let least = |(_, place): &(usize, &Place)| (place.quarters > 0, place.used);
            let at = self.places.iter().enumerate().min_by_key(least).map_or(0, |(at, _)| at);
            if let Some(place) = self.places.get_mut(at) {
                *place = new;
            }
            at
        });
        let turn = self.turn;
        let place = self.places.get_mut(at)?;
        place.used = turn;
        Some(place)
    }
}

impl Place {
    /// Whether a value was not among those that were sent last; remembers it.
    fn is_new(&mut self, piece: &Piece) -> bool {
        let hash = piece.hash();
        if self.recent.contains(&hash) {
            return false;
        }
        if let Some(slot) = self.recent.get_mut(self.at % RECENT) {
            *slot = hash;
        }
        self.at = (self.at + 1) % RECENT;
        true
    }
}

impl Beats {
    /// Takes in a request; says whether it makes a beacon.
    fn take(&mut self, now: i64) -> bool {
        let Some(last) = self.last else {
            self.last = Some(now);
            return false;
        };
        #[expect(clippy::cast_precision_loss, reason = "an interval, of which a millionth does not matter")]
        let interval = now.saturating_sub(last) as f64 / 1e9;
        if (0.0..SHORTEST_BEAT).contains(&interval) {
            return false;
        }
        self.last = Some(now);
        if !(0.0..=LONGEST_BEAT).contains(&interval) || self.count >= MOST_BEATS {
            // A clock that jumped, a pause, or enough of it.
            *self = Self { last: Some(now), told: self.told, ..Self::default() };
            return false;
        }
        self.count += 1;
        let off = interval - self.mean;
        self.mean += off / f64::from(self.count);
        self.squares += off * (interval - self.mean);
        let deviation = (self.squares / f64::from(self.count)).sqrt();
        let is_even = self.count >= FEWEST_BEATS && deviation <= EVEN * self.mean;
        is_even && !std::mem::replace(&mut self.told, true)
    }
}

/// How many bits a value could carry; 0 for words, numbers, dates and short values, which people and programs choose.
fn bits(value: &[u8]) -> u32 {
    const SHORTEST: usize = 8;
    if value.len() < SHORTEST || value.starts_with(b"/") {
        return 0;
    }
    let (mut digits, mut letters, mut hex, mut changes) = (0_u32, 0_u32, 0_u32, 0_u32);
    let mut before = None;
    for byte in value {
        let class = match byte {
            b'0'..=b'9' => {
                digits += 1;
                hex += 1;
                Some(0)
            }
            b'a'..=b'z' => {
                letters += 1;
                hex += u32::from(byte.is_ascii_hexdigit());
                Some(1)
            }
            b'A'..=b'Z' => {
                letters += 1;
                hex += u32::from(byte.is_ascii_hexdigit());
                Some(2)
            }
            // Dots and dashes stand between words.
            _ => None,
        };
        changes += u32::from(before.is_some() && class.is_some() && before != class);
        before = class;
    }
    let all = digits + letters;
    // What is chosen by chance has some of each; names in camel case have no digits, times hardly a letter.
    let is_mixed = changes * 5 >= all && letters * 6 >= all && digits * 10 >= all;
    match (is_mixed, hex == all) {
        (false, _) => 0,
        (true, true) => all * 4,
        // Digits of base32 at the least.
        (true, false) => all * 5,
    }
}

#[cfg(test)]
mod tests;
