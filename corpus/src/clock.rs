//! A made-up clock: times of generated traffic that go forward by seconds, in RFC 3339.

use crate::Prng;

/// Milliseconds since the first of March 2026, midnight UTC.
pub(crate) struct Clock {
    millis: u64,
}

impl Clock {
    pub(crate) const fn new() -> Self {
        Self { millis: 8 * 3_600_000 }
    }

    /// The next time, up to four seconds on; after the end of a month it starts the next day of the same month.
    pub(crate) fn next(&mut self, prng: &mut Prng) -> String {
        self.millis += prng.between(1, 4000) as u64;
        let (day, rest) = (self.millis / 86_400_000 % 28 + 1, self.millis % 86_400_000);
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
        format!("2026-03-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", rest % 1000)
    }
}
