//! Any bytes as an input: reading never panics, every event is tiled, and the ledger adds up to the last byte.
#![no_main]

#[path = "shared/booked.rs"]
mod booked;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, u16, &[u8])| {
    let (record_bytes, batch_bytes, bytes) = input;
    booked::read(bytes, record_bytes, batch_bytes);
});
