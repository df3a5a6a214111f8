//! The actions of a Pipelock configuration as a policy of Coldcase.
//!
//! The firewall blocks secrets in addresses whatever else it is told, and has an action for each place that it looks at.
//! Sections that are switched off have no clause, so what is found there is allowed.

use super::config::{Config, WrittenToolRule};

/// What the firewall does where.
pub(super) struct Actions<'c> {
    url: Option<&'c str>,
    body: Option<&'c str>,
    response: Option<&'c str>,
    input: Option<&'c str>,
    tools: Option<&'c str>,
    calls: Option<&'c str>,
}

impl<'c> Actions<'c> {
    pub(super) fn of(config: &'c Config) -> Self {
        let when = |is_on: bool, action: &'c Option<String>| {
            is_on.then(|| lenient(config, action.as_deref().unwrap_or("warn")))
        };
        Self {
            url: Some(lenient(config, "block")),
            body: when(
                config.request_body_scanning.enabled != Some(false),
                &config.request_body_scanning.action,
            ),
            response: when(config.response_scanning.is_on(), &config.response_scanning.action),
            input: when(config.mcp_input_scanning.enabled == Some(true), &config.mcp_input_scanning.action),
            tools: when(config.mcp_tool_scanning.enabled == Some(true), &config.mcp_tool_scanning.action),
            calls: when(config.mcp_tool_policy.is_on(), &config.mcp_tool_policy.action),
        }
    }
}

/// An action as the firewall's mode leaves it: in `audit`, or where it does not enforce, it only warns.
fn lenient<'a>(config: &Config, action: &'a str) -> &'a str {
    let only_warns = config.enforce == Some(false) || config.mode.as_deref() == Some("audit");
    match action {
        _ if only_warns => "warn",
        "block" | "strip" | "ask" | "redirect" | "warn" | "allow" => action,
        // A word that is not known must not let anything pass.
        _ => "block",
    }
}

/// The policy as YAML.
pub(super) fn policy(file: &str, config: &Config, actions: &Actions<'_>) -> String {
    let mut out: String = format!("# Taken over from {} by `coldcase rules import`.\n", one_line(file));
    let not_scanned = lenient(config, "block");
    out.push_str(&format!("policy: pipelock\nversion: 1\nnot_scanned: {not_scanned}\nclauses:\n"));
    let mut clause = |action: Option<&str>, when: &str| {
        if let Some(action) = action {
            out.push_str(&format!("  - action: {action}\n    when: {{{when}}}\n"));
        }
    };
    clause(actions.url, "rule: [pipelock.dlp.], direction: egress, surface: [url, host, query, dns_name]");
    clause(
        actions.body,
        "rule: [pipelock.dlp.], direction: egress, not_surface: [url, host, query, dns_name, tool_argument]",
    );
    clause(actions.response, "rule: [pipelock.response.], direction: ingress");
    clause(
        actions.input,
        "rule: [pipelock.dlp., pipelock.response.], direction: egress, surface: [tool_argument]",
    );
    clause(actions.tools, "rule: [pipelock.response.], surface: [tool_name, tool_description, tool_schema]");
    let chains = config.tool_chain_detection.actions();
    for action in ["warn", "block"] {
        let is_it = |stated: &str| lenient(config, stated) == action;
        let ids: Vec<&str> =
            chains.iter().filter(|(_, stated)| is_it(stated)).map(|(id, _)| id.as_str()).collect();
        if !ids.is_empty() {
            clause(Some(action), &format!("rule: [{}]", ids.join(", ")));
        }
    }
    if let Some(default) = actions.calls {
        let own = |rule: &WrittenToolRule| {
            rule.action.as_deref().map_or(default, |action| lenient(config, action)).to_owned()
        };
        for action in ["allow", "warn", "strip", "ask", "redirect", "block"] {
            let rules: Vec<String> = config
                .mcp_tool_policy
                .rules
                .iter()
                .filter(|rule| own(rule) == action)
                .map(|rule| rule.id())
                .collect();
            if !rules.is_empty() {
                clause(Some(action), &format!("rule: [{}]", rules.join(", ")));
            }
        }
    }
    out
}

/// A name inside a line of comment.
fn one_line(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' || c == '\u{85}' { ' ' } else { c })
        .collect()
}
