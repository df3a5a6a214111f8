//! Packets that nobody should send.

use proptest::prelude::*;

use super::*;

#[test]
fn what_does_not_authenticate_is_not_heard() {
    let whole = Writer::new().packet(&crypto(0, &message("a.test", 30)));
    assert_eq!(heard(std::slice::from_ref(&whole)).0.len(), 1);
    for place in 0..whole.len() {
        let mut bent = whole.clone();
        bent[place] ^= 1;
        let said = hear(&[bent], Limits::default());
        assert!(said.hosts.is_empty() && said.notes.is_empty() && said.is_quic == [false], "{place}");
        assert!(heard(&[whole[..place].to_vec()]).0.is_empty(), "{place}");
    }
}

#[test]
fn of_two_versions_the_first_stands_and_is_noted() {
    let [one, two] = [message("one.test", 30), message("two.test", 30)];
    let mut writer = Writer::new();
    let datagrams = [crypto(0, &one[..70]), crypto(50, &two[50..90]), crypto(90, &one[90..])]
        .map(|frame| writer.packet(&frame));
    let (hosts, notes) = heard(&datagrams);
    assert_eq!(hosts, [("one.test".to_owned(), 0)]);
    assert_eq!(notes, ["quic_crypto_conflict"]);
}

#[test]
fn caps_hold_and_a_frame_over_them_hides_no_hello() {
    let whole = message("a.test", 30);
    let mut writer = Writer::new();
    let far = writer.packet(&crypto(1 << 29, b"far"));
    let hello = writer.packet(&crypto(0, &whole));
    let said = hear(&[far, hello.clone()], Limits::default());
    assert_eq!((said.hosts.len(), said.notes), (1, vec!["quic_hello_over_limit"]));
    let pieces: Vec<_> = (0..50).map(|piece| writer.packet(&crypto(1000 + 2 * piece, b"x"))).collect();
    let datagrams = [pieces, vec![hello.clone()]].concat();
    let said = hear(&datagrams, Limits { pieces: 20, ..Limits::default() });
    assert_eq!((said.hosts.len(), said.notes), (1, vec!["quic_hello_over_limit", "quic_hello_cut"]));
    assert!(said.most_held <= 20 + whole.len());
    let said = hear(&[hello], Limits { hello: 40, ..Limits::default() });
    assert_eq!((said.hosts.len(), said.notes), (0, vec!["quic_hello_over_limit"]));
}

#[test]
fn a_flood_of_connections_and_of_bytes_that_wait_forgets_the_oldest() {
    let datagrams: Vec<_> = (0_u32..100)
        .map(|number| {
            let id = number.to_be_bytes().to_vec();
            let mut writer = Writer { ids: [id.clone(), id.clone(), id], ..Writer::new() };
            writer.packet(&crypto(1, &[0; 500]))
        })
        .collect();
    for limits in [Limits { connections: 8, ..Limits::default() }, Limits { held: 4000, ..Limits::default() }]
    {
        let said = hear(&datagrams, limits);
        assert!(said.most_held <= 4000, "{}", said.most_held);
        assert_eq!((said.hosts.len(), said.notes), (0, vec!["quic_hello_cut"]));
    }
}

#[test]
fn other_frames_and_messages_are_noted() {
    let whole = message("a.test", 30);
    let mut writer = Writer::new();
    let odd_frame = writer.packet(&[&crypto(0, &whole)[..], &[0x1e]].concat());
    assert_eq!(heard(&[odd_frame]), (vec![("a.test".to_owned(), 0)], vec!["quic_frame"]));
    let finished = writer.packet(&crypto(0, &[20, 0, 0, 1, 0]));
    assert_eq!(heard(&[finished]), (vec![], vec!["quic_message"]));
    let short = writer.packet(&crypto(0, &[1, 0, 0, 1, 0]));
    assert_eq!(heard(&[short]), (vec![], vec!["tls_hello_malformed"]));
}

#[test]
fn only_so_many_packets_of_a_datagram_are_tried() {
    let mut writer = Writer::new();
    let empty: Vec<_> = (0..20).map(|_| writer.packet(&[0; 8])).collect();
    let datagram = [empty.concat(), writer.packet(&crypto(0, &message("a.test", 30)))].concat();
    assert!(heard(std::slice::from_ref(&datagram)).0.is_empty());
    let said = hear(&[datagram], Limits { packets: 21, ..Limits::default() });
    assert_eq!(said.hosts.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_break_nothing(
        datagrams in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            // A long header, so that more is reached than the first byte.
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|rest| [&[0xc0, 0, 0, 0, 1, 1, 1, 0, 0][..], &rest].concat()),
            // A payload that authenticates.
            prop::collection::vec(0_u8..8, 0..200).prop_map(|payload| Writer::new().packet(&payload)),
        ], 0..8),
    ) {
        let limits = Limits { connections: 2, hello: 60, pieces: 3, held: 100, packets: 3 };
        let said = hear(&datagrams, limits);
        prop_assert!(said.most_held <= 100);
    }
}
