//! HTTP messages as events, laid out as on the wire, whatever recording they come from.

mod body;
mod message;
mod model;
mod parts;
mod rpc;
mod stream;
mod url;

pub(crate) use body::{Body, Places, base64};
pub(crate) use coldcase_wire::coding::{CodingError, decode as decode_coding};
pub(crate) use message::HttpText;
pub(crate) use parts::anomaly;
pub(crate) use rpc::{Document, emit_messages, messages_in};
pub(crate) use stream::{answer_event, answers};
pub(crate) use url::{host, without_query};
