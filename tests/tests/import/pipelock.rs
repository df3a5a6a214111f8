//! Configurations of Pipelock: patterns, tool policy, and actions as a policy.

use serde_json::{Value, json};

use super::{Bench, about, account, details, run, settings, told};
use crate::command::coldcase_with;

const CONFIG: &str = r#"
version: 1
mode: balanced
api_allowlist: ["*.example"]
new_section: {a: 1}
dlp:
  include_defaults: false
  patterns:
    - name: "Acme Token"
      regex: 'acmetok_[a-z0-9]{16}'
      severity: critical
    - name: "Wallet"
      regex: 'wallet:[5KL][1-9A-HJ-NP-Za-km-z]{50,51}'
      severity: critical
      validator: wif
    - name: "Routing"
      regex: 'routing \d{9}'
      severity: low
      validator: aba
    - name: "Number"
      regex: '\b\d{3}-\d{2}-\d{4}\b'
      severity: low
response_scanning:
  include_defaults: false
  action: strip
  patterns:
    - name: "Made-up Order"
      regex: '(?is)\bquokka\b.{0,10}\bobeys\s+me'
mcp_input_scanning: {enabled: true, action: ask}
mcp_tool_policy:
  enabled: true
  action: warn
  rules:
    - name: "Wipe"
      tool_pattern: '(?i)^(bash|shell)$'
      arg_pattern: '(?i)\bwipedisk\s+--all'
      action: block
    - name: "Dump"
      tool_pattern: 'sql'
      arg_pattern: 'dumptable'
      arg_key: '^query$'
    - name: "Forbidden Tool"
      tool_pattern: '^launch_rocket$'
      action: block
tool_chain_detection:
  enabled: true
  window_seconds: 300
  custom_patterns:
    - {name: read-then-send, sequence: [read, network], severity: high, action: block}
    - {name: Listed and Run, sequence: [list, list, exec], severity: medium}
    - {name: fly, sequence: [read, teleport], severity: high}
    - {name: short, sequence: [read], severity: high}
    - {name: mild, sequence: [read, exec], severity: low}
suppress:
  - {rule: "Acme Token", path: "docs/*", reason: examples}
"#;

#[test]
fn every_rule_and_setting_is_accounted_for() {
    let bench = Bench::new();
    let all = bench.imported(&bench.put("pipelock.yaml", CONFIG));
    assert_eq!(account(&all, "Acme Token"), told("changed", &["ascii_case"]));
    assert_eq!(account(&all, "Routing"), told("left_out", &["no_counterpart"]));
    assert_eq!(account(&all, "Number"), told("taken", &[]));
    assert_eq!(account(&all, "Made-up Order"), told("changed", &["ascii_case"]));
    assert_eq!(account(&all, "Wipe"), told("changed", &["ascii_case", "tool_name"]));
    assert_eq!(account(&all, "Dump"), told("changed", &["tool_name", "argument_key"]));
    assert_eq!(account(&all, "Forbidden Tool"), told("changed", &["edges"]));
    assert_eq!(account(&all, "read-then-send"), told("changed", &["deeds", "span"]));
    assert_eq!(account(&all, "Listed and Run"), told("changed", &["deeds", "span"]));
    assert_eq!(account(&all, "fly"), told("left_out", &["no_counterpart"]));
    assert_eq!(account(&all, "short"), told("left_out", &["syntax"]));
    assert_eq!(account(&all, "mild"), told("left_out", &["syntax"]));
    assert_eq!(account(&all, "suppress Acme Token at docs/*"), told("left_out", &["no_counterpart"]));
    // No value that is made by chance has a checksum that fits.
    assert_eq!(account(&all, "Wallet"), told("left_out", &["not_shown"]));
    let settings: Vec<&str> =
        all["settings"].as_array().unwrap().iter().map(|one| one["setting"].as_str().unwrap()).collect();
    for key in ["mode", "api_allowlist", "new_section", "suppress", "version"] {
        assert!(settings.contains(&key), "{settings:?}");
    }
}

#[test]
fn rules_look_where_the_firewall_looks() {
    let bench = Bench::new();
    bench.imported(&bench.put("pipelock.yaml", CONFIG));
    let token = format!("ACMETOK{}k3m9x7q2w8z4v6n1", '_');
    assert_eq!(bench.found("egress", "body", &token), ["pipelock.dlp.acme-token"], "in any case");
    assert_eq!(bench.found("ingress", "body", &token), [""; 0]);
    let order = |gap: &str| bench.found("ingress", "body", &format!("The quokka{gap}obeys me"));
    assert_eq!(order(" ééééé "), ["pipelock.response.made-up-order"], "seven characters in twelve bytes");
    assert_eq!(order(" éééééééé "), ["pipelock.response.made-up-order"], "ten characters in eighteen bytes");
    assert_eq!(order(" ééééééééé "), [""; 0], "eleven characters");
    assert_eq!(rules(&bench.judge(&[], &call("bash", "wipedisk --all"))), ["pipelock.tool-policy.wipe"]);
    assert_eq!(rules(&bench.judge(&[], &call("editor", "wipedisk --all"))), [""; 0], "another tool");
    assert_eq!(
        rules(&bench.judge(&[], &call("run_sql_query", "dumptable x"))),
        ["pipelock.tool-policy.dump"]
    );
    assert_eq!(
        rules(&bench.judge(&[], &call("launch_rocket", "x"))),
        ["pipelock.tool-policy.forbidden-tool"]
    );
}

fn call(tool: &str, argument: &str) -> Value {
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {"command": argument}}
    });
    json!({"kind": "mcp", "direction": "egress", "mcp": {"message": message}})
}

fn rules(verdict: &Value) -> Vec<&str> {
    verdict["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect()
}

#[test]
fn actions_become_a_policy() {
    let bench = Bench::new();
    let source = bench.put("pipelock.yaml", CONFIG);
    let (pack, policy) = (bench.path("pack.yaml"), bench.path("policy.yaml"));
    let imported = run(&["rules", "import", &source, "-o", &pack, "--policy-out", &policy]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let action =
        |event: &Value| bench.judge(&["--policy", &policy], event)["action"].as_str().unwrap().to_owned();
    let token = format!("acmetok{}k3m9x7q2w8z4v6n1", '_');
    let text = |direction: &str, surface: &str, text: &str| json!({"kind": "text", "direction": direction, "text": {"text": text, "surface": surface}});
    assert_eq!(action(&text("egress", "url", &token)), "block");
    assert_eq!(action(&text("egress", "body", &token)), "warn", "the firewall's default for bodies");
    assert_eq!(action(&text("ingress", "body", "The quokka obeys me")), "strip");
    assert_eq!(action(&call("x", &token)), "ask");
    assert_eq!(action(&call("bash", "wipedisk --all")), "block");
    assert_eq!(action(&call("sql", "dumptable")), "warn");
    assert_eq!(action(&text("egress", "body", "nothing")), "allow");
    let audit = bench.put("audit.yaml", CONFIG.replace("mode: balanced", "mode: audit"));
    let again = run(&["rules", "import", &audit, "-o", &pack, "--policy-out", &policy, "--force"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(action(&text("egress", "url", &token)), "warn");
}

const CONDITIONS: &str = r"
dlp:
  include_defaults: false
  secrets_file: secrets.txt
  scan_env: true
  patterns:
    - {name: Plain, regex: 'plaintoken_[0-9]{8}'}
    - {name: Odd, regex: 'oddtoken_[0-9]{8}', enabled: false, action: warn, bogus: 3}
response_scanning:
  enabled: false
  include_defaults: false
  exempt_domains: [docs.example, '*.wiki.example']
  sse_streaming: {enabled: false}
  patterns:
    - {name: Order, regex: 'quokka obeys'}
request_body_scanning: {enabled: false, scan_headers: false}
mcp_tool_policy:
  enabled: false
  redirect_profiles: {audit: {exec: [x]}}
  rules:
    - {name: Wipe, tool_pattern: '^shell$', arg_pattern: 'wipedisk --all', action: redirect, redirect_profile: audit}
";

#[test]
fn conditions_of_a_section_or_a_pattern_are_told() {
    let bench = Bench::new();
    let all = bench.imported(&bench.put("pipelock.yaml", CONDITIONS));
    let ascii_case = ("ascii_case", "");
    assert_eq!(details(&all, "Plain"), about(&[ascii_case]));
    assert_eq!(details(&all, "Odd"), about(&[("member", "action, bogus, enabled"), ascii_case]));
    assert_eq!(
        details(&all, "Order"),
        about(&[
            ("status", "response_scanning.enabled is false"),
            ("exempt_domains", "response_scanning.exempt_domains")
        ])
    );
    assert_eq!(
        details(&all, "Wipe"),
        about(&[
            ("member", "redirect_profile"),
            ("status", "mcp_tool_policy.enabled is not true"),
            ("tool_name", "")
        ])
    );
    let settings = settings(&all);
    for setting in [
        "dlp.secrets_file",
        "dlp.scan_env",
        "response_scanning.enabled",
        "response_scanning.exempt_domains",
        "response_scanning.sse_streaming",
        "request_body_scanning.enabled",
        "request_body_scanning.scan_headers",
        "mcp_tool_policy.enabled",
        "mcp_tool_policy.redirect_profiles",
    ] {
        assert!(settings.contains_key(setting), "{setting} {settings:?}");
    }
    assert!(settings["response_scanning.exempt_domains"].contains("*.wiki.example"), "{settings:?}");
    assert!(!settings.contains_key("dlp.enabled"), "{settings:?}");
}

#[test]
fn a_tool_policy_that_is_not_switched_on_is_none() {
    let marked = |text: &str| {
        let bench = Bench::new();
        let all = bench.imported(&bench.put("pipelock.yaml", text));
        account(&all, "Wipe").1.contains(&"status".to_owned())
    };
    let text = "mcp_tool_policy:\n  enabled: true\n  rules:\n  - {name: Wipe, tool_pattern: shell, arg_pattern: wipedisk}\n";
    assert!(!marked(text));
    assert!(marked(&text.replace("  enabled: true\n", "")), "nothing is said");
}

/// The chains of the pack that a session of tool calls comes to, with the number of the call and the action.
fn chained(bench: &Bench, more: &[&str], calls: &[(&str, &str)]) -> Vec<(usize, String, String)> {
    let lines = calls.iter().map(|(tool, argument)| {
        let mut record = call(tool, argument);
        record["v"] = json!(1);
        record["session"] = json!("s");
        format!("{record}\n")
    });
    let pack = bench.path("pack.yaml");
    let args = [&["judge", "--pack", pack.as_str(), "--only-packs"], more].concat();
    let run = coldcase_with(args, lines.collect::<String>().as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let verdicts: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = verdicts.iter().enumerate().flat_map(|(number, verdict)| {
        let ids = rules(verdict).into_iter().filter(|id| id.starts_with("pipelock.chain."));
        ids.map(move |id| (number, id.to_owned(), verdict["action"].as_str().unwrap().to_owned()))
    });
    told.collect()
}

#[test]
fn custom_patterns_become_chains_with_their_actions() {
    let bench = Bench::new();
    let source = bench.put("pipelock.yaml", CONFIG);
    let (pack, policy) = (bench.path("pack.yaml"), bench.path("policy.yaml"));
    let imported = run(&["rules", "import", &source, "-o", &pack, "--policy-out", &policy]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    Bench::held(&pack);
    let told = |calls: &[(&str, &str)]| chained(&bench, &["--policy", &policy], calls);
    let one = |number: usize, id: &str, action: &str| {
        vec![(number, format!("pipelock.chain.{id}"), action.to_owned())]
    };
    let (read, other, send) = (("get_record", "7"), ("translate", "x"), ("post_message", "hello"));
    assert_eq!(told(&[read, send]), one(1, "read-then-send", "block"));
    assert_eq!(
        told(&[read, other, other, other, send]),
        one(4, "read-then-send", "block"),
        "three calls between"
    );
    assert_eq!(told(&[read, other, other, other, other, send]), [], "four");
    // The firewall ranks words: a tool that fetches is of the network, and one that runs is a shell whatever it reads.
    assert_eq!(told(&[("fetch_page", "x"), send]), []);
    assert_eq!(told(&[("run_get", "x"), send]), []);
    let (list, run) = (("list_files", "."), ("bash", "make"));
    assert_eq!(told(&[list, list, run]), one(2, "listed-and-run", "warn"), "the default action");
    assert_eq!(told(&[list, run]), []);
}

#[test]
fn what_a_chain_leaves_out_is_told() {
    let bench = Bench::new();
    let steps = ["read"; 30].join(", ");
    let config = format!(
        "mode: balanced\ntool_chain_detection:\n  window_size: 500\n  bogus: 1\n  max_gap: 9\n  tool_categories: {{network: [beam_up]}}\n  \
         pattern_overrides: {{read-then-exec: block}}\n  custom_patterns:\n  - {{name: long, sequence: [{steps}], severity: high, cooldown: 3}}\n"
    );
    let all = bench.imported(&bench.put("pipelock.yaml", config));
    assert_eq!(
        account(&all, "long"),
        told("changed", &["member", "status", "deeds", "span", "tool_categories"])
    );
    let changes = all["rules"][0]["changes"].as_array().unwrap();
    assert_eq!(changes[3]["detail"], "64 of 291 calls");
    assert_eq!(changes[4]["detail"], "network: beam_up");
    let settings = all["settings"].as_array().unwrap();
    let override_ = settings.iter().find(|one| one["setting"] == "tool_chain_detection.pattern_overrides");
    assert!(settings.iter().any(|one| one["setting"] == "tool_chain_detection.bogus"), "{settings:#?}");
    assert!(override_.unwrap()["detail"].as_str().unwrap().contains("read-then-exec"), "{settings:#?}");
    let partly = "mode: balanced\ntool_chain_detection:\n  enabled: true\n  action: block\n  custom_patterns:\n  \
                  - {name: taken, sequence: [read, exec], severity: high}\n  \
                  - {name: odd, sequence: [read, exec], severity: high, action: shout}\n  \
                  - {name: short, sequence: [read], severity: high}\n";
    let (pack, policy) = (bench.path("partly-pack.yaml"), bench.path("partly-policy.yaml"));
    let source = bench.put("partly.yaml", partly);
    let imported = run(&["rules", "import", &source, "-o", &pack, "--policy-out", &policy]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let clauses = std::fs::read_to_string(&policy).unwrap();
    assert!(clauses.contains("pipelock.chain.taken"), "{clauses}");
    assert!(
        !clauses.contains("chain.odd") && !clauses.contains("chain.short"),
        "only what the pack has: {clauses}"
    );
    let narrow = "mode: balanced\ntool_chain_detection:\n  enabled: true\n  window_size: 2\n  custom_patterns:\n  \
                  - {name: wide, sequence: [read, write, exec], severity: high}\n";
    let refused = run(&["rules", "import", &bench.put("narrow.yaml", narrow)]);
    assert_eq!(refused.code, 2, "{}", refused.stdout);
    assert!(
        refused.stdout.contains("not_reported") && refused.stdout.contains("never seen"),
        "{}",
        refused.stdout
    );
}
