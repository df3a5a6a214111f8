//! The members that the check looks at, as the drafts name them. All others are hashed and left alone.

/// A record's own name.
pub(super) const RECORD: &str = "record_id";
/// The name of the record before it; null in the first.
pub(super) const PARENT: &str = "parent_record_id";
/// The session that a chain belongs to.
pub(super) const SESSION: &str = "session_id";
/// The agent that acted.
pub(super) const AGENT: &str = "agent_id";
/// What was done; only its presence is looked at, to recognise a trail.
pub(super) const ACTION: &str = "action_type";
/// The link; null in the first.
pub(super) const LINK: &str = "prev_hash";
/// What a deleted record hashed to.
pub(super) const TOMBSTONE: &str = "tombstone_hash";
/// The signature.
pub(super) const SIGNATURE: &str = "signature";
/// How it was made; covered by it.
pub(super) const ALGORITHM: &str = "sig_alg";
/// Which key made it; covered by it.
pub(super) const SIGNER: &str = "signer_kid";
/// What implementations call a running number.
pub(super) const SEQUENCE: [&str; 3] = ["sequence", "sequence_number", "seq"];

/// Not covered by the link: added later, when records are batched.
pub(super) const OUTSIDE_LINK: [&str; 1] = ["batch"];
/// Not covered by the signature.
pub(super) const OUTSIDE_SIGNATURE: [&str; 3] = [SIGNATURE, "signature_classical", "batch"];
