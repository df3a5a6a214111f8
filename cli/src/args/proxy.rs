//! Arguments of `proxy` and `ca`.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{RecordArgs, RulesetArgs};

/// Arguments of `proxy`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every request and every answer is judged before it is passed on, with the rules and the session state of `scan` and \
`judge`. What is blocked is answered with status 403, a header `x-coldcase: blocked` and a small JSON body with code, \
reason and rules. `strip` takes findings out of JSON-RPC messages, and blocks anything else; `ask` and `redirect` block. \
A scan that fails or takes too long blocks. A session is what comes from one client address; with --upstream, what has \
one Mcp-Session-Id.

Without --intercept a CONNECT tunnel is judged by its host, port, server name (SNI) and address; what runs through it is \
not seen. With --intercept each host gets a certificate of the local CA, and HTTP/1.1 and HTTP/2 inside are judged. \
Server-sent events and WebSocket messages are judged one by one, and each is passed on when it is judged; other bodies \
are held until they are judged as a whole, so that of a request that is blocked nothing has left. Of a body over --max-body \
the rest is not seen: a policy with `not_scanned: block` refuses it.

Names are resolved once, the addresses checked, and one of them dialled: private, loopback, link-local, metadata and \
other special addresses are refused unless --allow-address names them.

With --upstream it stands in front of one MCP server (streamable HTTP or SSE): a blocked request is answered with a \
JSON-RPC error, a blocked result is replaced by one, as `coldcase mcp` does.

SIGHUP reads the policy file again, and keeps the sessions. SIGINT and SIGTERM end it: what is under way gets ten seconds, \
then the log is closed. SIGUSR1 stops all traffic, SIGUSR2 lets it run again; so does the file of --kill-file while it is \
there.

Exit codes: 0 stopped by a signal; 2 if it cannot start, or the log could not be ended; 64 usage.

Examples:
  coldcase proxy --listen 127.0.0.1:8118 --policy strict
  coldcase ca init ca/ && coldcase proxy --intercept --ca ca/ --record evidence/ --key coldcase.key
  coldcase proxy --upstream http://127.0.0.1:3000/mcp --listen 127.0.0.1:8119
  eval \"$(coldcase proxy --print-env --ca ca/)\"")]
pub(crate) struct ProxyArgs {
    #[command(flatten)]
    pub(crate) ruleset: RulesetArgs,
    #[command(flatten)]
    pub(crate) recording: RecordArgs,
    /// What the names of this log's sessions start with.
    #[arg(long, value_name = "BASE", default_value = "proxy")]
    pub(crate) session: String,
    /// Where clients connect to. Port 0 takes a free one, which is told on standard error.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8118")]
    pub(crate) listen: SocketAddr,
    /// Open TLS with certificates of the CA in --ca.
    #[arg(long, requires = "ca", conflicts_with = "upstream")]
    pub(crate) intercept: bool,
    /// The folder that `coldcase ca init` made.
    #[arg(long, value_name = "DIR")]
    pub(crate) ca: Option<PathBuf>,
    /// Stand in front of this server instead of being a forward proxy.
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: Option<String>,
    /// Trust servers whose certificates come from one of these, too: a PEM file.
    #[arg(long, value_name = "PEM")]
    pub(crate) trust: Vec<PathBuf>,
    /// An address or network that may be dialled although it is special, such as 10.1.0.0/16 (repeatable).
    #[arg(long, value_name = "NET")]
    pub(crate) allow_address: Vec<String>,
    /// Serve /healthz and /metrics (Prometheus) on this loopback address.
    #[arg(long, value_name = "ADDR")]
    pub(crate) admin: Option<SocketAddr>,
    /// All traffic stops while this file is there.
    #[arg(long, value_name = "FILE")]
    pub(crate) kill_file: Option<PathBuf>,
    /// Connections of clients at once; more wait.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_connections: u32,
    /// The most bytes of a body that are held and judged; what is longer is `not_scanned` for the policy.
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20, value_parser = clap::value_parser!(u64).range(1024..=(8 << 20)))]
    pub(crate) max_body: u64,
    /// The most bytes of bodies, events and WebSocket messages that all connections together may hold until they are judged;
    /// what finds no room is refused with status 503. What was judged and waits for a peer that reads slowly is not counted.
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20, value_parser = clap::value_parser!(u64).range((1 << 20)..=(1 << 40)))]
    pub(crate) max_held: u64,
    /// How long the head of a request may take, and a TLS handshake.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) header_seconds: u64,
    /// How long a body, a tunnel or a server may be silent.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) idle_seconds: u64,
    /// How long the scan of one message may take; then it is blocked.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) scan_seconds: u64,
    /// Print the variables that make common programs use this proxy (and the CA of --ca), and end.
    #[arg(long)]
    pub(crate) print_env: bool,
}

/// Arguments of `ca`.
#[derive(Debug, clap::Args)]
pub(crate) struct CaArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: CaCommand,
}

/// The subcommands of `ca`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CaCommand {
    /// Make a new authority: ca.pem, for clients to trust, and ca.key, which nobody else may read.
    #[command(after_help = "\
Whoever has ca.key can be any server for the programs that trust ca.pem. It is written with mode 0600, and an existing \
one is never replaced. Give ca.pem to the agent's programs only, not to the whole machine.

Example:
  coldcase ca init ca/")]
    Init {
        /// The folder, made if need be.
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}
