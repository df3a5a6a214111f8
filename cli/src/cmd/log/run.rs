//! From the first line of the input to the last checkpoint.

use std::io::BufReader;
use std::sync::Arc;

use anyhow::Context;
use coldcase_evidence::{KeyRing, LogConfig, LogWriter, SecretKey, Session, Tail, head_note, sign_note};
use coldcase_model::json::Tape;

use super::input::{Next, next_entry};
use super::predecessor;
use super::stop::{self, Chunks};
use crate::args::LogArgs;
use crate::evidence_store::FileStore;
use crate::regular_file::hex;
use crate::term::{self, Exit};
use crate::whole_file::{self, IfThere, PUBLIC};
use crate::{clock, config, random};

pub(crate) fn log(args: &LogArgs) -> anyhow::Result<Exit> {
    let key = Arc::new(config::secret_key(&args.key)?);
    // Minted before the folder is touched: the base may be unfit for a file name.
    let session = mint(args)?;
    let mut store = FileStore::open(&args.dir, &args.session)?;
    if let Some(path) = &args.note {
        store.must_lie_outside(path)?;
        // Whether the name can stand in a note is better known now than at the end.
        sign_note("\n", &note_name(&session), &key).context("--note cannot name this session's key")?;
    }
    let tail = if args.no_link { None } else { follow(args, &key)? };
    // After all that can be refused, so that a refused start leaves no file behind.
    if let Some(path) = &args.head_file {
        store = store.with_heads(path)?;
    }
    let mut run = Run { args, key, session, tail, entries: 0, altered: 0 };
    let recorded = stop::stdin()
        .context("cannot read standard input")
        .and_then(|mut input| run.record_all(&mut store, &mut input));
    let told = recorded.and(run.note(&store));
    run.tell(&store);
    told.with_context(|| {
        format!("{} entries are in the log, {} of them synced", store.written(), store.synced())
    })?;
    Ok(Exit::Done)
}

/// The session to follow.
fn follow(args: &LogArgs, key: &SecretKey) -> anyhow::Result<Option<Tail>> {
    let mut keys = vec![key.public()];
    for text in &args.previous_key {
        keys.push(config::public_key(text)?);
    }
    predecessor::find(&args.dir, &args.session, &key.public(), &KeyRing::new(keys), args.checkpoint_every)
}

fn mint(args: &LogArgs) -> anyhow::Result<Session> {
    Session::mint(&args.session, &random::bytes()?)
        .with_context(|| format!("--session cannot be {:?}", args.session))
}

/// A checkpoint's signer has the name of its origin.
///
/// Source: C2SP, tlog-checkpoint, "Note signature".
fn note_name(session: &Session) -> String {
    format!("coldcase/{session}")
}

struct Run<'a> {
    args: &'a LogArgs,
    key: Arc<SecretKey>,
    /// The session that is written now.
    session: Session,
    /// What it follows.
    tail: Option<Tail>,
    entries: u64,
    altered: u64,
}

impl Run<'_> {
    /// Records the whole input. What was recorded before a line that cannot be is signed all the same.
    fn record_all(&mut self, store: &mut FileStore, input: &mut BufReader<Chunks>) -> anyhow::Result<()> {
        let (mut tape, mut line, mut number) = (Tape::default(), Vec::new(), 0_u64);
        loop {
            let mut writer = self.open(store)?;
            while !writer.is_full() {
                number += 1;
                let next = next_entry(input, &mut line, &mut tape);
                // A signal ends the log as the end of the input does; a line that it cut is not recorded.
                let next = if input.get_ref().is_stopped() { Ok(Next::End) } else { next };
                match next {
                    Ok(Next::Entry(mut entry)) => {
                        let recorded = writer.record(clock::now(), &entry.record())?;
                        self.entries += 1;
                        self.altered += u64::from(recorded.altered.any());
                    }
                    Ok(Next::Blank) => {}
                    Ok(Next::End) => {
                        writer.close(clock::now())?;
                        return Ok(());
                    }
                    Err(error) => {
                        writer.close(clock::now())?;
                        return Err(error).with_context(|| format!("line {number} of standard input"));
                    }
                }
            }
            writer.checkpoint_now(clock::now())?;
            self.tail = writer.tail();
            self.session = mint(self.args)?;
        }
    }

    fn open<'s>(&self, store: &'s mut FileStore) -> anyhow::Result<LogWriter<&'s mut FileStore>> {
        let config = LogConfig::new(self.session.clone(), Arc::clone(&self.key))
            .checkpoint_interval(self.args.checkpoint_every)
            .max_entries(self.args.file_lines);
        Ok(match self.tail.clone() {
            Some(tail) => LogWriter::resume(config, store, tail),
            None => LogWriter::open(config, store),
        }?)
    }

    /// Writes the last head as a note.
    fn note(&self, store: &FileStore) -> anyhow::Result<()> {
        let (Some(path), Some(head)) = (&self.args.note, store.last_head()) else { return Ok(()) };
        let note = sign_note(&head_note(&head), &note_name(&head.session), &self.key)?;
        whole_file::put(path, note.as_bytes(), PUBLIC, IfThere::Replace)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    fn tell(&self, store: &FileStore) {
        let Some(head) = store.last_head() else {
            return term::note("nothing is signed: no entry, or none that could be");
        };
        term::note(&format!("session  {}", head.session));
        if let Some(tail) = &self.tail {
            term::note(&format!("follows  {} at entry {}", tail.session, tail.seq));
        }
        let all = store.written();
        term::note(&format!("entries  {} recorded, {all} with checkpoints", self.entries));
        term::note(&format!("head     entry {}, hash {}", head.seq, hex(&head.hash)));
        if self.altered > 0 {
            term::note(&format!(
                "altered  {} entries hold a number as text, U+FFFD for what is no text, or a size for what is too \
                 long",
                self.altered
            ));
        }
    }
}
