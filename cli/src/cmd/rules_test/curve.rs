//! Precision and recall at each minimum confidence: a table, and a drawing.

use std::fmt::Write as _;

use super::score::{Score, Tally};

/// How many steps there are from 0 to 1.
const STEPS: u8 = 20;
/// Width and height of the drawing's field, and what is left round it, in pixels.
const FIELD: f64 = 400.0;
const MARGIN: f64 = 50.0;

/// A point of the curve.
pub(super) struct Point {
    /// The least confidence, in hundredths.
    pub(super) least: u8,
    pub(super) score: Score,
}

/// The curve of a corpus, from 0 to 1.
pub(super) fn points(tally: &Tally) -> Vec<Point> {
    let point = |step: u8| {
        let least = step * (100 / STEPS);
        Point { least, score: tally.at(f32::from(least) / 100.0) }
    };
    (0..=STEPS).map(point).collect()
}

/// The curve as a table.
pub(super) fn table(points: &[Point]) -> String {
    let mut text =
        format!("{:>10} {:>9} {:>9} {:>9} {:>9}\n", "confidence", "precision", "recall", "true", "false");
    for point in points {
        let Score { precision, recall } = point.score;
        let _infallible = writeln!(
            text,
            "{:>10} {:>9} {:>9} {:>9} {:>9}",
            hundredths(point.least),
            precision.text(),
            recall.text(),
            precision.right,
            precision.of - precision.right,
        );
    }
    text
}

fn hundredths(least: u8) -> String {
    format!("{}.{:02}", least / 100, least % 100)
}

/// Precision over recall. Points without findings have no precision and are left out.
pub(super) fn svg(points: &[Point]) -> String {
    let whole = FIELD + 2.0 * MARGIN;
    let bottom = MARGIN + FIELD;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Precision over recall by minimum confidence</title>\n\
         <rect x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{FIELD}\" height=\"{FIELD}\" fill=\"none\" stroke=\"#888\"/>\n"
    );
    for tenth in [0u8, 2, 4, 6, 8, 10] {
        let at = f64::from(tenth) / 10.0;
        let label = hundredths(tenth * 10);
        let (x, y) = (MARGIN + at * FIELD, bottom - at * FIELD);
        let _infallible = writeln!(
            out,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label}</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
            bottom + 16.0,
            MARGIN - 6.0,
            y + 4.0,
        );
    }
    let middle = whole / 2.0;
    let _infallible = writeln!(
        out,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">recall</text>\
         <text x=\"14\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {middle})\">precision</text>",
        whole - 10.0,
    );
    let placed: Vec<(f64, f64, u8)> = points.iter().filter_map(placed).collect();
    let line: Vec<String> = placed.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    let _infallible = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"2\"/>",
        line.join(" ")
    );
    for (x, y, least) in &placed {
        let least = hundredths(*least);
        let _infallible = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"#1f6feb\"><title>from {least} on</title></circle>"
        );
    }
    out.push_str("</svg>\n");
    out
}

fn placed(point: &Point) -> Option<(f64, f64, u8)> {
    let at = |share: Option<u64>| Some(f64::from(u32::try_from(share?).ok()?) / 10_000.0);
    let precision = at(point.score.precision.of_ten_thousand())?;
    let recall = at(point.score.recall.of_ten_thousand())?;
    Some((MARGIN + recall * FIELD, MARGIN + FIELD - precision * FIELD, point.least))
}
