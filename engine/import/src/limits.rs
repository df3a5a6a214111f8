//! How much of a foreign rule set is taken in. Reaching a cap is an error or an account of the rule, never silence.

/// Bytes of one file.
pub const MOST_BYTES: usize = 16 << 20;
/// Rules of all files together.
pub const MOST_RULES: usize = 20_000;
/// Bytes of a pattern, as it is written and as it is taken.
pub(crate) const MOST_PATTERN: usize = 64 << 10;
/// Bytes of a text that a rule is tried on.
pub(crate) const MOST_TEXT: usize = 8 << 10;
/// Texts of a rule that are taken over from its source.
pub(crate) const MOST_EXAMPLES: usize = 8;
/// Changes of a rule that are told one by one.
pub(crate) const MOST_CHANGES: usize = 64;
/// Brackets within brackets of a YARA file. Its parser is recursive, and has a cap of its own that is higher.
pub(crate) const MOST_DEPTH: usize = 100;
/// Words and signs of a YARA file: its parser takes some 400 bytes for each.
pub(crate) const MOST_TOKENS: usize = 2_000_000;
/// Strings of a YARA rule.
pub(crate) const MOST_STRINGS: usize = 1_000;
/// Strings of all YARA rules together.
pub(crate) const MOST_ALL_STRINGS: usize = 200_000;
/// Ways to meet a YARA rule's condition, of which each becomes a rule.
pub(crate) const MOST_WAYS: usize = 64;
/// Texts and counts that must stand near a match.
pub(crate) const MOST_NEAR: usize = 64;
