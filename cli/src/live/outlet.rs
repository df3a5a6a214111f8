//! Where lines go: written at once by whoever passes them on, while answers of our own wait in a queue.
//!
//! A direction that is stopped because its receiver does not read must not stop the other one: so answers, which go
//! against the stream, are never written by the thread that reads it.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Answers that may wait; then the direction that makes them waits too.
const WAITING: usize = 1024;

/// A receiver of lines.
pub(super) trait Sink: Write + Send {
    /// Tells the other end that nothing comes any more.
    fn end(self: Box<Self>);
}

type Shared = Arc<Mutex<Option<Box<dyn Sink>>>>;

/// A sink that two threads write to, line by line.
#[derive(Clone)]
pub(super) struct Outlet {
    sink: Shared,
    queue: SyncSender<Message>,
}

enum Message {
    Answer(Vec<u8>),
    Close,
    Flush(SyncSender<()>),
}

impl Outlet {
    /// An outlet to a sink.
    pub(super) fn new(sink: Box<dyn Sink>) -> io::Result<Self> {
        let sink: Shared = Arc::new(Mutex::new(Some(sink)));
        let (queue, messages) = sync_channel(WAITING);
        let shared = Arc::clone(&sink);
        thread::Builder::new().spawn(move || work(&shared, &messages))?;
        Ok(Self { sink, queue })
    }

    /// Writes a line. After an error nothing more can be written.
    pub(super) fn write(&self, line: &[u8]) -> io::Result<()> {
        write(&self.sink, line)
    }

    /// Hands over a line to be written when the receiver takes it.
    pub(super) fn answer(&self, line: Vec<u8>) {
        let _ended = self.queue.send(Message::Answer(line));
    }

    /// Ends the sink after what waits.
    pub(super) fn close(&self) {
        let _ended = self.queue.send(Message::Close);
    }

    /// Waits until what waits is written, but not for ever.
    pub(super) fn flush(&self, patience: Duration) {
        let (done, wait) = sync_channel(1);
        if self.queue.try_send(Message::Flush(done)).is_ok() {
            let _late = wait.recv_timeout(patience);
        }
    }
}

fn work(sink: &Shared, messages: &Receiver<Message>) {
    for message in messages {
        match message {
            Message::Answer(line) => {
                let _closed = write(sink, &line);
            }
            Message::Close => {
                if let Some(sink) = lock(sink).take() {
                    sink.end();
                }
            }
            Message::Flush(done) => {
                let _gone = done.send(());
            }
        }
    }
}

fn write(sink: &Shared, line: &[u8]) -> io::Result<()> {
    let mut sink = lock(sink);
    let Some(open) = sink.as_mut() else { return Err(io::ErrorKind::BrokenPipe.into()) };
    let written = open.write_all(line).and_then(|()| open.flush());
    if written.is_err()
        && let Some(sink) = sink.take()
    {
        sink.end();
    }
    written
}

fn lock(sink: &Shared) -> MutexGuard<'_, Option<Box<dyn Sink>>> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}
