//! From one run to the next: a signed statement which session this one follows, and where that one ended.
//!
//! Each run has a session of its own, so nothing is ever appended to a log that a crash may have torn. The link is
//! optional evidence: whoever deletes it makes the successor look unlinked. The file of heads holds both sessions
//! in any case.
//!
//! Left out: recovery seals, which attest a torn shard.

use super::Session;
use super::members::Members;
use crate::hex;
use crate::keys::{PublicKey, SecretKey};

/// Where a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The session.
    pub session: Session,
    /// The number of its last whole entry.
    pub seq: u64,
    /// That entry's hash.
    pub hash: [u8; 32],
    /// The key that signed its checkpoints.
    pub signer: PublicKey,
}

impl Tail {
    /// The name of the link's file. There is one for each predecessor, so no tail has two successors.
    pub(super) fn link_name(&self) -> String {
        format!("chain-link-{}.json", self.session)
    }

    /// The link's file: `successor` follows on this tail.
    ///
    /// Source: FLIGHT_RECORDER_FORMAT, section 10, "Chain link", and section 15, point 5, for the signature's form.
    pub(super) fn link(&self, successor: &Session, linked_at: &str, key: &SecretKey) -> Vec<u8> {
        let mut signed = b"pipelock-chain-link-v1\0".to_vec();
        self.statement(successor, linked_at, key, &mut signed).end();
        let signature = format!("ed25519:{}", hex::encode(&key.sign(&signed)));
        let mut file = Vec::with_capacity(signed.len() + 160);
        self.statement(successor, linked_at, key, &mut file).text("signature", signature.as_bytes()).end();
        file
    }

    /// The eight signed fields; the object stays open.
    fn statement<'o>(
        &self,
        successor: &Session,
        linked_at: &str,
        key: &SecretKey,
        out: &'o mut Vec<u8>,
    ) -> Members<'o> {
        let mut object = Members::begin(out);
        object
            .number("version", 1)
            .text("predecessor_session", self.session.as_str().as_bytes())
            .number("predecessor_tail_seq", self.seq)
            .text("predecessor_tail_hash", &hex::encode32(&self.hash))
            .text("predecessor_signer_key", self.signer.hex().as_bytes())
            .text("successor_session", successor.as_str().as_bytes())
            .text("successor_signer_key", key.public().hex().as_bytes())
            .text("linked_at", linked_at.as_bytes());
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyIndex, KeyRing, Signed};

    #[test]
    fn a_link_is_signed_by_the_successor_over_its_first_eight_fields() {
        let (old, new) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let tail =
            Tail { session: Session::named("a<b").unwrap(), seq: 41, hash: [0xAB; 32], signer: old.public() };
        assert_eq!(tail.link_name(), "chain-link-a<b.json");
        let successor = Session::mint("proxy", &[3; 16]).unwrap();
        let file = String::from_utf8(tail.link(&successor, "2026-03-01T10:00:00Z", &new)).unwrap();
        let (fields, signature) = file.split_once(",\"signature\":\"ed25519:").unwrap();
        let expected = format!(
            r#"{{"version":1,"predecessor_session":"a\u003cb","predecessor_tail_seq":41,"predecessor_tail_hash":"{}","predecessor_signer_key":"{}","successor_session":"{successor}","successor_signer_key":"{}","linked_at":"2026-03-01T10:00:00Z""#,
            "ab".repeat(32),
            old.public().hex(),
            new.public().hex(),
        );
        assert_eq!(fields, expected);
        let signature = hex::decode(signature.strip_suffix("\"}").unwrap().as_bytes()).unwrap();
        let signed = format!("pipelock-chain-link-v1\0{fields}}}");
        let ring = KeyRing::new([old.public(), new.public()]);
        assert_eq!(ring.who_signed(signed.as_bytes(), &signature), Signed::By(KeyIndex(1)));
    }
}
