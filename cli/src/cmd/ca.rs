//! `ca`: the local certificate authority of an intercepting proxy.

use crate::args::{CaArgs, CaCommand};
use crate::live::Authority;
use crate::term::{self, Exit};

pub(crate) fn ca(args: &CaArgs) -> anyhow::Result<Exit> {
    let CaCommand::Init { dir } = &args.command;
    let path = Authority::init(dir)?;
    term::out(&format!("{}\n", path.display()))?;
    term::note("the key beside it lets its owner be any server for programs that trust this certificate");
    Ok(Exit::Done)
}
