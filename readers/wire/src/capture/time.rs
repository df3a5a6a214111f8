//! Times of pcapng to nanoseconds since 1970.

/// How an interface counts time: options if_tsresol and if_tsoffset (pcapng, section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    unit: Unit,
    /// Seconds that are added to each time.
    offset: i64,
}

/// Length of one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// So many nanoseconds.
    Nanoseconds(u64),
    /// So many of them make a nanosecond.
    PerNanosecond(u64),
    /// 2 to the power of minus this, in seconds.
    PowerOfTwo(u32),
    /// So short that any 64-bit count of them is less than a nanosecond.
    Nothing,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(6, 0)
    }
}

impl Clock {
    /// From the option's byte (the high bit chooses base 2) and the offset in seconds.
    pub(super) fn new(resolution: u8, offset: i64) -> Self {
        let power = u32::from(resolution & 0x7f);
        let unit = if resolution & 0x80 != 0 {
            Unit::PowerOfTwo(power)
        } else if power <= 9 {
            Unit::Nanoseconds(10_u64.pow(9 - power))
        } else {
            // 10^19 still fits; from 10^20 per nanosecond on, no count reaches one.
            10_u64.checked_pow(power - 9).map_or(Unit::Nothing, Unit::PerNanosecond)
        };
        Self { unit, offset }
    }

    /// Nanoseconds since 1970; `None` if they do not fit.
    pub(super) fn time(self, ticks: u64) -> Option<i64> {
        let nanoseconds = match self.unit {
            Unit::Nanoseconds(each) => ticks.checked_mul(each),
            Unit::PerNanosecond(many) => ticks.checked_div(many),
            // The product has at most 94 bits.
            Unit::PowerOfTwo(power) => u64::try_from((u128::from(ticks) * 1_000_000_000) >> power).ok(),
            Unit::Nothing => Some(0),
        }?;
        if self.offset == 0 {
            return i64::try_from(nanoseconds).ok();
        }
        // Neither side has more than 94 bits.
        i64::try_from(i128::from(nanoseconds) + i128::from(self.offset) * 1_000_000_000).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn examples_of_the_draft_are_read() {
        // Section 4.2: 6 is microseconds, and the default.
        assert_eq!(Clock::default().time(1_700_000_000_123_456), Some(1_700_000_000_123_456_000));
        assert_eq!(Clock::new(9, 0).time(5), Some(5));
        assert_eq!(Clock::new(0, 0).time(5), Some(5_000_000_000));
        assert_eq!(Clock::new(12, 0).time(5_999), Some(5));
        // 2^-10 seconds.
        assert_eq!(Clock::new(0x8a, 0).time(1024 + 512), Some(1_500_000_000));
        assert_eq!(Clock::new(6, -1).time(1_000_000), Some(0));
        assert_eq!(Clock::new(6, 1_700_000_000).time(0), Some(1_700_000_000_000_000_000));
    }

    #[test]
    fn extremes_have_a_time_or_none() {
        assert_eq!(Clock::new(0, 0).time(u64::MAX), None);
        assert_eq!(Clock::new(0x80, i64::MIN).time(u64::MAX), None);
        assert_eq!(Clock::new(127, 0).time(u64::MAX), Some(0));
        assert_eq!(Clock::new(255, 0).time(u64::MAX), Some(0));
        assert_eq!(Clock::new(9, i64::MAX).time(0), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_time_is_that_of_exact_arithmetic(resolution: u8, offset: i64, ticks: u64) {
            let power = u32::from(resolution & 0x7f);
            let wide = u128::from(ticks) * 1_000_000_000;
            let exact = if resolution & 0x80 != 0 { wide >> power } else {
                10_u128.checked_pow(power).map_or(0, |unit| wide / unit)
            };
            let exact = i128::try_from(exact).ok().and_then(|exact| i64::try_from(exact + i128::from(offset) * 1_000_000_000).ok());
            let got = Clock::new(resolution, offset).time(ticks);
            // A count that fits only together with its offset is not in use.
            prop_assert!(got == exact || got.is_none());
        }
    }
}
