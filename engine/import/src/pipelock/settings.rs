//! What becomes of the settings of a Pipelock configuration that are not rules. None is passed over in silence.

use super::config::Config;
use crate::account::{Outcome, SettingAccount};
use crate::keys::Keys;

/// Settings that went into the pack or the policy.
const TAKEN: &[(&str, &str)] = &[
    ("mode", "`audit` makes every action of the policy `warn`"),
    ("enforce", "`false` makes every action of the policy `warn`"),
    ("dlp", "its patterns are rules for what leaves"),
    ("response_scanning", "its patterns are rules, its action a clause of the policy"),
    ("request_body_scanning", "its action is a clause of the policy"),
    ("mcp_input_scanning", "its action is a clause of the policy"),
    ("mcp_tool_scanning", "its action is a clause of the policy; drift is Coldcase's own"),
    ("mcp_tool_policy", "its rules are rules, its actions clauses of the policy"),
    (
        "tool_chain_detection",
        "its custom patterns are chains, its actions clauses of the policy; the patterns that the firewall has compiled in \
         stand in no file, and Coldcase's chains are its own",
    ),
];

/// Settings that judge, and have nothing in packs or policies that corresponds.
const WITHOUT_COUNTERPART: &[(&str, &str)] = &[
    ("suppress", "each entry is accounted for among the rules"),
    ("api_allowlist", "rules and clauses do not look at the host of a request"),
    ("fetch_proxy", "hosts, lengths and rates of requests are no conditions of a policy"),
    ("internal", "requests to internal addresses are found by the built-in pack `ssrf`"),
    ("ssrf", "requests to internal addresses are found by the built-in pack `ssrf`"),
    ("trusted_domains", "rules and clauses do not look at the host of a request"),
    ("adaptive_enforcement", "a policy does not look at the risk of the session"),
    ("session_profiling", "Coldcase's risk score is its own"),
    ("cross_request_detection", "fragments of secrets over requests are not put together by a pack"),
    ("canary_tokens", "write a rule for each token"),
    ("redaction", "Coldcase blanks secrets in its reports by itself"),
    ("taint", "a pack does not follow what came in"),
    ("seed_phrase_detection", "recovery phrases are found by the built-in packs"),
    ("address_protection", "a pack does not compare addresses with a list"),
    ("git_protection", "what git does is not told apart by a pack"),
    ("rules", "bundles are files of their own: import each"),
    ("agents", "a pack is for all agents"),
    ("a2a_scanning", "Coldcase reads A2A messages by itself"),
    ("media_policy", "a policy does not look at kinds of media"),
    ("behavioral_baseline", "a pack does not learn"),
];

/// Accounts of all settings that the file has.
pub(super) fn accounts(config: &Config, keys: &Keys) -> Vec<SettingAccount> {
    let find = |table: &[(&str, &'static str)], key: &str| {
        table.iter().find(|(known, _)| *known == key).map(|(_, detail)| *detail)
    };
    let mut all = Vec::new();
    for key in keys.iter() {
        let (outcome, detail) = match (find(TAKEN, key), find(WITHOUT_COUNTERPART, key)) {
            (Some(detail), _) => (Outcome::Taken, detail),
            (None, Some(detail)) => (Outcome::LeftOut, detail),
            (None, None) => {
                (Outcome::LeftOut, "how the firewall runs, or a setting that this version does not know")
            }
        };
        all.push(SettingAccount { setting: key.to_owned(), outcome, detail: detail.to_owned() });
    }
    let sections = [
        ("dlp", config.dlp.include_defaults),
        ("response_scanning", config.response_scanning.include_defaults),
    ];
    for (name, include) in sections {
        if include != Some(false) {
            all.push(SettingAccount {
                setting: format!("{name}.include_defaults"),
                outcome: Outcome::LeftOut,
                detail:
                    "the firewall adds patterns that it has compiled in, and this file does not state them"
                        .to_owned(),
            });
        }
    }
    all.extend(config.tool_chain_detection.settings());
    all
}
