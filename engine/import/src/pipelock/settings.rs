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

/// Members of sections that are taken, which are left out themselves.
const WITHIN_SECTIONS: &[(&str, &str)] = &[
    (
        "dlp.action",
        "secrets in addresses are blocked, and elsewhere the place's own section says what is done",
    ),
    ("dlp.secrets_file", "the values in that file are not read; write a rule for each"),
    ("dlp.scan_env", "values of the environment are not looked for"),
    ("dlp.min_env_secret_length", "values of the environment are not looked for"),
    ("response_scanning.ask_timeout_seconds", "a policy does not say how long to wait for an answer"),
    ("response_scanning.sse_streaming", "Coldcase reads event streams by itself"),
    ("request_body_scanning.max_body_bytes", "Coldcase's limits are its own"),
    ("request_body_scanning.scan_headers", "a policy does not tell headers from the rest of a request"),
    ("request_body_scanning.header_mode", "a policy does not tell headers apart"),
    ("request_body_scanning.sensitive_headers", "a policy does not tell headers apart"),
    ("request_body_scanning.ignore_headers", "a policy does not tell headers apart"),
    ("mcp_input_scanning.on_parse_error", "what cannot be read is `not_scanned` in the policy"),
    ("mcp_tool_scanning.detect_drift", "drift is Coldcase's own"),
    ("mcp_tool_policy.redirect_profiles", "a policy does not say where a call is redirected to"),
    ("mcp_tool_policy.quarantine_dir", "how the firewall runs"),
];

fn find(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == key).map(|(_, detail)| *detail)
}

/// Accounts of all settings that the file has.
pub(super) fn accounts(config: &Config, keys: &Keys) -> Vec<SettingAccount> {
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
    within_sections(config, &mut all);
    switched_off(config, keys, &mut all);
    for (name, section) in [("dlp", &config.dlp), ("response_scanning", &config.response_scanning)] {
        if section.include_defaults != Some(false) {
            let detail =
                "the firewall adds patterns that it has compiled in, and this file does not state them";
            all.push(left_out(&format!("{name}.include_defaults"), detail));
        }
        if !section.exempt_domains.is_empty() {
            let hosts = section.exempt_domains.join(", ");
            let detail = format!("rules and clauses do not look at the host of a request: {hosts}");
            all.push(left_out(&format!("{name}.exempt_domains"), &detail));
        }
    }
    all.extend(config.tool_chain_detection.overrides_left_out());
    all
}

fn left_out(setting: &str, detail: &str) -> SettingAccount {
    SettingAccount { setting: setting.to_owned(), outcome: Outcome::LeftOut, detail: detail.to_owned() }
}

/// Members of sections that neither pack nor policy has.
fn within_sections(config: &Config, all: &mut Vec<SettingAccount>) {
    let means = |setting: &str| find(WITHIN_SECTIONS, setting).unwrap_or("not known to this version");
    all.extend(config.dlp.settings("dlp.", means));
    all.extend(config.response_scanning.settings("response_scanning.", means));
    all.extend(config.request_body_scanning.settings("request_body_scanning.", means));
    all.extend(config.mcp_input_scanning.settings("mcp_input_scanning.", means));
    all.extend(config.mcp_tool_scanning.settings("mcp_tool_scanning.", means));
    all.extend(config.mcp_tool_policy.settings("mcp_tool_policy.", means));
    all.extend(config.tool_chain_detection.settings("tool_chain_detection.", means));
}

/// What became of sections that the file has and that are switched off, or not switched on.
fn switched_off(config: &Config, keys: &Keys, all: &mut Vec<SettingAccount>) {
    let marked = "the policy has no clause for it, and its rules are in the pack, marked `status`";
    let silent = "the policy has no clause for it";
    for (section, is_on, detail) in [
        (
            "dlp",
            config.dlp.is_on(),
            "its rules are in the pack, marked `status`; the policy has their clauses",
        ),
        ("response_scanning", config.response_scanning.is_on(), marked),
        ("request_body_scanning", config.request_body_scanning.enabled != Some(false), silent),
        ("mcp_input_scanning", config.mcp_input_scanning.enabled == Some(true), silent),
        ("mcp_tool_scanning", config.mcp_tool_scanning.enabled == Some(true), silent),
        ("mcp_tool_policy", config.mcp_tool_policy.is_on(), marked),
        ("tool_chain_detection", config.tool_chain_detection.is_on(), marked),
    ] {
        if !is_on && keys.has(section) {
            let detail = format!("the section is not switched on: {detail}");
            all.push(SettingAccount {
                setting: format!("{section}.enabled"),
                outcome: Outcome::Taken,
                detail,
            });
        }
    }
}
