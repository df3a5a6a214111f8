//! Agent audit trails: one JSON record a line, linked by SHA-256 of canonical JSON, signed by ES256 or Ed25519.
//!
//! # Source
//!
//! draft-sharif-agent-audit-trail, revisions 00 to 06, an individual Internet-Draft without formal standing. The
//! text of revision 00's front page and the author's implementation of revision 06 were at hand, not each
//! revision's full text. What is taken from it:
//!
//! | section | rule | members |
//! | --- | --- | --- |
//! | 3.1 | every record names itself, its session and its agent | `record_id`, `session_id`, `agent_id`, `action_type` |
//! | 6.1 | a link is lower-case hex SHA-256 of the previous record's canonical form, signature included, `batch` not | `prev_hash` |
//! | 6.2 | a signature covers the canonical form without the signatures and `batch`; it is r and s, 64 bytes, base64url without padding; who signed, and how, is covered | `signature`, `signature_classical`, `sig_alg`, `signer_kid` |
//! | 6.3 | a record's parent is the record before it | `parent_record_id` |
//! | 8.1 | the first record has neither link nor parent | `prev_hash`, `parent_record_id`, both null |
//! | 9.3 | a deleted record leaves one that names its hash | `tombstone_hash` |
//!
//! Where revisions and implementations differ:
//!
//! - `sig_alg` came after revision 00; without it, ES256 is meant. `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864) both
//!   name Ed25519. Other algorithms, among them ML-DSA and its hybrids, are counted, not checked.
//! - A signature in lower-case hex is read too; DER, which no revision has, is not. ES256 signatures with a high s
//!   count: the author's implementation makes low ones, but its check takes both.
//! - A sequence number is no member of the draft; implementations add it as `sequence`, `sequence_number` or `seq`.
//! - Implementations exist that leave the signature out of the link. That is a break, with a reason of its own.
//! - `signer_kid` is compared with the RFC 7638 thumbprints of the trusted keys, to tell a wrong signature of a
//!   trusted key from one by another key.
//!
//! # Deliberately absent
//!
//! Meaning and order of times; the draft's vocabulary (actions, outcomes, trust levels, phases); Merkle batches
//! (section 6.4); session close records. Relatives with another link rule are not recognised: action receipts
//! (draft-sahu-agent-action-receipts), which link the previous line's bytes, and envelope formats (in-toto, COSE).

mod chain;
mod fields;
mod jcs;
mod keys;
mod record;
mod text;
mod verify;

pub use chain::{TrailBreak, TrailFacts, TrailReason};
pub use jcs::{Irregular, IrregularKind};
pub use keys::{P256Key, P256KeyError, TrailKey, TrailKeys};
pub(crate) use record::recognise;
#[cfg(test)]
pub(crate) use record::tests::lenient;
pub use record::{Fault, TrailSigned};
pub(crate) use verify::each_trail;
pub use verify::verify_trails;
