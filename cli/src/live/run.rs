//! `mcp`: from the arguments to the server's exit status.

use std::io::{self, BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use coldcase_engine::Pack;
use coldcase_evidence::EntryKind;
use coldcase_model::Direction;
use serde_json::json;

use super::fold::{Fold, lock};
use super::framing::next_line;
use super::lane::Lane;
use super::outlet::Outlet;
use super::process::{Server, ToClient, close_input, exit_code};
use super::record::Recorder;
use crate::args::McpArgs;
use crate::config::Ruleset;
use crate::random;
use crate::regular_file::hex;
use crate::term::{self, Exit};

/// A server that has ended may have left its output to a process that it started. That long it may be silent.
const SILENCE: Duration = Duration::from_millis(500);
/// How long answers of our own may wait for a client at the end.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn mcp(args: &McpArgs) -> anyhow::Result<Exit> {
    let Ruleset { pack, policy, .. } = Ruleset::load(&args.ruleset)?;
    // A thread that waits for input may outlive everything else here, up to the end of the process.
    let pack: &'static Pack = Box::leak(Box::new(pack));
    hush_panics();
    // Short, so that event records do not repeat it as text to be scanned.
    let session = format!("mcp-{}", hex(&random::bytes::<4>()?));
    let start = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "policy": policy.name(),
        "policy_sha256": policy.digest().to_string(),
        "session": session,
        "server": args.server,
    });
    let mut recorder = Recorder::open(&args.recording, &args.session, "mcp_stdio")?;
    recorder.note(EntryKind::Capture, "mcp_start", "the session begins", &start)?;
    let fold = Arc::new(Mutex::new(Fold::new(pack, policy, recorder)));
    let ended =
        Server::start(&args.command).and_then(|mut server| relay(&mut server, args, &session, pack, &fold));
    let closed = close(&fold, ended.as_ref().ok());
    let status = ended?;
    closed?;
    Ok(Exit::Of(exit_code(status)))
}

/// Ties the two directions together until the server has ended and its output is passed on.
fn relay(
    server: &mut Server,
    args: &McpArgs,
    session: &str,
    pack: &'static Pack,
    fold: &Arc<Mutex<Fold>>,
) -> anyhow::Result<std::process::ExitStatus> {
    let (stdin, stdout) = server.pipes()?;
    let to_server = Outlet::new(Box::new(stdin))?;
    let to_client = Outlet::new(Box::new(ToClient(io::stdout())))?;
    let names = (session, args.server.as_deref());
    let reads = Arc::new(AtomicU64::new(0));
    let (done, is_done) = channel();
    let (out, back) = (to_server.clone(), to_client.clone());
    let lane = Lane::new(Direction::Egress, names, pack, fold);
    thread::Builder::new().spawn(move || {
        let is_closed = pump(lane, io::stdin(), &out, &back, &AtomicU64::new(0));
        if is_closed {
            close_input();
        }
        out.close();
    })?;
    let (out, back, state) = (to_client.clone(), to_server, Arc::clone(&reads));
    let lane = Lane::new(Direction::Ingress, names, pack, fold);
    thread::Builder::new().spawn(move || {
        pump(lane, stdout, &out, &back, &state);
        out.close();
        let _gone = done.send(());
    })?;
    let status = server.wait()?;
    // Odd while a line is under way: a client that is slow to read gets the time it needs.
    let mut seen = reads.load(Ordering::Acquire);
    while let Err(RecvTimeoutError::Timeout) = is_done.recv_timeout(SILENCE) {
        let now = reads.load(Ordering::Acquire);
        if now == seen && now.is_multiple_of(2) {
            break;
        }
        seen = now;
    }
    to_client.flush(PATIENCE);
    Ok(status)
}

/// Takes one line after another through a lane; says whether it is the receiver that ended it.
///
/// `reads` is even while it waits for input.
fn pump(mut judge: Lane, input: impl Read, onward: &Outlet, back: &Outlet, reads: &AtomicU64) -> bool {
    let mut input = BufReader::with_capacity(64 << 10, input);
    loop {
        let Ok(Some(line)) = next_line(&mut input) else { return false };
        reads.fetch_add(1, Ordering::AcqRel);
        let sent = judge.take(line);
        if let Some(answer) = sent.back {
            back.answer(answer);
        }
        if let Some(line) = sent.onward
            && onward.write(&line).is_err()
        {
            return true;
        }
        reads.fetch_add(1, Ordering::AcqRel);
    }
}

/// Ends the record.
fn close(fold: &Mutex<Fold>, status: Option<&std::process::ExitStatus>) -> anyhow::Result<()> {
    let mut fold = lock(fold);
    let [events, touched] = fold.counts;
    let summary = format!("the session ends: {events} events, {touched} of them blocked or stripped");
    let detail = json!({
        "events": events,
        "touched": touched,
        "exit": status.map(ToString::to_string),
    });
    let noted = fold.recorder.note(EntryKind::Capture, "mcp_end", &summary, &detail);
    noted.and(fold.recorder.close())
}

/// What a panic says may hold bytes of the message that it was about: only its place is told.
pub(super) fn hush_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        term::note(&format!("coldcase: a fault of its own{place}"));
    }));
}
