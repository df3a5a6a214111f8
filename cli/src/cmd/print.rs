//! `completions` and `man`: made from the command line's own description.

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::term::{self, Exit};

pub(crate) fn completions(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "coldcase", &mut script);
    term::out(&String::from_utf8(script)?)?;
    Ok(Exit::Done)
}

pub(crate) fn man() -> anyhow::Result<Exit> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut page)?;
    for command in Args::command().get_subcommands() {
        page.extend_from_slice(b"\n");
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
    }
    term::out(&String::from_utf8(page)?)?;
    Ok(Exit::Done)
}
