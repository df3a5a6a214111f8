//! Words of tool names and of command lines, and the deeds that they tell.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use coldcase_model::Name;

/// One kind of deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub(crate) enum Deed {
    /// Reads a file or record.
    Read,
    /// Writes one.
    Write,
    /// Runs a program.
    Exec,
    /// Reaches out over the network.
    Network,
    /// Lists or searches.
    List,
    /// Hands data on: posts, mails, pushes, uploads.
    Send,
    /// Moves money.
    Pay,
    /// Deletes.
    Delete,
    /// Makes a program start by itself.
    Persist,
    /// Reads the environment.
    Env,
    /// Names a place where credentials lie.
    Sensitive,
    /// Makes a file runnable.
    Chmod,
    /// Fetches something into a file.
    Download,
    /// Asks what machine and network this is.
    Recon,
}

/// A set of deeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Deeds(u16);

impl Deeds {
    /// Adds one.
    pub(crate) const fn insert(&mut self, deed: Deed) {
        self.0 |= 1 << deed as u16;
    }

    /// The set of these.
    pub(crate) fn of(deeds: &[Deed]) -> Self {
        deeds.iter().fold(Self::default(), |mut all, deed| {
            all.insert(*deed);
            all
        })
    }

    /// Whether it has none.
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it has all of another set.
    pub(crate) const fn has_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether it has any of another set.
    pub(crate) const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it has one.
    pub(crate) const fn has(self, deed: Deed) -> bool {
        self.0 >> (deed as u16) & 1 != 0
    }
}

/// Words of tool names.
const NAMES: &[(Deed, &[&str])] = &[
    (Deed::Read, &["read", "get", "view", "cat", "open", "load", "show", "fetch", "download"]),
    (
        Deed::Write,
        &[
            "write", "edit", "create", "save", "update", "patch", "append", "replace", "insert", "move",
            "rename",
        ],
    ),
    (
        Deed::Exec,
        &[
            "exec",
            "execute",
            "run",
            "shell",
            "bash",
            "command",
            "terminal",
            "eval",
            "python",
            "powershell",
            "cmd",
            "process",
        ],
    ),
    (
        Deed::Network,
        &[
            "fetch", "http", "https", "request", "curl", "download", "browse", "browser", "navigate", "web",
            "url", "webfetch",
        ],
    ),
    (Deed::List, &["list", "ls", "glob", "search", "find", "grep", "query", "tree"]),
    (
        Deed::Send,
        &[
            "send", "post", "publish", "push", "upload", "share", "email", "mail", "message", "tweet",
            "comment", "notify", "submit",
        ],
    ),
    (
        Deed::Pay,
        &["pay", "payment", "transfer", "purchase", "buy", "checkout", "refund", "invoice", "withdraw"],
    ),
    (Deed::Delete, &["delete", "remove", "drop", "destroy", "purge", "truncate", "unlink"]),
    (Deed::Persist, &["cron", "crontab", "schedule", "autostart", "startup", "systemd", "hook"]),
    (Deed::Env, &["env", "environ", "environment", "getenv"]),
    (
        Deed::Sensitive,
        &["secret", "secrets", "credential", "credentials", "vault", "keychain", "password", "passwords"],
    ),
];

/// What a tool's name tells.
pub(super) fn of_name(name: &Name) -> Deeds {
    let mut deeds = Deeds::default();
    let mut word = String::new();
    let mut tell = |word: &mut String| {
        for (deed, words) in NAMES {
            if words.contains(&word.as_str()) {
                deeds.insert(*deed);
            }
        }
        word.clear();
    };
    let mut before = ' ';
    for c in name.chars().take(128) {
        if !c.is_alphanumeric() || c.is_uppercase() && before.is_lowercase() {
            tell(&mut word);
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    tell(&mut word);
    deeds
}

/// Texts of arguments, in lower case, that tell a deed wherever they stand.
const ARGUMENTS: &[(Deed, &[&str])] = &[
    (
        Deed::Sensitive,
        &[
            ".ssh/",
            "id_rsa",
            "id_ed25519",
            ".aws/credentials",
            ".netrc",
            ".npmrc",
            ".pypirc",
            ".pgpass",
            ".kube/config",
            ".docker/config.json",
            ".git-credentials",
            "/etc/shadow",
            "/etc/passwd",
            "keychain",
            "credentials.json",
            "service-account",
            ".gnupg",
            "wallet.dat",
            "login data",
            "cookies.sqlite",
            "/.env",
            " .env",
            "\".env",
            "secrets.y",
        ],
    ),
    (
        Deed::Persist,
        &[
            "crontab",
            "/etc/cron",
            ".bashrc",
            ".zshrc",
            ".profile",
            ".bash_profile",
            ".git/hooks/",
            "/etc/systemd/",
            ".config/systemd/",
            "launchagents",
            "launchdaemons",
            "currentversion\\run",
            "authorized_keys",
            "rc.local",
            "schtasks",
            "startup\\",
        ],
    ),
];

/// Texts that tell a deed only on a command line.
const COMMANDS: &[(Deed, &[&str])] = &[
    (
        Deed::Network,
        &[
            "curl ",
            "wget ",
            "nc ",
            "ncat ",
            "ssh ",
            "scp ",
            "rsync ",
            "ftp ",
            "invoke-webrequest",
            "/dev/tcp/",
            "socat ",
        ],
    ),
    (
        Deed::Send,
        &[
            " -d ",
            " --data",
            " -f @",
            " -t ",
            "--upload-file",
            "-x post",
            "-x put",
            "--post-data",
            "--post-file",
            "scp ",
            "rsync ",
            "git push",
            "npm publish",
            "twine upload",
            "mail -s",
            "| nc ",
            "|nc ",
            "| curl",
            "gh gist create",
        ],
    ),
    (Deed::Download, &["curl -o", "curl -l", "wget ", "curl -s", "curl -f", "git clone", "outfile"]),
    (
        Deed::Env,
        &[
            "printenv",
            "env |",
            "env>",
            "\"env\"",
            "set |",
            "/proc/self/environ",
            "export -p",
            "get-childitem env:",
        ],
    ),
    (Deed::Chmod, &["chmod +x", "chmod 7", "chmod a+x", "chmod u+x"]),
    (Deed::Write, &["tee ", " > ", ">> ", "cat >", "sed -i"]),
    (Deed::Delete, &["rm -", "shred ", "rmdir ", "del /"]),
    (
        Deed::Recon,
        &[
            "whoami",
            "uname",
            "ifconfig",
            "ip addr",
            "netstat",
            "ss -",
            "ps aux",
            "ps -ef",
            "/etc/passwd",
            "arp -a",
            "lsof",
            "systeminfo",
            "nmap ",
            "sudo -l",
            "getent ",
            "dmidecode",
            "route -n",
        ],
    ),
];

/// Adds what arguments in lower case tell; command lines only where the tool runs programs.
pub(super) fn of_arguments(text: &[u8], deeds: &mut Deeds) {
    static IN_ARGUMENTS: LazyLock<Option<Search>> = LazyLock::new(|| Search::new(ARGUMENTS));
    static IN_COMMANDS: LazyLock<Option<Search>> = LazyLock::new(|| Search::new(COMMANDS));
    if let Some(search) = &*IN_ARGUMENTS {
        search.tell(text, deeds);
    }
    if deeds.has(Deed::Exec)
        && let Some(search) = &*IN_COMMANDS
    {
        search.tell(text, deeds);
    }
}

/// Texts of a table, all searched for in one pass.
struct Search {
    texts: AhoCorasick,
    /// The deed of each, and whether it begins a word where it stands: `ip addr` is not in `zip address`.
    tells: Vec<(Deed, bool)>,
}

impl Search {
    /// `None` for a table that is too large, which these are not.
    fn new(table: &[(Deed, &[&str])]) -> Option<Self> {
        let each = || table.iter().flat_map(|(deed, texts)| texts.iter().map(move |text| (*deed, *text)));
        let tells = each()
            .map(|(deed, text)| (deed, text.as_bytes().first().copied().is_some_and(is_word)))
            .collect();
        let texts = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .build(each().map(|(_, text)| text));
        Some(Self { texts: texts.ok()?, tells })
    }

    fn tell(&self, text: &[u8], deeds: &mut Deeds) {
        for found in self.texts.find_overlapping_iter(text) {
            let before = found.start().checked_sub(1).and_then(|before| text.get(before)).copied();
            match self.tells.get(found.pattern().as_usize()) {
                Some((deed, bound)) if !bound || !before.is_some_and(is_word) => deeds.insert(*deed),
                _ => {}
            }
        }
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words() {
        for (name, deed) in [
            ("readFile", Deed::Read),
            ("fs.write-file", Deed::Write),
            ("run_terminal_cmd", Deed::Exec),
            ("WebFetch", Deed::Network),
            ("send_email", Deed::Send),
            ("create_payment_intent", Deed::Pay),
            ("getSecretValue", Deed::Sensitive),
        ] {
            assert!(of_name(&Name::from(name)).has(deed), "{name}");
        }
        assert_eq!(of_name(&Name::from("ready_listener")), Deeds::default());
    }

    #[test]
    fn command_lines_count_only_for_shells() {
        let told = |exec: bool, text: &str| {
            let mut deeds = Deeds::default();
            if exec {
                deeds.insert(Deed::Exec);
            }
            of_arguments(text.as_bytes(), &mut deeds);
            deeds
        };
        assert!(told(true, "curl -x post --data @x https://a.example").has(Deed::Send));
        assert!(told(true, "cat ~/.ssh/id_rsa").has(Deed::Sensitive));
        assert!(!told(false, "how to use curl --data").has(Deed::Send));
        assert!(!told(true, "the zip addresses of subnetstat").has(Deed::Recon));
        assert!(told(false, "{\"path\":\"~/.aws/credentials\"}").has(Deed::Sensitive));
    }
}
