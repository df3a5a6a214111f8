//! Public keys as `age-keygen` prints them: `age1…`, which is Bech32 of a key of X25519.

use std::str::FromStr;

/// Source: BIP 173, "Bech32".
const DIGITS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Source: BIP 173, "Checksum": a final constant of 1.
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
const CHECK_DIGITS: usize = 6;

/// Whom a file is encrypted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipient(pub(super) [u8; 32]);

/// Why a text is no recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRecipient {
    /// It is for somebody who is to stay alone.
    #[error("it is a private key; `age-keygen -y` prints the public one")]
    Private,
    /// It is another kind of key, or none.
    #[error("it is no public key that starts with age1, as `age-keygen` prints it")]
    Kind,
    /// A sign is missing, one too many, or another one.
    #[error("it is not as it was printed: its checksum is another")]
    Checksum,
}

impl FromStr for Recipient {
    type Err = NoRecipient;

    fn from_str(text: &str) -> Result<Self, NoRecipient> {
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(NoRecipient::Private);
        }
        // Keys of plugins and of other kinds have a longer name before the last 1.
        let digits =
            text.strip_prefix("age1").filter(|digits| !digits.contains('1')).ok_or(NoRecipient::Kind)?;
        let values: Option<Vec<u8>> = digits.bytes().map(value).collect();
        let values = values.ok_or(NoRecipient::Checksum)?;
        if checksum(b"age", &values) != 1 {
            return Err(NoRecipient::Checksum);
        }
        let key = values.len().checked_sub(CHECK_DIGITS).and_then(|end| values.get(..end));
        let key = key.ok_or(NoRecipient::Kind)?;
        let key = regrouped(key).ok_or(NoRecipient::Kind)?;
        Ok(Self(key.try_into().map_err(|_| NoRecipient::Kind)?))
    }
}

fn value(digit: u8) -> Option<u8> {
    DIGITS.iter().position(|known| *known == digit).and_then(|at| u8::try_from(at).ok())
}

fn checksum(name: &[u8], values: &[u8]) -> u32 {
    let high = name.iter().map(|byte| byte >> 5);
    let low = name.iter().map(|byte| byte & 31);
    high.chain([0]).chain(low).chain(values.iter().copied()).fold(1, |sum: u32, value| {
        let shifted = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        let top = sum >> 25;
        let taps = GENERATOR.iter().enumerate().filter(|(at, _)| top >> at & 1 == 1);
        taps.fold(shifted, |sum, (_, tap)| sum ^ tap)
    })
}

/// Groups of five bits as bytes; what is left over must be less than a group, and zero.
fn regrouped(values: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::with_capacity(32), 0_u32, 0);
    for value in values {
        held = (held << 5 | u32::from(*value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    let padding = held & ((1 << bits) - 1);
    (bits < 5 && padding == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That of the example in the format's specification; its private key is published there.
    const KNOWN: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    #[test]
    fn a_public_key_is_read_and_every_change_of_a_sign_is_seen() {
        let key = KNOWN.parse::<Recipient>().unwrap();
        assert_eq!(key.0[..4], [0x13, 0x2c, 0x44, 0x2b]);
        for at in 4..KNOWN.len() {
            for other in ['q', 'p', 'b', 'Q', 'é'] {
                let changed: String = KNOWN
                    .char_indices()
                    .map(|(place, sign)| if place == at { other } else { sign })
                    .collect();
                assert!(changed == KNOWN || changed.parse::<Recipient>().is_err(), "{changed}");
            }
        }
    }

    #[test]
    fn what_is_no_public_key_is_told_as_what_it_is() {
        let private = ["AGE-SECRET", "-KEY-1QQQ"].concat();
        for (text, why) in [
            (private.as_str(), NoRecipient::Private),
            ("", NoRecipient::Kind),
            ("ssh-ed25519 AAAA", NoRecipient::Kind),
            ("age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t", NoRecipient::Kind),
            ("age1", NoRecipient::Checksum),
            ("age1qqqqqq", NoRecipient::Checksum),
        ] {
            assert_eq!(text.parse::<Recipient>(), Err(why), "{text}");
        }
        // A sign too many at the end, and one too few.
        assert!(format!("{KNOWN}q").parse::<Recipient>().is_err());
        assert!(KNOWN.strip_suffix('j').unwrap().parse::<Recipient>().is_err());
    }
}
