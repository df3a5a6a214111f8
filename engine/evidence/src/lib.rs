//! What an audit log proves, and no more: hash chains, checkpoints, receipts and signatures, checked offline.
//!
//! # Invariants
//!
//! - Bytes are hashed as they stand. Nothing is decoded and encoded again to make a hash agree.
//! - A signature counts only by `verify_strict`, under a key that the caller trusts.
//! - No input panics, recurses, or takes more memory than a block and one line a thread.
//!
//! # Deliberately absent
//!
//! Files, folders, clocks and randomness: the caller passes readers, times and seeds.

mod across;
mod contract;
mod custody;
mod entry;
mod hex;
mod keys;
mod place;
mod receipt;
mod spelling;
mod trail;
mod writer;

pub use custody::{
    Listed, ManifestError, NoteError, Role, Seal, SealCheck, SealError, SealFacts, SealSignature,
    TimeStampError, UncheckedTimeStamp, check_note, check_seal, fingerprint, listed, read_time_stamp, seal,
    sign_note,
};
pub use keys::{KeyError, KeyIndex, KeyRing, PublicKey, SecretKey, SignatureCheck, Signed};
pub use place::Place;
pub use trail::{
    Fault as TrailFault, Irregular as TrailIrregular, IrregularKind as TrailIrregularKind, P256Key,
    P256KeyError, TrailBreak, TrailFacts, TrailKey, TrailKeys, TrailReason, TrailSigned,
};
