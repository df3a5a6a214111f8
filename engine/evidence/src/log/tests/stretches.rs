//! The good stretches between breaks, whether lines come all at once or one in a block.

use super::entries::{How, Line, rebuild};
use super::logs::{Log, plain, ring};

/// Entries 0 to 3, checkpoint 4, entries 5 to 7.
fn lines() -> Vec<Line> {
    plain("proxy", 7, 4, 100, "one").entries()
}

/// First and last entry of each stretch, and how far a checkpoint in it vouches.
fn stretches_of(bytes: &[u8]) -> Vec<(u64, u64, Option<u64>)> {
    let of = |step| {
        let report = Log { step, ..Log::file(bytes.to_vec()) }.verify(&ring());
        let stretch = |stretch: &crate::log::Stretch| {
            (stretch.first_seq, stretch.last_seq, stretch.authenticated_through_seq)
        };
        report.stretches.iter().map(stretch).collect::<Vec<_>>()
    };
    let whole = of(usize::MAX);
    assert_eq!(of(1), whole, "a line in a block");
    whole
}

fn stretches(lines: &[Line]) -> Vec<(u64, u64, Option<u64>)> {
    stretches_of(&lines.iter().flat_map(Line::spell).collect::<Vec<u8>>())
}

/// The lines after a change to one of them that is not hashed anew.
fn altered(at: usize) -> Vec<Line> {
    let mut lines = lines();
    lines[at].summary.push('!');
    lines
}

#[test]
fn a_whole_log_is_one_stretch() {
    assert_eq!(stretches(&lines()), [(0, 7, Some(3))]);
    assert_eq!(stretches(&lines()[..1]), [(0, 0, None)]);
    assert_eq!(stretches(&lines()[5..]), [(5, 7, None)]);
}

#[test]
fn an_altered_entry_is_in_no_stretch() {
    assert_eq!(stretches(&altered(0)), [(1, 7, Some(3))]);
    assert_eq!(stretches(&altered(2)), [(0, 1, None), (3, 7, Some(3))]);
    assert_eq!(stretches(&altered(7)), [(0, 6, Some(3))]);
}

#[test]
fn an_entry_that_is_whole_and_does_not_follow_begins_a_stretch() {
    let mut removed = lines();
    removed.remove(2);
    assert_eq!(stretches(&removed), [(0, 1, None), (3, 7, Some(3))]);
    let mut hashed = altered(2);
    hashed[2].rehash();
    assert_eq!(stretches(&hashed), [(0, 2, None), (3, 7, Some(3))]);
    let mut doubled = lines();
    doubled.insert(4, doubled[2].clone());
    // Checkpoint 4 vouches for what is before it, and so for nothing of the stretch that it begins.
    assert_eq!(stretches(&doubled), [(0, 3, None), (2, 2, None), (4, 7, None)]);
    let mut numbered = lines();
    numbered[3].seq = 9;
    numbered[3].rehash();
    assert_eq!(stretches(&numbered), [(0, 2, None), (9, 9, None), (4, 7, None)]);
}

#[test]
fn before_the_first_entry_there_is_no_stretch() {
    let mut linked = lines();
    linked[0].prev = linked[5].hash.clone();
    linked[0].rehash();
    assert_eq!(stretches(&linked), [(0, 0, None), (1, 7, Some(3))]);
}

/// A line of which not even the number can be read ends a stretch behind the entry before it, and the next entry
/// begins one, however the lines come in blocks.
#[test]
fn a_line_that_cannot_be_read_is_in_no_stretch() {
    let mut texts: Vec<Vec<u8>> = lines().iter().map(Line::spell).collect();
    texts[2] = b"x\n".to_vec();
    assert_eq!(stretches_of(&texts.concat()), [(0, 1, None), (3, 7, Some(3))]);
}

/// Every second entry is altered: the stretches are single entries.
#[test]
fn the_first_256_stretches_and_breaks_are_kept() {
    for (entries, kept, breaks) in [(511, 256, 255), (513, 256, 256), (515, 256, 257)] {
        let mut lines = plain("proxy", entries, 1000, 1000, "one").entries();
        for line in lines.iter_mut().skip(1).step_by(2) {
            line.summary.push('!');
        }
        let report = Log::file(lines.iter().flat_map(Line::spell).collect()).verify(&ring());
        assert_eq!((report.stretches.len(), report.breaks_total), (kept, breaks), "{entries}");
        assert_eq!(report.breaks.len() as u64, breaks.min(256), "{entries}");
        assert_eq!(report.stretches[255].first_seq, 510, "{entries}");
    }
}

/// What a name says is no line's fault: it neither ends a stretch nor keeps a checkpoint from vouching.
#[test]
fn a_wrong_name_ends_no_stretch() {
    let lines = rebuild(&lines(), 0, How::Keep);
    let bytes = |part: &[Line]| part.iter().flat_map(Line::spell).collect::<Vec<u8>>();
    let log = Log {
        session: Some("proxy".to_owned()),
        shards: vec![
            ("evidence-proxy-0.jsonl".to_owned(), bytes(&lines[..2])),
            ("evidence-proxy-1.jsonl".to_owned(), bytes(&lines[2..])),
        ],
        step: usize::MAX,
    };
    let report = log.verify(&ring());
    assert_eq!((report.breaks_total, report.authenticated_through_seq), (1, Some(3)));
    assert_eq!(report.stretches.len(), 1);
    assert_eq!((report.stretches[0].first_seq, report.stretches[0].last_seq), (0, 7));
    assert_eq!(report.first_bad, None);
}
