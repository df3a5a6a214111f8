//! What can be wrong with a receipt by itself, and with its place in the chain.

use serde::Serialize;

/// What is wrong with one receipt, whatever stands before and after it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
#[non_exhaustive]
pub enum ReceiptProblem {
    /// The text is no JSON.
    #[error("the receipt is not JSON from byte {offset} of its text on")]
    NotJson {
        /// The byte offset in the receipt's text.
        offset: usize,
    },
    /// A field that the format does not have.
    #[error("unknown field `{field}` in `{object}`")]
    UnknownField {
        /// The object that holds it.
        object: &'static str,
        /// Its name, escaped, and cut after 64 characters.
        field: String,
    },
    /// A field that stands twice.
    #[error("`{field}` stands twice in `{object}`")]
    DuplicateField {
        /// The object.
        object: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A required field is not there.
    #[error("`{field}` is missing in `{object}`")]
    MissingField {
        /// The object.
        object: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A required field is empty.
    #[error("`{field}` of `{object}` is empty")]
    EmptyField {
        /// The object.
        object: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A field holds another kind of value than the format says.
    #[error("`{field}` of `{object}` is of the wrong type")]
    WrongType {
        /// The object.
        object: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A version that is not 1.
    #[error("`version` of `{object}` is not 1")]
    WrongVersion {
        /// The object.
        object: &'static str,
    },
    /// An action type that the format does not have.
    #[error("`action_type` is none of the nine that there are")]
    UnknownActionType,
    /// Neither `genesis`, nor a bound genesis, nor a hash.
    #[error("`chain_prev_hash` is neither `genesis`, nor `g1:` and a hash, nor a hash")]
    PrevHashForm,
    /// A hash or a key inside the record that is not 64 lower-case digits.
    #[error("`{field}` of `{object}` is not 64 lower-case hex digits")]
    HexForm {
        /// The object.
        object: &'static str,
        /// The field.
        field: &'static str,
    },
    /// Not `ed25519:` and 128 digits.
    #[error("the signature is not `ed25519:` and 128 lower-case hex digits")]
    SignatureForm,
    /// The signature does not hold under the receipt's own key.
    #[error("the signature does not match the record: edited after signing, or never signed by this key")]
    SignatureMismatch,
    /// Only verifiers that are too lenient take the signature.
    #[error("only lenient verifiers take the signature: no honest signer makes such a one")]
    SignatureLenient,
    /// Not 64 digits.
    #[error("the signer key is not 64 lower-case hex digits")]
    KeyForm,
    /// The key is no point of the curve.
    #[error("the signer key is no Ed25519 public key")]
    KeyNotAPoint,
    /// A key under which anyone can sign.
    #[error("the signer key is of small order: anyone can sign under it")]
    KeyWeak,
    /// The signature holds over the bytes as they stand, which are not what the writer would spell.
    ///
    /// The reference, which spells the record anew, refuses such a receipt.
    #[error("the signature covers a spelling that the writer never makes")]
    SignedOutOfForm,
    /// The signature holds over the writer's spelling, which this is not. A remark: the content is as signed.
    #[error("spelled anew after signing, with the content unchanged")]
    Respelled,
    /// A session control whose payload is not the one that its kind names.
    #[error("`session_control` does not hold exactly the payload that its kind names")]
    ControlPayload,
    /// A session control in a receipt without a run.
    #[error("a session control without `run_nonce`")]
    ControlWithoutRun,
    /// A session control that names another run than its receipt.
    #[error("the session control's `run_nonce` is not the receipt's")]
    ControlOfOtherRun,
    /// Marked as redacted by the recorder, in a form that the recorder does not make.
    #[error("marked as redacted, but not in the form of the recorder's redaction")]
    RedactionForm,
}

impl ReceiptProblem {
    /// Whether the receipt proves what it says all the same.
    pub fn is_remark(&self) -> bool {
        matches!(self, Self::Respelled)
    }
}

/// How a receipt does not fit the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
#[non_exhaustive]
pub enum ChainFault {
    /// The first receipt is not number 0.
    #[error("the first receipt has chain_seq {seq}: those before it are missing")]
    StartMissing {
        /// The first number there is.
        seq: u64,
    },
    /// The first receipt has the number 0 and points to another.
    #[error("the first receipt points to one before it")]
    NoGenesis,
    /// A number is left out, repeated, or goes back.
    #[error("chain_seq is {found}, expected {expected}: receipts deleted, inserted or reordered")]
    Sequence {
        /// The number that should follow.
        expected: u64,
        /// The one that does.
        found: u64,
    },
    /// A chain begins anew in the middle of another, without a key change.
    #[error("a chain begins anew in the middle of another")]
    Fork,
    /// `chain_prev_hash` is not the hash of the receipt before.
    #[error("chain_prev_hash is not the hash of the receipt before: one of the two was changed")]
    Link,
    /// The signer changes without a marker.
    #[error("the signer key changes without a key_transition")]
    KeyChanged,
    /// A key transition where none can be.
    #[error("a key_transition on the first receipt, or on one whose chain_seq is not 0")]
    TransitionMisplaced,
    /// A key transition to the same key.
    #[error("a key_transition that does not change the signer key")]
    TransitionSameKey,
    /// A key transition that names another key, number or hash than the receipt before has.
    #[error("the key_transition does not name the last receipt under the old key")]
    TransitionMismatch,
    /// A bound genesis whose value is not that of its `session_open`.
    #[error("the bound genesis is not the hash of its session_open")]
    BoundGenesis,
    /// A bound genesis without a `session_open`, or a `session_open` or other control on a plain genesis.
    #[error("a session control and a bound genesis must come together")]
    GenesisKind,
    /// A first `session_open` with another `chain_open_seq` than 0, or with a chain before it.
    #[error("the first session_open names a chain before it")]
    OpenWithPrior,
    /// A later `session_open` that does not name the receipt before it, or has a genesis of its own.
    #[error("session_open does not name the receipt before it")]
    OpenMismatch,
    /// A receipt of a run that was not opened.
    #[error("the first receipt of a run is not its session_open")]
    RunNotOpened,
    /// A run that is opened twice.
    #[error("a run is opened twice")]
    RunOpenedTwice,
    /// A receipt of a run after its close.
    #[error("a receipt of a run stands after its session_close")]
    AfterClose,
    /// A heartbeat or close of a run that another run has followed.
    #[error("a heartbeat or close of a run that is not the open one")]
    RunNotActive,
    /// A heartbeat or close with another `open_nonce` than its run's.
    #[error("open_nonce is not that of the run's session_open")]
    OpenNonce,
    /// A heartbeat that does not name the receipt before it.
    #[error("the heartbeat does not name the receipt before it")]
    HeartbeatHead,
    /// A close that does not name the receipt before it.
    #[error("the session_close does not name the receipt before it")]
    CloseRoot,
    /// A close whose `final_seq` or `receipt_count` is wrong.
    #[error("the session_close miscounts the receipts")]
    CloseCount,
    /// More key changes than are followed.
    #[error("over {limit} key changes: those after are not followed")]
    TooManySegments {
        /// How many are.
        limit: usize,
    },
    /// An endorsement that fits no key change of this chain.
    #[error("rotation endorsement {index} fits no key change")]
    EndorsementUnused {
        /// Which, in the order in which they were given.
        index: usize,
    },
    /// A key change that more than one endorsement fits.
    #[error("rotation endorsement {index} fits a key change that another one fits too")]
    EndorsementTwice {
        /// Which, in the order in which they were given.
        index: usize,
    },
    /// An endorsement of a key that signed before: a replay cannot be told from it.
    #[error("rotation endorsement {index} leads back to a key that signed before")]
    EndorsementBack {
        /// Which, in the order in which they were given.
        index: usize,
    },
    /// An endorsement for a chain whose first segment does not say which session it is.
    #[error(
        "rotation endorsement {index} is for another session than the chain's session_open, or there is none"
    )]
    EndorsementSession {
        /// Which, in the order in which they were given.
        index: usize,
    },
}
