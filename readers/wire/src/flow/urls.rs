//! The URLs that were asked for, for the answers to them.

use std::collections::VecDeque;

use bytes::Bytes;

use super::channel::Context;
use crate::found::{Place, What};
use crate::{Side, http2};

/// URLs that wait for their responses.
const MOST_URLS: usize = 1024;

/// URLs by number of the exchange or stream.
#[derive(Default)]
pub(super) struct Urls(VecDeque<(u64, Bytes)>);

impl Urls {
    pub(super) fn add(&mut self, number: u64, url: Bytes) {
        if self.0.len() >= MOST_URLS {
            self.0.pop_front();
        }
        self.0.push_back((number, url));
    }

    pub(super) fn of(&self, number: u64) -> Option<Bytes> {
        self.0.iter().rev().find(|(other, _)| *other == number).map(|(_, url)| url.clone())
    }

    /// Hands on a message of HTTP/2, an answer with the URL that was asked for.
    pub(super) fn hand_on(&mut self, message: http2::Message, place: &Place, cx: &mut Context<'_>) {
        let url = match (message.side, message.field(":path")) {
            (Side::Client, Some(path)) => {
                self.add(u64::from(message.stream), path.clone());
                None
            }
            _ => self.of(u64::from(message.stream)),
        };
        cx.out.add(place, What::Http2(Box::new(message), url));
    }
}
