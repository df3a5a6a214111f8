//! Rotation endorsements: the old key names the new one.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 9, "Key change".

use coldcase_model::json::{ErrorKind, Tape, Value};
use sha2::{Digest, Sha256};

use super::problem::ReceiptProblem;
use super::rebuild::rebuild;
use super::schema::ENDORSEMENT;
use super::walk::Walk;
use crate::hex;
use crate::keys::{KeyError, PublicKey, SignatureCheck};
use crate::spelling::is_writer_time;

const LABEL: &[u8] = b"pipelock-rotation-endorsement-v1\0";
/// Longer ones are refused unread.
const MOST_BYTES: usize = 64 << 10;

/// A statement of the old key that the chain goes on under a new one. Its signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsement {
    /// The session, as its `session_open` names it.
    pub(super) session: Vec<u8>,
    pub(super) prior_key: [u8; 32],
    pub(super) prior_seq: u64,
    pub(super) prior_hash: [u8; 32],
    pub(super) new_key: [u8; 32],
}

/// Why a text is no endorsement that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndorsementError {
    /// Too long.
    #[error("a rotation endorsement is not over 64 KiB long")]
    TooLong,
    /// Not JSON.
    #[error("not JSON from byte {offset} on ({kind:?})")]
    NotJson {
        /// The byte offset.
        offset: usize,
        /// Why.
        kind: ErrorKind,
    },
    /// A field that is wrong.
    #[error("not a rotation endorsement: {0}")]
    Form(ReceiptProblem),
    /// The time is not in UTC, or not spelled as the writer does.
    #[error("`rotated_at` is not a time in UTC as the writer spells it")]
    Time,
    /// It names the same key twice.
    #[error("the old and the new key are the same")]
    SameKey,
    /// The old key is unusable.
    #[error("the old key: {0}")]
    Key(KeyError),
    /// No `ed25519:` and 128 digits.
    #[error("the endorsement is not `ed25519:` and 128 lower-case hex digits")]
    SignatureForm,
    /// The signature does not hold.
    #[error("the old key did not sign this endorsement")]
    SignatureMismatch,
}

impl Endorsement {
    /// Reads an endorsement and checks its signature under the old key that it names.
    pub fn read(json: &[u8]) -> Result<Self, EndorsementError> {
        if json.len() > MOST_BYTES {
            return Err(EndorsementError::TooLong);
        }
        let mut tape = Tape::default();
        let root = tape
            .parse(json)
            .map_err(|error| EndorsementError::NotJson { offset: error.offset, kind: error.kind })?;
        check_form(root)?;
        let key = |field| {
            let form = ReceiptProblem::HexForm { object: ENDORSEMENT.name, field };
            let text = root.get(field).and_then(Value::string).unwrap_or_default();
            hex::decode::<32>(&text).ok_or(EndorsementError::Form(form))
        };
        let endorsement = Self {
            session: root.get("session_id").and_then(Value::string).unwrap_or_default().into_owned(),
            prior_key: key("prior_signer_key")?,
            prior_seq: root.get("prior_final_seq").and_then(Value::u64).unwrap_or_default(),
            prior_hash: key("prior_tail_hash")?,
            new_key: key("new_signer_key")?,
        };
        if endorsement.prior_key == endorsement.new_key {
            return Err(EndorsementError::SameKey);
        }
        endorsement.check_signature(root)?;
        Ok(endorsement)
    }

    fn check_signature(&self, root: Value<'_, '_>) -> Result<(), EndorsementError> {
        let text = root.get("endorsement").and_then(Value::string).unwrap_or_default();
        let signature = text.strip_prefix(b"ed25519:").and_then(hex::decode);
        let signature = signature.ok_or(EndorsementError::SignatureForm)?;
        let key = PublicKey::from_bytes(&self.prior_key).map_err(EndorsementError::Key)?;
        let mut signed = LABEL.to_vec();
        rebuild(&ENDORSEMENT, root, &mut signed);
        match key.check(&Sha256::digest(&signed), &signature) {
            SignatureCheck::Good => Ok(()),
            SignatureCheck::LenientOnly | SignatureCheck::Bad => Err(EndorsementError::SignatureMismatch),
        }
    }
}

fn check_form(root: Value<'_, '_>) -> Result<(), EndorsementError> {
    let object = ENDORSEMENT.name;
    let mut walk = Walk::passing_over(&ENDORSEMENT, "endorsement");
    walk.object(&ENDORSEMENT, root);
    let stands = root.members().filter(|(key, _)| key.is_key("endorsement")).count();
    let field = "endorsement";
    match stands {
        0 => walk.add(ReceiptProblem::MissingField { object, field }),
        1 => {}
        _ => walk.add(ReceiptProblem::DuplicateField { object, field }),
    }
    if root.get("version").and_then(Value::u64) != Some(1) {
        walk.add(ReceiptProblem::WrongVersion { object });
    }
    if let Some(problem) = walk.problems.into_iter().next() {
        return Err(EndorsementError::Form(problem));
    }
    let time = root.get("rotated_at").and_then(Value::string).unwrap_or_default();
    if is_writer_time(&time) { Ok(()) } else { Err(EndorsementError::Time) }
}
