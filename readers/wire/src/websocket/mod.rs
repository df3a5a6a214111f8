//! WebSocket frames, to messages.
