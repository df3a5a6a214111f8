//! What became of each rule and each setting of a foreign rule set: taken, taken with a change, or left out.

use serde::Serialize;

/// Where something stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
}

/// The account of one rule of the source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleAccount {
    /// The rule as its source names it.
    pub rule: String,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// What became of it.
    pub outcome: Outcome,
    /// The rules of the pack that it became; several where it was split, none where it was left out.
    pub became: Vec<String>,
    /// What is different, in a rule that was taken with a change.
    pub changes: Vec<Change>,
    /// Why it was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The reason in words; empty unless it was left out.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Where the texts come from that hold the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texts: Option<TextOrigin>,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It means what it meant.
    Taken,
    /// It was taken, and means something else in a way that is told.
    Changed,
    /// It is not in the pack.
    LeftOut,
}

impl Outcome {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Changed => "changed",
            Self::LeftOut => "left out",
        }
    }
}

/// Where the texts come from that hold a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextOrigin {
    /// The source's own examples.
    Source,
    /// Made from the pattern, and checked with the engine.
    Generated,
}

/// A way in which a rule of the pack differs from its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which.
    pub change: ChangeKind,
    /// What it is about in this rule; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

macro_rules! told {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $code:literal, $means:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The word in reports.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it means, as a sentence without a full stop.
            pub const fn means(self) -> &'static str {
                match self { $(Self::$variant => $means,)+ }
            }
        }
    };
}

told! {
    /// Ways in which a rule can differ from its source.
    ChangeKind {
        /// Letters beyond ASCII that are another letter's case.
        AsciiCase => "ascii_case",
            "letters match in either case among A to Z only; the source also takes U+017F for s and U+212A for k";
        /// A condition on the file's path.
        Path => "path",
            "the source looks into files of some paths only; recordings have no such path, so the rule looks everywhere";
        /// An allow list that looks at the line.
        LineAllowList => "line_allow_list",
            "an allow list that looks at the whole line is left out, so the rule finds more";
        /// An allow list of which all conditions must hold.
        JoinedAllowList => "joined_allow_list",
            "an allow list whose conditions must hold together is left out, so the rule finds more";
        /// An allow list pattern that the engine cannot read.
        AllowPattern => "allow_pattern",
            "a pattern of an allow list cannot be taken and is left out, so the rule finds more";
        /// Allowed paths and commits.
        AllowedPlaces => "allowed_places",
            "allowed paths and commits are left out: recordings have neither";
        /// The keyword that must stand in the file.
        Keyword => "keyword",
            "the keyword must stand within 64 KiB of the match; the source asks for it anywhere in the same piece of a file";
        /// Which group is the secret.
        Secret => "secret",
            "the secret, and so its entropy and what is allowed, is the whole match; the source takes the first of several groups";
        /// One rule became several.
        Split => "split",
            "one rule for each branch of the pattern, since each branch has its own group for the secret";
        /// A part of the pattern that is left out.
        Branch => "branch",
            "a branch of the pattern or condition is left out, so the rule finds less";
        /// Not shown by the source.
        Helper => "helper",
            "the source uses it for validation only and does not show it; here it is reported as `info`";
        /// A check of numbers.
        Validator => "validator",
            "the check of the value is Coldcase's own of the same name, and may differ in which issuers it knows";
        /// Hosts that are exempt.
        ExemptDomains => "exempt_domains",
            "hosts that the rule is not for are left out, so it finds more";
        /// Edges of the argument.
        Edges => "edges",
            "`^` and `$` are the edges of the event, or of a word; in the source they are those of one value";
        /// The tool's name.
        ToolName => "tool_name",
            "the tool's name is looked for as a member `name` within 64 KiB of the argument";
        /// The argument's key.
        ArgumentKey => "argument_key",
            "the rule looks at all arguments; the source looks at those under some keys";
        /// Not used by its source.
        Status => "status",
            "the source does not use it as it stands: it is marked as experimental or deprecated, or its section is switched off";
        /// A condition on what was matched.
        Requirement => "requirement",
            "a condition on the value, or on what stands round it, that packs cannot express is left out, so the rule finds more";
        /// A member that is not read.
        Member => "member",
            "a member that is not known here, or that packs have nothing for, is left out, whatever it asks for";
        /// UTF-16.
        Wide => "wide",
            "UTF-16 is undone before the rule looks, where eight characters of it or more stand together; a shorter text in it is not \
             found, and the same text in plain bytes is";
        /// Base64.
        Base64 => "base64",
            "base64 is undone before the rule looks, so that it also finds the text as it stands";
        /// Bytes behind XOR.
        Xor => "xor",
            "the text is looked for as it stands; the source also takes it with each byte changed by a key, so the rule finds less";
        /// What must stand together.
        Distance => "distance",
            "texts that must be there together must stand within 64 KiB of each other; the source asks for them anywhere in the file";
        /// A condition on the file's size.
        FileSize => "file_size",
            "a condition on the file's size is left out, so the rule finds more";
        /// Several ways to meet a condition.
        Ways => "ways",
            "one rule for each way to meet the condition, or for each group of its texts";
        /// What a step of a chain is told by.
        Deeds => "deeds",
            "a step is told by what a call does, of its name and its arguments, in requests and calls of every form, and one call may \
             be several steps' kind; the source goes by words of a tool's name, which are partly others";
        /// How far apart the steps of a chain lie.
        Span => "span",
            "the chain as a whole lies within so many calls of any kind, and is told once at its last; the source bounds the calls \
             between two steps, does not count those that it cannot class, and tells the chain again at each call";
        /// Tools that are classed by name.
        ToolCategories => "tool_categories",
            "tools that the source classes by name are told by what they do";
        /// Rules that are a condition of all others.
        Global => "global",
            "the source's global rules are a condition of all others and are left out, so the rule finds more";
    }
}

told! {
    /// Why a rule is left out.
    Reason {
        /// No text to look for.
        NoText => "no_text",
            "no text of four bytes stands in every match, so the engine would have to try the rule everywhere";
        /// Look-around.
        LookAround => "look_around",
            "the pattern looks ahead or behind, which the engine does not";
        /// A feature of the source's dialect.
        Dialect => "dialect",
            "the pattern uses what the engine's dialect does not have";
        /// Not valid.
        Syntax => "syntax",
            "the pattern is not valid";
        /// Over a cap.
        TooLarge => "too_large",
            "the pattern is over a limit";
        /// No text shows that it works.
        NotShown => "not_shown",
            "no text was found or could be made that the rule matches, or none that it leaves alone";
        /// No pattern for contents.
        PathOnly => "path_only",
            "the rule looks at file names only, and recordings have none";
        /// A rule that needs others.
        Combined => "combined",
            "the rule needs a finding of another rule near it";
        /// Not reported by its source.
        NotReported => "not_reported",
            "the source does not report it";
        /// Another rule has its id.
        Duplicate => "duplicate",
            "another rule has the same id";
        /// Something that packs do not have.
        NoCounterpart => "no_counterpart",
            "packs have nothing that corresponds";
        /// Refused by the engine for another reason.
        Refused => "refused",
            "the engine refuses it";
    }
}

/// A setting of the source beside its rules, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingAccount {
    /// Its key in the source.
    pub setting: String,
    /// What became of it.
    pub outcome: Outcome,
    /// In words.
    pub detail: String,
}
