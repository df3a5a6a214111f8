//! Edits of files of lines, as bytes tell them.

/// The edits that bytes tell: what, where, and with what.
pub fn edits(bytes: &[u8]) -> impl Iterator<Item = [u8; 5]> + '_ {
    bytes.chunks_exact(5).take(16).map(|edit| [edit[0], edit[1], edit[2], edit[3], edit[4]])
}

/// The lines of a file, each with its newline if it has one.
pub fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// How many ways of editing a file there are.
pub const KINDS: u8 = 9;

/// Edits a file; `others` are lines that may be put into it.
pub fn edit(bytes: &mut Vec<u8>, kind: u8, [a, b, c]: [u8; 3], others: &[Vec<u8>]) {
    let len = bytes.len();
    let byte = usize::from(a) << 8 | usize::from(b);
    let (line, other) = (usize::from(a), usize::from(b));
    let mut all = lines(bytes);
    let count = all.len();
    match kind % KINDS {
        // Bytes.
        0 if len > 0 => bytes[byte % len] ^= 1 << (c & 7),
        1 if len > 0 => bytes[byte % len] = c,
        2 => bytes.insert(byte % (len + 1), c),
        3 => bytes.truncate(byte % (len + 1)),
        4 if len > 0 => drop(bytes.remove(byte % len)),
        // Lines.
        5 if count > 0 => {
            all.remove(line % count);
            *bytes = all.concat();
        }
        6 if count > 0 => {
            all.swap(line % count, other % count);
            *bytes = all.concat();
        }
        7 if !others.is_empty() => {
            all.insert(line % (count + 1), others[other % others.len()].clone());
            *bytes = all.concat();
        }
        8 if count > 0 && !others.is_empty() => {
            all[line % count].clone_from(&others[other % others.len()]);
            *bytes = all.concat();
        }
        _ => {}
    }
}
