//! HTTP/2 frames, HPACK and gRPC.
