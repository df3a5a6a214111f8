//! `profile`: what sessions of servers and agents usually do, from reports, and what in other reports is not as usual.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_reports::{Gathered, LARGEST_PROFILE, Profile, deviations_text};

use crate::args::{ProfileArgs, ProfileCommand, ProfileCompareArgs, ProfileCreateArgs};
use crate::term::{self, Exit};
use crate::whole_file::{self, IfThere, PUBLIC};

pub(crate) fn profile(args: &ProfileArgs) -> anyhow::Result<Exit> {
    match &args.command {
        ProfileCommand::Create(args) => create(args),
        ProfileCommand::Compare(args) => compare(args),
    }
}

fn create(args: &ProfileCreateArgs) -> anyhow::Result<Exit> {
    let gathered = gather(&args.reports)?;
    let profile = Profile::of(&gathered);
    let mut text = serde_json::to_vec_pretty(&profile)?;
    text.push(b'\n');
    whole_file::put(&args.output, &text, PUBLIC, IfThere::Replace)
        .with_context(|| format!("cannot write {}", args.output.display()))?;
    let (sessions, subjects) = (gathered.sessions().count(), profile.subjects.len());
    term::out(&term::sanitize(&format!(
        "{sessions} sessions of {subjects} subjects in {}\n",
        args.output.display()
    )))?;
    Ok(Exit::Done)
}

fn compare(args: &ProfileCompareArgs) -> anyhow::Result<Exit> {
    let profile = read(&args.profile)?;
    let (deviations, unknown) = profile.deviations(&gather(&args.reports)?);
    let text = if args.json {
        let all = serde_json::json!({ "deviations": deviations, "unknown": unknown });
        format!("{all:#}\n")
    } else {
        deviations_text(&deviations, &unknown)
    };
    term::out(&term::sanitize(&text))?;
    Ok(if deviations.is_empty() { Exit::Done } else { Exit::Gate })
}

fn gather(reports: &[PathBuf]) -> anyhow::Result<Gathered> {
    let mut gathered = Gathered::default();
    for report in reports {
        gathered.add(report)?;
    }
    if gathered.left_out > 0 {
        term::note(&format!("{} events of sessions beyond the first 262144 do not count", gathered.left_out));
    }
    Ok(gathered)
}

fn read(path: &Path) -> anyhow::Result<Profile> {
    let cannot = || format!("cannot use the profile {}", path.display());
    let mut text = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    file.take(LARGEST_PROFILE + 1).read_to_end(&mut text).with_context(cannot)?;
    if text.len() as u64 > LARGEST_PROFILE {
        bail!("{} is larger than a profile can be", path.display());
    }
    let profile: Profile = serde_json::from_slice(&text).with_context(cannot)?;
    if !profile.is_sound() {
        bail!("{} is a profile of another version, or damaged", path.display());
    }
    Ok(profile)
}
