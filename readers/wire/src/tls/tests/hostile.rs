//! Input that means harm: cuts, lies, floods; and the account over all of it.

use proptest::prelude::*;

use super::super::{Connection, KeyLog, Limits};
use super::writer::{CLIENT_RANDOM, made12, made13, message, record};
use super::{Said, end, hello, run};
use crate::Side;

/// A connection with everything: data, a changed record, a key update, an alert.
fn lively(tls13: bool) -> (Vec<(Side, Vec<u8>)>, KeyLog) {
    let mut made = if tls13 { made13(0x1301) } else { made12(0x002f, 0x0303, false) };
    for round in 0..3u8 {
        made.parts.push((Side::Client, made.client.seal(23, &[round; 40], 3)));
        made.parts.push((Side::Server, made.server.seal(23, &[round; 90], 0)));
        made.parts.push((Side::Server, record(23, 0x0303, &[7; 30])));
        if tls13 {
            made.parts.push((Side::Client, made.client.seal(22, &message(24, &[0]), 0)));
            made.client.update();
        }
    }
    made.parts.push((Side::Server, made.server.seal(21, &[2, 40], 0)));
    (made.parts, made.keys)
}

/// Pushes parts in pieces of the given lengths, in a circle.
fn split(parts: &[(Side, Vec<u8>)], lens: &[usize], keys: &KeyLog) -> Said {
    let mut connection = Connection::new(Limits::default());
    let (mut said, mut at, mut pushed) = (Said::default(), 0, [0; 2]);
    let mut lens = lens.iter().cycle();
    for (side, bytes) in parts {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at((*lens.next().unwrap()).min(rest.len()));
            connection.push(*side, now, at, Some(1), keys, &mut |output| said.take(output));
            at += now.len() as u64;
            pushed[*side as usize] += now.len() as u64;
            let counted = connection.count(*side).pushed() + connection.pending(*side);
            assert_eq!(counted, pushed[*side as usize]);
            rest = later;
        }
    }
    end(&mut connection, said, pushed, keys)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pushes_do_not_matter(tls13: bool, lens in proptest::collection::vec(1usize..80, 1..20)) {
        let (parts, keys) = lively(tls13);
        prop_assert_eq!(split(&parts, &lens, &keys), run(&parts, &keys));
    }

    #[test]
    fn pushes_do_not_matter_in_damage(
        tls13: bool,
        lens in proptest::collection::vec(1usize..30, 1..9),
        bends in proptest::collection::vec((0usize..4000, any::<u8>()), 1..8),
    ) {
        let (mut parts, keys) = lively(tls13);
        for (place, value) in bends {
            let part = place % parts.len();
            let bytes = &mut parts[part].1;
            let place = place % bytes.len();
            bytes[place] = value;
        }
        prop_assert_eq!(split(&parts, &lens, &keys), run(&parts, &keys));
    }

    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..400), lens in proptest::collection::vec(1usize..30, 1..4)) {
        let parts = [(Side::Client, bytes.clone()), (Side::Server, bytes)];
        prop_assert_eq!(split(&parts, &lens, &KeyLog::default()), run(&parts, &KeyLog::default()));
    }

    #[test]
    fn gaps_anywhere_keep_the_account(
        tls13: bool,
        cuts in proptest::collection::vec((0usize..20, 0usize..200, 1usize..200), 1..6),
    ) {
        let (mut parts, keys) = lively(tls13);
        let mut connection = Connection::new(Limits::default());
        let (mut said, mut pushed) = (Said::default(), [0; 2]);
        let mut lost = [0; 2];
        for (index, (side, bytes)) in parts.iter_mut().enumerate() {
            let cut = cuts.iter().find(|cut| cut.0 == index);
            let (from, len) = cut.map_or((bytes.len(), 0), |cut| (cut.1.min(bytes.len()), cut.2));
            let to = (from + len).min(bytes.len());
            connection.push(*side, &bytes[..from], 0, None, &keys, &mut |output| said.take(output));
            connection.gap(*side, (to - from) as u64, &keys, &mut |output| said.take(output));
            connection.push(*side, &bytes[to..], 0, None, &keys, &mut |output| said.take(output));
            pushed[*side as usize] += (bytes.len() - (to - from)) as u64;
            lost[*side as usize] += (to - from) as u64;
        }
        let said = end(&mut connection, said, pushed, &keys);
        prop_assert_eq!([said.counts[0].lost, said.counts[1].lost], lost);
    }
}

#[test]
fn a_connection_that_ends_anywhere_is_accounted_for() {
    for tls13 in [false, true] {
        let (parts, keys) = lively(tls13);
        for count in 0..parts.len() {
            for len in 0..parts[count].1.len() {
                let mut cut = parts[..=count].to_vec();
                cut[count].1.truncate(len);
                run(&cut, &keys);
            }
        }
    }
}

#[test]
fn every_byte_of_the_handshake_may_lie() {
    for tls13 in [false, true] {
        let (parts, keys) = lively(tls13);
        for part in 0..2 {
            for place in 0..parts[part].1.len() {
                for value in [0, 0x7f, 0xff] {
                    let mut bent = parts.clone();
                    bent[part].1[place] = value;
                    run(&bent, &keys);
                }
            }
        }
    }
}

#[test]
fn a_message_over_the_cap_is_counted_and_not_kept() {
    let mut parts = vec![(Side::Client, record(22, 0x0301, &[11, 0x7f, 0xff, 0xff]))];
    for _ in 0..100 {
        parts.push((Side::Client, record(22, 0x0301, &vec![0; 16_384])));
    }
    let said = run(&parts, &KeyLog::default());
    assert_eq!(said.counts[0].over_limit, 100 * 16_384 + 4);
    assert_eq!(said.notes.iter().filter(|note| note.kind == "tls_message_over_limit").count(), 1);
}

#[test]
fn records_that_wait_for_a_hello_are_capped() {
    let hello = hello::client(&CLIENT_RANDOM, 0x0303, &[0x1301], &[(43, vec![2, 3, 4]), (42, Vec::new())]);
    let mut connection = Connection::new(Limits::default());
    let mut say = |_: super::Output<'_>| {};
    let keys = KeyLog::default();
    connection.push(Side::Client, &record(22, 0x0301, &message(1, &hello)), 0, None, &keys, &mut say);
    let mut most = 0;
    for len in (0..300).cycle().take(3000) {
        connection.push(Side::Client, &record(23, 0x0303, &vec![7; len]), 0, None, &keys, &mut say);
        most = most.max(connection.pending(Side::Client));
    }
    assert!(most > 30_000 && most <= Limits::default().held as u64, "{most}");
    assert!(connection.take_notes().iter().any(|note| note.kind == "tls_held_over_limit"));
}

#[test]
fn tries_are_bounded_in_a_flood_of_bad_records() {
    let mut made = made13(0x1301);
    made.parts.push((Side::Client, made.client.seal(23, b"good", 0)));
    for _ in 0..5000 {
        made.parts.push((Side::Client, record(23, 0x0303, &[7; 20])));
    }
    let said = run(&made.parts, &made.keys);
    assert_eq!((said.plain(Side::Client), said.opaque), (b"good".to_vec(), 5000 * 20));
    assert_eq!(said.notes.len(), 64);
}

#[test]
fn a_hello_in_records_of_one_byte_is_read() {
    let (mut parts, keys) = lively(true);
    let hello = parts.remove(0).1;
    let split = hello[5..].iter().map(|byte| (Side::Client, record(22, 0x0301, &[*byte])));
    parts.splice(..0, split);
    let said = run(&parts, &keys);
    assert_eq!(said.log.first().map(String::as_str), Some("client b.test"));
    assert_eq!(said.plain(Side::Client).len(), 120);
}

#[test]
fn a_record_over_the_longest_is_noted() {
    let said = run(&[(Side::Client, record(22, 0x0301, &vec![0; 20_000]))], &KeyLog::default());
    assert!(said.notes.iter().any(|note| note.kind == "tls_long_record"));
}

#[test]
fn a_stream_that_starts_in_the_middle_is_opaque_at_once() {
    let mut connection = Connection::new(Limits::default());
    let mut opaque = 0;
    let bytes = record(23, 0x0303, &[7; 100]);
    connection.push(Side::Server, &bytes, 0, None, &KeyLog::default(), &mut |output| {
        if let super::Output::Opaque { len, .. } = output {
            opaque += len;
        }
    });
    assert_eq!((opaque, connection.pending(Side::Server)), (100, 0));
}
