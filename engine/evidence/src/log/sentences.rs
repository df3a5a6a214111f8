//! The four lines for an auditor, always in this order, with numbers, and never more than was shown.

use super::report::{SessionReport, Status};
use crate::keys::PublicKey;

/// The four lines: consistent, authenticated, complete, damage.
pub(crate) fn of(report: &SessionReport) -> Vec<String> {
    vec![consistent(report), authenticated(report), complete(report), damage(report)]
}

fn consistent(report: &SessionReport) -> String {
    let entries = number(report.entries);
    match (report.status, report.first_seq) {
        (Status::Empty, _) | (_, None) => "The log holds no entry that could be read.".to_owned(),
        (Status::Broken, _) => {
            let good: u64 = report.stretches.first().map_or(0, |first| first.last_seq - first.first_seq + 1);
            format!(
                "Not consistent: {entries} entries were read, with {} from where the log is not as a recorder leaves \
                 it. Up to there {} hash and link correctly.",
                plural(report.breaks_total, "break"),
                plural(good, "entry"),
            )
        }
        (_, Some(first)) => {
            let missing = if first == 0 {
                String::new()
            } else {
                format!(
                    " The {} before them are not here, as after old files were deleted.",
                    plural(first, "entry")
                )
            };
            format!(
                "{}{missing} On its own this shows that nobody changed the files without \
                 recomputing them; anyone with write access could have.",
                all(report.entries),
            )
        }
    }
}

fn authenticated(report: &SessionReport) -> String {
    if report.trusted_keys == 0 {
        return "Nothing is authenticated: no trusted key was given.".to_owned();
    }
    let Some(through) = report.authenticated_through_seq else {
        return match report.checkpoints.signed {
            0 => "Not verified: the log holds no signature by the trusted keys. Genuine logs can look like this, and \
                  so does a log whose signatures were removed."
                .to_owned(),
            _ => "Not verified: no entry is vouched for by the trusted keys.".to_owned(),
        };
    };
    let ranges: Vec<String> = report
        .authority
        .iter()
        .map(|range| {
            format!(
                "The key {}, which you gave, vouches for entries {} to {}.",
                shown(&range.key),
                number(range.first_seq),
                number(range.last_seq),
            )
        })
        .collect();
    let after = report.last_seq.unwrap_or(through).saturating_sub(through);
    let rest = match (after, report.status) {
        (0, _) => String::new(),
        (_, Status::Broken) => " Nothing is vouched for from the first break on.".to_owned(),
        (1, _) => " The last entry is not covered.".to_owned(),
        _ => format!(" The last {} entries are not covered.", number(after)),
    };
    format!("{}{rest}", ranges.join(" "))
}

fn complete(report: &SessionReport) -> String {
    let mut text = match report.last_seq {
        None => "The log shows no end.".to_owned(),
        Some(last) if report.ends_with_checkpoint => {
            format!("The log ends with a checkpoint, entry {}.", number(last))
        }
        Some(last) => format!("The log ends with entry {}, which is no checkpoint.", number(last)),
    };
    text.push_str(
        " It cannot show whether entries were written after it, nor whether other sessions existed.",
    );
    if report.anchors.is_empty() {
        text.push_str(" Compare the last sequence and head hash with a copy kept elsewhere.");
    }
    for anchor in &report.anchors {
        match anchor.seq {
            Some(seq) => text.push_str(&format!(
                " It contains the head from {} as entry {}; nothing before it was changed or removed since.",
                anchor.source,
                number(seq),
            )),
            None => text.push_str(&format!(" It does not contain the head from {}.", anchor.source)),
        }
    }
    text
}

fn damage(report: &SessionReport) -> String {
    if let Some(first) = report.breaks.first() {
        let place = match (&first.file, first.line, first.offset) {
            (Some(file), Some(line), Some(offset)) => format!("{file}, line {line} (byte {offset})"),
            _ => "The set of files".to_owned(),
        };
        let why = first.explanations.join("; or ");
        let more = match report.breaks_total {
            1 => String::new(),
            total => format!(" {} more follow.", number(total - 1)),
        };
        return format!("{place}: {}. What would leave this: {why}.{more}", first.seen);
    }
    match &report.torn {
        Some(torn) if torn.only_newline_missing => format!(
            "The last line of {} is whole but has no newline, as a crash leaves it. A deliberate cut looks the same.",
            torn.file,
        ),
        Some(torn) => {
            let zeros = match torn.zero_bytes {
                0 => String::new(),
                count => format!(" and {} zero bytes", number(count)),
            };
            format!(
                "The last {} bytes{zeros} of {} are an incomplete line, as a crash leaves it. A deliberate cut looks \
                 the same.",
                number(torn.bytes),
                torn.file,
            )
        }
        None => "No damage was found.".to_owned(),
    }
}

/// A count with its noun.
fn plural(count: u64, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ies", number(count)),
        (_, None) => format!("{} {noun}s", number(count)),
    }
}

fn all(count: u64) -> String {
    match count {
        1 => "The one entry hashes and links correctly.".to_owned(),
        _ => format!("All {} entries hash and link correctly.", number(count)),
    }
}

/// A number with a comma between thousands.
fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A key as people tell keys apart.
fn shown(hex: &str) -> String {
    PublicKey::parse(hex.as_bytes()).map_or_else(|_| hex.to_owned(), |key| key.to_string())
}
