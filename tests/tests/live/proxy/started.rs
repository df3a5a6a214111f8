//! The proxy as a process: started on a free port, watched, stopped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{binary, coldcase};
use crate::live::client::log_lines;
use crate::live::parity::Seen;

/// Longer than any step takes on a slow machine.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// A process that does not outlive its test, whatever becomes of that.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

/// A proxy under way.
pub(super) struct Started {
    child: Ended,
    pub(super) address: SocketAddr,
    pub(super) admin: Option<SocketAddr>,
    stderr: Receiver<String>,
    pub(super) folder: tempfile::TempDir,
}

impl Started {
    /// Starts one with arguments in which `@` stands for the folder; loopback may be dialled.
    pub(super) fn new(args: &[&str]) -> Self {
        let loopback = ["--allow-address", "127.0.0.0/8", "--allow-address", "::1"];
        Self::strict(tempfile::tempdir().unwrap(), &[&loopback[..], args].concat())
    }

    /// Starts one that records, with the keys for it.
    pub(super) fn recording(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("k");
        assert_eq!(coldcase(["keygen".as_ref(), "--out".as_ref(), key.as_os_str()]).code, 0);
        let record = ["--record", "@/log", "--key", "@/k.key", "--record-bodies", "@/seen.jsonl"];
        let loopback = ["--allow-address", "127.0.0.0/8", "--allow-address", "::1"];
        Self::strict(folder, &[&record[..], &loopback, args].concat())
    }

    /// Starts one that dials what it dials by itself.
    pub(super) fn strict(folder: tempfile::TempDir, args: &[&str]) -> Self {
        let place = folder.path().to_str().unwrap();
        let mut command = Command::new(binary());
        command.args(["proxy", "--listen", "127.0.0.1:0"]);
        command.args(args.iter().map(|arg| arg.replace('@', place)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = Ended(command.spawn().unwrap());
        let errors = BufReader::new(child.0.stderr.take().unwrap());
        let (sender, stderr) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut admin = None;
        let address = loop {
            let line = stderr.recv_timeout(PATIENCE).expect("a proxy that listens");
            if let Some(address) = line.strip_prefix("coldcase: admin on ") {
                admin = Some(address.parse().unwrap());
            }
            if let Some(address) = line.strip_prefix("coldcase: listening on ") {
                break address.parse().unwrap();
            }
        };
        Self { child, address, admin, stderr, folder }
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.0.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it says something on standard error.
    pub(super) fn says(&self, what: &str) {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.stderr.recv_timeout(PATIENCE).expect("more on standard error").contains(what) {
                return;
            }
        }
        panic!("it does not say {what:?}");
    }

    /// Ends it as a service manager does; gives its folder and what it said.
    pub(super) fn end(self) -> (tempfile::TempDir, String) {
        self.signal("TERM");
        let Self { mut child, stderr, folder, .. } = self;
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.0.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let said: Vec<String> = stderr.iter().collect();
        let said = said.join("\n");
        assert_eq!(status.code(), Some(0), "{said}");
        (folder, said)
    }
}

/// The decisions about events in the log of a folder.
pub(super) fn logged(folder: &tempfile::TempDir) -> Vec<Seen> {
    decisions(folder).iter().map(|entry| Seen::of_record(&entry["detail"]["event"])).collect()
}

/// The entries of events.
pub(super) fn decisions(folder: &tempfile::TempDir) -> Vec<Value> {
    let entries = log_lines(&folder.path().join("log")).into_iter();
    entries.filter(|entry| entry["type"] == "decision" && entry["detail"]["event"].is_object()).collect()
}
