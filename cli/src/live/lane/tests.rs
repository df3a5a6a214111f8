//! Faults of our own: a scan that panics lets nothing through, and says so without the content.

use coldcase_engine::Policy;

use super::*;
use crate::live::record::Recorder;

fn lane(direction: Direction) -> Lane {
    let pack: &'static Pack = Box::leak(Box::new(coldcase_builtin::pack().unwrap()));
    let fold = Fold::new(pack, Policy::builtin("observe").unwrap(), Recorder::nothing());
    Lane::new(direction, ("s", None), pack, &Arc::new(Mutex::new(fold)))
}

fn take(lane: &mut Lane, text: &str) -> (Option<String>, Option<String>) {
    let sent = lane.take(Line::Whole(text.as_bytes().to_vec()));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (sent.onward.map(|bytes| text(bytes.to_vec())), sent.back.map(text))
}

#[test]
fn a_scan_that_panics_lets_nothing_through_and_the_next_line_is_judged() {
    let request = "{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"ping\"}\n";
    let answer = "{\"jsonrpc\":\"2.0\",\"result\":{},\"id\":7}\n";
    let note = "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}\n";
    let mut lane = lane(Direction::Ingress);
    let mut failing = |line: &str| {
        lane.panics = true;
        let sent = take(&mut lane, line);
        lane.panics = false;
        assert_eq!(take(&mut lane, line), (Some(line.to_owned()), None), "it goes on afterwards");
        sent
    };
    let (onward, back) = failing(request);
    let back = back.unwrap();
    assert!(
        onward.is_none() && back.starts_with("{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"error\":{\"code\":-32603"),
        "{back}"
    );
    let (onward, back) = failing(answer);
    let onward = onward.unwrap();
    assert!(
        back.is_none() && onward.starts_with("{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32603"),
        "{onward}"
    );
    assert_eq!(failing(note), (None, None));
}

#[test]
fn what_receivers_would_read_otherwise_does_not_pass_under_any_policy() {
    let mut lane = lane(Direction::Egress);
    for line in ["{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"method\":\"y\"}\n", "hello\n", "[]\n"] {
        let (onward, back) = take(&mut lane, line);
        assert!(onward.is_none() && back.is_some(), "{line}");
    }
    assert_eq!(take(&mut lane, " \n"), (Some(" \n".to_owned()), None), "a blank line says nothing");
}

#[test]
fn what_nobody_waits_for_any_more_is_stopped_and_so_it_is_counted() {
    let request = b"{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"ping\"}";
    let mut lane = lane(Direction::Egress);
    let waiting = Waiting::default();
    assert!(waiting.abandon() && !waiting.conclude());
    let sent = lane.take_for(waiting, Carriage::Each, Line::Whole(request.to_vec()));
    assert!(sent.onward.is_none());
    assert!(String::from_utf8(sent.back.unwrap()).unwrap().contains(TOO_LONG));
    let waiting = Waiting::default();
    let sent = lane.take_for(waiting.clone(), Carriage::Each, Line::Whole(request.to_vec()));
    assert_eq!(sent.onward.as_deref(), Some(&request[..]));
    assert!(!waiting.abandon(), "it came first");
    assert_eq!(lock(&lane.fold).counts, [2, 1]);
}
