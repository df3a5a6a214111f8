//! What a TLS connection tells: its hello is handed on, its plaintext goes to the channel inside.

use std::sync::Arc;

use super::channel::{Channel, Context};
use crate::found::{Hello, Place, What};
use crate::tls;

/// What a TLS connection tells goes here.
pub(super) struct Told<'a, 'c> {
    pub(super) place: &'a Place,
    pub(super) inside: &'a mut Channel,
    pub(super) cx: &'a mut Context<'c>,
    /// Where the record stands, and when it came.
    pub(super) when: (u64, Option<i64>),
}

impl Told<'_, '_> {
    pub(super) fn take(&mut self, output: &tls::Output<'_>) {
        match output {
            tls::Output::ClientHello(hello) => {
                if let Some(name) = &hello.server_name {
                    self.inside.place.host = Some(Arc::from(name.as_str()));
                }
                let (at, time) = self.when;
                let hello = Hello::of(hello, tls::Carrier::Tcp, at, time);
                self.cx.out.add(self.place, What::Hello(Box::new(hello)));
            }
            tls::Output::Plain { side, bytes, at, time, .. } => {
                self.inside.push(*side, bytes, *at, *time, self.cx);
            }
            // How much is missing is not known; that something is, is enough for what is inside.
            tls::Output::Break { side, .. } => self.inside.gap(*side, 1, self.cx),
            tls::Output::ServerHello(_)
            | tls::Output::EncryptedExtensions(_)
            | tls::Output::Certificates { .. }
            | tls::Output::Opaque { .. }
            | tls::Output::Alert { .. }
            | tls::Output::Missing { .. } => {}
        }
    }
}
