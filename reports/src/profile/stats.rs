//! Median and median absolute deviation: half of the values may be anything before these follow them.

use super::Spread;

/// A median absolute deviation as many times is a standard deviation, where values are spread normally.
const SCALE: f64 = 1.4826;
/// Where nearly all values are the same, the least that counts as a deviation: a tenth of the median, and one.
const LEAST_PART: f64 = 0.1;
const LEAST: f64 = 1.0;

/// How values are spread; of none nothing.
pub(super) fn spread(values: Vec<f64>) -> Spread {
    let median = middle(values.clone());
    let deviation = middle(values.into_iter().map(|value| (value - median).abs()).collect());
    Spread { median, deviation }
}

/// How many robust standard deviations a value is from what is usual.
pub(super) fn score(value: f64, usual: Spread) -> f64 {
    let scale = (usual.deviation * SCALE).max(usual.median.abs() * LEAST_PART).max(LEAST);
    (value - usual.median) / scale
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (half, len) = (values.len() / 2, values.len());
    let at = |index: usize| values.get(index).copied().unwrap_or_default();
    match len {
        0 => 0.0,
        _ if len % 2 == 1 => at(half),
        _ => f64::midpoint(at(half - 1), at(half)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_the_middle() {
        assert_eq!(spread(vec![]), Spread { median: 0.0, deviation: 0.0 });
        assert_eq!(spread(vec![7.0]), Spread { median: 7.0, deviation: 0.0 });
        assert_eq!(spread(vec![4.0, 1.0, 3.0, 2.0]), Spread { median: 2.5, deviation: 1.0 });
        assert_eq!(spread(vec![1.0, 2.0, 3.0, 4.0, 1e9]), Spread { median: 3.0, deviation: 1.0 });
    }
}
