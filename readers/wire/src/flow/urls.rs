//! The URLs that were asked for, for the answers to them.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::channel::Context;
use crate::found::{Place, What};
use crate::{Side, http2};

/// URLs that wait for their responses.
const MOST_URLS: usize = 1024;

/// URLs by number of the exchange or stream.
#[derive(Default)]
pub(super) struct Urls {
    recent: VecDeque<(u64, Bytes)>,
    /// The host that was asked for first.
    pub(super) host: Option<Arc<str>>,
}

impl Urls {
    pub(super) fn add(&mut self, number: u64, url: Bytes, host: Option<&[u8]>) {
        if self.recent.len() >= MOST_URLS {
            self.recent.pop_front();
        }
        self.recent.push_back((number, url));
        if self.host.is_none() {
            self.host = host.map(|host| String::from_utf8_lossy(host).into());
        }
    }

    pub(super) fn of(&self, number: u64) -> Option<Bytes> {
        self.recent.iter().rev().find(|(other, _)| *other == number).map(|(_, url)| url.clone())
    }

    /// Hands on a message of HTTP/2, an answer with the URL that was asked for.
    pub(super) fn hand_on(&mut self, message: http2::Message, place: &Place, cx: &mut Context<'_>) {
        let url = match (message.side, message.field(":path")) {
            (Side::Client, Some(path)) => {
                let host = message.field(":authority").or_else(|| message.field("host"));
                self.add(u64::from(message.stream), path.clone(), host.map(AsRef::as_ref));
                None
            }
            _ => self.of(u64::from(message.stream)),
        };
        cx.out.add(place, What::Http2(Box::new(message), url));
    }
}
