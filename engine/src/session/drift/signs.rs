//! The table of signs: how sentences speak that do more than describe. Data, with the weight of each.
//!
//! `<FLOW>`, `<OUT>`, `<SENS>` and `<NOT>` stand for the lists below; patterns see text as `features::plain` makes it.

/// What kind of sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something is to be kept from the user, or done without asking.
    Secrecy,
    /// Something is done without a check.
    Unchecked,
    /// Rules, checks or instructions are set aside.
    Override,
    /// It speaks to the model.
    Addressed,
    /// It tells who to be.
    Persona,
    /// It says what must be done.
    Told,
    /// It says what comes before or after a call.
    Order,
    /// It names another tool to call.
    OtherTool,
    /// It is about how other tools behave.
    Steering,
    /// What a tool gives is to be handed on as it is.
    Handover,
    /// Calls go on without an end.
    Loop,
    /// A field that an agent may act on, written out.
    Directive,
    /// Private data is to be passed on.
    SensitiveOut,
    /// Private files are to be read.
    SensitiveRead,
    /// Private data is named.
    Sensitive,
    /// It claims rights.
    Privilege,
    /// It asks for an answer.
    Request,
    /// It asks something, and there is nobody to ask but the model.
    Question,
    /// It shouts.
    Emphasis,
    /// A tag that marks words as an order.
    Tag,
    /// Markup that runs.
    Markup,
    /// An expression of a template.
    Template,
    /// Code that runs something.
    Code,
    /// A statement that destroys data.
    Destructive,
    /// Data goes to a place elsewhere.
    Outflow,
    /// Escape sequences written out.
    Control,
}

impl Kind {
    /// Every kind, in the order of their declaration.
    pub(super) const ALL: &'static [Self] = &[
        Self::Secrecy,
        Self::Unchecked,
        Self::Override,
        Self::Addressed,
        Self::Persona,
        Self::Told,
        Self::Order,
        Self::OtherTool,
        Self::Steering,
        Self::Handover,
        Self::Loop,
        Self::Directive,
        Self::SensitiveOut,
        Self::SensitiveRead,
        Self::Sensitive,
        Self::Privilege,
        Self::Request,
        Self::Question,
        Self::Emphasis,
        Self::Tag,
        Self::Markup,
        Self::Template,
        Self::Code,
        Self::Destructive,
        Self::Outflow,
        Self::Control,
    ];

    /// How much a sign says by itself; twenty are an order.
    pub(super) const fn weight(self) -> u32 {
        match self {
            Self::Told
            | Self::Order
            | Self::OtherTool
            | Self::Sensitive
            | Self::Privilege
            | Self::Question
            | Self::Destructive => 10,
            Self::Emphasis => 5,
            _ => 20,
        }
    }
}

/// A kind of sign and how it is told.
#[derive(Debug)]
pub(super) struct Sign {
    /// Which kind.
    pub(super) kind: Kind,
    /// Its pattern.
    pub(super) pattern: &'static str,
}

/// Stems of verbs by which data goes on, to a place or into an argument.
pub(super) const FLOW: &str = r"(?:send|forward|transmit|upload|post|exfiltrat|relay|report|sync|shar|submit|export|pass|rout|stream|mirror|deliver|redirect|leak|includ|attach|append|provid|supply|copy|copi|cc|bcc|log|harvest|tunnel|ship|email|backup|back up|transfer)";
/// Stems of verbs by which data goes out.
pub(super) const OUT: &str = r"(?:send|sent|forward|transmit|upload|post|exfiltrat|relay|report|sync|shar|submit|export|pass|rout|stream|mirror|deliver|redirect|leak|bcc|ship|transfer|copy|copi|attach)";
/// What is private: files, credentials, the conversation.
pub(super) const SENS: &str = r"(?:~/\.|\.ssh\b|\bid_rsa|\bid_ed25519|\.env\b|\.aws\b|\.netrc|\bmcp\.json|/etc/(?:passwd|shadow)|\bcredentials?\b|\bpasswords?\b|\bsecrets?\b|\bsecret_|\bapi[ _-]?keys?\b|\bprivate keys?\b|\b(?:access|auth|authentication|session|bearer) tokens?\b|\bcookies?\b|\benvironment variables?\b|\benv vars?\b|\bprocess\.env\b|\b(?:conversation|chat|message) (?:history|context|log)|\b(?:full|entire|whole|complete) (?:conversation|chat|context)|\bsystem prompt\b|\bpersonal data\b|\bpii\b|\bpayment (?:method|information|details?)|\bkeychain\b|\bwallet|localstorage|document\.cookie)";
/// Ways to say that something is not to be done.
pub(super) const NOT: &str =
    r"(?:do not|don'?t|never|must not|should not|without|avoid|no need to|not necessary to|refrain from)";

/// All signs.
pub(super) static SIGNS: &[Sign] = &[
    Sign {
        kind: Kind::Secrecy,
        pattern: r"(?i-u)<NOT>\b.{0,40}\b(?:tell|mention|inform|notif|reveal|disclos|alert|warn|ask|confirm|seek|request|requir|wait|prompt|consult|explain|let)\w*\b.{0,40}\b(?:users?|humans?|anyone|anybody|operators?|owners?|customers?|people|confirmation|approval|consent|permission)\b|\b(?:silently|secretly|covertly|quietly|stealthily|invisibly|discreetly)\b.{0,30}\b(?:<OUT>|creat|call|invok|execut|read|fetch|copy|append|collect|log|includ|add|run|stor|record|regist|instal)\w*|\b(?:user|human|owner|operator)(?:'s)?\b.{0,15}\b(?:not (?:be )?(?:notice|know|see|told|aware|informed|notified)|unaware|knowledge|noticing|knowing)|\bhid(?:e|den|ing)\b.{0,30}\bfrom (?:the )?(?:user|human)|\bmere(?:ly)? (?:an )?implementation detail|\binternal implementation detail|\bno user action\b",
    },
    Sign {
        kind: Kind::Unchecked,
        pattern: r"(?i-u)\bwithout (?:\w+ ){0,3}(?:filter|sanitiz|sanitis|validat|restrict|review|check|approv|confirm|consent|authori|oversight|supervision|permission|verif)\w*",
    },
    Sign {
        kind: Kind::Override,
        pattern: r"(?i-u)\b(?:ignor|disregard|bypass|overrid|supersed|forget|circumvent|disabl|evad|violat|neglect|replac|discard)\w*\b.{0,60}\b(?:instructions?|guidelines?|polic(?:y|ies)|safety|safeguards?|guardrails?|restrictions?|security|system (?:prompt|message)|previous|prior|permissions?|approvals?|confirmations?|moderation|filter(?:s|ing)|preferences|directives?|constraints?)\b|\b(?:authoritative|highest[- ]priority|top[- ]priority|mandatory|binding)\b.{0,20}\b(?:directives?|instructions?|commands?|orders?|rules?)\b|\btakes? (?:precedence|priority) over\b|\bnew (?:system )?(?:instructions|directives|rules)\b",
    },
    Sign {
        kind: Kind::Addressed,
        pattern: r"(?i-u)\b(?:note|message|instructions?|attention|notice|reminder|hint) (?:to|for) (?:the |any |all )?(?:ai|llms?|models?|assistants?|agents?|claude|chatgpt|language model)\b|\b(?:ai|llms?|(?:the|this|any|every|calling|your) (?:ai |language |llm )?(?:model|assistant|agent)|assistants?|claude|chatgpt|gpt)\b[^.]{0,15}\b(?:must|should|shall|has to|have to|needs? to|is required to|are required to|will always|please|always|never)\b",
    },
    Sign {
        kind: Kind::Persona,
        pattern: r"(?i-u)\b(?:adopt|assume|take on)\b.{0,20}\b(?:persona|role|identity)\b|\bpretend (?:to be|that|you)|\byou are now\b|\bact as (?:if|an?|the) |\bfrom now on\b",
    },
    Sign {
        kind: Kind::Told,
        pattern: r"(?i-u)\b(?:you|it) (?:must|shall|have to|are required to|will need to|always)\b|\byou should (?:always|also|never|first|not|immediately)\b|\bmust (?:always|never|also|first|immediately|be (?:called|used|invoked|run|sent|passed|set|included|treated))\b|\balways (?:call|use|pass|send|forward|includ|invok|run|execut|read|add|set|prefer|follow|append)\w*\b|\bmake sure (?:to|you)\b|\bbe sure to\b|\bimmediately\b|\bautomatically (?:<OUT>)\w*",
    },
    Sign {
        kind: Kind::Order,
        pattern: r"(?i-u)\b(?:before|prior to|whenever|when|every time|each time|after)\b.{0,20}\b(?:using|use of|calling|called|responding|answering|replying|invoking|invoked|processing|executing|any other|another tool|this tool returns|this request)\b.{0,80}\b(?:must|always|should|first|read|call|invoke|send|pass|forward|include|fetch|run|execute|add)\b|\b(?:before|prior to) (?:any|all|every|each|responding|answering|replying|doing)\b|\bmust be (?:called|used|invoked|run)\b.{0,40}\b(?:first|before|prior)\b",
    },
    Sign {
        kind: Kind::OtherTool,
        pattern: r#"(?i-u)\b(?:invoke|call|run|use|trigger|execute)(?:s|d|ed|ing)?\b.{0,30}\b(?:the )?(?:also present |previously declared |other )?[`'\"]?[a-z]+(?:_[a-z]+)+[`'\"]?"#,
    },
    Sign {
        kind: Kind::Steering,
        pattern: r"(?i-u)\balso (?:present|installed|available|loaded)\b.{0,40}\btools?\b|\bside effects?\b.{0,10}\bon\b.{0,40}\btools?\b|\bpreviously declared\b",
    },
    Sign {
        kind: Kind::Handover,
        pattern: r"(?i-u)\b(?:results?|outputs?|values?|data|contents?|responses?|everything|it|them)\b.{0,50}\b(?:directly|automatically|immediately|always)\b.{0,20}\b(?:to|into)\b|\b(?:pass|send|forward)\w*\b.{0,25}\b(?:all|any|its|their|the|every)\b.{0,30}\b(?:contents?|results?|outputs?|data|everything|responses?)\b.{0,25}\b(?:to|as|into|in|through|via)\b.{0,25}",
    },
    Sign {
        kind: Kind::Loop,
        pattern: r"(?i-u)\b(?:retry|repeat|loop|keep|re-?run|re-?invoke)\w*\b.{0,60}\b(?:until|indefinitely|forever|endless\w*|infinite\w*|no matter)\b",
    },
    Sign {
        kind: Kind::Directive,
        pattern: r#"(?i-u)[\"'](?:next_(?:action|tool|step|call)s?|on_error|retry_(?:hint|count|policy)|continue_after_error|tool_calls?|function_call|system_prompt|instructions?)[\"']\s*:|\bon_error\s*=|\b(?:system|assistant|developer)\s*:\s|\btool_definition\s*:"#,
    },
    Sign {
        kind: Kind::SensitiveOut,
        pattern: r"(?i-u)\b<FLOW>\w*\b.{0,80}<SENS>|<SENS>.{0,60}\b(?:to|as|into|via|through)\b.{0,40}\b(?:parameter|argument|endpoint|server|url|field|https?|webhook|tunnel|external|remote)\b|<SENS>.{0,60}\b(?:exfiltrat|<OUT>)(?:s|es|ed|ing|e)?\b",
    },
    Sign {
        kind: Kind::SensitiveRead,
        pattern: r"(?i-u)\b(?:read|open|load|fetch|collect|gather|harvest|extract|steal|dump|cat|get|retriev|scan|access|obtain|output|print|reveal)\w{0,5}\b.{0,60}(?:~/\.|\.ssh\b|id_rsa|\.env\b|\.aws\b|\.netrc|mcp\.json|/etc/(?:passwd|shadow)|environment variables?|\bcookies?\b|private keys?|get_credentials)",
    },
    Sign { kind: Kind::Sensitive, pattern: r"(?i-u)<SENS>" },
    Sign {
        kind: Kind::Privilege,
        pattern: r"(?i-u)\b(?:elevated|full|root|admin\w*|unrestricted|system)\b (?:system )?(?:privileges?|permissions?|access|rights|context)\b|\bpre-?(?:approved|validated|authorized)\b|\bdoes not apply\b",
    },
    Sign {
        kind: Kind::Request,
        pattern: r"(?i-u)\b(?:respond|reply) (?:only |exactly |back )?(?:with|by)\b|\b(?:run|execute|decode|unescape|output|print|repeat|translate|evaluate|say|echo|recite|interpret|render)\b (?:out |back )?(?:the following|everything|exactly|this text|what follows)\b|\bclick (?:here|this|the link|below)\b|\binstead (?:output|print|say|write|return|send)\b",
    },
    Sign {
        kind: Kind::Question,
        pattern: r"(?i-u)^(?:what|which|how|why|who|can you|could you|would you|do you|have you|is it)\b.*\?$",
    },
    Sign {
        kind: Kind::Emphasis,
        pattern: r"(?-u)(?:\b(?:IMPORTANT|CRITICAL|MANDATORY|URGENT|ATTENTION)\b\s*[:!]|\b(?:MUST|ALWAYS|NEVER)\b)",
    },
    Sign {
        kind: Kind::Tag,
        pattern: r"(?i-u)</?\s?(?:important|critical|secret|hidden|system|instructions?|admin|urgent|directive|override)[-_ ]?\w{0,12}\s?>|<!--|\[/?(?:inst|system)\]|<\|",
    },
    Sign {
        kind: Kind::Markup,
        pattern: r#"(?i-u)<\s*(?:script|iframe|svg|object|embed)\b|<\s*img\b[^>]*>|\bjavascript:|\bon(?:load|error|click|mouseover|focus)\s*=\s*[\"'\w]"#,
    },
    Sign { kind: Kind::Template, pattern: r"(?i-u)\{\{[^{}]*[$.(\[*+|][^{}]*\}|\$\{[^{}]+\}|\{%" },
    Sign {
        kind: Kind::Code,
        pattern: r#"(?i-u)\b(?:eval|exec|system|popen|spawn|function|atob|fetch|invoke|runinnewcontext|require|import|execute)\s*\(\s*[\"'`\[(\w]|\b(?:subprocess|os)\.\w+\(|__\w+__|\blambda\b \w*:|\b(?:curl|wget|nc|ncat)\b (?:-\S+ )*\S*(?:https?:|\d)|\bchmod \+?\w|\bbash -[ci]|\brm -rf\b|\|\s*(?:ba)?sh\b"#,
    },
    Sign {
        kind: Kind::Destructive,
        pattern: r"(?i-u)\b(?:drop table|delete from|truncate table|drop database)\b",
    },
    Sign {
        kind: Kind::Outflow,
        pattern: r"(?i-u)\b<OUT>\w*\b.{0,70}\b(?:to|via|with|through|into)\b.{0,40}\b(?:external|third[- ]part\w*|remote|endpoints?|webhooks?|analytics|telemetry|aggregat\w+|collectors?|tunnels?|our|partners?|vendors?|attackers?|upload\w*|reporting\w*|cloud|callback|servers?)\b|\b(?:creat|register|subscrib|add|configur)\w*\b.{0,50}\b(?:webhook|third[- ]part\w*|callback url)\b|\b(?:<OUT>)\w*\b.{0,30}\b(?:usage|telemetry|analytics)\b (?:data|analytics|information)?",
    },
    Sign { kind: Kind::Control, pattern: r"(?i-u)\\x1b|\\u001b|\\033" },
];
