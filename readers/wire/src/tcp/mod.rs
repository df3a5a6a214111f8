//! TCP segments, to streams.
