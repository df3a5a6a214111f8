//! Frames built by hand, peeled.

mod fragments;
mod hostile;
mod layers;
mod tunnels;

use super::*;
use crate::Notes;

/// What a frame's segment carries, and what was peeled off.
fn peel(link: u16, bytes: &[u8]) -> (Vec<u8>, Vec<Tunnel>) {
    let segment = segment_of(link, bytes);
    (segment.payload.to_vec(), segment.tunnels.iter().collect())
}

fn segment_of(link: u16, bytes: &[u8]) -> Segment<'_> {
    match decode_one(link, bytes, bytes.len()) {
        Decoded::Segment(segment) => segment,
        other => panic!("{other:?}"),
    }
}

fn decode_one(link: u16, bytes: &[u8], original: usize) -> Decoded<'_> {
    let frame = Frame { link, bytes, original: u32::try_from(original).unwrap(), at: 1000 };
    decode(&frame, &mut Notes::default())
}

fn why(link: u16, bytes: &[u8]) -> Opaque {
    match decode_one(link, bytes, bytes.len()) {
        Decoded::Opaque { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

fn control(link: u16, bytes: &[u8]) -> Control {
    match decode_one(link, bytes, bytes.len()) {
        Decoded::Control { control, .. } => control,
        other => panic!("{other:?}"),
    }
}
