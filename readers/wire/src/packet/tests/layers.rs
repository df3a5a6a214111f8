//! Link types, tags, IP headers and checksums.

use super::super::build::*;
use super::*;

const DATA: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

fn packet() -> Vec<u8> {
    ip4(6, &tcp(80, DATA, false))
}

fn packet_6() -> Vec<u8> {
    ip6(6, &tcp(80, DATA, true))
}

#[test]
fn tcp_over_ethernet_says_all_of_its_header() {
    let bytes = plain(DATA);
    let segment = segment_of(1, &bytes);
    let Transport::Tcp(head) = segment.transport else { panic!("{segment:?}") };
    assert_eq!(
        (head.source_port, head.target_port, head.sequence, head.acknowledgment),
        (40000, 80, 1000, 7)
    );
    assert_eq!((head.flags, head.window, head.urgent, head.options), (0x18, 0x2000, 0, [].as_slice()));
    assert_eq!((segment.payload, segment.ttl, segment.missing), (DATA, 64, 0));
    assert_eq!((segment.source, segment.target), (ENDS_4.0.into(), ENDS_4.1.into()));
    assert_eq!((segment.checksum, segment.ip_checksum), (Checksum::Good, Checksum::Good));
    assert_eq!(segment.places.at(0), 1000 + 54);
    assert!(segment.tunnels.is_empty() && !segment.is_joined && !segment.is_alternative);
}

#[test]
fn each_link_type_leads_to_the_same_segment() {
    let (four, six) = (packet(), packet_6());
    let llc = join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &four]);
    let sll = |kind: u16| join(&[&[0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0], &kind.to_be_bytes()]);
    let sll2 = [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0];
    let pktap = [&108_u32.to_le_bytes()[..], &[1, 0, 0, 0, 1, 0, 0, 0], &[0; 96]].concat();
    let frames: Vec<(u16, Vec<u8>)> = vec![
        (0, join(&[&[2, 0, 0, 0], &four])),
        (0, join(&[&[0, 0, 0, 2], &four])),
        (0, join(&[&[30, 0, 0, 0], &six])),
        (0, join(&[&[0, 0, 0, 24], &six])),
        (108, join(&[&[0, 0, 0, 2], &four])),
        (12, four.clone()),
        (14, six.clone()),
        (101, four.clone()),
        (228, four.clone()),
        (229, six.clone()),
        (1, ethernet(0x86dd, &six)),
        (1, ethernet(u16::try_from(llc.len()).unwrap(), &llc)),
        (113, join(&[&sll(0x0800), &four])),
        (113, join(&[&sll(4), &llc])),
        (276, join(&[&sll2, &four])),
        (9, join(&[&[0xff, 3, 0, 0x21], &four])),
        (9, join(&[&[0x21], &four])),
        (9, join(&[&[0, 0x57], &six])),
        (50, join(&[&[0x0f, 0, 8, 0], &four])),
        (104, join(&[&[0x8f, 0, 0x86, 0xdd], &six])),
        (107, join(&[&[0x18, 0x41, 3, 0xcc], &four])),
        (107, join(&[&[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0], &four])),
        (107, join(&[&[0x18, 0x41, 8, 0], &four])),
        (10, join(&[&[0; 13], &llc])),
        (6, join(&[&[0; 14], &llc])),
        (6, join(&[&[0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0x04, 0, 1, 2], &llc])),
        (100, llc.clone()),
        (117, join(&[&[61, 2], &[0; 62], &four])),
        (109, join(&[&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &four])),
        (138, join(&[&[0; 16], &[8, 0], &four])),
        (239, join(&[&[2, 0, 0, 0, 5, 0, 1, 0, 9, 0, 0, 0, 70, 0, 9, 0], &four[..], &[0; 8]])),
        (258, join(&[&pktap, &plain(DATA)])),
        (192, join(&[&[0, 0, 8, 0, 1, 0, 0, 0], &plain(DATA)])),
        (274, join(&[&[0; 8], &plain(DATA)])),
        (240, join(&[&[0; 4], &plain(DATA)])),
    ];
    for (link, mut bytes) in frames {
        if link == 239 {
            let size = u16::try_from(four.len() + 4).unwrap();
            bytes[12..14].copy_from_slice(&size.to_le_bytes());
        }
        let segment = segment_of(link, &bytes);
        assert_eq!((segment.payload, segment.checksum), (DATA, Checksum::Good), "link {link}");
    }
}

#[test]
fn tags_labels_and_sessions_are_told() {
    let four = packet();
    let vlan = join(&[&[0x60, 0x64, 8, 0], &four]);
    assert_eq!(peel(1, &ethernet(0x8100, &vlan)), (DATA.to_vec(), vec![Tunnel::Vlan(100)]));
    for outer in [0x88a8, 0x9100] {
        let double = join(&[&[0, 5, 0x81, 0], &vlan]);
        assert_eq!(peel(1, &ethernet(outer, &double)).1, [Tunnel::Vlan(5), Tunnel::Vlan(100)]);
    }
    let labels = join(&[&[0, 1, 0, 64, 0, 2, 1, 64], &four]);
    assert_eq!(
        peel(1, &ethernet(0x8847, &labels)),
        (DATA.to_vec(), vec![Tunnel::Mpls(16), Tunnel::Mpls(32)])
    );
    let wire = join(&[&[0, 2, 1, 64, 0, 0, 0, 0], &plain(DATA)]);
    assert_eq!(peel(1, &ethernet(0x8847, &wire)).0, DATA);
    let length = u16::try_from(four.len() + 2).unwrap().to_be_bytes();
    let pppoe = join(&[&[0x11, 0, 0, 9], &length, &[0, 0x21], &four, &[0; 6]]);
    assert_eq!(peel(1, &ethernet(0x8864, &pppoe)), (DATA.to_vec(), vec![Tunnel::Pppoe(9)]));
    let provider = join(&[&[0, 0, 1, 2], &plain(DATA)]);
    assert_eq!(peel(1, &ethernet(0x88e7, &provider)).1, [Tunnel::Pbb(258)]);
    assert_eq!(peel(1, &ethernet(0x8903, &join(&[&[0, 1], &plain(DATA)]))).0, DATA);
    assert_eq!(peel(1, &ethernet(0x8926, &join(&[&[0, 0, 0, 1, 8, 0], &four]))).0, DATA);
    let protected = join(&[&[0x20, 0, 0, 0, 0, 1], &[0; 8], &[8, 0], &four, &[0; 16]]);
    assert_eq!(peel(1, &ethernet(0x88e5, &protected)).0, DATA);
    assert_eq!(why(1, &ethernet(0x88e5, &[0x2c; 60])), Opaque::Encrypted);
    assert_eq!(peel(1, &ethernet(0x894f, &join(&[&[0, 2, 2, 1, 0, 0, 0, 0], &four]))).0, DATA);
}

#[test]
fn wireless_data_is_read_with_and_without_radiotap() {
    let llc = join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &packet()]);
    let head = |control: u8, flags: u8| join(&[&[control, flags, 0, 0], &[0; 20]]);
    let plain = join(&[&head(0x08, 1), &llc, &[1, 2, 3, 4]]);
    assert_eq!(peel(105, &plain).0, DATA);
    assert_eq!(peel(127, &join(&[&[0, 0, 8, 0, 0, 0, 0, 0], &plain])).0, DATA);
    // Quality of service, four addresses, a control field, padding said by radiotap after a time.
    let long = join(&[&head(0x88, 0x83), &[0; 6], &[0, 0], &[0; 4], &llc]);
    assert_eq!(peel(105, &long).0, DATA);
    let padded = join(&[&head(0x88, 1), &[0, 0], &[0, 0], &llc]);
    let tap = join(&[&[0, 0, 17, 0, 3, 0, 0, 0], &[0; 8], &[0x20]]);
    assert_eq!(peel(127, &join(&[&tap, &padded])).0, DATA);
    let prism = join(&[&[0x44, 0, 0, 0, 144, 0, 0, 0], &[0; 136]]);
    assert_eq!(peel(119, &join(&[&prism, &plain])).0, DATA);
    assert_eq!(why(105, &join(&[&head(0x08, 0x41), &llc])), Opaque::Encrypted);
    assert_eq!(why(105, &join(&[&head(0x08, 0x05), &llc])), Opaque::Unsupported("wireless_fragment"));
    let size = u16::try_from(llc.len()).unwrap();
    let one = join(&[&head(0x88, 1), &[0x80, 0], &ethernet(size, &llc), &[0; 4]]);
    assert_eq!(peel(105, &one).0, DATA);
    let two = join(&[&head(0x88, 1), &[0x80, 0], &ethernet(size, &llc), &ethernet(size, &llc)]);
    assert_eq!(why(105, &two), Opaque::Unsupported("wireless_aggregate"));
    assert_eq!(control(105, &head(0x80, 0)), Control::Wireless);
    assert_eq!(control(105, &head(0x48, 0)), Control::Wireless);
}

#[test]
fn what_serves_the_link_is_no_content() {
    assert_eq!(control(1, &ethernet(0x0806, &[0; 28])), Control::Arp);
    assert_eq!(control(1, &ethernet(0x88cc, &[0; 28])), Control::Bridge);
    assert_eq!(control(1, &ethernet(38, &[0x42; 46])), Control::Bridge);
    assert_eq!(control(9, &[0xff, 3, 0xc0, 0x21, 1, 1, 0, 4]), Control::Setup);
    assert_eq!(why(1, &ethernet(0x1234, b"x")), Opaque::UnknownEtherType(0x1234));
    assert_eq!(why(147, b"x"), Opaque::UnknownLink(147));
    assert_eq!(why(1, &ethernet(0x0800, &ip4(50, b"secret"))), Opaque::Encrypted);
}

#[test]
fn padding_after_the_packet_is_cut_off() {
    let bytes = join(&[&plain(b"x"), &[0; 5]]);
    assert_eq!(segment_of(1, &bytes).payload, b"x");
}

#[test]
fn options_and_extension_headers_are_passed_over() {
    let segment = tcp(80, DATA, false);
    let mut four = ip4(6, &[[1; 40].as_slice(), &segment].concat());
    four[0] = 0x4f;
    let read = segment_of(101, &four);
    assert_eq!((read.payload, read.checksum, read.ip_checksum), (DATA, Checksum::Good, Checksum::Bad));

    let segment = tcp(80, DATA, true);
    let hop = [60, 0, 1, 4, 0, 0, 0, 0];
    let options = [43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let route = [51, 0, 0, 0, 0, 0, 0, 0];
    let authentication = [44, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9];
    let atomic = [6, 0, 0, 0, 0, 0, 0, 1];
    let six = ip6(0, &join(&[&hop, &options, &route, &authentication, &atomic, &segment]));
    let read = segment_of(101, &six);
    assert_eq!((read.payload, read.checksum, read.ttl), (DATA, Checksum::Good, 63));
    assert_eq!(control(101, &ip6(59, b"")), Control::Empty);
    assert_eq!(segment_of(101, &ip6(59, b"hidden")).payload, b"hidden");
}

#[test]
fn checksum_is_made_with_the_last_address_of_a_route_and_the_home_address() {
    let segment = tcp(80, DATA, true);
    let route = join(&[&[60, 2, 0, 1, 0, 0, 0, 0], &ENDS_6.1.octets()]);
    let home = join(&[&[6, 2, 1, 0, 201, 16], &ENDS_6.0.octets(), &[1, 0]]);
    let mut bytes = ip6(43, &join(&[&route, &home, &segment]));
    bytes[8..40].copy_from_slice(&[7; 32]);
    let read = segment_of(101, &bytes);
    assert_eq!((read.source, read.target), (ENDS_6.0.into(), ENDS_6.1.into()));
    assert_eq!((read.checksum, read.payload), (Checksum::Good, DATA));
}

#[test]
fn checksums_are_judged() {
    let mut bytes = packet();
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(segment_of(101, &bytes).checksum, Checksum::Bad);
    bytes[36..38].copy_from_slice(&[0, 0]);
    bytes[10..12].copy_from_slice(&[0, 0]);
    let read = segment_of(101, &bytes);
    assert_eq!((read.checksum, read.ip_checksum), (Checksum::Zero, Checksum::Zero));
    let datagram = ip4(17, &udp(53, b"q"));
    assert_eq!(segment_of(101, &datagram).checksum, Checksum::Good);
    let ping = segment_of(101, &ip4(1, &[8, 0, 0xf7, 0xfd, 0, 1, 0, 1])).checksum;
    assert_eq!(ping, Checksum::Good);
}

#[test]
fn snap_length_leaves_what_is_known_to_be_missing() {
    let bytes = plain(DATA);
    let Decoded::Segment(read) = decode_one(1, &bytes[..60], bytes.len()) else { panic!() };
    assert_eq!((read.payload, read.missing, read.checksum), (&DATA[..6], 12, Checksum::Unknown));
    let Decoded::Opaque { why, .. } = decode_one(1, &bytes[..50], bytes.len()) else { panic!() };
    assert_eq!(why, Opaque::Cut);
    // Cut in the options: ports and numbers are still told.
    let mut segment = tcp(80, &[[1; 12].as_slice(), DATA].concat(), false);
    segment[12] = 0x80;
    let bytes = ip4(6, &segment);
    let Decoded::Segment(read) = decode_one(101, &bytes[..45], bytes.len()) else { panic!() };
    assert_eq!((read.payload.len(), read.missing), (0, DATA.len()));
}

#[test]
fn length_zero_means_all_that_is_there() {
    let mut four = packet();
    four[2..4].copy_from_slice(&[0, 0]);
    assert_eq!(segment_of(101, &four).payload, DATA);
    let mut six = packet_6();
    six[4..6].copy_from_slice(&[0, 0]);
    assert_eq!(segment_of(101, &six).payload, DATA);
}

#[test]
fn what_stands_after_a_udp_datagram_is_surplus() {
    let bytes = ip4(17, &join(&[&udp(53, b"query"), b"hidden"]));
    let read = segment_of(101, &bytes);
    assert_eq!((read.payload, read.surplus, read.checksum), (b"query".as_slice(), 6, Checksum::Good));
}

#[test]
fn a_long_trailer_is_surplus_and_noted() {
    let bytes = join(&[&plain(DATA), &[b's'; 65]]);
    let mut notes = Notes::default();
    let frame = Frame { link: 1, bytes: &bytes, original: 0, at: 0 };
    let Decoded::Segment(read) = decode(&frame, &mut notes) else { panic!() };
    assert_eq!((read.payload, read.surplus), (DATA, 65));
    assert_eq!(notes.take()[0].kind, "trailer_long");
    let arp = ethernet(0x0806, &[0; 200]);
    let frame = Frame { link: 1, bytes: &arp, original: 0, at: 0 };
    assert!(matches!(decode(&frame, &mut notes), Decoded::Control { control: Control::Arp, at: 14, .. }));
    assert_eq!(notes.take()[0].kind, "arp_long");
}
