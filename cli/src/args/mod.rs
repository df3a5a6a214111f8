//! The command line as it is written; what it means is settled in `config`.

mod baseline;
mod drift;
mod explain;
mod inspect;
mod judge;
mod keygen;
mod log;
mod mcp;
mod profile;
mod proxy;
mod record;
mod replay;
mod rules;
mod rules_lab;
mod scan;
mod seal;
mod timeline;
mod verify;

pub(crate) use baseline::{
    BaselineAcceptArgs, BaselineArgs, BaselineCommand, BaselineImportArgs, BaselineMarkArgs, BaselineOptions,
    WhyArgs,
};
pub(crate) use drift::{AcceptArgs, CommonArgs, CompareArgs, DriftArgs, DriftCommand};
pub(crate) use explain::ExplainArgs;
pub(crate) use inspect::InspectArgs;
pub(crate) use judge::{JudgeArgs, RulesetArgs};
pub(crate) use keygen::KeygenArgs;
pub(crate) use log::LogArgs;
pub(crate) use mcp::McpArgs;
pub(crate) use profile::{ProfileArgs, ProfileCommand, ProfileCompareArgs, ProfileCreateArgs};
pub(crate) use proxy::{CaArgs, CaCommand, ProxyArgs};
pub(crate) use record::{OnLogError, RecordArgs};
pub(crate) use replay::{FailOn, ReplayArgs, WhatIfArgs};
pub(crate) use rules::{ImportArgs, ImportFrom, NewArgs, RulesArgs, RulesCommand};
pub(crate) use rules_lab::{MutateArgs, TestArgs};
pub(crate) use scan::ScanArgs;
pub(crate) use seal::SealArgs;
pub(crate) use timeline::TimelineArgs;
pub(crate) use verify::VerifyArgs;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Offline forensics and replay for the traffic of AI agents.
///
/// Reads what was recorded (HAR files, MCP transcripts, flight-recorder logs, event records), tells what came in,
/// what leaked out and in which order, and how much of the evidence it could look at. Nothing leaves the machine.
#[derive(Debug, Parser)]
#[command(name = "coldcase", version, about, long_about, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 a gate was met; 2 input or configuration error; 3 evidence incomplete; \
4 integrity failed, or not pinned to a given key; 64 usage.

Examples:
  coldcase demo
  coldcase scan recordings/ -o report
  coldcase scan session.har --fail-on high
  zcat mcp.jsonl.gz | coldcase scan -";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan recordings and write a report.
    Scan(ScanArgs),
    /// Say what recordings are and how much is in them, without judging.
    Inspect(InspectArgs),
    /// Judge event records from standard input, one verdict a line on standard output.
    Judge(JudgeArgs),
    /// Run an MCP server and judge what goes to and from it: a proxy over standard input and output.
    Mcp(McpArgs),
    /// Judge what agents send and receive over HTTP: a forward proxy, or one in front of an MCP server.
    Proxy(Box<ProxyArgs>),
    /// Make the local certificate authority of an intercepting proxy.
    Ca(CaArgs),
    /// Verify audit logs: what they prove, by whose key, and what they cannot.
    Verify(VerifyArgs),
    /// Record JSON lines from standard input as a signed log that later shows whether it was changed.
    Log(LogArgs),
    /// Sign a report, so that it later shows whether it was changed; attach a time stamp.
    Seal(SealArgs),
    /// Make a key to sign logs and reports with.
    Keygen(KeygenArgs),
    /// Show what servers list and what changed in it; compare it with what was accepted.
    Drift(DriftArgs),
    /// Judge recordings under two rule sets, and show what changes and why.
    Replay(ReplayArgs),
    /// Accept findings until a day, with a reason, and show or take out what is accepted.
    Baseline(BaselineArgs),
    /// Show everything about one finding of a report.
    Explain(ExplainArgs),
    /// Show the sessions of a report, or the story of one: what came in, what was done, how the risk moved.
    Timeline(TimelineArgs),
    /// Say what sessions usually do, from reports, and what in other reports is not as usual.
    Profile(ProfileArgs),
    /// Write a bundled incident, scan it, and say where the report is.
    Demo(DemoArgs),
    /// List, show, check, test, mutate, time, import and sign rules.
    Rules(RulesArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print the manual page.
    Man,
}

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// The folder for recordings and report.
    #[arg(value_name = "DIR", default_value = "coldcase-demo")]
    pub(crate) dir: PathBuf,
    /// Replace the folder if it is there.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// Parses a value of one of the model's vocabularies.
pub(crate) fn severity(text: &str) -> Result<coldcase_model::Severity, String> {
    coldcase_model::Severity::from_name(text)
        .ok_or_else(|| "one of info, low, medium, high, critical".to_owned())
}

/// Parses a number of bytes, alone or in units of 1024 and its powers: `500M`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (text.get(..at), 10),
        Some((at, 'M')) => (text.get(..at), 20),
        Some((at, 'G')) => (text.get(..at), 30),
        Some((at, 'T')) => (text.get(..at), 40),
        _ => (Some(text), 0),
    };
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let bytes = digits.and_then(|digits| digits.parse::<u64>().ok()?.checked_mul(1 << shift));
    bytes.ok_or_else(|| "a number of bytes, such as 500M or 2G".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn sizes_are_numbers_with_a_unit_or_without() {
        let sizes = ["0", "1500", "3k", "3K", "500M", "2G", "1T"].map(|text| super::size(text).unwrap());
        assert_eq!(sizes, [0, 1500, 3072, 3072, 500 << 20, 2 << 30, 1 << 40]);
        for wrong in ["", "k", "-1", "+1", "1.5G", "2GB", "2 G", "99999999T", "é"] {
            assert!(super::size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        super::Args::command().debug_assert();
    }
}
