//! Where bytes of a chain of files stand: an offset that goes on from file to file, as file and offset in it.

use coldcase_model::ArtifactIndex;

/// The files of a chain so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// Offset of the first byte of each file, ascending, and which input the file is.
    files: Vec<(u64, ArtifactIndex)>,
}

impl Places {
    /// Adds the file that starts at `start`.
    pub(super) fn push(&mut self, start: u64, artifact: ArtifactIndex) {
        self.files.push((start, artifact));
    }

    /// The number of the file in the chain that has this offset.
    pub(super) fn file(&self, at: u64) -> usize {
        // Files without bytes start where the next one does; the last of them has the byte.
        self.files.partition_point(|(start, _)| *start <= at).saturating_sub(1)
    }

    /// The input, and the offset in it.
    pub(super) fn of(&self, at: u64) -> (ArtifactIndex, u64) {
        let (start, artifact) = self.files.get(self.file(at)).copied().unwrap_or_default();
        (artifact, at.saturating_sub(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_tells_the_file_and_the_place_in_it() {
        let mut places = Places::default();
        for (start, artifact) in [(0, 7), (100, 3), (150, 9)] {
            places.push(start, ArtifactIndex(artifact));
        }
        let told = [0, 99, 100, 149, 150, 1000].map(|at| {
            let (artifact, offset) = places.of(at);
            (artifact.0, offset)
        });
        assert_eq!(told, [(7, 0), (7, 99), (3, 0), (3, 49), (9, 0), (9, 850)]);
    }
}
