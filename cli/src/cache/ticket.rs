//! The name of a result: a hash over everything that it depends on.

use std::path::Path;

use coldcase_model::Digest;
use coldcase_readers::Found;
use sha2::{Digest as _, Sha256};

use super::inputs::Hashed;

/// The name of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(pub(super) Digest);

/// What a result depends on besides its inputs: names and bytes, in a fixed order.
#[derive(Debug, Default)]
pub(crate) struct TicketParts(Vec<(String, Digest)>);

impl TicketParts {
    /// Adds bytes that count.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) {
        self.0.push((name.to_owned(), Digest(Sha256::digest(bytes).into())));
    }

    /// The name of the result that a program has of these inputs.
    pub(crate) fn ticket(&self, program: Digest, found: &[Found], hashed: &[Hashed]) -> Ticket {
        let mut hash = Sha256::new();
        put(&mut hash, b"coldcase.cache/1");
        self.write(program, &mut hash);
        for (input, hashed) in found.iter().zip(hashed) {
            put(&mut hash, path_bytes(input.path()));
            hash.update(hashed.sha256.0);
            hash.update(hashed.bytes.to_le_bytes());
            hash.update([u8::from(hashed.is_link)]);
        }
        Ticket(Digest(hash.finalize().into()))
    }
}

impl TicketParts {
    /// The name of what a program concludes of one input by itself, whatever its rules.
    pub(crate) fn of_input(&self, program: Digest, input: &Found, hashed: &Hashed) -> Digest {
        let mut hash = Sha256::new();
        put(&mut hash, b"coldcase.cache.input/1");
        self.write(program, &mut hash);
        put(&mut hash, path_bytes(input.path()));
        hash.update(hashed.sha256.0);
        hash.update(hashed.bytes.to_le_bytes());
        Digest(hash.finalize().into())
    }

    fn write(&self, program: Digest, hash: &mut Sha256) {
        put(hash, &program.0);
        put(hash, &(self.0.len() as u64).to_le_bytes());
        for (name, digest) in &self.0 {
            put(hash, name.as_bytes());
            put(hash, &digest.0);
        }
    }
}

/// With its length, so that two lists of parts are never one text.
fn put(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_part_counts() {
        let hashed = Hashed { sha256: Digest([1; 32]), bytes: 7, is_link: false };
        let found = [Found::File(PathBuf::from("a"))];
        let parts = |list: &[(&str, &str)]| {
            let mut parts = TicketParts::default();
            for (name, text) in list {
                parts.add(name, text.as_bytes());
            }
            parts
        };
        let program = Digest([9; 32]);
        let base = parts(&[("policy", "x")]).ticket(program, &found, &[hashed]);
        assert_eq!(parts(&[("policy", "x")]).ticket(program, &found, &[hashed]), base);
        let others = [
            parts(&[("policy", "y")]).ticket(program, &found, &[hashed]),
            parts(&[("pack", "x")]).ticket(program, &found, &[hashed]),
            parts(&[("policy", "x"), ("pack", "")]).ticket(program, &found, &[hashed]),
            parts(&[("policy", "x")]).ticket(program, &[Found::File(PathBuf::from("b"))], &[hashed]),
            parts(&[("policy", "x")]).ticket(program, &found, &[Hashed { is_link: true, ..hashed }]),
            parts(&[("policy", "x")]).ticket(
                program,
                &found,
                &[Hashed { sha256: Digest([2; 32]), ..hashed }],
            ),
            parts(&[("policy", "x")]).ticket(Digest([3; 32]), &found, &[hashed]),
        ];
        for (number, other) in others.into_iter().enumerate() {
            assert_ne!(other, base, "part {number} does not count");
        }
    }
}
