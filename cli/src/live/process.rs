//! The server as a process: started, sent the signals that we get, waited for.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Context;

use super::outlet::Sink;

/// The server under way.
pub(super) struct Server {
    child: Child,
    /// Its number as long as it runs: after that another process may have it.
    running: Arc<Mutex<Option<u32>>>,
}

impl Server {
    /// Starts it, with pipes for its input and output and our own standard error.
    pub(super) fn start(command: &[OsString]) -> anyhow::Result<Self> {
        let (program, args) = command.split_first().context("there is no command to run")?;
        let running = Arc::new(Mutex::new(None));
        // Held until there is a server, so that a signal that comes before waits for it and is not lost.
        let mut starting = running.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(unix)]
        hand_signals_on(Arc::clone(&running)).context("cannot watch for signals")?;
        #[expect(clippy::disallowed_methods, reason = "to run this program is what the user asked for")]
        let child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        *starting = Some(child.id());
        drop(starting);
        Ok(Self { child, running })
    }

    /// Its input and output.
    pub(super) fn pipes(&mut self) -> anyhow::Result<(ChildStdin, std::process::ChildStdout)> {
        let pipes = self.child.stdin.take().zip(self.child.stdout.take());
        pipes.context("the server has no pipes")
    }

    /// Waits for its end.
    pub(super) fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait();
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
        status
    }
}

/// Signals that ask a process to stop go to the server; it decides, and we end when it does.
#[cfg(unix)]
fn hand_signals_on(running: Arc<Mutex<Option<u32>>>) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let hand_on = move || {
        for signal in signals.forever() {
            let named = match signal {
                SIGINT => Signal::INT,
                SIGHUP => Signal::HUP,
                _ => Signal::TERM,
            };
            let running = running.lock().unwrap_or_else(PoisonError::into_inner);
            let pid = running.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
            if let Some(pid) = pid {
                let _gone = kill_process(pid, named);
            }
        }
    };
    thread::Builder::new().spawn(hand_on).map(drop)
}

/// The exit code of a status; for one that a signal ended, this process ends by the same signal if it can.
pub(super) fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let _went_on = signal_hook::low_level::emulate_default_handler(signal);
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

impl Sink for ChildStdin {
    fn end(self: Box<Self>) {}
}

/// Our standard output.
pub(super) struct ToClient(pub(super) io::Stdout);

impl Write for ToClient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Sink for ToClient {
    fn end(mut self: Box<Self>) {
        let _closed = self.flush();
        // The client sees the end as it would see the server's own.
        #[cfg(unix)]
        if let Ok(null) = std::fs::File::options().write(true).open("/dev/null") {
            let _kept_open = rustix::stdio::dup2_stdout(null);
        }
    }
}

/// Closes our standard input, so that a client that goes on writing is told.
pub(super) fn close_input() {
    #[cfg(unix)]
    if let Ok(null) = std::fs::File::open("/dev/null") {
        let _kept_open = rustix::stdio::dup2_stdin(null);
    }
}
