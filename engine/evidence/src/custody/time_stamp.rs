//! RFC 3161 time stamps: what a token says, and over which digest.
//!
//! **The stamper's signature and certificate are not checked.** A token read here is a claim that anyone could have
//! written; its type says so. A tool with the stamper's certificate, such as `openssl ts -verify`, must check it.
//!
//! Source: RFC 3161, section 2.4.2 (the response and `TSTInfo`) and RFC 5652, sections 3 and 5.1 (the envelope).
//! DER only; elements that are not needed are passed over as they are, so that sets in another order do no harm.
//! Left out: accuracy, nonce, the stamper's name, extensions.

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode, Reader, SliceReader, Tag, TagNumber, Tagged};

use crate::hex;
use crate::spelling::stamp;

/// Longer tokens are refused.
const MOST: usize = 1 << 20;

/// RFC 5652, section 5.1.
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// RFC 3161, section 2.4.2.
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// RFC 5754, section 2.2.
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// What a token states. Nobody checked who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncheckedTimeStamp {
    /// The algorithm of the digest, as a dotted object identifier.
    pub hash_algorithm: String,
    /// The digest that was stamped.
    pub digest: Vec<u8>,
    /// The time, as RFC 3339 text in UTC with the digits that the token has.
    pub time: String,
    /// The token's number at its stamper, in lower-case hex without leading zeros.
    pub serial: String,
    /// The stamper's policy, as a dotted object identifier.
    pub policy: String,
}

/// Why a file is no time stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeStampError {
    /// Longer than a mebibyte.
    #[error("a time stamp is not longer than a mebibyte")]
    TooLarge,
    /// Not DER, or not of the shape of a response or a token.
    #[error("not a time stamp: {0}")]
    Malformed(#[from] der::Error),
    /// A response that says that no token was made, by its status.
    #[error("the stamper refused, with status {0}")]
    Refused(u8),
    /// An envelope with something else than a time stamp in it.
    #[error("a signed message that is no time stamp")]
    OtherContent,
    /// A version, a time or a length of the digest that the standard does not have.
    #[error("a time stamp that the standard does not allow: its {0}")]
    NotAllowed(&'static str),
}

impl UncheckedTimeStamp {
    /// Whether the stamp is over this SHA-256 digest.
    ///
    /// True for a genuine stamp, and for any that was made up: see the type.
    pub fn matches(&self, sha256: &[u8; 32]) -> bool {
        self.hash_algorithm == SHA256.to_string() && self.digest == sha256
    }
}

/// Reads a `TimeStampResp` (`.tsr`) or a bare `TimeStampToken`.
pub fn read_time_stamp(der: &[u8]) -> Result<UncheckedTimeStamp, TimeStampError> {
    if der.len() > MOST {
        return Err(TimeStampError::TooLarge);
    }
    let outer = AnyRef::from_der(der)?;
    let mut inside = sequence(outer)?;
    // A response begins with its status, a token with its type.
    if Tag::peek(&inside)? != Tag::Sequence {
        return token(outer);
    }
    let mut status = sequence(inside.decode()?)?;
    match status.decode::<u8>()? {
        0 | 1 => {
            let made = token(inside.decode()?)?;
            inside.finish()?;
            Ok(made)
        }
        refused => Err(TimeStampError::Refused(refused)),
    }
}

/// `ContentInfo` with `SignedData` in it.
fn token(info: AnyRef<'_>) -> Result<UncheckedTimeStamp, TimeStampError> {
    let mut info = sequence(info)?;
    if info.decode::<ObjectIdentifier>()? != SIGNED_DATA {
        return Err(TimeStampError::OtherContent);
    }
    let mut signed = sequence(explicit(&mut info)?)?;
    info.finish()?;
    let (_version, _algorithms): (u8, AnyRef<'_>) = (signed.decode()?, signed.decode()?);
    let mut content = sequence(signed.decode()?)?;
    pass_over(signed)?;
    if content.decode::<ObjectIdentifier>()? != TST_INFO {
        return Err(TimeStampError::OtherContent);
    }
    let info = explicit(&mut content)?.decode_as::<&OctetStringRef>()?;
    content.finish()?;
    tst_info(info.as_bytes())
}

/// `TSTInfo`.
fn tst_info(der: &[u8]) -> Result<UncheckedTimeStamp, TimeStampError> {
    let mut info = sequence(AnyRef::from_der(der)?)?;
    if info.decode::<u8>()? != 1 {
        return Err(TimeStampError::NotAllowed("version"));
    }
    let policy = info.decode::<ObjectIdentifier>()?;
    let mut imprint = sequence(info.decode()?)?;
    let mut algorithm = sequence(imprint.decode()?)?;
    let hash_algorithm = algorithm.decode::<ObjectIdentifier>()?;
    pass_over(algorithm)?;
    let digest = imprint.decode::<&OctetStringRef>()?.as_bytes().to_vec();
    imprint.finish()?;
    if hash_algorithm == SHA256 && digest.len() != 32 {
        return Err(TimeStampError::NotAllowed("digest"));
    }
    let serial = hex::encode(info.decode::<UintRef<'_>>()?.as_bytes());
    let time = info.decode::<AnyRef<'_>>()?;
    let time = (time.tag() == Tag::GeneralizedTime).then(|| rfc3339(time.value())).flatten();
    pass_over(info)?;
    let significant = serial.trim_start_matches('0');
    Ok(UncheckedTimeStamp {
        hash_algorithm: hash_algorithm.to_string(),
        digest,
        time: time.ok_or(TimeStampError::NotAllowed("time"))?,
        serial: if significant.is_empty() { "0".to_owned() } else { significant.to_owned() },
        policy: policy.to_string(),
    })
}

/// A `GeneralizedTime` as section 2.4.2 restricts it (`YYYYMMDDhhmmss[.s...]Z`), which may have a fraction that the
/// general DER reader refuses.
fn rfc3339(time: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(time).ok()?;
    let (digits, rest) = text.split_at_checked(14)?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let date = format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let time = format!("{date}T{}:{}:{}{rest}", part(8, 10)?, part(10, 12)?, part(12, 14)?);
    stamp(time.as_bytes()).map(|_| time)
}

/// What stands inside a sequence.
fn sequence(any: AnyRef<'_>) -> Result<SliceReader<'_>, der::Error> {
    any.tag().assert_eq(Tag::Sequence)?;
    SliceReader::new(any.value())
}

/// What stands inside `[0] EXPLICIT`.
fn explicit<'d>(reader: &mut SliceReader<'d>) -> Result<AnyRef<'d>, der::Error> {
    let tagged = reader.decode::<AnyRef<'d>>()?;
    tagged.tag().assert_eq(Tag::ContextSpecific { constructed: true, number: TagNumber(0) })?;
    AnyRef::from_der(tagged.value())
}

/// Reads the elements that are left, and leaves them alone.
fn pass_over(mut reader: SliceReader<'_>) -> Result<(), der::Error> {
    while !reader.is_finished() {
        reader.decode::<AnyRef<'_>>()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
