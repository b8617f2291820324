//! How the user asks the program to stop.

use std::io;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
#[cfg(unix)]
use std::task::Poll;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::exit::Exit;

/// How often the user has to ask until the program ends whatever it still prints.
const FIRMLY: usize = 2;

/// How long the program may still take to say what it has to say when it was asked firmly and no record is open.
const GRACE: Duration = Duration::from_secs(1);

static ASKED: Mutex<Asked> = Mutex::new(Asked { times: 0, listener: None, records: 0, is_leaving: false });
static LISTENING: Once = Once::new();

/// What the user asked for, which is about the whole process.
struct Asked {
    /// How often, since a record was begun.
    times: usize,
    /// Who is told.
    listener: Option<mpsc::Sender<()>>,
    /// How many records are open.
    records: usize,
    /// Whether the end of the process is near.
    is_leaving: bool,
}

/// One message for each time that the user asks to stop, until somebody else listens.
///
/// The signals are awaited on a thread of their own, since this one may be kept by a reader of the output that does not
/// read.
pub fn interrupts() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel(FIRMLY);
    asked().listener = Some(sender);
    LISTENING.call_once(|| {
        if listen().is_err() {
            asked().listener = None;
        }
    });
    receiver
}

/// An open record: while there is one, the process is not ended, however often the user asks.
pub struct Hold(());

impl Hold {
    /// What was asked for before was asked of something else.
    pub fn begin() -> Self {
        let mut asked = asked();
        asked.records += 1;
        asked.times = 0;
        Self(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut asked = asked();
        asked.records -= 1;
        asked.consider();
    }
}

fn asked() -> MutexGuard<'static, Asked> {
    ASKED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Asked {
    fn once_more(&mut self) {
        self.times += 1;
        if let Some(listener) = &self.listener {
            // Who has not heard of it twice by now need not hear of it again.
            let _ = listener.try_send(());
        }
        self.consider();
    }

    fn is_over(&self) -> bool {
        self.times >= FIRMLY && self.records == 0
    }

    /// Ends the process in a while, when it is time to.
    fn consider(&mut self) {
        if self.is_over() && !self.is_leaving {
            self.is_leaving = true;
            std::thread::spawn(leave);
        }
    }
}

fn leave() {
    std::thread::sleep(GRACE);
    let mut asked = asked();
    if asked.is_over() {
        // No record can be begun meanwhile: that is locked.
        std::process::exit(Exit::Interrupted.code());
    }
    asked.is_leaving = false;
}

/// Hears of Ctrl-C, and of the system that asks the process to end.
fn listen() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let within = runtime.enter();
    let mut signals = Signals::new()?;
    drop(within);
    std::thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            while signals.next().await.is_some() {
                asked().once_more();
            }
        });
    })?;
    Ok(())
}

/// The signals that ask the process to end; one that was ignored when the program began stays ignored, as `nohup` and
/// shells want it.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let heard = kinds.into_iter().filter(|kind| !is_ignored(kind.as_raw_value()));
        heard.map(signal).collect::<io::Result<_>>().map(Self)
    }

    async fn next(&mut self) -> Option<()> {
        std::future::poll_fn(|context| {
            let mut heard = self.0.iter_mut().map(|signal| signal.poll_recv(context));
            heard.find(Poll::is_ready).unwrap_or(Poll::Pending)
        })
        .await
    }
}

/// Whether the process ignores a signal, as the system tells before anything listens to it. Where it does not tell, a
/// hangup counts as ignored, and everything else as not.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").ok();
    let mask = status.as_deref().and_then(ignored);
    mask.map_or(signal == HANGUP, |mask| mask >> (signal - 1) & 1 == 1)
}

/// The number of the signal that tells of a terminal that is gone, the same on all systems.
#[cfg(unix)]
const HANGUP: i32 = 1;

/// The signals that are ignored, one bit each, as Linux tells of a process.
#[cfg(unix)]
fn ignored(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Option<()> {
        self.0.recv().await
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_off_the_status_of_the_process() {
        for (status, expected) in [
            ("Name:\tarcbook\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n", Some(0x1001)),
            ("SigIgn:\tffffffffffffffff", Some(u64::MAX)),
            ("SigIgn:\tmany", None),
            ("", None),
        ] {
            assert_eq!(ignored(status), expected, "{status}");
        }
    }
}
