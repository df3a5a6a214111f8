//! Checkpoints: what one says, whether it stands where it says, and who signed it.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 6.

use crate::entry::Entry;
use crate::hex;
use crate::keys::{KeyIndex, KeyRing, Signed};

/// A checkpoint, looked at by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The first entry that it counts.
    pub(crate) first_seq: u64,
    /// Who signed it.
    pub(crate) seal: Seal,
}

/// Who signed a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    /// No one.
    Unsigned,
    /// Someone; no key was given to tell whom.
    Unchecked,
    /// A trusted key.
    By(KeyIndex),
    /// A trusted key, but only for lenient verifiers.
    LenientOnly,
    /// None of the trusted keys.
    Nobody,
}

/// Reads a checkpoint and checks its signature; none if it is not as the writer writes one at this place.
pub(crate) fn read(entry: &Entry<'_>, keys: &KeyRing) -> Option<Checkpoint> {
    let (count, rest) = number(entry.detail.strip_prefix(br#"{"entry_count":"#)?)?;
    let (first_seq, rest) = number(rest.strip_prefix(br#","first_seq":"#)?)?;
    let (last_seq, rest) = number(rest.strip_prefix(br#","last_seq":"#)?)?;
    let signature = rest.strip_prefix(br#","signature":""#)?.strip_suffix(br#""}"#)?;
    let in_place = Some(last_seq) == entry.seq.checked_sub(1)
        && first_seq <= last_seq
        && Some(count) == (last_seq - first_seq).checked_add(1);
    let summary = format!("checkpoint: {count} entries [seq {first_seq}-{last_seq}]");
    let event_kind: &[u8] = if entry.version == 1 { b"" } else { b"checkpoint" };
    let described = entry.summary.content == summary.as_bytes()
        && entry.transport.content.is_empty()
        && entry.event_kind.content == event_kind;
    if !in_place || !described {
        return None;
    }
    let seal = if signature.is_empty() {
        Seal::Unsigned
    } else {
        let signature = hex::decode::<64>(signature)?;
        if keys.is_empty() {
            Seal::Unchecked
        } else {
            match keys.who_signed(entry.prev_hash, &signature) {
                Signed::By(key) => Seal::By(key),
                Signed::LenientOnly(_) => Seal::LenientOnly,
                Signed::Nobody => Seal::Nobody,
            }
        }
    };
    Some(Checkpoint { first_seq, seal })
}

fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    let value: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let leading = digits.len() > 1 && digits.first() == Some(&b'0');
    (!leading).then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Room, read as read_line};
    use crate::keys::SecretKey;

    const LINE: &str = r#"{"v":2,"seq":2,"ts":"2026-03-01T10:00:02.000000001Z","session_id":"demo","type":"checkpoint","event_kind":"checkpoint","transport":"","summary":"checkpoint: 2 entries [seq 0-1]","detail":{"entry_count":2,"first_seq":0,"last_seq":1,"signature":"4c9045404353292eaae1a34fc8921fb67e18d098d073c2c3d9e081a6947b9ea5d12ed5f9c0a43e032153e84444db5b7f0082611fbee93be61791cb7096ce9a0c"},"prev_hash":"a61041c90220a9a52b7186ca2cd5f1d0e225403bf39c2e3b34206c421a8e4fc9","hash":"e4954fe68a5478d0fecafd17bdddc8f55d2dfbbdfa5e77341763dca3d32fb284"}"#;

    fn seal(line: &str, keys: &KeyRing) -> Option<Seal> {
        let mut room = Room::default();
        let entry = read_line(line.as_bytes(), &mut room).unwrap();
        read(&entry, keys).map(|checkpoint| checkpoint.seal)
    }

    /// The published example's key: a seed that counts up from 0.
    fn key() -> SecretKey {
        SecretKey::from_seed(&std::array::from_fn(|index| u8::try_from(index).unwrap()))
    }

    #[test]
    fn the_published_checkpoint_is_signed_by_the_published_key() {
        let other = SecretKey::from_seed(&[9; 32]).public();
        assert_eq!(seal(LINE, &KeyRing::default()), Some(Seal::Unchecked));
        assert_eq!(seal(LINE, &KeyRing::new([other.clone(), key().public()])), Some(Seal::By(KeyIndex(1))));
        assert_eq!(seal(LINE, &KeyRing::new([other])), Some(Seal::Nobody));
    }

    #[test]
    fn a_checkpoint_describes_where_it_stands_or_is_none() {
        for (from, to) in [
            (r#""entry_count":2"#, r#""entry_count":3"#),
            (r#""first_seq":0"#, r#""first_seq":1"#),
            (r#""last_seq":1"#, r#""last_seq":2"#),
            (r#""first_seq":0,"last_seq":1"#, r#""first_seq":2,"last_seq":1"#),
            ("2 entries", "3 entries"),
            (r#""transport":"""#, r#""transport":"x""#),
            (r#""event_kind":"checkpoint","#, r#""event_kind":"other","#),
            (r#""event_kind":"checkpoint","#, ""),
            ("4c904540", "4C904540"),
            ("4c904540", "4c9045"),
            (r#""seq":2"#, r#""seq":3"#),
            (r#""seq":2"#, r#""seq":0"#),
        ] {
            let changed = LINE.replacen(from, to, 1);
            assert_ne!(changed, LINE);
            assert_eq!(seal(&changed, &KeyRing::default()), None, "{to}");
        }
        // The count in both places, and still not that of the span.
        let counted = LINE.replacen(r#""entry_count":2"#, r#""entry_count":3"#, 1).replacen(
            "2 entries",
            "3 entries",
            1,
        );
        assert_eq!(seal(&counted, &KeyRing::default()), None);
    }

    #[test]
    fn an_empty_signature_is_no_signature() {
        let (before, rest) = LINE.split_once("4c904540").unwrap();
        let (_, after) = rest.split_at(120);
        let unsigned = format!("{before}{after}");
        assert_eq!(seal(&unsigned, &KeyRing::new([key().public()])), Some(Seal::Unsigned));
    }

    #[test]
    fn numbers_have_no_zero_before_others() {
        for (text, value) in
            [("0,", 0), ("7,", 7), ("10,", 10), ("20,", 20), ("18446744073709551615,", u64::MAX)]
        {
            assert_eq!(number(text.as_bytes()), Some((value, &b","[..])), "{text}");
        }
        for text in ["", ",", "00,", "01,", "010,", "18446744073709551616,"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }
}
