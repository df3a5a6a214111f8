//! Lists of decimal character codes, as `String.fromCharCode` and `bytes` take them: `105, 103, 110`.

/// Decodes numbers below 256, each to a byte; what stands between them is passed over.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if let Some(byte) = code(rest.get(..len).unwrap_or_default()) {
            step(at, out.len());
            out.push(byte);
            step(at + len, out.len());
        }
        at += len.max(1);
    }
}

/// The byte that one to three decimal digits stand for.
pub(super) fn code(digits: &[u8]) -> Option<u8> {
    if !matches!(digits.len(), 1..=3) {
        return None;
    }
    let value = |sum: u32, &byte: &u8| Some(sum * 10 + char::from(byte).to_digit(10)?);
    u8::try_from(digits.iter().try_fold(0, value)?).ok()
}
