//! Floods against the caps, lengths that lie, and bytes that end anywhere.

use super::*;

fn limited(change: impl Fn(&mut Limits)) -> Connection {
    let mut limits = Limits::default();
    change(&mut limits);
    Connection::new(limits)
}

fn start() -> Vec<u8> {
    [&PREFACE[..], &settings()].concat()
}

#[test]
fn continuation_floods_end_in_the_cap() {
    let mut flood = [start(), frame(HEADERS, 0, 1, &block(&GET))].concat();
    for _ in 0..5000 {
        flood.extend(frame(CONTINUATION, 0, 1, &[0x82; 100]));
    }
    let found = read(&[client(&[&flood])]);
    let message = found.message(1, Side::Client);
    assert!(message.is_cut && kinds(message).contains(&"h2_fields_cut"));
    assert!(message.fields.len() < 25_000, "the list has its own cap");
    assert_eq!(found.kinds, [("h2_continuation_flood", 5000 - 1024), ("h2_block_over_limit", 1)]);
    assert_eq!(message.block_bytes + found.count.over_limit, block(&GET).len() as u64 + 500_000);
}

#[test]
fn a_block_over_its_cap_keeps_its_start_and_loses_the_table() {
    let connection = limited(|limits| limits.block_bytes = 40);
    let entry = frame(HEADERS, END_HEADERS | END_STREAM, 1, &[&[0x41, 1, b'a'][..], &[0x82; 50]].concat());
    let next = frame(HEADERS, END_HEADERS | END_STREAM, 3, &[0xbe]);
    let found = read_with(connection, &[client(&[&start(), &entry, &next])], |len| len);
    assert_eq!((found.message(1, Side::Client).fields.len(), found.count.over_limit), (38, 13));
    assert_eq!(shown(&found.message(3, Side::Client).fields), ["?: ?"]);
    assert!(found.has("h2_block_over_limit"));
}

#[test]
fn a_body_over_its_cap_is_counted() {
    let connection = limited(|limits| limits.body_bytes = 10);
    let frames = [headers(0, 1, &GET), data(0, 1, b"0123456"), data(END_STREAM, 1, b"789abc")].concat();
    let found = read_with(connection, &[client(&[&start(), &frames])], |len| len);
    let message = found.message(1, Side::Client);
    assert_eq!((&message.body[..], message.over_limit, found.count.over_limit), (&b"0123456789"[..], 3, 3));
    assert_eq!(kinds(message), ["h2_body_over_limit"]);
}

#[test]
fn the_oldest_stream_goes_when_there_are_too_many() {
    let mut frames = start();
    for stream in 0..12_000 {
        frames.extend(headers(0, stream * 2 + 1, &GET));
    }
    let mut connection = Connection::new(Limits::default());
    let mut given = Vec::new();
    connection.push(Side::Client, &frames, 0, None, &mut |message| given.push(message));
    assert_eq!((given.len(), given[0].stream, kinds(&given[0])), (2000, 1, vec!["h2_evicted"]));
    assert_eq!(connection.notes().counts(), [("h2_over_limit", 2000)]);
}

#[test]
fn the_oldest_stream_goes_when_too_much_is_held() {
    let mut frames = start();
    for stream in [1, 3, 5] {
        frames.extend([headers(0, stream, &GET), data(0, stream, &[b'x'; 600])].concat());
    }
    frames.extend(data(END_STREAM, 1, b"late"));
    let found = read_with(limited(|limits| limits.held_bytes = 2000), &[client(&[&frames])], |len| len);
    let of_one: Vec<_> = found.messages.iter().filter(|message| message.stream == 1).collect();
    assert_eq!((of_one[0].body.len(), kinds(of_one[0])), (600, vec!["h2_evicted"]));
    assert_eq!((&of_one[1].body[..], kinds(of_one[1])), (&b"late"[..], vec!["h2_no_head"]));
}

#[test]
fn many_pieces_of_one_byte_are_held_within_the_cap() {
    let mut frames = [start(), headers(0, 1, &GET)].concat();
    for _ in 0..5000 {
        frames.extend(data(0, 1, b"x"));
    }
    let found = read_with(limited(|limits| limits.held_bytes = 10_000), &[client(&[&frames])], |len| len);
    assert!(found.messages.iter().all(|message| message.extents.len() <= 10_000 / 24 + 1));
    assert_eq!(found.messages.iter().map(|message| message.body.len()).sum::<usize>(), 5000);
}

#[test]
fn floods_of_small_frames_are_counted() {
    for (flood, kind) in [
        (data(0, 1, b""), "h2_empty_data_flood"),
        (frame(SETTINGS, 0, 0, &[]), "h2_settings_flood"),
        ([headers(0, 1, &GET), frame(RST_STREAM, 0, 1, &[0; 4])].concat(), "h2_reset_flood"),
    ] {
        let found = read(&[client(&[&start(), &flood.repeat(1000)])]);
        let count = found.kinds.iter().find(|(other, _)| *other == kind).map(|(_, count)| *count);
        assert!(count.is_some_and(|count| count >= 900), "{kind}: {:?}", found.kinds);
    }
    let pings = read(&[client(&[&start(), &frame(PING, 0, 0, &[0; 8]).repeat(10_001)])]);
    assert_eq!(pings.kinds, [("h2_ping_flood", 1)]);
}

#[test]
fn a_search_that_finds_nothing_holds_next_to_nothing() {
    let mut connection = Connection::new(Limits::default());
    for at in 0..2000u64 {
        connection.push(Side::Server, &[b'x'; 1000], at * 1000, None, &mut |_| ());
    }
    let held = connection.server.resync.as_ref().map(crate::http2::resync::Resync::held_bytes);
    assert!(held.is_some_and(|held| held < 2100), "{held:?}");
    // A header that is believed only with the next one behind it: no more is held than its frame.
    let far = [0, 0x40, 0, DATA, 0, 0, 0, 0, 1];
    for at in 0..100_000u64 {
        connection.push(Side::Server, &far, at * 9, None, &mut |_| ());
    }
    assert!(connection.server.resync.is_none(), "one of them has the next at its end");
}

#[test]
fn every_length_at_its_ends_is_survived() {
    for kind in 0..=0x10 {
        for length in [0, 1, 2, 3, 4, 5, 6, 8, 0x00ff_ffff_u32] {
            for flags in [0, 0xff, END_HEADERS] {
                let mut lying = frame(kind, flags, 1, &[]);
                lying[..3].copy_from_slice(&length.to_be_bytes()[1..]);
                read(&[client(&[&start(), &get(1), &lying, &[0xff; 40]])]);
            }
        }
    }
}

#[test]
fn a_connection_that_ends_anywhere_is_accounted_for() {
    let promise =
        frame(PUSH_PROMISE, END_HEADERS | 0x8, 1, &[&[2, 0, 0, 0, 2][..], &block(&GET), &[0; 2]].concat());
    let answer = headers(0, 1, &[(":status", "200")]);
    let whole =
        [settings(), promise, answer, data(0x8, 1, b"\x02body\0\0"), frame(GOAWAY, 0, 0, &[0; 12])].concat();
    for end in 0..=whole.len() {
        let found = read(&[client(&[&start(), &get(1)]), server(&[&whole[..end]])]);
        assert!(found.messages.iter().skip(1).all(|message| message.is_cut || message.promised_on.is_some()));
    }
}
