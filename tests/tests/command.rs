//! The `coldcase` binary under test: where it is, and how it is run.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What a run gave.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary, built once where it is missing or older than its sources. It stands beside the folder of this test's own binary.
pub(crate) fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let own = std::env::current_exe().unwrap();
        let profile = own.parent().and_then(|deps| deps.parent()).unwrap();
        let path = profile.join(format!("coldcase{}", std::env::consts::EXE_SUFFIX));
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "coldcase"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        build.arg("--target-dir").arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "cargo build failed");
        path
    })
}

/// Runs `coldcase` with arguments, nothing on standard input.
pub(crate) fn coldcase<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Outcome {
    coldcase_with(args, b"")
}

/// Runs `coldcase` with arguments and standard input.
pub(crate) fn coldcase_with<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, stdin: &[u8]) -> Outcome {
    let mut child = Command::new(binary())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A program that ends before it has read all closes the pipe; that is its right.
        scope.spawn(move || {
            let _closed = input.write_all(stdin);
        });
        child.wait_with_output().unwrap()
    });
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
    }
}
