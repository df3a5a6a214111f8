//! Hellos that are heard.

use proptest::prelude::*;

use super::super::header::{Version, initials};
use super::super::keys::Keys;
use super::vectors::{FRAME, HEAD_1, HEAD_2, PACKET_1, PACKET_2};
use super::*;
use crate::tls::tests::unhex;

/// The JA4 of the standards' hello, worked out from its lists apart from this code.
const JA4: &str = "q13d0211an_62ed6f6ca7ad_4d634acda6c0";

#[test]
fn the_packets_of_the_standards_are_opened_and_written() {
    for (version, head, packet) in [(Version::One, HEAD_1, PACKET_1), (Version::Two, HEAD_2, PACKET_2)] {
        let (head, packet) = (unhex(head), unhex(packet));
        let initial = initials(&packet).next().unwrap();
        let keys = Keys::new(version, initial.target).unwrap();
        let mut payload = Vec::new();
        assert_eq!(keys.open(&initial, 0, &mut payload), Some(2));
        assert_eq!((payload.len(), &payload[..245]), (1162, &unhex(FRAME)[..]));
        assert_eq!(keys.protect(&head, &payload), packet);
        let said = hear(&[packet], Limits::default());
        assert_eq!(said.hosts, [("example.com".to_owned(), 0)]);
        assert_eq!((said.ja4, said.notes, said.is_quic), (vec![JA4.to_owned()], vec![], vec![true]));
    }
}

#[test]
fn a_hello_of_several_packets_is_heard_where_it_began() {
    let message = message("large.test", 2000);
    let mut writer = Writer::new();
    let parts: Vec<_> = [(1000, 2100), (0, 600), (600, 1000)]
        .map(|(from, to)| crypto(from, &message[from..to.min(message.len())]))
        .to_vec();
    let datagrams: Vec<_> = parts.iter().map(|part| writer.packet(part)).collect();
    assert_eq!(heard(&datagrams), (vec![("large.test".to_owned(), 1000)], vec![]));
    // All in one datagram, with a packet of another kind between.
    let handshake = [&[0xe0][..], &1_u32.to_be_bytes(), &[0, 0, 2, 7, 7]].concat();
    let one = [datagrams[2].clone(), handshake, datagrams[1].clone(), datagrams[0].clone()].concat();
    assert_eq!(heard(&[one]), (vec![("large.test".to_owned(), 0)], vec![]));
    assert_eq!(heard(&datagrams[..2]), (vec![], vec!["quic_hello_cut"]));
}

#[test]
fn keys_come_from_the_first_connection_id_until_a_retry() {
    let message = message("retry.test", 300);
    let (start, end) = message.split_at(200);
    let mut first = Writer::new();
    let begun = first.packet(&crypto(0, start));
    // The server's own id is in the header from its answer on, the keys stay.
    first.ids[1] = vec![0x55; 20];
    let ended = first.packet(&crypto(200, end));
    assert_eq!(heard(&[begun.clone(), ended.clone()]).0, [("retry.test".to_owned(), 0)]);
    assert_eq!(
        heard(std::slice::from_ref(&ended)),
        (vec![], vec![]),
        "keys of a connection whose start is not there"
    );
    let mut second = first.retried(&[0x77; 12]);
    let again = second.packet(&crypto(0, &message));
    assert_eq!(heard(&[begun.clone(), again.clone()]), (vec![("retry.test".to_owned(), 1000)], vec![]));
    let said = heard(&[begun.clone(), ended, again]);
    assert_eq!(said, (vec![("retry.test".to_owned(), 0)], vec![]), "the same hello once more");
    // Another connection on the same ports, and no Retry.
    let mut other = Writer { ids: [vec![1; 9], vec![1; 9], vec![3, 4]], ..Writer::new() };
    let said = heard(&[begun, other.packet(&crypto(0, &message))]);
    assert_eq!(said, (vec![("retry.test".to_owned(), 1000)], vec!["quic_hello_cut"]));
}

#[test]
fn what_is_sent_again_is_heard_once_and_a_second_hello_as_well() {
    let [one, two] = [message("one.test", 10), message("two.test", 10)];
    let mut writer = Writer::new();
    let first = writer.packet(&crypto(0, &one));
    let again = writer.packet(&[&[2, 0, 0, 0, 0][..], &crypto(0, &one)].concat());
    let second = writer.packet(&crypto(one.len(), &two));
    let hosts = [("one.test".to_owned(), 0), ("two.test".to_owned(), 2000)];
    assert_eq!(heard(&[first, again, second]), (hosts.to_vec(), vec![]));
}

#[test]
fn the_version_may_change_in_the_middle() {
    let message = message("two.test", 100);
    let mut writer = Writer::new();
    let first = writer.packet(&crypto(0, &message[..50]));
    writer.version = Version::Two;
    let second = writer.packet(&crypto(50, &message[50..]));
    assert_eq!(heard(&[first, second]), (vec![("two.test".to_owned(), 0)], vec![]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cut_and_order_gives_the_same_hello(
        cuts in prop::collection::vec(0_usize..1500, 0..20),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
        most in 1_usize..4,
    ) {
        let message = message("any.test", 1200);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % message.len()).chain([0, message.len()]).collect();
        cuts.sort_unstable();
        // Neighbours overlap a little.
        let pieces: Vec<_> = cuts.windows(2)
            .map(|cut| crypto(cut[0], &message[cut[0]..message.len().min(cut[1] + 5)]))
            .collect();
        let mut frames: Vec<_> = order.iter().map(|index| index.get(&pieces).clone()).collect();
        frames.extend(pieces);
        let mut writer = Writer::new();
        let datagrams: Vec<_> = frames.chunks(most).map(|frames| writer.packet(&frames.concat())).collect();
        let (hosts, notes) = heard(&datagrams);
        prop_assert_eq!(hosts.iter().map(|(host, _)| host.as_str()).collect::<Vec<_>>(), ["any.test"]);
        prop_assert!(notes.is_empty(), "{:?}", notes);
    }
}
