//! Every operation on lines: what someone does who moves lines about and cannot, or does not, hash anew.
//!
//! Exhaustive on small logs, at random on larger ones.

use proptest::prelude::*;

use super::entries::Line;
use super::logs::{Log, claimed, plain, ring, vouched};
use crate::log::{Break, BreakReason, SessionReport, Status};

/// Lines, each with its newline, and the shard that each stands in.
type Lines = Vec<(Vec<u8>, usize)>;

/// One operation; lines are counted from 0, over all shards.
#[derive(Debug, Clone, Copy)]
enum Op {
    Delete(usize),
    /// A line comes again before another.
    Copy(usize, usize),
    Swap(usize, usize),
    /// A line is taken out and put in so that it stands there.
    Move(usize, usize),
    /// A line of another log comes before a line.
    Insert(usize, usize),
    Replace(usize, usize),
    /// The lines from the first to the second, in reverse.
    Reverse(usize, usize),
}

impl Op {
    fn apply(self, lines: &mut Lines, other: &Lines) {
        match self {
            Self::Delete(at) => drop(lines.remove(at)),
            Self::Copy(from, to) => insert(lines, to, lines[from].0.clone()),
            Self::Swap(one, two) => {
                let line = lines[one].0.clone();
                lines[one].0 = std::mem::replace(&mut lines[two].0, line);
            }
            Self::Move(from, to) => {
                let (line, _) = lines.remove(from);
                insert(lines, to, line);
            }
            Self::Insert(from, to) => insert(lines, to, other[from].0.clone()),
            Self::Replace(from, to) => lines[to].0.clone_from(&other[from].0),
            Self::Reverse(first, last) => {
                let mut texts: Vec<_> = lines[first..=last].iter().map(|(line, _)| line.clone()).collect();
                for (line, _) in &mut lines[first..=last] {
                    *line = texts.pop().unwrap();
                }
            }
        }
    }
}

/// Puts a line before another, into that one's shard; at the end, into the last.
fn insert(lines: &mut Lines, to: usize, line: Vec<u8>) {
    let shard = lines.get(to).or(lines.last()).map_or(0, |(_, shard)| *shard);
    lines.insert(to, (line, shard));
}

/// Every operation on a log of `len` lines, with another of `others`.
fn all(len: usize, others: usize) -> Vec<Op> {
    let mut ops: Vec<Op> = (0..len).map(Op::Delete).collect();
    for one in 0..len {
        ops.extend((0..=len).map(|to| Op::Copy(one, to)));
        ops.extend((one + 1..len).flat_map(|two| [Op::Swap(one, two), Op::Reverse(one, two)]));
        ops.extend((0..len).filter(|to| *to != one).map(|to| Op::Move(one, to)));
    }
    for from in 0..others {
        ops.extend((0..=len).map(|to| Op::Insert(from, to)));
        ops.extend((0..len).map(|to| Op::Replace(from, to)));
    }
    ops
}

/// Where among all lines of the changed log the first line that a break names stands.
fn first_break(changed: &Log, lines: &Lines, report: &SessionReport) -> Option<usize> {
    let place = |found: &Break| {
        let shard = changed.shards.iter().position(|(name, _)| Some(name) == found.file.as_ref())?;
        let before = lines.iter().filter(|(_, at)| *at < shard).count();
        Some(before + usize::try_from(found.line?).unwrap() - 1)
    };
    report.breaks.iter().filter_map(place).min()
}

/// The entries at the start of the changed log that follow one another as they did, wherever they stood.
fn whole_run(lines: &Lines, changed: &Lines) -> Vec<Line> {
    let start = changed.first().and_then(|(text, _)| lines.iter().position(|(line, _)| line == text));
    let was = start.map_or(&[][..], |start| &lines[start..]);
    let run = was.iter().zip(changed).take_while(|((one, _), (other, _))| one == other);
    run.map(|((line, _), _)| Line::parse(line.strip_suffix(b"\n").unwrap())).collect()
}

/// What is wrong with the report of a changed log; nothing if it is right.
fn objection(log: &Log, lines: &Lines, changed: &Lines) -> Option<String> {
    let first = lines.iter().zip(changed).take_while(|(one, other)| one == other).count();
    if first == lines.len() && changed.len() == lines.len() {
        return None;
    }
    let files = log.with_lines(changed);
    let report = files.verify(&ring());
    let run = whole_run(lines, changed);
    let vouched = vouched(&run).filter(|through| *through >= run[0].seq);
    // Where a file's name is wrong too, how far the keys vouch depends on when that is told, but never reaches further.
    let misnamed = report.breaks.iter().any(|found| matches!(found.reason, BreakReason::Misnamed { .. }));
    if claimed(&report) > vouched || (claimed(&report) < vouched && !misnamed) {
        return Some(format!("through {:?}, right is {vouched:?}", report.authenticated_through_seq));
    }
    if first == changed.len() {
        // The end was taken off at a newline: nothing in the log can show that.
        let right = if first == 0 { Status::Empty } else { Status::Intact };
        return (report.status != right).then(|| format!("a prefix is {:?}", report.status));
    }
    if report.status != Status::Broken {
        return Some(format!("{:?}", report.status));
    }
    match first_break(&files, changed, &report) {
        Some(at) if (first..=first + 1).contains(&at) => None,
        // Lines moved over the seam of two files and in their order: only the names of the files are wrong.
        None if matches!(report.breaks[0].reason, BreakReason::Misnamed { .. }) => None,
        at => Some(format!("line {first} was changed, the first break is at {at:?}: {:?}", report.breaks)),
    }
}

/// Tries every operation; gives how many changed the log.
fn try_all(log: &Log, other: &Log) -> (usize, usize) {
    let (lines, others) = (log.lines(), other.lines());
    let (ops, mut count) = (all(lines.len(), others.len()), 0);
    for op in &ops {
        let mut changed = lines.clone();
        op.apply(&mut changed, &others);
        count += usize::from(changed != lines);
        assert_eq!(objection(log, &lines, &changed), None, "{op:?}");
    }
    (ops.len(), count)
}

/// Of n lines and m of another log: n deletions, n(n+1) copies, n(n-1) swaps and reversals, n(n-1) moves,
/// m(n+1) insertions, m n replacements.
fn expected(n: usize, m: usize) -> usize {
    n + n * (n + 1) + 2 * n * (n - 1) + m * (n + 1) + m * n
}

#[test]
fn no_operation_on_lines_passes() {
    let log = plain("proxy", 20, 4, 100, "one");
    let (ops, changes) = try_all(&log, &plain("proxy", 9, 3, 100, "two"));
    println!("{ops} operations on one shard, {changes} changes, 0 missed");
    assert_eq!(ops, expected(25, 12));
}

#[test]
fn no_operation_on_lines_passes_over_two_shards() {
    let log = plain("proxy", 15, 4, 10, "one");
    assert_eq!(log.shards.len(), 2);
    let (ops, changes) = try_all(&log, &plain("proxy", 5, 3, 100, "two"));
    println!("{ops} operations on two shards, {changes} changes, 0 missed");
    assert_eq!(ops, expected(18, 6));
}

#[test]
fn no_operation_on_forty_lines_passes() {
    let log = plain("proxy", 36, 9, 100, "one");
    let (ops, changes) = try_all(&log, &plain("proxy", 3, 2, 100, "two"));
    println!("{ops} operations on forty lines, {changes} changes, 0 missed");
    assert_eq!(ops, expected(40, 4));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]
    #[test]
    fn no_random_operations_on_a_larger_log_pass(
        picks in prop::collection::vec((0usize..7, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
    ) {
        let (log, other) = (plain("proxy", 300, 50, 70, "one"), plain("proxy", 40, 9, 100, "two"));
        let (lines, others) = (log.lines(), other.lines());
        let mut changed = lines.clone();
        for (kind, one, two) in picks {
            let (one, two) = (one.index(changed.len()), two.index(changed.len()));
            let (low, high) = (one.min(two), one.max(two));
            let op = match kind {
                0 => Op::Delete(one),
                1 => Op::Copy(one, two),
                2 => Op::Swap(low, high),
                3 => Op::Move(one, two.min(changed.len() - 2)),
                4 => Op::Insert(one % others.len(), two),
                5 => Op::Replace(one % others.len(), two),
                _ => Op::Reverse(low, high),
            };
            op.apply(&mut changed, &others);
        }
        prop_assert_eq!(objection(&log, &lines, &changed), None);
    }
}
