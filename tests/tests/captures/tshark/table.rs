//! The table of differences in `docs/TSHARK.md`.

use std::collections::BTreeMap;
use std::path::Path;

/// How many items only Coldcase finds, and how many only tshark.
pub(super) type Only = (usize, usize);

/// The differences that are explained for captures of a folder, by capture and protocol.
pub(super) fn explained(folder: &str) -> BTreeMap<(String, String), Only> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/TSHARK.md");
    let text = std::fs::read_to_string(page).unwrap();
    let rows =
        text.lines().filter_map(row).filter(|(capture, ..)| capture.starts_with(&format!("{folder}/")));
    let mut all = BTreeMap::new();
    for (capture, protocol, only, why) in rows {
        assert!(!why.is_empty(), "{capture}: a difference without its reason");
        let before = all.insert((capture.clone(), protocol), only);
        assert_eq!(before, None, "{capture}: two rows of one protocol");
    }
    all
}

/// A row of the table: capture, protocol, how many items are in one tool's output only, why. Other lines are none.
fn row(line: &str) -> Option<(String, String, Only, String)> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split(" | ").map(str::trim).collect();
    let [capture, protocol, ours, theirs, why] = cells[..] else { return None };
    let capture = capture.strip_prefix('`')?.strip_suffix('`')?;
    let only = (ours.parse().unwrap(), theirs.parse().unwrap());
    Some((capture.to_owned(), protocol.to_owned(), only, why.to_owned()))
}

#[test]
fn rows_of_captures_are_read_and_other_lines_are_not() {
    let read = row("| `hard/a.pcap` | DNS | 0 | 2 | They are malformed. |");
    assert_eq!(read, Some(("hard/a.pcap".into(), "DNS".into(), (0, 2), "They are malformed.".into())));
    for line in ["| capture | protocol | Coldcase | tshark | why |", "|---|---|---|---|---|", "text", ""] {
        assert_eq!(row(line), None, "{line}");
    }
}
