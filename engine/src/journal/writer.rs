//! Writes a journal.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{Digest, GENESIS, Head, Line};
use crate::redact::Secrets;
use crate::run::mailbox::{Sender, mailbox};
use crate::run::{Observer, Record, Stored};
use crate::step::BoxFuture;

/// The storage of a journal: a file, or a failing substitute in tests.
pub trait Storage: Write + Send + 'static {
    /// Returns when everything written is durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// Writes the records of a run, each chained to the previous one, on a dedicated thread.
///
/// A run waits for the disk only at a barrier; all records gathered until then are written and synced
/// together.
pub struct Writer {
    messages: Sender<Message>,
    thread: JoinHandle<Digest>,
}

enum Message {
    Record(Arc<Record>),
    Barrier(oneshot::Sender<Stored>),
}

impl Writer {
    /// Returns a writer to the empty `storage`, which redacts `secrets`.
    pub fn new(storage: impl Storage, secrets: Secrets) -> Self {
        Self::after(Vec::new(), storage, secrets)
    }

    /// Returns a writer as [`new`](Self::new) does, whose first line names the `heads` of the other records.
    pub fn after(heads: Vec<Head>, storage: impl Storage, secrets: Secrets) -> Self {
        let lines = Lines { storage, secrets, heads, head: GENESIS, dirty: false, failure: None };
        let take =
            |lines: &mut Lines<_>, batch: Vec<_>| batch.into_iter().for_each(|message| lines.take(message));
        let (messages, thread) = mailbox(lines, take, |mut lines| {
            lines.sync();
            lines.head
        });
        Self { messages, thread }
    }

    /// Returns an observer that passes the records of a run to this writer.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        Recorder(self.messages.clone())
    }

    /// Ends the journal; returns the digest of its last line, which identifies the whole run; none if no line could
    /// be written.
    ///
    /// All [`Recorder`]s must be dropped before.
    #[must_use]
    pub fn finish(self) -> Option<Digest> {
        drop(self.messages);
        self.thread.join().ok().filter(|head| *head != GENESIS)
    }
}

/// An observer that passes the records of a run to its [`Writer`].
pub struct Recorder(Sender<Message>);

impl Observer for Recorder {
    fn observe(&mut self, record: &Arc<Record>) {
        self.0.send(Message::Record(record.clone()));
    }

    fn barrier(&mut self) -> BoxFuture<'static, Stored> {
        let (done, stored) = oneshot::channel();
        self.0.send_urgently(Message::Barrier(done));
        Box::pin(async move { stored.await.unwrap_or_else(|_| Err("the journal is closed".to_owned())) })
    }
}

struct Lines<S> {
    storage: S,
    secrets: Secrets,
    /// The heads of the other records, until the first line names them.
    heads: Vec<Head>,
    head: Digest,
    /// True if something was written since the last sync.
    dirty: bool,
    /// The first failure; nothing is written after it, so that the chain on disk stays intact.
    failure: Option<String>,
}

impl<S: Storage> Lines<S> {
    fn take(&mut self, message: Message) {
        match message {
            Message::Record(record) => self.write(&record),
            Message::Barrier(done) => {
                self.sync();
                // The receiver is gone if the run was torn down.
                let _ = done.send(self.failure.clone().map_or(Ok(()), Err));
            }
        }
    }

    fn write(&mut self, record: &Record) {
        if self.failure.is_some() {
            return;
        }
        let heads = std::mem::take(&mut self.heads);
        let line = Line { prev: self.head, heads, record: self.secrets.redacted(record) };
        let text = serde_json::to_string(&line);
        let written = text.map_err(io::Error::other).and_then(|line| {
            self.dirty = true;
            self.storage.write_all(format!("{line}\n").as_bytes())?;
            self.head = Digest::of(line.as_bytes());
            Ok(())
        });
        self.note(written);
    }

    fn sync(&mut self) {
        if self.dirty && self.failure.is_none() {
            self.dirty = false;
            let synced = self.storage.flush().and_then(|()| self.storage.sync());
            self.note(synced);
        }
    }

    fn note(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.failure.get_or_insert_with(|| format!("cannot write the journal: {error}"));
        }
    }
}
