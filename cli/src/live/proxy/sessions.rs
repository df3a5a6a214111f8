//! Which session a request belongs to. Names are short, so that event records do not repeat them as text to be scanned; the
//! log says what each stands for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use coldcase_evidence::EntryKind;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::live::fold::{Fold, lock};
use crate::regular_file::hex;

/// Sessions whose names are kept; when they are more, names are made anew.
const MOST: usize = 65_536;

/// The sessions of a run.
#[derive(Debug)]
pub(super) struct Sessions {
    /// What all names start with.
    run: String,
    named: Mutex<Named>,
}

#[derive(Debug, Default)]
struct Named {
    names: HashMap<String, String>,
    last: u64,
}

impl Sessions {
    pub(super) fn new(run: String) -> Self {
        Self { run, named: Mutex::default() }
    }

    /// What comes from one address.
    pub(super) fn of_client(&self, client: IpAddr, fold: &Mutex<Fold>) -> String {
        self.name(format!("client {client}"), fold)
    }

    /// What a server marked as one session. Whoever knows the mark has the session: a fingerprint tells it from others.
    pub(super) fn marked(&self, mark: &[u8], fold: &Mutex<Fold>) -> String {
        let hash = Sha256::new().chain_update(b"coldcase session\0mcp\0").chain_update(mark).finalize();
        self.name(format!("mcp {}", hex(hash.get(..8).unwrap_or_default())), fold)
    }

    fn name(&self, of: String, fold: &Mutex<Fold>) -> String {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = named.names.get(&of) {
            return name.clone();
        }
        if named.names.len() >= MOST {
            named.names.clear();
        }
        named.last += 1;
        let name = format!("{}-{}", self.run, named.last);
        let detail = json!({ "session": name, "of": of });
        let summary = format!("session {name} is of {of}");
        // What cannot be recorded is told where the first event of the session is.
        let _told_then = lock(fold).recorder.note(EntryKind::Capture, "session", &summary, &detail);
        named.names.insert(of, name.clone());
        name
    }
}
