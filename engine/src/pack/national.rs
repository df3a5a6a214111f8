//! Check digits of national identity and tax numbers. They are public arithmetic; each function names its source.
//!
//! Separators are passed over. Left out: whether a number was ever given out, and schemes without a check digit.

/// The digits of a number, without what separates them; none where it holds anything else.
fn digits(secret: &[u8]) -> Vec<u32> {
    let kept = secret.iter().filter(|byte| !matches!(byte, b' ' | b'.' | b'-' | b'/'));
    kept.map(|&byte| char::from(byte).to_digit(10)).collect::<Option<_>>().unwrap_or_default()
}

fn all_equal(digits: &[u32]) -> bool {
    digits.windows(2).all(|pair| pair.first() == pair.last())
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// Whether the digit after those that are weighted is what `check` makes of their sum.
fn checked(digits: &[u32], weights: &[u32], check: impl Fn(u32) -> u32) -> bool {
    digits.get(weights.len()) == Some(&check(weighted(digits, weights)))
}

/// Brazil, CPF: 11 digits, two check digits modulo 11 (Receita Federal).
pub(super) fn cpf(secret: &[u8]) -> bool {
    let digits = digits(secret);
    let check = |sum: u32| match sum * 10 % 11 {
        10 => 0,
        rest => rest,
    };
    digits.len() == 11
        && !all_equal(&digits)
        && checked(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2], check)
        && checked(&digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2], check)
}

/// Brazil, CNPJ: 14 digits, two check digits modulo 11 (Receita Federal).
pub(super) fn cnpj(secret: &[u8]) -> bool {
    let digits = digits(secret);
    let check = |sum: u32| match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    digits.len() == 14
        && !all_equal(&digits)
        && checked(&digits, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], check)
        && checked(&digits, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], check)
}

/// India, Aadhaar: 12 digits, Verhoeff's check digit, the first from 2 on (UIDAI).
pub(super) fn aadhaar(secret: &[u8]) -> bool {
    let digits = digits(secret);
    digits.len() == 12
        && digits.first().is_some_and(|first| *first > 1)
        && !all_equal(&digits)
        && verhoeff(&digits)
}

/// J. Verhoeff, Error Detecting Decimal Codes, 1969: the dihedral group of ten elements and one permutation.
fn verhoeff(digits: &[u32]) -> bool {
    const TURN: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let turned = |digit: u32, times: usize| {
        (0..times).fold(digit, |at, _| TURN.get(at as usize).copied().unwrap_or_default())
    };
    digits.iter().rev().enumerate().fold(0, |sum, (place, &digit)| product(sum, turned(digit, place % 8)))
        == 0
}

/// China, resident identity number: 18 characters, ISO 7064 MOD 11-2 (GB 11643-1999).
pub(super) fn resident_china(secret: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let Some((last, body)) = secret.split_last() else { return false };
    let body = digits(body);
    let expected = b"10X98765432".get((weighted(&body, &WEIGHTS) % 11) as usize);
    body.len() == 17 && expected == Some(&last.to_ascii_uppercase())
}

/// Germany, tax identification number: 11 digits, ISO 7064 MOD 11,10, and digits that repeat as they must (BZSt).
pub(super) fn tax_germany(secret: &[u8]) -> bool {
    let digits = digits(secret);
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    let most = (0..10).map(|digit| body.iter().filter(|other| **other == digit).count()).max();
    digits.len() == 11
        && body.first() != Some(&0)
        && matches!(most, Some(2 | 3))
        && (11 - product) % 10 == *check
}

/// France, NIR: 13 characters and a key of two digits, 97 less the rest of 97 (INSEE); Corsica's letters stand for 19 and 18.
pub(super) fn nir_france(secret: &[u8]) -> bool {
    let text: String =
        secret.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|&b| char::from(b)).collect();
    let text = text.to_ascii_uppercase().replace("2A", "19").replace("2B", "18");
    let parts = text.split_at_checked(13).filter(|_| text.len() == 15);
    let parsed = parts.and_then(|(body, key)| Some((body.parse::<u64>().ok()?, key.parse::<u64>().ok()?)));
    parsed.is_some_and(|(body, key)| key == 97 - body % 97)
}

/// Spain, DNI and NIE: a number modulo 23 tells the letter (Ministerio del Interior).
pub(super) fn dni_spain(secret: &[u8]) -> bool {
    let text: Vec<u8> =
        secret.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase).collect();
    let Some((letter, body)) = text.split_last().filter(|(_, body)| body.len() == 8) else { return false };
    let lead = body.first().and_then(|first| b"XYZ".iter().position(|known| known == first));
    let tail = if lead.is_some() { body.get(1..).unwrap_or_default() } else { body };
    let number = tail.iter().try_fold(lead.unwrap_or(0), |sum, &byte| {
        Some(sum * 10 + usize::from(byte.is_ascii_digit().then(|| byte - b'0')?))
    });
    let right = number.and_then(|number| b"TRWAGMYFPDXBNJZSQVHLCKE".get(number % 23).copied());
    right == Some(*letter)
}

/// Italy, codice fiscale: 15 characters, odd and even places weighted apart, modulo 26 (Agenzia delle Entrate).
pub(super) fn fiscal_italy(secret: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let text: Vec<u8> = secret.iter().map(u8::to_ascii_uppercase).collect();
    let Some((check, body)) = text.split_last() else { return false };
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        _ => None,
    };
    let sum = body.iter().enumerate().try_fold(0, |sum, (place, &byte)| {
        let value = value(byte)?;
        Some(sum + if place % 2 == 0 { ODD.get(value as usize).copied()? } else { value })
    });
    body.len() == 15 && sum.is_some_and(|sum| value(*check) == Some(sum % 26)) && check.is_ascii_alphabetic()
}

/// The Netherlands, BSN: nine digits, the elevens test with a last weight of minus one (RvIG).
pub(super) fn bsn_netherlands(secret: &[u8]) -> bool {
    let digits = digits(secret);
    let sum = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    let rest = digits.get(8).map(|last| (sum + 11 - last) % 11);
    digits.len() == 9 && !all_equal(&digits) && rest == Some(0)
}

/// Poland, PESEL: 11 digits, weights 1 3 7 9 modulo 10 (Ministerstwo Cyfryzacji).
pub(super) fn pesel_poland(secret: &[u8]) -> bool {
    let digits = digits(secret);
    digits.len() == 11
        && !all_equal(&digits)
        && checked(&digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3], |sum| (10 - sum % 10) % 10)
}

/// Turkey, T.C. Kimlik No: 11 digits, two check digits (NVI).
pub(super) fn kimlik_turkey(secret: &[u8]) -> bool {
    let digits = digits(secret);
    let (Some(&tenth), Some(&eleventh), Some(body)) = (digits.get(9), digits.get(10), digits.get(..9)) else {
        return false;
    };
    let odd: u32 = body.iter().step_by(2).sum();
    let even: u32 = body.iter().skip(1).step_by(2).sum();
    let total: u32 = body.iter().sum::<u32>() + tenth;
    digits.len() == 11
        && body.first() != Some(&0)
        && (odd * 7 + 90 - even) % 10 == tenth
        && total % 10 == eleventh
}

/// Japan, Individual Number: 12 digits, one check digit modulo 11 (Ministry of Internal Affairs, ordinance 85 of 2014).
pub(super) fn number_japan(secret: &[u8]) -> bool {
    let digits = digits(secret);
    let check = |sum: u32| match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    digits.len() == 12 && !all_equal(&digits) && checked(&digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], check)
}

/// South Korea, resident registration number: 13 digits, one check digit modulo 11, in use until October 2020.
pub(super) fn resident_korea(secret: &[u8]) -> bool {
    let digits = digits(secret);
    digits.len() == 13
        && !all_equal(&digits)
        && checked(&digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], |sum| (11 - sum % 11) % 10)
}

/// Canada, SIN, and Sweden, personnummer without its century: Luhn over nine or ten digits.
pub(super) fn luhn_short(secret: &[u8]) -> bool {
    let digits = digits(secret);
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let places = digits.iter().rev().enumerate();
    let sum: u32 = places.map(|(place, &digit)| if place % 2 == 0 { digit } else { doubled(digit) }).sum();
    (9..=10).contains(&digits.len()) && !all_equal(&digits) && sum.is_multiple_of(10)
}

/// United Kingdom, NHS number: ten digits, modulo 11 (NHS Data Dictionary).
pub(super) fn nhs_uk(secret: &[u8]) -> bool {
    let digits = digits(secret);
    digits.len() == 10
        && !all_equal(&digits)
        && checked(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2], |sum| (11 - sum % 11) % 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&[u8]) -> bool;

    /// Numbers that the sources themselves give as examples, or that were worked out by hand from them.
    const KNOWN: [(Check, &str); 16] = [
        (cpf, "529.982.247-25"),
        (cnpj, "11.222.333/0001-81"),
        (aadhaar, "2341 2341 2346"),
        (resident_china, "11010519491231002X"),
        (tax_germany, "86 095 742 719"),
        (nir_france, "2 55 08 14 168 025 38"),
        (dni_spain, "12345678Z"),
        (dni_spain, "X1234567L"),
        (fiscal_italy, "RSSMRA85T10A562S"),
        (bsn_netherlands, "111222333"),
        (pesel_poland, "44051401359"),
        (kimlik_turkey, "10000000146"),
        (number_japan, "123456789018"),
        (resident_korea, "850101-1234566"),
        (luhn_short, "046 454 286"),
        (nhs_uk, "943 476 5919"),
    ];

    #[test]
    fn known_numbers_pass_and_a_changed_digit_does_not() {
        for (check, number) in KNOWN {
            assert!(check(number.as_bytes()), "{number}");
            for (at, byte) in number.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
                let mut changed = number.as_bytes().to_vec();
                changed[at] = b'0' + (byte - b'0' + 1) % 10;
                assert!(!check(&changed), "{}", String::from_utf8_lossy(&changed));
            }
        }
    }

    #[test]
    fn anything_else_is_refused_quietly() {
        for (check, _) in KNOWN {
            for text in ["", "0", "abc", "00000000000", "999999999999999999999", "\u{e9}", "X", "-"] {
                assert!(!check(text.as_bytes()), "{text:?}");
            }
        }
    }
}
