//! HTTP messages as events, laid out as on the wire, whatever recording they come from.

mod body;
mod message;
mod model;
mod rpc;
mod stream;

pub(crate) use body::{Body, base64};
pub(crate) use coldcase_wire::coding::{CodingError, decode as decode_coding};
pub(crate) use message::HttpText;
pub(crate) use rpc::{emit_messages, messages_in};
pub(crate) use stream::{answer_event, answers};
