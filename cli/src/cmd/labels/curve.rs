//! Precision and recall at each minimum confidence: a table, and a drawing.

use std::fmt::Write as _;

use super::score::{Score, Tally};

/// Width and height of the drawing's field, and what is left round it, in pixels.
const FIELD: f64 = 400.0;
const MARGIN: f64 = 50.0;

/// A point of the curve.
pub(in crate::cmd) struct Point {
    /// The least confidence.
    pub(in crate::cmd) least: f32,
    pub(in crate::cmd) score: Score,
}

/// Twenty steps from 0 to 1.
pub(in crate::cmd) fn steps() -> Vec<f32> {
    (0..=20u8).map(|step| f32::from(step) / 20.0).collect()
}

/// The curve of a corpus at these least confidences.
pub(in crate::cmd) fn points(tally: &Tally, leasts: &[f32]) -> Vec<Point> {
    leasts.iter().map(|&least| Point { least, score: tally.at(least) }).collect()
}

/// A confidence as it was written, without what a shorter number adds to it.
pub(in crate::cmd) fn decimal(least: f32) -> f64 {
    (f64::from(least) * 10_000.0).round() / 10_000.0
}

/// The curve as a table.
pub(in crate::cmd) fn table(points: &[Point]) -> String {
    let mut text =
        format!("{:>10} {:>9} {:>9} {:>9} {:>9}\n", "confidence", "precision", "recall", "true", "false");
    for point in points {
        let Score { precision, recall } = point.score;
        let _infallible = writeln!(
            text,
            "{:>10.2} {:>9} {:>9} {:>9} {:>9}",
            point.least,
            precision.text(),
            recall.text(),
            precision.right,
            precision.of - precision.right,
        );
    }
    text
}

/// Precision over recall. Points without findings have no precision and are left out.
pub(in crate::cmd) fn svg(points: &[Point]) -> String {
    let whole = FIELD + 2.0 * MARGIN;
    let bottom = MARGIN + FIELD;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Precision over recall by minimum confidence</title>\n\
         <rect x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{FIELD}\" height=\"{FIELD}\" fill=\"none\" stroke=\"#888\"/>\n"
    );
    for tenth in [0u8, 2, 4, 6, 8, 10] {
        let at = f64::from(tenth) / 10.0;
        let (x, y) = (MARGIN + at * FIELD, bottom - at * FIELD);
        let _infallible = writeln!(
            out,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{at:.2}</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{at:.2}</text>",
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
    let placed: Vec<(f64, f64, f32)> = points.iter().filter_map(placed).collect();
    let line: Vec<String> = placed.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    let _infallible = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"2\"/>",
        line.join(" ")
    );
    for (x, y, least) in &placed {
        let _infallible = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"#1f6feb\"><title>from {least:.2} on</title></circle>"
        );
    }
    out.push_str("</svg>\n");
    out
}

fn placed(point: &Point) -> Option<(f64, f64, f32)> {
    let at = |share: Option<u64>| Some(f64::from(u32::try_from(share?).ok()?) / 10_000.0);
    let precision = at(point.score.precision.of_ten_thousand())?;
    let recall = at(point.score.recall.of_ten_thousand())?;
    Some((MARGIN + recall * FIELD, MARGIN + FIELD - precision * FIELD, point.least))
}
