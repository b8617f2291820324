//! Sends messages to a dedicated thread, in batches.

use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The time for which messages gather unless one is urgent.
///
/// Waking a thread costs the sender as much as several steps, which a run must not pay for each event.
const GATHER: Duration = Duration::from_millis(2);

/// A sender to a thread that receives messages in batches. Messages sent after the thread has panicked are
/// dropped.
///
/// The thread ends when all senders are dropped and it has received everything.
pub struct Sender<T>(Arc<Shared<T>>);

struct Shared<T> {
    inbox: Mutex<Inbox<T>>,
    news: Condvar,
}

struct Inbox<T> {
    messages: Vec<T>,
    senders: usize,
    /// True if the thread sleeps until a message arrives.
    idle: bool,
    /// True if somebody waits for a message to be processed.
    urgent: bool,
    /// True if the thread has ended.
    closed: bool,
}

/// The receiving side, which closes the inbox when the thread ends for any reason.
struct Reader<T>(Arc<Shared<T>>);

impl<T> Drop for Reader<T> {
    fn drop(&mut self) {
        let mut inbox = self.0.lock();
        inbox.closed = true;
        inbox.messages.clear();
    }
}

/// Starts a thread that passes each batch to `take` and finally returns `end` of its state. Returns the
/// sender and the thread's handle.
pub fn mailbox<T: Send + 'static, S: Send + 'static, R: Send + 'static>(
    state: S,
    take: impl Fn(&mut S, Vec<T>) + Send + 'static,
    end: impl FnOnce(S) -> R + Send + 'static,
) -> (Sender<T>, JoinHandle<R>) {
    waking_mailbox(state, |_| None, take, end)
}

/// Starts a mailbox whose `take` also receives an empty batch if no message arrives before its state is
/// `due`.
pub fn waking_mailbox<T: Send + 'static, S: Send + 'static, R: Send + 'static>(
    mut state: S,
    due: impl Fn(&S) -> Option<Instant> + Send + 'static,
    take: impl Fn(&mut S, Vec<T>) + Send + 'static,
    end: impl FnOnce(S) -> R + Send + 'static,
) -> (Sender<T>, JoinHandle<R>) {
    let inbox = Inbox { messages: Vec::new(), senders: 1, idle: false, urgent: false, closed: false };
    let shared = Arc::new(Shared { inbox: Mutex::new(inbox), news: Condvar::new() });
    let sender = Sender(shared.clone());
    let reader = Reader(shared);
    let thread = std::thread::spawn(move || {
        while let Some(batch) = reader.0.next(due(&state)) {
            take(&mut state, batch);
        }
        end(state)
    });
    (sender, thread)
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Inbox<T>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the next batch, which is empty if `due` passes first; none when all senders are dropped.
    fn next(&self, due: Option<Instant>) -> Option<Vec<T>> {
        let mut inbox = self.lock();
        let waited = self.news.wait_timeout_while(inbox, GATHER, |inbox| !inbox.is_pressing());
        inbox = waited.unwrap_or_else(PoisonError::into_inner).0;
        inbox.idle = true;
        let is_quiet = |inbox: &mut Inbox<T>| inbox.messages.is_empty() && inbox.senders > 0;
        inbox = if let Some(due) = due {
            let time = due.saturating_duration_since(Instant::now());
            let waited = self.news.wait_timeout_while(inbox, time, is_quiet);
            waited.unwrap_or_else(PoisonError::into_inner).0
        } else {
            self.news.wait_while(inbox, is_quiet).unwrap_or_else(PoisonError::into_inner)
        };
        inbox.idle = false;
        inbox.urgent = false;
        let batch = mem::take(&mut inbox.messages);
        (!batch.is_empty() || inbox.senders > 0).then_some(batch)
    }
}

impl<T> Inbox<T> {
    /// Adds a message; returns false if the thread has ended.
    fn push(&mut self, message: T) -> bool {
        if !self.closed {
            self.messages.push(message);
        }
        !self.closed
    }

    fn is_pressing(&self) -> bool {
        self.urgent || self.senders == 0
    }
}

impl<T> Sender<T> {
    /// Sends a message that can wait a little.
    pub fn send(&self, message: T) {
        let mut inbox = self.0.lock();
        if inbox.push(message) && mem::take(&mut inbox.idle) {
            drop(inbox);
            self.0.news.notify_one();
        }
    }

    /// Sends a message that somebody waits for.
    pub fn send_urgently(&self, message: T) {
        let mut inbox = self.0.lock();
        if inbox.push(message) {
            inbox.urgent = true;
            drop(inbox);
            self.0.news.notify_one();
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.lock().senders -= 1;
        self.0.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_in_order_and_then_the_thread_ends() {
        let (sender, thread) = mailbox(Vec::new(), |all: &mut Vec<u32>, batch| all.extend(batch), |all| all);
        let other = sender.clone();
        for at in 0..1000 {
            match at % 3 {
                0 => sender.send_urgently(at),
                1 => sender.send(at),
                _ => other.send(at),
            }
        }
        drop((sender, other));
        assert_eq!(thread.join().unwrap(), (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn it_wakes_when_it_is_due_though_nothing_comes() {
        let (woken, wakes) = std::sync::mpsc::channel();
        let take = move |times: &mut u32, _: Vec<()>| {
            *times += 1;
            let _ = woken.send(*times);
        };
        let due = |times: &u32| (*times < 2).then(Instant::now);
        let (sender, thread) = waking_mailbox(0, due, take, |times| times);
        assert_eq!([wakes.recv(), wakes.recv()], [Ok(1), Ok(2)]);
        sender.send(());
        assert_eq!(wakes.recv(), Ok(3), "it waits for as long as it takes when it is not due");
        drop(sender);
        assert_eq!(thread.join().unwrap(), 3);
    }

    #[test]
    fn what_nobody_will_take_is_dropped() {
        let (sender, thread) =
            mailbox((), |(), _: Vec<std::sync::mpsc::Sender<()>>| panic!("on purpose"), |()| ());
        for _ in 0..2 {
            let (done, taken) = std::sync::mpsc::channel();
            sender.send_urgently(done);
            assert!(taken.recv().is_err());
        }
        assert!(thread.join().is_err());
    }

    #[test]
    fn what_is_urgent_is_not_kept_waiting_for_more() {
        let (sender, thread) =
            mailbox((), |(), batch: Vec<std::sync::mpsc::Sender<()>>| drop(batch), |()| ());
        let (done, taken) = std::sync::mpsc::channel();
        sender.send_urgently(done);
        // The channel closes when the thread drops the batch, although a sender remains.
        assert!(taken.recv().is_err());
        drop(sender);
        thread.join().unwrap();
    }
}
