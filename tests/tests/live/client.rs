//! The client's side of a wrapped server: lines in, lines out, and what the server saw.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::binary;

/// Longer than any step takes on a slow machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A wrapped server under way.
pub(super) struct Live {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Vec<u8>>,
    stderr: JoinHandle<String>,
    folder: tempfile::TempDir,
    sent_by_server: usize,
}

/// How it ended.
pub(super) struct End {
    pub(super) status: ExitStatus,
    pub(super) stderr: String,
    /// Lines that the client had not taken.
    pub(super) lines: Vec<String>,
    /// Everything that reached the server.
    pub(super) received: String,
    pub(super) folder: tempfile::TempDir,
}

impl Live {
    /// Starts it with arguments in which `@` stands for the folder.
    pub(super) fn start(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(folder, args)
    }

    /// Starts it in a folder.
    pub(super) fn start_in(folder: tempfile::TempDir, args: &[&str]) -> Self {
        let place = folder.path().to_str().unwrap();
        let mut command = Command::new(binary());
        command.arg("mcp").args(args.iter().map(|arg| arg.replace('@', place)));
        command.arg("--").arg(env!("CARGO_BIN_EXE_scripted-server")).arg(folder.path());
        Self::spawn(folder, command)
    }

    /// Starts it where no file may grow over a few kilobytes.
    #[cfg(unix)]
    pub(super) fn start_limited(folder: tempfile::TempDir, args: &[&str]) -> Self {
        let place = folder.path().to_str().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"]).arg(binary());
        command.arg("mcp").args(args.iter().map(|arg| arg.replace('@', place)));
        command.arg("--").arg(env!("CARGO_BIN_EXE_scripted-server")).arg(folder.path());
        Self::spawn(folder, command)
    }

    fn spawn(folder: tempfile::TempDir, mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut errors = child.stderr.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while stdout.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                if sender.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        });
        let stderr = std::thread::spawn(move || {
            let mut text = Vec::new();
            errors.read_to_end(&mut text).unwrap();
            String::from_utf8(text).unwrap()
        });
        Self { child, stdin, lines, stderr, folder, sent_by_server: 0 }
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The client's end, to be written to elsewhere or dropped.
    pub(super) fn take_stdin(&mut self) -> ChildStdin {
        self.stdin.take().unwrap()
    }

    pub(super) fn put_stdin(&mut self, stdin: ChildStdin) {
        self.stdin = Some(stdin);
    }

    /// The client writes bytes.
    pub(super) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes.as_ref()).unwrap();
        stdin.flush().unwrap();
    }

    /// The client writes a line.
    pub(super) fn send(&mut self, line: impl AsRef<[u8]>) {
        self.write([line.as_ref(), b"\n"].concat());
    }

    /// The server writes bytes.
    pub(super) fn serve_bytes(&mut self, bytes: impl AsRef<[u8]>) {
        let under_way = self.at("under-way");
        std::fs::write(&under_way, bytes).unwrap();
        std::fs::rename(under_way, self.at(&format!("in-{}", self.sent_by_server))).unwrap();
        self.sent_by_server += 1;
    }

    /// The server writes a line.
    pub(super) fn serve(&mut self, line: impl AsRef<[u8]>) {
        self.serve_bytes([line.as_ref(), b"\n"].concat());
    }

    /// The next line that reaches the client.
    pub(super) fn line(&self) -> String {
        let line = self.lines.recv_timeout(PATIENCE).expect("a line for the client");
        String::from_utf8(line).unwrap().strip_suffix('\n').expect("a whole line").to_owned()
    }

    /// The next line that reaches the client, as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Everything that has reached the server.
    pub(super) fn received(&self) -> String {
        std::fs::read_to_string(self.at("received")).unwrap_or_default()
    }

    /// Waits until so many lines have reached the server.
    pub(super) fn wait_received(&self, lines: usize) -> String {
        self.wait_lines("received", lines)
    }

    /// Waits until a file of the folder has so many lines.
    pub(super) fn wait_lines(&self, name: &str, lines: usize) -> String {
        let path = self.at(name);
        let mut text = String::new();
        Self::wait_for(&format!("{lines} lines in {name}"), || {
            text = std::fs::read_to_string(&path).unwrap_or_default();
            text.lines().count() >= lines && text.ends_with('\n')
        });
        text
    }

    pub(super) fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The client closes its end, and waits.
    pub(super) fn end(mut self) -> End {
        self.stdin = None;
        self.wait()
    }

    /// It is killed, as by a machine that has no memory left; gives its folder.
    pub(super) fn kill(mut self) -> tempfile::TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.folder
    }

    /// The client waits for the end without closing anything.
    pub(super) fn wait(mut self) -> End {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!("it does not end");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let stderr = self.stderr.join().unwrap();
        let lines = self.lines.iter().map(|line| String::from_utf8(line).unwrap()).collect();
        let received = std::fs::read_to_string(self.folder.path().join("received")).unwrap_or_default();
        End { status, stderr, lines, received, folder: self.folder }
    }
}

/// A call of a tool.
pub(super) fn call(id: &str, text: &str) -> String {
    let text = Value::from(text);
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"post","arguments":{{"body":{text}}}}}}}"#
    )
}

/// The result of a call.
pub(super) fn result(id: &str, text: &str) -> String {
    let text = Value::from(text);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":{text}}}]}}}}"#)
}

/// The files of a folder's log, in order of their names.
pub(super) fn log_lines(folder: &Path) -> Vec<Value> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension() == Some(OsStr::new("jsonl")))
        .collect();
    names.sort();
    let texts = names.iter().map(|name| std::fs::read_to_string(name).unwrap());
    texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>())
        .collect()
}
