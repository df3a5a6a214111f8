//! What leaves for each place over time: how much that nobody could have guessed, and whether at even intervals.
//!
//! *Budget*: short values that look like chosen by chance are counted, in bits, for each host. A value that was sent there
//! lately counts nothing; a signature, a nonce and what came from outside before count a quarter, since requests have those
//! for other reasons. Names that are looked up have a smaller budget than requests. What is over it is told once, and again
//! at each doubling.
//!
//! *Beacon*: a score of requests to a host at intervals that hardly differ, among which a few may be missing or more may stand.
//! Polling looks the same, so this says little by itself.
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
    /// The latest intervals in milliseconds; a ring once it is full.
    recent: Vec<u32>,
    at: usize,
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
/// A shorter value is no data but as a label of a name.
const SHORTEST: usize = 8;
/// What a short label counts however short it is: who leaks slowly sends a byte with each name, and 64 of them are told.
const LABEL: u32 = 32;

/// No more quarters of bits than this are the names of a site, and no leak yet: four short labels.
const LITTLE: u32 = 4 * 4 * LABEL;

/// How many intervals tell a beacon.
const FEWEST_BEATS: usize = 20;
/// Of so many latest ones. The others may be of requests that were lost, or that are no beat.
const BEATS: usize = 24;
/// Requests closer than this, in milliseconds, belong to one beat.
const SHORTEST_BEAT: i64 = 1000;
/// Intervals longer than this are a new start: a day.
const LONGEST_BEAT: i64 = 24 * 3600 * 1000;
/// How much intervals may differ from their median, in hundredths of it. Where each request is up to a twelfth of the interval
/// early or late, which is what a minute give or take five seconds is, intervals differ by up to a sixth, few by that much.
const EVEN: u32 = 15;

impl Outflow {
    /// Whether it is within its bounds.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |place: &Place| {
            let Beats { recent, at, .. } = &place.beats;
            place.at < RECENT && *at < BEATS && recent.len() <= BEATS
        };
        self.lost < MOST_COUNT && self.places.len() <= MOST_PLACES && self.places.iter().all(sound)
    }

    /// Takes in what leaves for a host with the next event; `brought` says whether a value came from outside before.
    pub(super) fn fold(
        &mut self,
        head: &EventHead,
        (destination, pieces): (u64, Option<&Pieces>),
        brought: impl Fn(&Piece) -> bool,
        findings: &mut Vec<Finding>,
    ) {
        let Some(place) = self.place(destination) else { return };
        let mut surface = None;
        for piece in pieces.iter().flat_map(|pieces| &pieces.all) {
            let bits =
                if piece.surface == Surface::DnsName { label_bits(&piece.bytes) } else { bits(&piece.bytes) };
            if bits > 0 && place.is_new(piece) {
                let weight = if piece.signs || brought(piece) { 1 } else { 4 };
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
            // What sent next to nothing that counts goes first, then what was not used for longest.
            let least = |(_, place): &(usize, &Place)| (place.quarters > LITTLE, place.used);
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
        let interval = now.saturating_sub(last) / 1_000_000;
        if (0..SHORTEST_BEAT).contains(&interval) {
            return false;
        }
        self.last = Some(now);
        let Some(interval) = u32::try_from(interval).ok().filter(|_| interval <= LONGEST_BEAT) else {
            // A clock that jumped, or a pause.
            self.recent.clear();
            self.at = 0;
            return false;
        };
        match self.recent.get_mut(self.at) {
            Some(oldest) => *oldest = interval,
            None => self.recent.push(interval),
        }
        self.at = (self.at + 1) % BEATS;
        !self.told && self.is_even() && !std::mem::replace(&mut self.told, true)
    }

    /// Whether nearly all of the latest intervals are the same.
    fn is_even(&self) -> bool {
        if self.recent.len() < FEWEST_BEATS {
            return false;
        }
        let mut sorted = [0; BEATS];
        let sorted = sorted.get_mut(..self.recent.len()).unwrap_or_default();
        sorted.copy_from_slice(&self.recent);
        let (_, &mut median, _) = sorted.select_nth_unstable(self.recent.len() / 2);
        let off = u64::from(median) * u64::from(EVEN) / 100;
        let near = self.recent.iter().filter(|interval| u64::from(interval.abs_diff(median)) <= off);
        near.count() >= FEWEST_BEATS
    }
}

/// How many bits a label of a name could carry: a short one too, where it is no word.
fn label_bits(label: &[u8]) -> u32 {
    let digits = label.iter().filter(|byte| byte.is_ascii_digit()).count();
    // A number of the piece may stand before it.
    let is_of_data = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'_');
    let is_data = label.len() <= 2 || digits * 3 >= label.len() && label.iter().all(is_of_data);
    match label.len() {
        SHORTEST.. => bits(label),
        _ if is_data => LABEL,
        _ => 0,
    }
}

/// How many bits a value could carry; 0 for words, numbers, dates and short values, which people and programs choose.
fn bits(value: &[u8]) -> u32 {
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
    // What is chosen by chance has some of each; names in camel case have no digits, times hardly a letter. Of a text in
    // hexadecimal each second digit is a number, and few of the others are letters.
    let is_hex = hex == all;
    let fewest = if is_hex { 12 } else { 6 };
    let is_mixed = changes * 5 >= all && letters * fewest >= all && digits * 10 >= all;
    match (is_mixed, is_hex) {
        (false, _) => 0,
        (true, true) => all * 4,
        // Digits of base32 at the least.
        (true, false) => all * 5,
    }
}

#[cfg(test)]
mod tests;
