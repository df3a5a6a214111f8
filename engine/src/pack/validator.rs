//! Checks that only a genuine value passes: checksums and inner structure. They cut false alarms at no cost in recall.

use serde::{Deserialize, Serialize};

use super::{national, phrase};
use crate::view::base64;

/// A check of a secret's own structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Validator {
    /// ISO/IEC 7812-1, annex B, over 12 to 19 digits.
    Luhn,
    /// ISO 13616, MOD 97-10.
    Iban,
    /// The last six base-62 digits are the CRC-32 of the thirty characters before them (GitHub, npm).
    GithubChecksum,
    /// Three base64url parts of which the first is a JSON object with `alg` (RFC 7515).
    Jwt,
    /// Base58 with four bytes of double SHA-256 (Bitcoin addresses and keys).
    Base58check,
    /// A PEM body that decodes to DER or to OpenSSH's format (RFC 7468).
    Pem,
    /// Human-readable part, data and six check characters (BIP 173), in one case.
    Bech32,
    /// Words of an official list with their checksum (BIP 39).
    Phrase,
    /// Luhn over nine or ten digits: Canada's SIN, Sweden's personnummer.
    LuhnShort,
    /// Brazil's CPF.
    Cpf,
    /// Brazil's CNPJ.
    Cnpj,
    /// India's Aadhaar.
    Aadhaar,
    /// China's resident identity number.
    ResidentChina,
    /// Germany's tax identification number.
    TaxGermany,
    /// France's NIR.
    NirFrance,
    /// Spain's DNI and NIE.
    DniSpain,
    /// Italy's codice fiscale.
    FiscalItaly,
    /// The Netherlands' BSN.
    BsnNetherlands,
    /// Poland's PESEL.
    PeselPoland,
    /// Turkey's T.C. Kimlik No.
    KimlikTurkey,
    /// Japan's Individual Number.
    NumberJapan,
    /// South Korea's resident registration number.
    ResidentKorea,
    /// The United Kingdom's NHS number.
    NhsUk,
}

impl Validator {
    /// Whether the secret passes.
    pub(crate) fn accepts(self, secret: &[u8]) -> bool {
        match self {
            Self::Luhn => luhn(secret),
            Self::Iban => iban(secret),
            Self::GithubChecksum => github_checksum(secret),
            Self::Jwt => jwt(secret),
            Self::Base58check => base58check(secret),
            Self::Pem => pem(secret),
            Self::Bech32 => bech32(secret),
            Self::Phrase => phrase::is_phrase(secret),
            Self::LuhnShort => national::luhn_short(secret),
            Self::Cpf => national::cpf(secret),
            Self::Cnpj => national::cnpj(secret),
            Self::Aadhaar => national::aadhaar(secret),
            Self::ResidentChina => national::resident_china(secret),
            Self::TaxGermany => national::tax_germany(secret),
            Self::NirFrance => national::nir_france(secret),
            Self::DniSpain => national::dni_spain(secret),
            Self::FiscalItaly => national::fiscal_italy(secret),
            Self::BsnNetherlands => national::bsn_netherlands(secret),
            Self::PeselPoland => national::pesel_poland(secret),
            Self::KimlikTurkey => national::kimlik_turkey(secret),
            Self::NumberJapan => national::number_japan(secret),
            Self::ResidentKorea => national::resident_korea(secret),
            Self::NhsUk => national::nhs_uk(secret),
        }
    }
}

fn luhn(secret: &[u8]) -> bool {
    let digits: Vec<u32> = secret.iter().filter_map(|&byte| char::from(byte).to_digit(10)).collect();
    let all_equal = digits.windows(2).all(|pair| pair.first() == pair.last());
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    (12..=19).contains(&digits.len()) && !all_equal && sum.is_multiple_of(10)
}

fn iban(secret: &[u8]) -> bool {
    let compact: Vec<u8> = secret.iter().filter(|byte| byte.is_ascii_alphanumeric()).copied().collect();
    if !(15..=34).contains(&compact.len()) {
        return false;
    }
    let (head, body) = compact.split_at(4);
    let remainder = body.iter().chain(head).try_fold(0u32, |rest, &byte| {
        let value = char::from(byte.to_ascii_uppercase()).to_digit(36)?;
        Some(if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 })
    });
    remainder == Some(1)
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Source: GitHub's engineering blog, "Behind GitHub's new authentication token formats", 2021.
fn github_checksum(secret: &[u8]) -> bool {
    let Some(body) = secret.iter().position(|&byte| byte == b'_').and_then(|at| secret.get(at + 1..)) else {
        return false;
    };
    let Some((random, stated)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    let value = stated.iter().try_fold(0u64, |sum, byte| {
        let digit = BASE62.iter().position(|known| known == byte)?;
        Some(sum * 62 + digit as u64)
    });
    value == Some(u64::from(crc32(random)))
}

/// CRC-32/ISO-HDLC, bit by bit: it runs over thirty bytes of a match that already has the right form.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

fn jwt(secret: &[u8]) -> bool {
    let mut parts = secret.split(|&byte| byte == b'.');
    let (Some(header), Some(_payload)) = (parts.next(), parts.next()) else { return false };
    let mut decoded = Vec::new();
    base64::decode(header, &mut decoded, |_, _| {});
    decoded.first() == Some(&b'{') && memchr::memmem::find(&decoded, b"\"alg\"").is_some()
}

fn base58check(secret: &[u8]) -> bool {
    use sha2::{Digest, Sha256};
    let Some(bytes) = base58(secret) else { return false };
    let Some((payload, checksum)) = bytes.len().checked_sub(4).and_then(|at| bytes.split_at_checked(at))
    else {
        return false;
    };
    Sha256::digest(Sha256::digest(payload)).starts_with(checksum)
}

fn base58(text: &[u8]) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    if text.len() > 128 {
        return None;
    }
    // Base 256, least significant byte first.
    let mut bytes: Vec<u8> = Vec::new();
    for byte in text {
        let mut carry = u32::try_from(ALPHABET.iter().position(|known| known == byte)?).ok()?;
        for digit in &mut bytes {
            carry += u32::from(*digit) * 58;
            *digit = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(carry.to_le_bytes()[0]);
        }
    }
    let zeros = text.iter().take_while(|&&byte| byte == b'1').count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    Some(bytes)
}

/// Source: BIP 173, "Checksum"; age's keys use it without its limit of 90 characters.
fn bech32(secret: &[u8]) -> bool {
    const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const POWERS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let text = secret.to_ascii_lowercase();
    let one_case = text == secret || secret.to_ascii_uppercase() == secret;
    let Some(split) = text.iter().rposition(|&byte| byte == b'1') else { return false };
    let (Some(human), Some(data)) = (text.get(..split), text.get(split + 1..)) else { return false };
    let mut values: Vec<u32> = human.iter().map(|byte| u32::from(byte >> 5)).collect();
    values.push(0);
    values.extend(human.iter().map(|byte| u32::from(byte & 31)));
    for letter in data {
        let Some(value) = LETTERS.iter().position(|known| known == letter) else { return false };
        values.extend(u32::try_from(value));
    }
    let sum = values.iter().fold(1u32, |sum, value| {
        let top = sum >> 25;
        let powers = POWERS.iter().enumerate().filter(|(at, _)| top >> at & 1 == 1);
        powers.fold((sum & 0x01ff_ffff) << 5 ^ value, |sum, (_, power)| sum ^ power)
    });
    one_case && data.len() >= 6 && sum == 1
}

fn pem(secret: &[u8]) -> bool {
    // The body starts after the first line; headers such as `Proc-Type:` of an encrypted key make it hold a colon.
    let Some(body) = memchr::memmem::find(secret, b"-----").and_then(|at| {
        let rest = secret.get(at + 5..)?;
        rest.get(memchr::memmem::find(rest, b"-----")? + 5..)
    }) else {
        return false;
    };
    if memchr::memmem::find(body, b"Proc-Type").is_some() {
        return true;
    }
    let mut decoded = Vec::new();
    let text: Vec<u8> = body.iter().copied().filter(|byte| *byte != b'\\').take(512).collect();
    let text = text.strip_prefix(b"n").unwrap_or(&text);
    base64::decode(text, &mut decoded, |_, _| {});
    decoded.first() == Some(&0x30) || decoded.starts_with(b"openssh-key-v1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_tell_genuine_values_from_near_misses() {
        assert!(luhn(b"4111 1111 1111 1111") && !luhn(b"4111 1111 1111 1112") && !luhn(b"0000000000000000"));
        assert!(iban(b"GB82 WEST 1234 5698 7654 32") && !iban(b"GB82 WEST 1234 5698 7654 33"));
        assert!(bech32(b"A12UEL5L") && bech32(b"a12uel5l") && !bech32(b"A12UeL5L") && !bech32(b"A12UEL5Q"));
        assert!(!bech32(b"") && !bech32(b"1") && !bech32(b"x1b4n0q5v"));
        assert!(base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(!base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert!(jwt(b"eyJhbGciOiJIUzI1NiJ9.e30.c2ln") && !jwt(b"eyJ0eXAiOiJKV1QifQ.e30.x") && !jwt(b"abc"));
    }
}
