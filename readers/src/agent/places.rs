//! Where agents keep their logs, beneath a user's home: from their own documentation and from what they write. Left out:
//! Grok CLI and Antigravity, of which only exports are known.

use std::path::{Path, PathBuf};

use super::AgentLog;

/// A folder that an agent keeps logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPlace {
    /// The log that is kept there.
    pub log: AgentLog,
    /// The folder, whether it is there or not.
    pub path: PathBuf,
}

/// Folders beneath the home, and the variable that moves the first part of the path elsewhere.
const PLACES: &[(AgentLog, Option<&str>, &str, &str)] = &[
    (AgentLog::ClaudeCode, Some("CLAUDE_CONFIG_DIR"), ".claude", "projects"),
    (AgentLog::Codex, Some("CODEX_HOME"), ".codex", "sessions"),
    (AgentLog::Codex, Some("CODEX_HOME"), ".codex", "archived_sessions"),
    (AgentLog::GeminiCli, None, ".gemini", "tmp"),
    (AgentLog::CopilotCli, None, ".copilot", "session-state"),
    (AgentLog::QwenCode, None, ".qwen", "projects"),
    (AgentLog::KimiCli, None, ".kimi", "sessions"),
    (AgentLog::KimiCli, None, ".kimi-code", "sessions"),
    (AgentLog::Pi, None, ".pi", "agent/sessions"),
    (AgentLog::Pi, None, ".openclaw", "agents"),
    (AgentLog::Droid, None, ".factory", "sessions"),
    (AgentLog::Cursor, None, ".cursor", "projects"),
    (AgentLog::Opencode, Some("XDG_DATA_HOME"), ".local/share", "opencode/storage"),
];

/// The places in which a user's agents keep logs; `variable` reads the environment.
pub fn log_places(home: &Path, variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<LogPlace> {
    let place = |&(log, moved, base, folder): &(AgentLog, Option<&str>, &str, &str)| {
        let base = moved.and_then(&variable).unwrap_or_else(|| home.join(base));
        LogPlace { log, path: base.join(folder) }
    };
    PLACES.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_moves_an_agents_places() {
        let moved = |name: &str| (name == "CODEX_HOME").then(|| PathBuf::from("elsewhere"));
        let places = log_places(Path::new("home"), moved);
        let of = |log| {
            places.iter().filter(|place| place.log == log).map(|place| place.path.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            of(AgentLog::Codex),
            ["elsewhere/sessions", "elsewhere/archived_sessions"].map(PathBuf::from)
        );
        assert_eq!(of(AgentLog::ClaudeCode), [PathBuf::from("home/.claude/projects")]);
    }
}
