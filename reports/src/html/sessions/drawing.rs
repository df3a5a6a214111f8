//! A session drawn: a lane for agent, model, tools and network, edges between events, and the risk below. Coordinates only;
//! the template makes SVG of them.

use crate::Lane;
use crate::stories::{Moment, Story};

const LEFT: f64 = 64.0;
const WIDTH: f64 = 700.0;
const RIGHT: f64 = 12.0;
/// The height of a lane, and the top of the first.
const LANE: f64 = 22.0;
const TOP: f64 = 16.0;
/// Between these the risk is drawn.
const RISK: (f64, f64) = (112.0, 168.0);

/// Coordinates of a drawing.
pub(in crate::html) struct Drawing {
    /// Names of lanes with their height.
    pub(in crate::html) lanes: Vec<(&'static str, f64)>,
    pub(in crate::html) dots: Vec<Dot>,
    /// Paths of edges: whether proven, and the path.
    pub(in crate::html) edges: Vec<(&'static str, String)>,
    /// The curve of the risk.
    pub(in crate::html) risk: String,
    /// The highest score, at the top of the curve.
    pub(in crate::html) peak: String,
}

/// An event.
pub(in crate::html) struct Dot {
    pub(in crate::html) x: String,
    pub(in crate::html) y: f64,
    pub(in crate::html) level: &'static str,
    pub(in crate::html) title: String,
}

impl Drawing {
    /// Draws the events that are kept, each at its place among all of the session's.
    pub(in crate::html) fn of(events: Option<u64>, story: &Story) -> Self {
        let last =
            events.unwrap_or(0).max(story.moments.iter().map(|moment| moment.ordinal).max().unwrap_or(0));
        let place = |moment: &Moment| x(moment.ordinal, last);
        let at = |event: &str| story.moments.iter().find(|moment| moment.event == event);
        let edges = story.moments.iter().flat_map(|to| {
            to.edges.iter().filter_map(move |edge| {
                let from = at(&edge.from)?;
                let (from_y, to_y) = (y(from.lane), y(to.lane));
                let (from_x, to_x) = (place(from), place(to));
                let bend = f64::midpoint(from_x, to_x);
                Some((
                    edge.basis,
                    format!(
                        "M{from_x:.1} {from_y}Q{bend:.1} {:.1} {to_x:.1} {to_y}",
                        from_y.min(to_y) - 12.0
                    ),
                ))
            })
        });
        Self {
            lanes: [Lane::Agent, Lane::Model, Lane::Tools, Lane::Network]
                .map(|lane| (lane_name(lane), y(lane)))
                .to_vec(),
            dots: story
                .moments
                .iter()
                .map(|moment| Dot {
                    x: format!("{:.1}", place(moment)),
                    y: y(moment.lane),
                    level: moment.level.as_str(),
                    title: format!("{} {}", moment.event, moment.what),
                })
                .collect(),
            edges: edges.collect(),
            risk: curve(story, last),
            peak: format!("{:.1}", story.peak.0),
        }
    }
}

/// Steps up and down at the events that are kept; between them the risk may have decayed, which is drawn straight.
fn curve(story: &Story, last: u64) -> String {
    let (top, bottom) = RISK;
    let most = story.peak.0.max(1.0);
    let height = |score: f64| bottom - (score / most).clamp(0.0, 1.0) * (bottom - top);
    let mut path = format!("M{LEFT} {bottom}");
    let mut before = bottom;
    for moment in &story.moments {
        let (x, y) = (x(moment.ordinal, last), height(moment.score));
        path.push_str(&format!("L{x:.1} {before:.1}L{x:.1} {y:.1}"));
        before = y;
    }
    path.push_str(&format!("L{:.1} {before:.1}L{:.1} {bottom}Z", WIDTH - RIGHT, WIDTH - RIGHT));
    path
}

#[expect(clippy::cast_precision_loss, reason = "a session's events are far below 2^52")]
fn x(ordinal: u64, last: u64) -> f64 {
    let room = WIDTH - RIGHT - LEFT - 8.0;
    LEFT + 4.0 + room * (ordinal.saturating_sub(1) as f64) / (last.saturating_sub(1).max(1) as f64)
}

fn y(lane: Lane) -> f64 {
    let number = match lane {
        Lane::Agent => 0.0,
        Lane::Model => 1.0,
        Lane::Tools => 2.0,
        Lane::Network => 3.0,
    };
    TOP + LANE * number
}

pub(in crate::html) fn lane_name(lane: Lane) -> &'static str {
    match lane {
        Lane::Agent => "agent",
        Lane::Model => "model",
        Lane::Tools => "tools",
        Lane::Network => "network",
    }
}
