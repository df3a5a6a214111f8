//! Where bytes are missing, and where the frames go on.

use super::super::frame::{CONTINUATION, DATA, Frame, HEADERS, PUSH_PROMISE};
use super::super::reader::Input;
use super::super::resync::{Found, Resync};
use super::{Connection, Message, Out, pick};
use crate::Side;

impl Connection {
    /// Steps over so many bytes of a side that were not captured.
    pub fn gap(&mut self, side: Side, len: u64, out: &mut impl FnMut(Message)) {
        if len == 0 {
            return;
        }
        self.count.lost = self.count.lost.saturating_add(len);
        self.stop_looking(side, out);
        let peer = self.peer(side);
        let at = peer.at;
        let within = peer.reader.within();
        if peer.resync.is_none() && peer.reader.skip(len) {
            self.gap_within(side, within);
            // The frame may be over.
            self.run(side, Input { bytes: &[], at, time: None }, out);
            return;
        }
        self.notes.add("h2_gap", at, format!("{len} bytes are missing, and where frames start"));
        self.gap_within(side, within);
        if let Some(frame) = within.filter(|frame| frame.kind == DATA) {
            // The gap has its end.
            self.end(side, frame, out);
        }
        let peer = self.peer(side);
        if let Some(block) = &mut peer.block {
            block.has_gap = true;
        }
        self.flush(side, out);
        self.streams.gap(side);
        let peer = self.peer(side);
        peer.decoder.lose();
        peer.resync = Some(Resync::new(side, false));
    }

    /// Ends a search for a frame with what is there.
    pub(super) fn stop_looking(&mut self, side: Side, out: Out<'_>) {
        let max_frame = self.peer(side).reader.max_frame;
        let peer = pick(&mut self.client, &mut self.server, side);
        if let Some(resync) = &mut peer.resync {
            let found = resync.finish(max_frame, &mut self.count.framing);
            self.resume(side, found, out);
        }
        let at = self.peer(side).at;
        if let Some(resync) = self.peer(side).resync.take_if(|resync| resync.skipped > 0) {
            self.count.opaque += resync.skipped;
            self.notes.add("h2_no_frames", at, format!("{} bytes without a frame", resync.skipped));
            self.peer(side).resync = Some(Resync::new(side, false));
        }
    }

    /// Reads on where a frame was found.
    pub(super) fn resume(&mut self, side: Side, found: Option<Found>, out: Out<'_>) {
        let Some(found) = found else { return };
        let Some(resync) = self.peer(side).resync.take() else { return };
        if found == Found::Midway {
            self.peer(side).decoder.lose();
            let kind = if resync.is_connection_start { "h2_no_start" } else { "h2_resync" };
            let what =
                format!("frames go on, and what was before is not known; {} bytes are none", resync.skipped);
            self.notes.add(kind, resync.at(), what);
        }
        self.count.opaque += resync.skipped;
        resync.for_each_piece(|piece| self.run(side, piece, out));
    }

    /// A gap ends within the frame, or ends it.
    fn gap_within(&mut self, side: Side, within: Option<Frame>) {
        let Some(frame) = within else { return };
        match frame.kind {
            DATA => self.streams.gap_in(frame.stream, side),
            HEADERS | PUSH_PROMISE | CONTINUATION => {
                let peer = self.peer(side);
                if let Some(block) = &mut peer.block {
                    block.has_gap = true;
                }
            }
            _ => {}
        }
    }
}
