//! What an action has of an earlier event.

use std::sync::Arc;

use coldcase_model::Surface;

use super::{Deed, FEWEST_PRINTS, Flow, LETTERS, Now, Origin, Print, Recall, Source, ValueKind};

/// What an action has of one earlier event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// The earlier event.
    pub(super) number: u32,
    /// How many prints, each once: a phrase that is repeated is one.
    pub(super) prints: u32,
    /// How many bytes, at the least.
    pub(super) bytes: u64,
    /// Where in the action.
    pub(super) surface: Surface,
    /// The most telling value.
    value: Option<ValueKind>,
    /// The most telling value where it says what the action is to do: in a URL, a name, an argument.
    aim: Option<ValueKind>,
    secret: bool,
    /// Where the last print started.
    last: u32,
    /// The first prints.
    known: [u64; KNOWN],
    /// Whether one of them stands there again.
    repeats: bool,
}

/// How many prints are told from later ones. What has as many that differ is no repeated phrase.
const KNOWN: usize = 4;

/// More earlier events than this are not told apart in one action.
const MOST: usize = 64;

impl Share {
    const fn new(number: u32) -> Self {
        let surface = Surface::Body;
        let (value, aim, known) = (None, None, [0; KNOWN]);
        let (secret, repeats) = (false, false);
        Self { number, prints: 0, bytes: 0, surface, value, aim, secret, last: 0, known, repeats }
    }

    /// What is shared with an event, to be added to; `None` where too many events are told apart already.
    pub(super) fn of(all: &mut Vec<Self>, number: u32) -> Option<&mut Self> {
        if !all.iter().any(|share| share.number == number) {
            if all.len() >= MOST {
                return None;
            }
            all.push(Self::new(number));
        }
        all.iter_mut().find(|share| share.number == number)
    }

    fn has_print(&mut self, Print { hash, at }: Print) {
        let known = self.known.iter().take(self.prints as usize);
        if known.into_iter().any(|known| *known == hash) {
            self.repeats = true;
            return;
        }
        if let Some(free) = self.known.get_mut(self.prints as usize) {
            *free = hash;
        }
        // Prints that overlap share bytes. Places of prints are told in bytes, so letters are the least of them.
        let more = if self.prints == 0 { LETTERS } else { at.saturating_sub(self.last).min(LETTERS) };
        self.prints += 1;
        self.last = at;
        self.bytes += u64::from(more);
    }

    fn has_value(&mut self, kind: ValueKind, len: u32, surface: Surface) {
        self.value = self.value.max(Some(kind));
        if matches!(
            surface,
            Surface::Url | Surface::Host | Surface::Query | Surface::DnsName | Surface::ToolArgument
        ) && self.aim < Some(kind)
        {
            self.aim = Some(kind);
            self.surface = surface;
        }
        self.bytes = self.bytes.max(u64::from(len));
    }

    /// The action has a secret of the event.
    pub(super) fn has_secret(&mut self, len: u32) {
        self.secret = true;
        self.bytes = self.bytes.max(u64::from(len));
    }

    /// Whether content of the event stands in the action, and not only a name that many have.
    pub(super) fn is_carried(&self) -> bool {
        self.secret || self.is_passage() || self.value.is_some_and(|kind| kind > ValueKind::Name)
    }

    /// Whether a passage of the event stands in the action. The prints of a short phrase that is said over and over overlap,
    /// since each reaches into the next time.
    const fn is_passage(&self) -> bool {
        self.prints >= FEWEST_PRINTS && (!self.repeats || self.bytes >= 2 * LETTERS as u64)
    }

    /// What is carried, in words.
    pub(super) fn what(&self) -> Arc<str> {
        match (self.secret, self.is_passage(), self.value) {
            (true, ..) => "a secret".into(),
            (_, true, None) => "a passage".into(),
            (_, true, Some(kind)) => format!("a passage and {}", kind.words()).into(),
            (_, false, Some(kind)) => kind.words().into(),
            (_, false, None) => "words".into(),
        }
    }

    /// Whether the action does what the event's content names, and by what that is told.
    pub(super) fn follows(&self, now: &Now<'_>) -> Option<Arc<str>> {
        let aims =
            [Deed::Exec, Deed::Send, Deed::Pay, Deed::Delete, Deed::Persist, Deed::Network, Deed::Sensitive];
        let quotes = self.prints >= FEWEST_PRINTS && !now.does(&aims) && !now.leaves();
        let runs = now.does(&[Deed::Exec]);
        match self.aim.filter(|kind| !quotes && (*kind > ValueKind::Name || runs)) {
            Some(kind) => Some(format!("uses {} of an injection", kind.words()).into()),
            None if self.prints > 0 && runs => Some("runs words of an injection".into()),
            None => None,
        }
    }
}

/// What an action has of each earlier event from outside, and how many prints and values were left out.
pub(super) fn shares(flow: &Flow, prints: &Recall, values: &Recall) -> (Vec<Share>, u64) {
    let (mut all, mut left_out) = (Vec::new(), 0);
    let from = |origin: Option<Origin>| match origin {
        Some(Origin::Outside(number) | Origin::Injected(number)) => Some(number),
        Some(Origin::Ours) | None => None,
    };
    for (_, own, had) in flow.all().filter(|(strand, ..)| strand.source == Source::Action) {
        for print in own {
            let Some(number) = from(prints.origin(print.hash)) else { continue };
            match Share::of(&mut all, number) {
                Some(share) => share.has_print(*print),
                None => left_out += 1,
            }
        }
        for had in had {
            let Some(number) = from(values.origin(had.value.hash)) else { continue };
            match Share::of(&mut all, number) {
                Some(share) => share.has_value(had.value.kind, had.value.len, had.surface),
                None => left_out += 1,
            }
        }
    }
    all.sort_by_key(|share| share.number);
    (all, left_out)
}
