//! A plain check of a whole log, independent of the writer's own code.

use coldcase_model::json::Tape;

use super::{entry, key};
use crate::entry::Fields;
use crate::hex;
use crate::keys::{KeyIndex, KeyRing, Signed};
use crate::spelling::{self, Strictness};

/// Numbers, links, hashes, spelling, spans and signatures of a whole log, checked without the writer's code.
pub(super) fn check(log: &[u8]) {
    let ring = KeyRing::new([key().public()]);
    let (mut tape, mut memory) = (Tape::default(), Vec::new());
    let mut previous = "genesis".to_owned();
    let mut uncovered = 0;
    for (line, seq) in log.split_inclusive(|byte| *byte == b'\n').zip(0..) {
        let line = line.strip_suffix(b"\n").unwrap();
        assert!(line.len() <= entry::LONGEST);
        assert_eq!(spelling::value(line, 0, &mut Vec::new()), Ok(line.len()));
        let root = tape.parse(line).unwrap();
        for (key, value) in root.members().filter(|(key, _)| !key.is_key("detail")) {
            if value.string().is_some() {
                let from = value.content().start;
                let found = spelling::string(line, from, Strictness::Field).unwrap();
                assert_eq!(found.end, value.content().end, "{key:?}");
            }
        }
        let text = |key| root.get_str(key).unwrap_or_default().into_owned();
        let of = ["ts", "session_id", "trace_id", "type", "event_kind", "transport", "summary"].map(text);
        let [ts, session, trace, kind, event_kind, transport, summary] = of.each_ref().map(String::as_bytes);
        let fields = Fields {
            version: 2,
            seq,
            ts,
            session,
            trace,
            kind,
            event_kind,
            transport,
            summary,
            detail: root.get("detail").unwrap().raw(),
            prev_hash: previous.as_bytes(),
            ..Fields::default()
        };
        assert_eq!(root.get("seq").unwrap().u64(), Some(seq));
        assert_eq!(text("prev_hash"), previous);
        uncovered += 1;
        if kind == b"checkpoint" {
            let detail = root.get("detail").unwrap();
            let number = |key| detail.get(key).unwrap().u64().unwrap();
            assert_eq!(number("entry_count"), uncovered - 1);
            assert_eq!((number("first_seq"), number("last_seq")), (seq + 1 - uncovered, seq - 1));
            let signature = hex::decode(detail.get_str("signature").unwrap().as_bytes()).unwrap();
            assert_eq!(ring.who_signed(previous.as_bytes(), &signature), Signed::By(KeyIndex(0)));
            uncovered = 0;
        }
        previous = hex::encode(&crate::entry::hash(&fields, &mut memory));
        assert_eq!(text("hash"), previous);
    }
    assert_eq!(uncovered, 0, "the log ends with a checkpoint");
}
