//! The four lines for an auditor, always in this order, with numbers, and never more than was shown.

use super::report::{FirstBad, SessionReport, Status};
use crate::keys::PublicKey;
use crate::receipt::{ReceiptStatus, Receipts, SegmentTrust, TranscriptSeal};

/// Puts into words what a report says.
pub(crate) fn complete_report(report: &mut SessionReport) {
    report.sentences = vec![consistent(report), authenticated(report), complete(report), damage(report)];
    report.receipt_sentence = receipts(report);
}

fn consistent(report: &SessionReport) -> String {
    let entries = number(report.entries);
    match (report.status, report.first_seq) {
        (Status::Empty, _) | (_, None) => "The log holds no entry that could be read.".to_owned(),
        (Status::Broken, _) => {
            let good: u64 = report.stretches.first().map_or(0, |first| first.last_seq - first.first_seq + 1);
            format!(
                "Not consistent: {entries} entries were read, with {} from where the log is not as a recorder leaves \
                 it. Up to there {} correctly.",
                plural(report.breaks_total, "break"),
                hash_and_link(good),
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
            0 => "Not verified: the log holds no checkpoint signed by the trusted keys. Genuine logs can look like this, and \
                  so does a log whose signatures were removed."
                .to_owned(),
            _ => "Not verified: no entry is vouched for by the trusted keys.".to_owned(),
        };
    };
    let ranges: Vec<String> = report
        .authority
        .iter()
        .enumerate()
        .map(|(at, range)| {
            format!(
                "The key {}, which {}, vouches for {} {} to {}{}.",
                shown(&range.key),
                why(report, at),
                if report.last_segment.is_some() { "receipts" } else { "entries" },
                number(range.first_seq),
                number(range.last_seq),
                if report.last_segment.is_some() { format!(" of segment {at}") } else { String::new() },
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

/// Why the key of a range counts. Of segments of receipts one may endorse the next.
fn why(report: &SessionReport, at: usize) -> &'static str {
    let segments = report.last_segment.and(report.receipt_chain.as_ref()).map(|chain| &chain.segments);
    match segments.and_then(|segments| segments.get(at)).map(|segment| segment.trust) {
        Some(SegmentTrust::Endorsed(_)) => "the key before it endorses",
        _ => "you gave",
    }
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
            Some(seq) => {
                text.push_str(&format!(
                    " It contains the head from {} as entry {}",
                    anchor.source,
                    number(seq)
                ));
                // The head binds every entry before it, if these are here and link up to it.
                let whole = report.stretches.first().is_some_and(|first| first.last_seq >= seq);
                text.push_str(match report.first_seq {
                    Some(0) if whole => "; nothing before it was changed or removed since.",
                    _ if whole => "; of the entries that are here, none before it was changed since.",
                    _ => "; what stands before it is not whole.",
                });
            }
            None => text.push_str(&format!(" It does not contain the head from {}.", anchor.source)),
        }
    }
    text
}

fn damage(report: &SessionReport) -> String {
    let receipts = signed_damage(report).map(|text| format!(" {text}")).unwrap_or_default();
    let chain = break_damage(report).or_else(|| torn_damage(report));
    match chain {
        Some(text) => text + &receipts,
        None if receipts.is_empty() => "No damage was found.".to_owned(),
        None => receipts.trim_start().to_owned(),
    }
}

/// The first break of the chain.
fn break_damage(report: &SessionReport) -> Option<String> {
    let first = report.breaks.first()?;
    let place = match (&first.file, first.line, first.offset) {
        (Some(file), Some(line), Some(offset)) => format!("{file}, line {line} (byte {offset})"),
        _ => "The set of files".to_owned(),
    };
    let why = first.explanations.join("; or ");
    let more = match report.breaks_total {
        1 => String::new(),
        total => format!(" {} more follow.", number(total - 1)),
    };
    Some(format!("{place}: {}. What would leave this: {why}.{more}", first.seen))
}

/// What is wrong with what is signed by itself, whatever the chain round it says.
fn signed_damage(report: &SessionReport) -> Option<String> {
    let receipts = report.receipt_chain.as_ref();
    if let Some(found) = receipts.and_then(Receipts::first_break) {
        let place = report.receipt_first_bad.as_ref().map_or_else(|| "the receipts".to_owned(), at);
        return Some(format!(
            "Receipts at {place}: {}. They were forged or altered before they were recorded, or the log was rebuilt \
             with the recorder's key.",
            found.reason,
        ));
    }
    if let Some(TranscriptSeal::Contradicts { what, .. }) = receipts.map(|receipts| receipts.seal) {
        return Some(format!("The root over the receipts does not fit them: {what}."));
    }
    let failed = report.evidence_receipts.as_ref().filter(|evidence| evidence.has_failed());
    if let Some(evidence) = failed {
        let place = evidence.first_bad.as_ref().map_or_else(|| "no line".to_owned(), at);
        return Some(format!(
            "Evidence receipts at {place}: {}.",
            evidence.why.as_deref().unwrap_or_default()
        ));
    }
    report
        .decision_first_bad
        .as_ref()
        .map(|place| format!("The decision record at {} is signed by none of the trusted keys.", at(place)))
}

fn at(place: &FirstBad) -> String {
    format!("{}, line {} (byte {})", place.file, place.line, place.offset)
}

/// What the receipts show; nothing if there are none.
fn receipts(report: &SessionReport) -> Option<String> {
    let receipts = report.receipt_chain.as_ref()?;
    let count = plural(receipts.count, "receipt");
    let verdict = match receipts.status {
        ReceiptStatus::Absent => return None,
        ReceiptStatus::Valid => format!("{count} are signed by the trusted keys and follow each other."),
        ReceiptStatus::Broken => {
            format!(
                "{count}; {} where one is not as it was signed or does not follow the one before.",
                plural(receipts.breaks.len() as u64 + receipts.more_breaks, "place")
            )
        }
        ReceiptStatus::Redacted => format!(
            "{count} are whole but for {} that the recorder's redaction altered after signing, which proves nothing \
             of them.",
            number(receipts.altered),
        ),
        ReceiptStatus::Untrusted => {
            format!("{count} follow each other, but a key that signed is not trusted.")
        }
        ReceiptStatus::Unpinned => {
            format!(
                "{count} follow each other and are signed by the keys they name; no trusted key was given."
            )
        }
    };
    let seal = match receipts.seal {
        TranscriptSeal::None => " No root closes them: they may have gone on.",
        // Roots are unsigned: one counts if a checkpoint after it vouches for the whole log.
        TranscriptSeal::Agrees { receipts_after: 0, .. } if is_covered(report) => " A root closes them.",
        TranscriptSeal::Agrees { receipts_after: 0, .. } => {
            " A root closes them that no checkpoint vouches for."
        }
        TranscriptSeal::Agrees { .. } => " A root closes those before it; more follow.",
        TranscriptSeal::Unprovable { .. } => " A root closes them, but what it names was redacted.",
        TranscriptSeal::Contradicts { .. } => " The root over them does not fit them.",
    };
    Some(verdict + seal)
}

/// Whether the last entry is a checkpoint that vouches for all entries before it.
fn is_covered(report: &SessionReport) -> bool {
    report.authenticated_through_seq.is_some()
        && report.authenticated_through_seq == report.last_seq.and_then(|last| last.checked_sub(1))
}

/// An incomplete line at the end.
fn torn_damage(report: &SessionReport) -> Option<String> {
    let torn = report.torn.as_ref()?;
    if torn.only_newline_missing {
        return Some(format!(
            "The last line of {} is whole but has no newline, as a crash leaves it. A deliberate cut looks the same.",
            torn.file,
        ));
    }
    let count = number(torn.bytes + torn.zero_bytes);
    let what = match (torn.bytes, torn.zero_bytes) {
        (_, 0) => "an incomplete line, as a crash leaves it".to_owned(),
        (0, _) => "zero, as a loss of power leaves them".to_owned(),
        (_, zeros) => {
            format!("an incomplete line and {} zero bytes, as a loss of power leaves them", number(zeros))
        }
    };
    Some(format!("The last {count} bytes of {} are {what}. A deliberate cut looks the same.", torn.file))
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

fn hash_and_link(count: u64) -> String {
    if count == 1 {
        "1 entry hashes and links".to_owned()
    } else {
        format!("{} entries hash and link", number(count))
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

#[cfg(test)]
mod tests;
