//! A response by a stamper made for this test, and tokens written here.

use der::asn1::{Any, ContextSpecific, OctetString};
use der::{Encode, TagMode};

use super::*;

/// The answer to a request for SHA-256 of `coldcase` (no line break), without a nonce and without certificates.
///
/// Made with OpenSSL 3.0 and a P-256 key that was thrown away: `openssl ts -query -data FILE -sha256 -no_nonce`, then
/// `openssl ts -reply` with policy 1.2.3.4.1, no ordering, no name.
const RESPONSE: &str = concat!(
    "308201d53003020100308201cc06092a864886f70d010702a08201bd308201b9020103310f300d0609608648016503040201",
    "05003063060b2a864886f70d0109100104a0540452305002010106042a0304013031300d0609608648016503040201050004",
    "20dd46bf8fff058368fa26970f69c744f840d8179b58f5fa6980721e07db05d828020102180f323032363131323431373234",
    "32335a3182013c308201380201013027300f310d300b06035504030c045465737402144c48e6c826df2b5039a2721681848e",
    "5eb6384322300d06096086480165030402010500a081a4301a06092a864886f70d010903310d060b2a864886f70d01091001",
    "04301c06092a864886f70d010905310f170d3236313132343137323432335a302f06092a864886f70d010904312204207aed",
    "4a3b1cf213588af324a5c6263169d7d86653f006a46d102c438acd9f73d53037060b2a864886f70d010910022f3128302630",
    "243022042068e174c41482410a8032b3e3ea7e6f24000f36740807a73be0d26025d0bc4c4f300a06082a8648ce3d04030204",
    "483046022100d90eb4a2a8c6101fa7908f02eae52b64d13ff6b52c7523edb7954779c52bd65a0221008b4088d32215865213",
    "ce813bd40c1aee63864413e51a6b9b921b7fa82a13ed1b",
);

/// SHA-256 of `coldcase`.
const DIGEST: &str = "dd46bf8fff058368fa26970f69c744f840d8179b58f5fa6980721e07db05d828";

fn response() -> Vec<u8> {
    let digits = RESPONSE.as_bytes().as_chunks::<2>().0;
    digits.iter().map(|pair| hex::decode::<1>(pair).unwrap()[0]).collect()
}

fn digest() -> [u8; 32] {
    hex::decode(DIGEST.as_bytes()).unwrap()
}

fn wrap(tag: Tag, parts: &[Vec<u8>]) -> Vec<u8> {
    Any::new(tag, parts.concat()).unwrap().to_der().unwrap()
}

fn explicit0(inside: &[u8]) -> Vec<u8> {
    let value = Any::from_der(inside).unwrap();
    ContextSpecific { tag_number: TagNumber(0), tag_mode: TagMode::Explicit, value }.to_der().unwrap()
}

fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    wrap(Tag::Sequence, parts)
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    OctetString::new(bytes).unwrap().to_der().unwrap()
}

/// The parts of a token that a test may change.
struct Parts {
    outer: ObjectIdentifier,
    inner: ObjectIdentifier,
    version: u8,
    algorithm: ObjectIdentifier,
    digest: Vec<u8>,
    time: Vec<u8>,
    time_tag: Tag,
    /// After the time: accuracy, ordering, nonce.
    more: Vec<u8>,
    serial: u16,
    /// Beside the algorithm of the digest, and after the content: parameters, certificates.
    ignored: [Vec<u8>; 2],
    /// Elements that do not belong: after the digest, in the content, in the envelope.
    after: [Vec<u8>; 3],
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            outer: SIGNED_DATA,
            inner: TST_INFO,
            version: 1,
            algorithm: SHA256,
            digest: digest().to_vec(),
            time: b"20261124172423Z".to_vec(),
            time_tag: Tag::GeneralizedTime,
            more: Vec::new(),
            serial: 0x0102,
            ignored: [const { Vec::new() }; 2],
            after: [const { Vec::new() }; 3],
        }
    }
}

fn token_of(parts: &Parts) -> Vec<u8> {
    let oid = |oid: ObjectIdentifier| oid.to_der().unwrap();
    let imprint = seq(&[
        seq(&[oid(parts.algorithm), parts.ignored[0].clone()]),
        octets(&parts.digest),
        parts.after[0].clone(),
    ]);
    let info = seq(&[
        parts.version.to_der().unwrap(),
        oid(ObjectIdentifier::new_unwrap("1.2.3")),
        imprint,
        parts.serial.to_der().unwrap(),
        wrap(parts.time_tag, std::slice::from_ref(&parts.time)),
        parts.more.clone(),
    ]);
    // The set of algorithms stands in an order that DER does not have, as some stampers write it.
    let algorithms = wrap(Tag::Set, &[octets(b"z"), octets(b"a")]);
    let content = seq(&[oid(parts.inner), explicit0(&octets(&info)), parts.after[1].clone()]);
    let signed =
        seq(&[3_u8.to_der().unwrap(), algorithms, content, wrap(Tag::Set, &[]), parts.ignored[1].clone()]);
    seq(&[oid(parts.outer), explicit0(&signed), parts.after[2].clone()])
}

fn respond(status: u8, token: &[u8]) -> Vec<u8> {
    seq(&[seq(&[status.to_der().unwrap()]), token.to_vec()])
}

#[test]
fn a_response_by_openssl_is_read() {
    let stamp = read_time_stamp(&response()).unwrap();
    assert_eq!(stamp.time, "2026-11-24T17:24:23Z");
    assert_eq!(stamp.policy, "1.2.3.4.1");
    assert_eq!(stamp.serial, "2");
    assert_eq!(stamp.hash_algorithm, "2.16.840.1.101.3.4.2.1");
    assert!(stamp.matches(&digest()));
    assert!(!stamp.matches(&[0; 32]));
}

#[test]
fn a_token_is_read_bare_and_in_a_response() {
    let token = token_of(&Parts::default());
    let bare = read_time_stamp(&token).unwrap();
    assert_eq!((bare.serial.as_str(), bare.policy.as_str()), ("102", "1.2.3"));
    for status in [0, 1] {
        assert_eq!(read_time_stamp(&respond(status, &token)).as_ref(), Ok(&bare));
    }
    for status in [2, 3, 5] {
        assert_eq!(read_time_stamp(&respond(status, &token)), Err(TimeStampError::Refused(status)));
        assert_eq!(read_time_stamp(&respond(status, &[])), Err(TimeStampError::Refused(status)));
    }
}

#[test]
fn only_sha256_matches() {
    let sha512 = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
    let stamp = read_time_stamp(&token_of(&Parts { algorithm: sha512, ..Parts::default() })).unwrap();
    assert_eq!(stamp.digest, digest());
    assert!(!stamp.matches(&digest()));
    let long = Parts { algorithm: sha512, digest: vec![0; 64], ..Parts::default() };
    assert_eq!(read_time_stamp(&token_of(&long)).unwrap().digest, [0; 64]);
    let short = Parts { digest: vec![0; 31], ..Parts::default() };
    assert_eq!(read_time_stamp(&token_of(&short)), Err(TimeStampError::NotAllowed("digest")));
}

#[test]
fn times_may_have_a_fraction() {
    let read = |time: &str| {
        let parts = Parts { time: time.as_bytes().to_vec(), ..Parts::default() };
        read_time_stamp(&token_of(&parts)).map(|stamp| stamp.time)
    };
    assert_eq!(read("20261124172423.191Z").unwrap(), "2026-11-24T17:24:23.191Z");
    for time in [
        "20261124172423",
        "202611241724Z",
        "20261324172423Z",
        "20261124172423.10Z",
        "20261124172423+0100",
        "",
    ] {
        assert_eq!(read(time), Err(TimeStampError::NotAllowed("time")), "{time}");
    }
    let utc = Parts { time_tag: Tag::UtcTime, ..Parts::default() };
    assert_eq!(read_time_stamp(&token_of(&utc)), Err(TimeStampError::NotAllowed("time")));
}

#[test]
fn other_messages_and_versions_are_refused() {
    let other = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
    for parts in [Parts { outer: other, ..Parts::default() }, Parts { inner: other, ..Parts::default() }] {
        assert_eq!(read_time_stamp(&token_of(&parts)), Err(TimeStampError::OtherContent));
    }
    let version = Parts { version: 2, ..Parts::default() };
    assert_eq!(read_time_stamp(&token_of(&version)), Err(TimeStampError::NotAllowed("version")));
}

#[test]
fn elements_that_do_not_belong_are_refused() {
    for at in 0..3 {
        let mut parts = Parts::default();
        parts.after[at] = octets(b"more");
        assert!(matches!(read_time_stamp(&token_of(&parts)), Err(TimeStampError::Malformed(_))), "{at}");
    }
}

#[test]
fn another_tag_round_the_content_is_refused() {
    let token = token_of(&Parts::default());
    for at in (0..token.len()).filter(|at| token[*at] == 0xA0) {
        let mut changed = token.clone();
        changed[at] = 0xA1;
        assert!(matches!(read_time_stamp(&changed), Err(TimeStampError::Malformed(_))), "{at}");
    }
}

#[test]
fn a_serial_number_of_zero_is_a_zero() {
    let parts = Parts { serial: 0, ..Parts::default() };
    assert_eq!(read_time_stamp(&token_of(&parts)).unwrap().serial, "0");
}

#[test]
fn what_follows_the_time_is_passed_over() {
    let more = [seq(&[1_u8.to_der().unwrap()]), true.to_der().unwrap()].concat();
    assert!(read_time_stamp(&token_of(&Parts { more, ..Parts::default() })).is_ok());
}

/// What is passed over must still be made of whole elements.
#[test]
fn bytes_that_are_no_elements_are_refused_where_elements_are_passed_over() {
    let whole = seq(&[octets(b"x")]);
    let cut = whole[..whole.len() - 1].to_vec();
    let [params, certificates] = [whole.clone(), whole.clone()];
    let parts = Parts { ignored: [params, certificates], more: whole, ..Parts::default() };
    assert!(read_time_stamp(&token_of(&parts)).is_ok());
    for parts in [
        Parts { ignored: [cut.clone(), Vec::new()], ..Parts::default() },
        Parts { ignored: [Vec::new(), cut.clone()], ..Parts::default() },
        Parts { more: cut, ..Parts::default() },
    ] {
        assert!(matches!(read_time_stamp(&token_of(&parts)), Err(TimeStampError::Malformed(_))));
    }
}

#[test]
fn what_should_be_a_sequence_is_one() {
    let mut token = token_of(&Parts::default());
    let first = std::mem::replace(&mut token[0], 0x31);
    assert_eq!(first, 0x30);
    assert!(matches!(read_time_stamp(&token), Err(TimeStampError::Malformed(_))));
}

#[test]
fn cut_long_and_foreign_bytes_are_refused() {
    let response = response();
    for length in 0..response.len() {
        assert!(read_time_stamp(&response[..length]).is_err(), "{length}");
    }
    assert!(matches!(read_time_stamp(&[&response[..], b"\0"].concat()), Err(TimeStampError::Malformed(_))));
    let token = token_of(&Parts::default());
    let twice = respond(0, &[&token[..], &token[..]].concat());
    assert!(matches!(read_time_stamp(&twice), Err(TimeStampError::Malformed(_))));
    assert_eq!(read_time_stamp(&vec![0x30; MOST + 1]), Err(TimeStampError::TooLarge));
    assert!(matches!(read_time_stamp(&vec![0x30; MOST]), Err(TimeStampError::Malformed(_))));
}

/// Deep nesting takes no stack, and no flipped bit a panic.
#[test]
fn damaged_bytes_do_no_harm() {
    let response = response();
    for bit in 0..response.len() * 8 {
        let mut flipped = response.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let _ = read_time_stamp(&flipped);
    }
}
