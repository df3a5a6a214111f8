//! Made connections: every cipher, key updates, renegotiation, lost records.

use super::super::{Connection, Limits};
use super::writer::{CLIENT_RANDOM, MASTER, Made, Writer, log, made12, made13, message, record};
use super::{Said, end, hello, run};
use crate::Side;

/// Data of both sides after the handshake, and an alert.
fn with_data(mut made: Made) -> (Said, Vec<u8>, Vec<u8>) {
    let mut sent = [Vec::new(), Vec::new()];
    for len in [1, 15, 16, 17, 0, 300, 16_384] {
        let data: Vec<u8> = (0..len).map(|index| u8::try_from(index % 251).unwrap()).collect();
        made.parts.push((Side::Client, made.client.seal(23, &data, len % 5)));
        made.parts.push((Side::Server, made.server.seal(23, &data, 0)));
        for sent in &mut sent {
            sent.extend_from_slice(&data);
        }
    }
    made.parts.push((Side::Client, made.client.seal(21, &[1, 0], 0)));
    let [client, server] = sent;
    (run(&made.parts, &made.keys), client, server)
}

fn assert_clear((said, client, server): (Said, Vec<u8>, Vec<u8>), name: &str) {
    assert_eq!(said.opaque, 0, "{name} {:?}", said.log);
    assert!(said.plain(Side::Client) == client && said.plain(Side::Server) == server, "{name}");
    assert!(said.log.contains(&"alert Client 1 0".to_owned()), "{name}");
    assert!(said.notes.is_empty(), "{name} {:?}", said.notes);
}

#[test]
fn every_kind_of_suite_of_tls_1_2_is_decrypted() {
    let suites = [
        0x002f, 0x0035, 0x003c, 0x003d, 0xc028, 0xc02f, 0xc030, 0xcca8, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1,
        0x00ae,
    ];
    for suite in suites {
        assert_clear(with_data(made12(suite, 0x0303, false)), &format!("{suite:04x}"));
    }
    for suite in [0x002f, 0x003d, 0xc028] {
        assert_clear(with_data(made12(suite, 0x0303, true)), &format!("{suite:04x} encrypt-then-MAC"));
    }
}

#[test]
fn cbc_of_tls_1_0_and_1_1_is_decrypted() {
    for version in [0x0301, 0x0302] {
        for suite in [0x002f, 0xc014] {
            assert_clear(with_data(made12(suite, version, false)), &format!("{version:04x} {suite:04x}"));
            assert_clear(with_data(made12(suite, version, true)), &format!("{version:04x} {suite:04x} etm"));
        }
    }
}

#[test]
fn every_suite_of_tls_1_3_is_decrypted() {
    for suite in 0x1301..=0x1305 {
        assert_clear(with_data(made13(suite)), &format!("{suite:04x}"));
    }
}

#[test]
fn certificates_of_tls_1_2_are_read() {
    let made = made12(0xc02f, 0x0303, false);
    let said = run(&made.parts, &made.keys);
    let line = "certificates Server CN=a\\u{7}, 550463=x C=CH, O=Zürich\\, AG".to_owned();
    assert!(said.log.contains(&line), "{:?}", said.log);
}

#[test]
fn a_suite_that_is_not_known_is_opaque() {
    let mut made = made12(0xc02f, 0x0303, false);
    made.parts[1] = (Side::Server, record(22, 0x0303, &message(2, &hello::server(&[1; 32], 0x0005, &[]))));
    let (said, ..) = with_data(made);
    assert_eq!(said.plain(Side::Client).len(), 0);
    assert!(said.log.iter().any(|line| line.ends_with("suite")), "{:?}", said.log);
    assert!(said.notes.iter().any(|note| note.kind == "tls_suite"));
}

#[test]
fn keys_are_updated_on_both_sides() {
    let mut made = made13(0x1301);
    for round in 0..3u8 {
        made.parts.push((Side::Client, made.client.seal(23, &[round], 0)));
        made.parts.push((Side::Client, made.client.seal(22, &message(24, &[1]), 0)));
        made.client.update();
        made.parts.push((Side::Server, made.server.seal(23, &[round], 0)));
        made.parts.push((Side::Server, made.server.seal(22, &message(24, &[0]), 0)));
        made.server.update();
    }
    made.parts.push((Side::Client, made.client.seal(23, &[3], 0)));
    let said = run(&made.parts, &made.keys);
    assert_eq!((said.plain(Side::Client), said.plain(Side::Server)), (vec![0, 1, 2, 3], vec![0, 1, 2]));
    assert!(said.notes.is_empty() && said.opaque == 0);
}

#[test]
fn a_lost_key_update_is_found_by_trying() {
    let mut made = made13(0x1301);
    made.parts.push((Side::Client, made.client.seal(23, &[1], 0)));
    made.client.update();
    made.parts.push((Side::Client, made.client.seal(23, &[2], 0)));
    assert_eq!(run(&made.parts, &made.keys).plain(Side::Client), [1, 2]);
}

#[test]
fn a_renegotiation_takes_the_keys_of_the_new_hellos() {
    let mut made = made12(0x002f, 0x0303, false);
    let (random, master) = ([0x77; 32], [0x88; 48]);
    made.keys.add(b"");
    let mut keys = log(&random, &[("CLIENT_RANDOM", &master)]);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    keys.add(format!("CLIENT_RANDOM {} {}\n", hex(&CLIENT_RANDOM), hex(&MASTER)).as_bytes());
    made.parts.push((Side::Client, made.client.seal(23, b"before", 0)));
    let again = message(1, &hello::client(&random, 0x0303, &[0xc02f], &hello::usual("c.test")));
    made.parts.push((Side::Client, made.client.seal(22, &again, 0)));
    let answer = message(2, &hello::server(&[0x5e; 32], 0xc02f, &[]));
    made.parts.push((Side::Server, made.server.seal(22, &answer, 0)));
    made.parts.push((Side::Client, made.client.seal(20, &[1], 0)));
    made.client = Writer::tls12(0xc02f, 0x0303, false, &master, Side::Client, &random);
    made.parts.push((Side::Client, made.client.seal(22, &message(20, &[0; 12]), 0)));
    made.parts.push((Side::Client, made.client.seal(23, b", after", 0)));
    let said = run(&made.parts, &keys);
    assert_eq!((said.plain(Side::Client), said.opaque), (b"before, after".to_vec(), 0));
}

#[test]
fn a_record_that_was_changed_is_opaque_and_the_next_is_read() {
    for suite in [0x1301, 0xc02f, 0x002f] {
        let mut made = if suite == 0x1301 { made13(suite) } else { made12(suite, 0x0303, false) };
        made.parts.push((Side::Client, made.client.seal(23, b"one", 0)));
        let mut bent = made.client.seal(23, b"two", 0);
        *bent.last_mut().unwrap() ^= 1;
        made.parts.push((Side::Client, bent));
        // A record that is no part of the connection takes no number.
        made.parts.push((Side::Client, record(23, 0x0303, &[0x5a; 64])));
        made.parts.push((Side::Client, made.client.seal(23, b"three", 0)));
        made.parts.push((Side::Client, made.client.seal(23, b"four", 0)));
        let said = run(&made.parts, &made.keys);
        assert_eq!(said.plain(Side::Client), b"onethreefour", "{suite:04x}");
        assert_eq!(said.log.iter().filter(|line| *line == "break Client 3").count(), 1);
        assert_eq!(said.notes.iter().filter(|note| note.kind == "tls_not_authentic").count(), 2);
    }
}

#[test]
fn records_after_a_gap_are_found_by_their_numbers() {
    for suite in [0x1303, 0xc030, 0xc028] {
        let made = if suite == 0x1303 { made13(suite) } else { made12(suite, 0x0303, false) };
        let Made { mut parts, mut client, keys, .. } = made;
        parts.push((Side::Client, client.seal(23, b"start ", 0)));
        let lost: Vec<u8> = (0..50).flat_map(|_| client.seal(23, b"this is lost", 0)).collect();
        let rest = [client.seal(23, b"and end", 0), client.seal(23, b".", 0)].concat();
        let mut connection = Connection::new(Limits::default());
        let (mut said, mut pushed) = (Said::default(), [0; 2]);
        for (side, bytes) in &parts {
            connection.push(*side, bytes, 0, None, &keys, &mut |output| said.take(output));
            pushed[*side as usize] += bytes.len() as u64;
        }
        // Half of a lost record is still there.
        connection.gap(Side::Client, lost.len() as u64 - 9, &keys, &mut |output| said.take(output));
        let rest = [&lost[lost.len() - 9..], &rest].concat();
        connection.push(Side::Client, &rest, 0, None, &keys, &mut |output| said.take(output));
        pushed[0] += rest.len() as u64;
        let said = end(&mut connection, said, pushed, &keys);
        assert_eq!(said.plain(Side::Client), b"start and end.", "{suite:04x} {:?}", said.log);
        assert_eq!(said.counts[0].lost, lost.len() as u64 - 9);
        assert!(said.log.contains(&"break Client 6".to_owned()));
    }
}

#[test]
fn a_change_cipher_spec_that_is_lost_is_made_up_for() {
    let made = made12(0xc02f, 0x0303, false);
    let Made { mut parts, mut client, keys, .. } = made;
    // Change cipher spec and Finished of the client.
    let lost: usize = parts.drain(3..5).map(|part| part.1.len()).sum();
    let mut connection = Connection::new(Limits::default());
    let (mut said, mut pushed) = (Said::default(), [0; 2]);
    for (side, bytes) in &parts {
        connection.push(*side, bytes, 0, None, &keys, &mut |output| said.take(output));
        pushed[*side as usize] += bytes.len() as u64;
    }
    connection.gap(Side::Client, lost as u64, &keys, &mut |output| said.take(output));
    let data = client.seal(23, b"data", 0);
    connection.push(Side::Client, &data, 0, None, &keys, &mut |output| said.take(output));
    pushed[0] += data.len() as u64;
    assert_eq!(end(&mut connection, said, pushed, &keys).plain(Side::Client), b"data");
}

#[test]
fn sides_that_come_one_after_the_other_are_decrypted() {
    for first in [Side::Client, Side::Server] {
        for suite in [0x1302, 0xc02c] {
            let mut made = if suite == 0x1302 { made13(suite) } else { made12(suite, 0x0303, false) };
            made.parts.push((Side::Client, made.client.seal(23, b"question", 0)));
            made.parts.push((Side::Server, made.server.seal(23, b"answer", 0)));
            made.parts.sort_by_key(|part| part.0 != first);
            let said = run(&made.parts, &made.keys);
            assert_eq!(said.plain(Side::Client), b"question", "{suite:04x} {first:?}");
            assert_eq!(said.plain(Side::Server), b"answer", "{suite:04x} {first:?}");
        }
    }
}

#[test]
fn without_the_server_hello_tls_1_2_is_opaque() {
    let mut made = made12(0xc02f, 0x0303, false);
    let offer = hello::client(&CLIENT_RANDOM, 0x0303, &[0x1301, 0xc02f], &[(43, vec![4, 3, 4, 3, 3])]);
    made.parts[0] = (Side::Client, record(22, 0x0301, &message(1, &offer)));
    made.parts.push((Side::Client, made.client.seal(23, b"question", 0)));
    made.parts.retain(|part| part.0 == Side::Client);
    let said = run(&made.parts, &made.keys);
    assert_eq!(said.counts[0].opaque, 16 + 24 + 8 + 24);
    assert!(said.notes.is_empty(), "{:?}", said.notes);
}

#[test]
fn hellos_after_the_keys_change_nothing() {
    let mut made = made13(0x1301);
    let fake = message(2, &hello::server(&[1; 32], 0x1303, &[(43, vec![3, 4])]));
    made.parts.insert(2, (Side::Server, record(22, 0x0303, &fake)));
    let fake = message(1, &hello::client(&[1; 32], 0x0303, &[0x1303], &hello::usual("fake.test")));
    made.parts.insert(2, (Side::Client, record(22, 0x0301, &fake)));
    made.parts.push((Side::Client, made.client.seal(23, b"question", 0)));
    made.parts.push((Side::Server, made.server.seal(23, b"answer", 0)));
    let said = run(&made.parts, &made.keys);
    assert_eq!(
        (said.plain(Side::Client), said.plain(Side::Server)),
        (b"question".to_vec(), b"answer".to_vec())
    );
    assert_eq!(said.notes.iter().filter(|note| note.kind == "tls_hello_after_keys").count(), 2);
}

#[test]
fn debug_shows_no_key() {
    let made = made13(0x1301);
    let mut connection = Connection::new(Limits::default());
    for (side, bytes) in &made.parts {
        connection.push(*side, bytes, 0, None, &made.keys, &mut |_| {});
    }
    let shown = format!("{connection:?}");
    assert!(shown.contains("Seal(..)") || shown.contains("current: None"), "{shown}");
    assert!(!shown.contains("iv:") && !shown.contains("bytes: [1, 1, 1"), "{shown}");
}
