//! Days: when an entry was accepted and until when it holds. No time of day and no zone: all days are UTC.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::clock;

/// A day, as in `2026-03-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(Date);

impl Day {
    /// Whole days from this one to another; 0 if that is earlier.
    pub(crate) fn days_until(self, other: Self) -> u64 {
        u64::try_from(self.0.duration_until(other.0).as_hours() / 24).unwrap_or(0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = text.parse::<Date>().ok().map(Self);
        // The library also takes other spellings; a file that people compare has one.
        day.filter(|day| day.to_string() == text).ok_or_else(|| "a day such as 2026-03-01".to_owned())
    }
}

/// Today, by this machine's clock.
pub(crate) fn today() -> anyhow::Result<Day> {
    let now = clock::now_text();
    let day = now.get(..10).unwrap_or_default().parse();
    day.map_err(|_| anyhow::anyhow!("this machine's clock says {now}, which is no day to reckon with"))
}

/// The last day of an entry that is made today: a day, or so many days on, as in `90d`.
pub(crate) fn expiry(text: &str, today: Day) -> anyhow::Result<Day> {
    let on = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok());
    let day = match on {
        Some(days) => Day(today.0.checked_add(i32::from(days).days())?),
        None => text.parse().map_err(|wanted| anyhow::anyhow!("--expires {text}: not {wanted}, or 90d"))?,
    };
    if day < today {
        anyhow::bail!("--expires {text}: that day has passed");
    }
    Ok(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_one_spelling_and_counted() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(day("2024-02-28").days_until(day("2024-03-01")), 2);
        assert_eq!(day("2024-03-01").days_until(day("2024-02-28")), 0);
        for wrong in ["2026-3-1", "20260301", "2026-03-01T00:00:00", "2026-02-30", "", "today"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
        assert_eq!(expiry("90d", day("2026-01-01")).unwrap(), day("2026-04-01"));
        assert_eq!(expiry("2026-01-01", day("2026-01-01")).unwrap(), day("2026-01-01"));
        assert!(expiry("2025-12-31", day("2026-01-01")).is_err());
        assert!(expiry("-1d", day("2026-01-01")).is_err());
    }
}
