//! YAML files that people write, read into a type, with one place and one sentence for what is wrong.
//!
//! Left out: an excerpt of the file. Its columns are those of the excerpt, which is cut where a line is long.

use serde::de::DeserializeOwned;
use serde_saphyr::{MessageFormatter, UserMessageFormatter};

/// Why a text cannot be read as what it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misread {
    /// Line and column, from 1, where they are known.
    pub(crate) place: Option<(u64, u64)>,
    /// What is wrong, without the place.
    pub(crate) message: String,
}

/// Reads a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Misread> {
    serde_saphyr::from_str(text).map_err(|error| Misread {
        place: error.location().map(|at| (at.line(), at.column())),
        message: UserMessageFormatter.format_message(error.without_snippet()).into_owned(),
    })
}

/// A place as it follows a file's name in messages; nothing where it is not known.
pub(crate) fn told(place: Option<(u64, u64)>) -> String {
    place.map_or_else(String::new, |(line, column)| format!(", line {line}, column {column}"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Holder {
        #[expect(dead_code, reason = "only read")]
        known: u32,
    }

    fn misread(text: &str) -> Misread {
        read::<Holder>(text).expect_err(text)
    }

    #[test]
    fn the_place_is_that_of_the_file() {
        let long = format!("{{known: 1, {} other: 3}}", " ".repeat(200));
        let told = misread(&long);
        assert_eq!(told.place, Some((1, 213)), "{told:?}");
        assert!(told.message.starts_with("unknown field `other`"), "{told:?}");
        assert!(!told.message.contains("line ") && !told.message.contains('\n'), "{told:?}");
        assert_eq!(misread("\nknown: [\n").place.map(|place| place.0), Some(2));
    }
}
