//! HTTP/1.x messages.
