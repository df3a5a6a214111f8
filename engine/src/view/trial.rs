//! What the tests of views ask: what a text decodes to, and whether it shows the sign of a kind.

use coldcase_model::ViewKind;

/// The text as a view shows it.
pub(super) fn decoded(kind: ViewKind, text: &str) -> String {
    let mut out = Vec::new();
    super::decode(kind, text.as_bytes(), &mut out, |_, _| {});
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether a part of just this text shows a sign.
pub(super) fn shows(kind: ViewKind, text: &str) -> bool {
    let mut out = Vec::new();
    super::regions_of(text.as_bytes(), &mut out);
    out.iter().any(|region| region.kind == kind)
}
