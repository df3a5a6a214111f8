//! The live mode: the same detector, tracker and policy in the path of a running agent.
//!
//! `run` starts the server and ties the two directions together, `lane` judges what goes one way and says what becomes
//! of it, `carriage` what of a batch, `sent` what goes where, `fold` is what both directions share: session state and `record`ing, with the `bodies` of
//! messages in clear or, in `segments`, encrypted by `age`. `framing` cuts lines, `glimpse` finds
//! the id of a line that cannot be read, `answer` spells errors, `strip` takes findings out, `outlet` is where lines go,
//! `process` is the server as a process, `waiting` who waits for a scan.
//!
//! # Invariants
//! - Nothing is passed on that was not judged, and recorded where that was asked for.
//! - What passes is passed byte for byte, unless the policy strips it.
//! - No content of a message reaches standard error or the log in clear.
//!
//! `proxy` is the same over HTTP.
//!
//! Left out: asking a person.

mod answer;
mod bodies;
mod carriage;
mod fold;
mod framing;
mod glimpse;
mod lane;
mod outlet;
mod process;
mod proxy;
mod record;
mod run;
mod segments;
mod sent;
mod strip;
mod waiting;

pub(crate) use proxy::{Authority, proxy};
pub(crate) use run::mcp;
