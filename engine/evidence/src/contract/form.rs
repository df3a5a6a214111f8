//! What a member of a receipt must be, as data, and the check that it is.
//!
//! Left out: members that stand twice, which the canonical form refuses.

use coldcase_model::json::{Kind, Value};

use super::canonical::decode;
use super::problem::EvidenceProblem;
use crate::{hex, spelling};

/// One member of an object.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) need: Need,
}

/// The type of a member, and what it may say.
pub(super) enum Form {
    /// A string.
    Text,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A list of strings.
    Texts,
    /// An object whose members are strings.
    TextMap,
    /// A whole number from zero on.
    Number,
    /// Exactly this number.
    Exactly(u64),
    /// An object.
    Object,
    /// An object that holds these members, none of them empty; the format names no types.
    Holding(&'static [&'static str]),
    /// A time in the writer's spelling.
    Time,
    /// `genesis` or 64 lower-case digits.
    Link,
}

/// When a member must be there. What must be there must not be empty.
pub(super) enum Need {
    Always,
    Never,
    /// If that member reads so.
    If(&'static str, &'static str),
}

/// Which other members an object may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// None.
    Refused,
    /// Any, but for those that Go would take for one of ours.
    Allowed,
}

/// Tells everything that is wrong with the members of an object.
pub(super) fn check(
    object: Value<'_, '_>,
    members: &[Member],
    others: Others,
    tell: &mut dyn FnMut(EvidenceProblem),
) {
    for Member { name, form, need } in members {
        let needed = match need {
            Need::Always => true,
            Need::Never => false,
            Need::If(member, text) => object.get(member).and_then(decode).as_deref() == Some(*text),
        };
        match object.get(name) {
            Some(value) if !form.fits(value) || needed && is_empty(value) => {
                tell(EvidenceProblem::Form { member: name });
            }
            None if needed => tell(EvidenceProblem::Missing { member: name }),
            _ => {}
        }
    }
    for (key, _) in object.members() {
        let stray = !members.iter().any(|member| key.is_key(member.name))
            && (others == Others::Refused || members.iter().any(|member| folds_to(key, member.name)));
        if stray {
            tell(EvidenceProblem::Stray { offset: key.span().start });
        }
    }
}

impl Form {
    fn fits(&self, value: Value<'_, '_>) -> bool {
        match self {
            Self::Text => decode(value).is_some(),
            Self::OneOf(choices) => decode(value).is_some_and(|text| choices.contains(&text.as_str())),
            Self::Texts => value.kind() == Kind::Array && value.items().all(|item| decode(item).is_some()),
            Self::TextMap => {
                value.kind() == Kind::Object && value.members().all(|(_, value)| decode(value).is_some())
            }
            Self::Number => value.u64().is_some(),
            Self::Exactly(number) => value.u64() == Some(*number),
            Self::Object => value.kind() == Kind::Object,
            Self::Holding(names) => {
                names.iter().all(|name| value.get(name).is_some_and(|value| !is_empty(value)))
            }
            Self::Time => decode(value).is_some_and(|text| spelling::is_writer_time(text.as_bytes())),
            Self::Link => decode(value)
                .is_some_and(|text| text == "genesis" || hex::decode::<32>(text.as_bytes()).is_some()),
        }
    }
}

fn is_empty(value: Value<'_, '_>) -> bool {
    match value.kind() {
        Kind::String | Kind::Key => value.content().start == value.content().end,
        Kind::Array => value.items().next().is_none(),
        Kind::Object => value.members().next().is_none(),
        Kind::Literal => value.is_null(),
        Kind::Number => false,
    }
}

/// Whether Go's decoder would take a key, which is not the name, for the name.
/// Source: FLIGHT_RECORDER_FORMAT, section 12: regardless of case, also `ſ` for s and the Kelvin sign for k.
fn folds_to(key: Value<'_, '_>, name: &str) -> bool {
    let fold = |character: char| match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    decode(key).is_some_and(|key| key.chars().map(fold).eq(name.chars()))
}
