//! Files that one capture was split into: recognised by their names, ordered by their packets' times.
//!
//! `tcpdump -C` counts at the end of the name (`cap.pcap`, `cap.pcap1`, with `-W` `cap.pcap00`), dumpcap before the ending
//! (`cap_00001_20260301100000.pcapng`, or the time first). A name alone joins nothing: files of a ring are of one format
//! and one link type, have a packet with a time, and do not overlap in time. Rotation by time alone (`tcpdump -G`) leaves no
//! running number, so such files are read one by one.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use coldcase_model::ArtifactIndex;
use coldcase_wire::capture::{CaptureReader, Kind, Limits as CaptureLimits, Step};

use crate::limits::Limits;
use crate::sniff::Format;
use crate::source::{Found, Stream};

/// A file may begin so long before the latest packet of the file before it: packets of several queues or interfaces are
/// written a little out of order. Units: nanoseconds.
pub(crate) const SLACK: i64 = 1_000_000_000;
/// The first packet stands within so many bytes, behind names and secrets.
const FIRST_WITHIN: usize = 1 << 20;
/// Endings behind which tcpdump counts.
const ENDINGS: [&str; 5] = [".pcap", ".pcapng", ".cap", ".dmp", ".dump"];

/// A file of a chain.
pub(crate) struct Member {
    /// Which input it is.
    pub(crate) artifact: ArtifactIndex,
    /// Where it lies.
    pub(crate) found: Found,
    /// Its format.
    pub(crate) format: Format,
    /// The time of its first packet, in nanoseconds since 1970; not looked for in a file that is read alone.
    pub(crate) first: Option<i64>,
}

/// Inputs whose names may be those of one ring.
#[derive(Default)]
pub(crate) struct Rings {
    /// Indices of inputs, in their order.
    rings: Vec<Vec<usize>>,
    /// The ring of an input.
    of: BTreeMap<usize, usize>,
}

impl Rings {
    /// Looks at names only.
    pub(crate) fn of(found: &[Found]) -> Self {
        let mut named: BTreeMap<(PathBuf, String), Vec<usize>> = BTreeMap::new();
        for (index, one) in found.iter().enumerate() {
            let Found::File(path) = one else { continue };
            let Some(stem) = path.file_name().and_then(|name| stem(name.to_str()?)) else { continue };
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            named.entry((folder, stem)).or_default().push(index);
        }
        let mut rings = Self::default();
        for (_, members) in named.into_iter().filter(|(_, members)| members.len() > 1) {
            rings.of.extend(members.iter().map(|member| (*member, rings.rings.len())));
            rings.rings.push(members);
        }
        rings
    }

    /// All inputs that may belong to one.
    pub(crate) fn members(&self) -> impl Iterator<Item = usize> {
        self.of.keys().copied()
    }

    /// The inputs of the ring that this one may belong to; empty when they were asked for before.
    pub(crate) fn take(&mut self, index: usize) -> Vec<usize> {
        let ring = self.of.get(&index).and_then(|ring| self.rings.get_mut(*ring));
        ring.map(std::mem::take).unwrap_or_default()
    }
}

/// Sorts what may be one ring into chains by what is in the files. What stands alone is not among them.
pub(crate) fn chains(candidates: Vec<(usize, Found)>, limits: Limits) -> Vec<VecDeque<Member>> {
    let mut alike: BTreeMap<(bool, u16), Vec<Member>> = BTreeMap::new();
    for (index, found) in candidates {
        let Some((kind, link, first)) = first_packet(&found, limits) else { continue };
        let Ok(artifact) = u32::try_from(index).map(ArtifactIndex) else { continue };
        let is_pcapng = kind == Kind::Pcapng;
        let format = if is_pcapng { Format::Pcapng } else { Format::Pcap };
        alike.entry((is_pcapng, link)).or_default().push(Member {
            artifact,
            found,
            format,
            first: Some(first),
        });
    }
    let chain = |mut members: Vec<Member>| {
        members.sort_by_key(|member| (member.first, member.artifact));
        VecDeque::from(members)
    };
    alike.into_values().filter(|members| members.len() > 1).map(chain).collect()
}

/// Format, link type and time of a file's first packet.
fn first_packet(found: &Found, limits: Limits) -> Option<(Kind, u16, i64)> {
    // A pipe must not be read twice, nor may opening it wait for a writer.
    if !std::fs::metadata(found.path()).ok()?.is_file() {
        return None;
    }
    let mut stream = Stream::open(found, limits).ok()?;
    let mut head = Vec::new();
    let (mut upto, mut is_end) = (64 << 10, false);
    loop {
        is_end |= !stream.fill(&mut head, upto);
        let (mut reader, mut window) = (CaptureReader::new(CaptureLimits::default()), head.as_slice());
        loop {
            match reader.next(&mut window, is_end) {
                Step::Frame(frame) => {
                    let (link, time) = (frame.link, frame.time?);
                    return Some((reader.facts().kind?, link, time));
                }
                Step::Item(_) => {}
                Step::Need(_) => break,
                Step::End => return None,
            }
        }
        if is_end || head.len() >= FIRST_WITHIN {
            return None;
        }
        upto = head.len() * 4;
    }
}

/// The name without its running number and time; `None` if it is not that of a file of a ring.
fn stem(name: &str) -> Option<String> {
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    dumpcap_stem(name).or_else(|| {
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_capture = ENDINGS.iter().any(|ending| base.len() > ending.len() && base.ends_with(ending));
        is_capture.then(|| format!("{base}#"))
    })
}

/// `name_00001_20260301100000.pcapng`, or with the time before the number.
fn dumpcap_stem(name: &str) -> Option<String> {
    let (rest, ending) = match name.rsplit_once('.') {
        Some((rest, ending)) => (rest, format!(".{ending}")),
        None => (name, String::new()),
    };
    let (rest, second) = rest.rsplit_once('_')?;
    let (rest, first) = rest.rsplit_once('_')?;
    let is_time = |text: &str| text.len() == 14 && is_digits(text);
    let is_number = |text: &str| (5..=10).contains(&text.len()) && is_digits(text);
    if is_number(first) && is_time(second) {
        Some(format!("{rest}_#_time{ending}"))
    } else if is_time(first) && is_number(second) {
        Some(format!("{rest}_time_#{ending}"))
    } else {
        None
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_one_ring(names: &[&str]) -> bool {
        let stems: Vec<_> = names.iter().map(|name| stem(name)).collect();
        stems.iter().all(|stem| stem.is_some() && *stem == stems[0])
    }

    #[test]
    fn names_of_tcpdump_and_dumpcap_are_rings() {
        assert!(is_one_ring(&["cap.pcap", "cap.pcap1", "cap.pcap10", "cap.pcap2.gz"]));
        assert!(is_one_ring(&["cap.pcap00", "cap.pcap01"]));
        assert!(is_one_ring(&["a_00001_20260101120000.pcapng", "a_00002_20260101120500.pcapng"]));
        assert!(is_one_ring(&["a_20260101120000_00001.pcapng", "a_20260101120500_00002.pcapng"]));
        assert!(is_one_ring(&["a_00001_20260101120000", "a_00002_20260101120500"]));
    }

    #[test]
    fn other_names_with_numbers_are_none() {
        assert!(!is_one_ring(&["test1.pcap", "test2.pcap"]));
        assert!(!is_one_ring(&["10.0.0.1.pcap", "10.0.0.2.pcap"]));
        assert!(!is_one_ring(&["a.pcap1", "b.pcap2"]));
        assert!(!is_one_ring(&["a.pcap1", "a.pcapng2"]));
        for name in ["capture1", "log_1_2.pcapx", ".pcap1", "mcp.jsonl", "a_00001_2026.pcapng1x", ""] {
            assert_eq!(stem(name), None, "{name}");
        }
    }

    #[test]
    fn folders_and_stems_tell_rings_apart() {
        let found: Vec<Found> = ["a/c.pcap0", "a/c.pcap1", "b/c.pcap0", "b/d.pcap1", "a/c.pcap1.txt"]
            .iter()
            .map(|path| Found::File(PathBuf::from(path)))
            .collect();
        let mut rings = Rings::of(&found);
        assert_eq!(rings.take(2), Vec::<usize>::new());
        assert_eq!(rings.take(1), [0, 1]);
        assert_eq!(rings.take(0), Vec::<usize>::new(), "a ring is given once");
    }
}
