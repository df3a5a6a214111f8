//! What `coldcase mcp` adds to a round trip over stdio, in a program that is client and server itself.
//!
//!     cargo build --release
//!     cargo run --release -p coldcase-benches --example mcp_round_trip -- target/release/coldcase [ARGS OF mcp]
//!
//! A call and a result go back and forth, with nothing else under way, to a server that answers at once: bare, and
//! through the command. Runs take turns, so that a machine that slows down slows both. Left out: throughput.

#![expect(clippy::print_stdout, reason = "a tool that prints what it measures")]
#![expect(clippy::disallowed_methods, reason = "it times, and starts the program that it measures")]

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const WARM_UP: usize = 300;
const TRIPS: usize = 3000;
const TURNS: usize = 3;

fn main() -> io::Result<()> {
    let mut args = std::env::args_os().skip(1);
    let first = args.next().ok_or_else(|| io::Error::other("name the coldcase binary"))?;
    if first == "--serve" {
        return serve();
    }
    let own = std::env::current_exe()?;
    let rest: Vec<_> = args.collect();
    for bytes in [200, 2000, 20_000] {
        let (mut bare, mut wrapped) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let mut command = Command::new(&own);
            bare.extend(trips(command.arg("--serve"), bytes)?);
            let mut command = Command::new(&first);
            command.arg("mcp").args(&rest).arg("--").arg(&own).arg("--serve");
            wrapped.extend(trips(&mut command, bytes)?);
        }
        bare.sort_unstable();
        wrapped.sort_unstable();
        let (bare_mid, wrapped_mid) = (at(&bare, 50), at(&wrapped, 50));
        println!(
            "{bytes:>6} bytes each way: bare {bare_mid:?} (p99 {:?}), wrapped {wrapped_mid:?} (p99 {:?}), added at the median {:?}",
            at(&bare, 99),
            at(&wrapped, 99),
            wrapped_mid.saturating_sub(bare_mid)
        );
    }
    Ok(())
}

fn at(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default()
}

/// Prose that no rule finds anything in, as long as asked for.
fn prose(bytes: usize) -> String {
    let words =
        "The quarterly figures of the northern branch were read again and put into the table as they stand. ";
    words.chars().cycle().take(bytes).collect()
}

fn trips(command: &mut Command, bytes: usize) -> io::Result<Vec<Duration>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (mut to, from) = pipes.ok_or_else(|| io::Error::other("no pipes"))?;
    let mut from = BufReader::new(from);
    let text = prose(bytes);
    let (mut times, mut answer) = (Vec::with_capacity(TRIPS), String::new());
    for id in 0..WARM_UP + TRIPS {
        let call = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"note\",\"arguments\":{{\"text\":\"{text}\"}}}}}}\n"
        );
        let start = Instant::now();
        to.write_all(call.as_bytes())?;
        answer.clear();
        from.read_line(&mut answer)?;
        let time = start.elapsed();
        if !answer.contains("\"result\"") {
            return Err(io::Error::other(format!("not a result: {answer}")));
        }
        if id >= WARM_UP {
            times.push(time);
        }
    }
    drop(to);
    child.wait()?;
    Ok(times)
}

/// Answers each call with a result that holds what was sent.
fn serve() -> io::Result<()> {
    let (mut input, mut out) = (io::stdin().lock(), io::stdout().lock());
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let after = |mark: &str| line.split_once(mark).map_or("", |(_, rest)| rest);
        let id = after("\"id\":").split(',').next().unwrap_or_default();
        let text = after("\"text\":\"").split('"').next().unwrap_or_default();
        let answer = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}]}}}}\n"
        );
        out.write_all(answer.as_bytes())?;
        out.flush()?;
        line.clear();
    }
    Ok(())
}
