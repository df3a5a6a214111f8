//! What is said of a sealed report: facts, and the sentences that follow from them.

use coldcase_evidence::{SealCheck, SealSignature, fingerprint};
use serde_json::{Value, json};

use super::compare::Tally;
use crate::term::one_line;

/// The facts.
#[derive(Debug)]
pub(crate) struct SealedVerdict {
    /// The report.
    pub(crate) folder: String,
    /// How many keys were trusted.
    pub(crate) trusted_keys: u64,
    /// What the seal is worth, or why it is none.
    pub(crate) seal: Result<SealCheck, String>,
    /// Why the manifest cannot be used.
    pub(crate) manifest_problem: Option<String>,
    /// Why the folder cannot be looked through.
    pub(crate) folder_problem: Option<String>,
    /// The files of the report.
    pub(crate) outputs: Tally,
    /// Whether they were opened: not if keys were given and none vouches for the manifest.
    pub(crate) outputs_opened: bool,
    /// The files that were scanned, where they are still here.
    pub(crate) inputs: Tally,
    /// Whether they were opened: not if nothing vouches for the manifest.
    pub(crate) inputs_opened: bool,
    /// Files in the folder that the manifest does not name.
    pub(crate) not_listed: Vec<String>,
    /// What the time stamp says, if there is one.
    pub(crate) time_stamp: Option<Stamp>,
}

/// A time stamp. Nobody checked who made it.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Stamp {
    /// Whether it is over this seal.
    pub(crate) matches: bool,
    /// The time that it states.
    pub(crate) time: Option<String>,
    /// Its number at its stamper.
    pub(crate) serial: Option<String>,
    /// The stamper's policy.
    pub(crate) policy: Option<String>,
    /// Why it cannot be read.
    pub(crate) problem: Option<String>,
}

impl SealedVerdict {
    /// Whether the report is not as it was sealed, or not sealed by a trusted key where one was given.
    ///
    /// An input that differs is none of the report's failings: recordings grow, and are kept elsewhere.
    pub(crate) fn has_failed(&self) -> bool {
        let stamped = self.time_stamp.as_ref().is_none_or(|stamp| stamp.matches);
        let read = self.manifest_problem.is_none() && self.folder_problem.is_none();
        !(self.is_manifest_vouched_for() && stamped && read && self.outputs.all_same())
    }

    /// Whether the seal is over this manifest and holds: under a trusted key, or under any if none was given.
    pub(super) fn is_manifest_vouched_for(&self) -> bool {
        self.seal.as_ref().is_ok_and(|check| {
            let signed = match check.signature {
                SealSignature::Good(_) => true,
                SealSignature::Untrusted => self.trusted_keys == 0,
                SealSignature::LenientOnly | SealSignature::Bad => false,
            };
            signed && check.manifest_matches
        })
    }

    /// How many bytes its texts take, apart from those of a fixed size.
    pub(crate) fn bytes(&self) -> usize {
        let lists = [&self.outputs.named, &self.inputs.named, &self.not_listed];
        lists.into_iter().flatten().map(|text| text.len() + size_of::<String>()).sum::<usize>()
            + self.folder.len()
    }

    /// One word for it.
    pub(crate) fn status(&self) -> &'static str {
        let signed = |check: &SealCheck| matches!(check.signature, SealSignature::Good(_));
        match (self.has_failed(), self.seal.as_ref().is_ok_and(signed)) {
            (true, _) => "failed",
            (false, true) => "sealed",
            (false, false) => "unauthenticated",
        }
    }

    /// As one JSON object.
    pub(crate) fn json(&self) -> Value {
        json!({
            "schema": "coldcase.sealed/1",
            "folder": self.folder,
            "status": self.status(),
            "trusted_keys": self.trusted_keys,
            "seal": self.seal_json(),
            "manifest_problem": self.manifest_problem,
            "folder_problem": self.folder_problem,
            "outputs": self.outputs,
            "outputs_opened": self.outputs_opened,
            "inputs": self.inputs,
            "inputs_opened": self.inputs_opened,
            "not_listed": self.not_listed,
            "time_stamp": self.time_stamp,
            "stamper_signature_checked": false,
            "sentences": self.sentences().map(|(_, sentence)| sentence),
        })
    }

    fn seal_json(&self) -> Value {
        match &self.seal {
            Err(problem) => json!({ "problem": problem }),
            Ok(SealCheck { seal, manifest_matches, signature }) => json!({
                "signature": match signature {
                    SealSignature::Good(_) => "good",
                    SealSignature::Untrusted => "untrusted",
                    SealSignature::LenientOnly => "lenient_only",
                    SealSignature::Bad => "bad",
                },
                "manifest_matches": manifest_matches,
                "public_key": seal.public_key.hex(),
                "fingerprint": fingerprint(&seal.public_key),
                "signed_at": seal.signed_at,
                "signed_by": seal.signed_by,
                "version": seal.version,
            }),
        }
    }

    /// For the terminal. What the report's author wrote stays on the line that it stands in.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("report in {}: {}\n", one_line(&self.folder), self.status());
        for (name, sentence) in self.sentences() {
            text.push_str(&format!("  {name:<15}{}\n", one_line(&sentence)));
        }
        let differing = self.outputs.named.iter().map(|named| ("differs", named));
        let inputs = self.inputs.named.iter().map(|named| ("input", named));
        let strangers = self.not_listed.iter().map(|named| ("not sealed", named));
        for (name, named) in differing.chain(inputs).chain(strangers) {
            text.push_str(&format!("  {name:<15}{}\n", one_line(named)));
        }
        text
    }

    /// The four lines: who sealed it, whether it is as sealed, what was scanned, and when.
    pub(crate) fn sentences(&self) -> [(&'static str, String); 4] {
        [
            ("authenticated", self.who()),
            ("consistent", self.whole()),
            ("inputs", self.scanned()),
            ("time", self.when()),
        ]
    }

    fn who(&self) -> String {
        let check = match &self.seal {
            Ok(check) => check,
            Err(problem) => return format!("Nothing is authenticated: seal.json {problem}."),
        };
        let key = &check.seal.public_key;
        match check.signature {
            SealSignature::Good(_) => format!("The key {key}, which you gave, signed the seal."),
            SealSignature::Untrusted if self.trusted_keys == 0 => format!(
                "Nothing is authenticated: no trusted key was given. The seal is signed by the key {} that it \
                 names, and anyone can make such a seal.",
                key.hex()
            ),
            SealSignature::Untrusted => format!(
                "Not verified: the seal is signed by the key {}, which is none of those you gave.",
                key.hex()
            ),
            SealSignature::LenientOnly => {
                "Not verified: the seal's signature is one that no honest signer makes.".to_owned()
            }
            SealSignature::Bad => "Not verified: the seal was changed, or its signature was.".to_owned(),
        }
    }

    fn whole(&self) -> String {
        if let Some(problem) = &self.manifest_problem {
            return format!("The files cannot be checked: manifest.json {problem}.");
        }
        let Tally { listed, same, absent, differ, .. } = &self.outputs;
        let files = if !self.outputs_opened {
            format!(
                "The {listed} files that the manifest names were not opened: no given key vouches for it."
            )
        } else if same == listed {
            format!("All {listed} files are as the manifest says.")
        } else {
            format!(
                "Of {listed} files {same} are as the manifest says, {differ} differ and {absent} are not here."
            )
        };
        let files = match &self.folder_problem {
            Some(problem) => format!("{files} The folder cannot be looked through: {problem}."),
            None => files,
        };
        match &self.seal {
            Ok(check) if check.manifest_matches => format!("The manifest is the sealed one. {files}"),
            Ok(_) => format!(
                "The manifest is not the sealed one: it was changed, or the seal is another's. {files}"
            ),
            Err(_) => files,
        }
    }

    fn scanned(&self) -> String {
        let Tally { listed, same, absent, without_digest, differ, .. } = &self.inputs;
        if !self.inputs_opened {
            return format!(
                "The {listed} scanned files that the manifest names were not opened: nothing vouches for it."
            );
        }
        format!(
            "Of {listed} scanned files {same} are here as they were, {differ} differ, {absent} are not where the \
             manifest says, and {without_digest} have no digest there."
        )
    }

    fn when(&self) -> String {
        let claimed = match &self.seal {
            Ok(check) if !check.seal.signed_at.is_empty() => {
                format!("{} by the sealer's own clock. ", check.seal.signed_at)
            }
            _ => String::new(),
        };
        let stamp = match &self.time_stamp {
            None => "No third party vouches for the time.".to_owned(),
            Some(Stamp { problem: Some(problem), .. }) => {
                format!("The time stamp cannot be read: {problem}.")
            }
            Some(Stamp { matches: false, .. }) => "The time stamp is over something else.".to_owned(),
            Some(stamp) => format!(
                "A time stamp over the seal says {}; the stamper's signature is not checked.",
                stamp.time.as_deref().unwrap_or_default()
            ),
        };
        format!("{claimed}{stamp}")
    }
}
