//! Standard input until it ends, or until a signal asks to stop.
//!
//! A read that waits for input does not come back for a signal, so a thread of its own reads, and another waits for
//! signals; both hand on to whoever writes the log. The second signal ends the process as if none was caught.
//!
//! Left out: Windows, where only the end of the input stops.

use std::io::{self, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// How much is read at once.
const CHUNK: usize = 64 << 10;
/// Chunks that may wait.
const WAITING: usize = 4;

enum Message {
    Bytes(Vec<u8>),
    Failed(io::Error),
    End,
    Stop,
}

/// Bytes as they come in.
pub(super) struct Chunks {
    messages: Receiver<Message>,
    chunk: io::Cursor<Vec<u8>>,
    /// Nothing comes after it.
    ended: bool,
    stopped: bool,
}

/// Standard input, which a signal ends.
pub(super) fn stdin() -> io::Result<BufReader<Chunks>> {
    let (sender, messages) = sync_channel(WAITING);
    #[cfg(unix)]
    watch(sender.clone())?;
    thread::Builder::new().spawn(move || forward(&mut io::stdin().lock(), &sender))?;
    Ok(BufReader::with_capacity(CHUNK, Chunks::of(messages)))
}

/// Hands on signals that ask to stop.
#[cfg(unix)]
fn watch(sender: SyncSender<Message>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let forward = move || {
        for (earlier, signal) in signals.forever().enumerate() {
            if earlier > 0 {
                // A disk may hang while the last checkpoint is synced.
                let _ended = signal_hook::low_level::emulate_default_handler(signal);
            }
            // It waits behind what was read before, so that this is recorded.
            let sender = sender.clone();
            let _told = thread::Builder::new().spawn(move || sender.send(Message::Stop));
        }
    };
    thread::Builder::new().spawn(forward).map(drop)
}

/// Hands on what is read, until it ends or nobody takes it.
fn forward(input: &mut impl Read, sender: &SyncSender<Message>) {
    loop {
        let mut chunk = vec![0; CHUNK];
        let message = match input.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Message::Failed(error),
            Ok(0) => Message::End,
            Ok(count) => {
                chunk.truncate(count);
                Message::Bytes(chunk)
            }
        };
        let is_last = !matches!(message, Message::Bytes(_));
        if sender.send(message).is_err() || is_last {
            return;
        }
    }
}

impl Chunks {
    fn of(messages: Receiver<Message>) -> Self {
        Self { messages, chunk: io::Cursor::default(), ended: false, stopped: false }
    }

    /// Whether a signal has ended the input: then the line that was being read is cut, and none to record.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }
}

impl Read for Chunks {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.chunk.read(out)?;
            if count > 0 || self.ended || out.is_empty() {
                return Ok(count);
            }
            match self.messages.recv() {
                Ok(Message::Bytes(chunk)) => self.chunk = io::Cursor::new(chunk),
                Ok(Message::Failed(error)) => return Err(error),
                Ok(Message::End) | Err(_) => self.ended = true,
                Ok(Message::Stop) => (self.ended, self.stopped) = (true, true),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_through_whole_and_a_stop_ends_them() {
        let text: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let (sender, messages) = sync_channel(WAITING);
        let input = text.clone();
        let feeder = thread::spawn(move || forward(&mut input.as_slice(), &sender));
        let (mut chunks, mut read) = (Chunks::of(messages), Vec::new());
        chunks.read_to_end(&mut read).unwrap();
        feeder.join().unwrap();
        assert!(read == text && !chunks.is_stopped());
        let (sender, messages) = sync_channel(WAITING);
        for message in [Message::Bytes(b"a\nb".to_vec()), Message::Stop, Message::Bytes(b"c".to_vec())] {
            sender.send(message).unwrap();
        }
        let (mut chunks, mut read) = (Chunks::of(messages), Vec::new());
        chunks.read_to_end(&mut read).unwrap();
        assert!(read == b"a\nb" && chunks.is_stopped());
    }
}
