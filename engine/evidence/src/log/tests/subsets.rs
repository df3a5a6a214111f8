//! Every subset of the files of a log: what is missing at the start, in the middle, at the end.

use super::entries::Line;
use super::logs::{Log, claimed, plain, ring, vouched};
use crate::log::{BreakReason, SessionReport, Status};

/// The entries of each shard.
fn by_shard(log: &Log) -> Vec<Vec<Line>> {
    let (lines, entries) = (log.lines(), log.entries());
    let of = |shard| {
        let here = lines.iter().zip(&entries).filter(move |((_, at), _)| *at == shard);
        here.map(|(_, entry)| entry.clone()).collect()
    };
    (0..log.shards.len()).map(of).collect()
}

/// The report of some of a log's files.
fn report_of(log: &Log, chosen: &[usize]) -> SessionReport {
    let shards = chosen.iter().map(|shard| log.shards[*shard].clone()).collect();
    Log { shards, ..log.clone() }.verify(&ring())
}

/// What is wrong with the report of these files.
fn objection(log: &Log, shards: &[Vec<Line>], chosen: &[usize]) -> Option<String> {
    let report = report_of(log, chosen);
    let gap = chosen.windows(2).find(|two| two[1] != two[0] + 1);
    let run = gap.map_or(chosen, |gap| &chosen[..=chosen.iter().position(|shard| *shard == gap[0]).unwrap()]);
    let whole: Vec<Line> = run.iter().flat_map(|shard| shards[*shard].clone()).collect();
    let first = whole[0].seq;
    // A checkpoint that is the very first line vouches for entries that are not here.
    let through = vouched(&whole).filter(|through| *through >= first);
    if claimed(&report) != through {
        return Some(format!("through {:?}, right is {through:?}", report.authenticated_through_seq));
    }
    let Some(gap) = gap else {
        let right = if chosen[0] == 0 { Status::Intact } else { Status::MissingStart };
        let whole = report.status == right && report.first_seq == Some(first);
        return (!whole)
            .then(|| format!("{:?} from {:?}: {:?}", report.status, report.first_seq, report.breaks));
    };
    let (before, after) = (shards[gap[0]].last().unwrap().seq, shards[gap[1]][0].seq);
    let missing = BreakReason::Missing { first: before + 1, last: after - 1 };
    let found = report.breaks.first()?;
    let right = report.status == Status::Broken
        && found.reason == missing
        && found.file.as_ref() == Some(&log.shards[gap[1]].0)
        && found.line == Some(1);
    (!right).then(|| format!("{:?}: {:?}", report.status, report.breaks))
}

fn try_all(log: &Log) -> usize {
    let shards = by_shard(log);
    assert_eq!(shards.len(), 5);
    let subsets = (1..32).map(|bits| (0..5).filter(|shard| bits >> shard & 1 == 1).collect::<Vec<usize>>());
    let subsets: Vec<_> = subsets.collect();
    for chosen in &subsets {
        assert_eq!(objection(log, &shards, chosen), None, "files {chosen:?}");
    }
    subsets.len()
}

#[test]
fn every_subset_of_five_files_gets_its_right_verdict() {
    let mut subsets = try_all(&plain("proxy", 15, 3, 4, "one"));
    // A checkpoint at the start of a file, and one at its end.
    subsets += try_all(&plain("proxy", 14, 4, 4, "one"));
    println!("{subsets} subsets of files, 0 wrong");
    assert_eq!(subsets, 62);
}

#[test]
fn files_in_another_order_break_the_log() {
    let log = plain("proxy", 15, 3, 4, "one");
    let mut cases = 0;
    for one in 0..5 {
        for two in one + 1..5 {
            let mut order: Vec<usize> = (0..5).collect();
            order.swap(one, two);
            assert_eq!(report_of(&log, &order).status, Status::Broken, "{order:?}");
            order.remove(two);
            order.push(one);
            assert_eq!(report_of(&log, &order).status, Status::Broken, "{order:?}");
            cases += 2;
        }
    }
    println!("{cases} orders");
    assert_eq!(cases, 20);
}
