//! The `coldcase` command: parses arguments, runs one subcommand, turns its outcome into an exit code.
#![forbid(unsafe_code)]

mod age;
mod args;
mod baseline;
mod cache;
mod clock;
mod cmd;
mod config;
mod evidence_store;
mod key_file;
mod live;
mod random;
mod regular_file;
mod term;
mod whole_file;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use term::Exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors; what cannot be printed to a closed pipe is nobody's loss.
            let _closed = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    let outcome = match args.command {
        Command::Scan(args) => cmd::scan(&args),
        Command::Inspect(args) => cmd::inspect(&args),
        Command::Judge(args) => cmd::judge(&args),
        Command::Mcp(args) => live::mcp(&args),
        Command::Proxy(args) => live::proxy(&args),
        Command::Ca(args) => cmd::ca(&args),
        Command::Verify(args) => cmd::verify(&args),
        Command::Log(args) => cmd::log(&args),
        Command::Seal(args) => cmd::seal(&args),
        Command::Keygen(args) => cmd::keygen(&args),
        Command::Drift(args) => cmd::drift(&args),
        Command::Replay(args) => cmd::replay(&args),
        Command::Baseline(args) => cmd::baseline(&args),
        Command::Explain(args) => cmd::explain(&args),
        Command::Timeline(args) => cmd::timeline(&args),
        Command::Profile(args) => cmd::profile(&args),
        Command::Demo(args) => cmd::demo(&args),
        Command::Rules(args) => cmd::rules(&args),
        Command::Completions(args) => cmd::completions(&args),
        Command::Man => cmd::man(),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) if term::is_closed_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            term::error(&error);
            let exit = if error.is::<config::NotSigned>() { Exit::Integrity } else { Exit::Input };
            exit.into()
        }
    }
}
