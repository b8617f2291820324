//! Signals that ask the program to stop.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
#[cfg(unix)]
use std::task::Poll;
use std::time::{Duration, Instant};

use arcbook_engine::run::StopSignal;
#[cfg(windows)]
use arcbook_os::session::SessionEnd;
use tokio::sync::mpsc;

use crate::exit::Exit;

/// The number of interrupts after which the program ends, even if it still prints.
const FIRMLY: usize = 2;

/// The time within which a further signal is an echo: `timeout` sends each signal to the program and to its group.
const ECHO: Duration = Duration::from_millis(100);

/// The time for remaining output after that number of interrupts, once no record is open.
const GRACE: Duration = Duration::from_secs(1);

/// The time for the requests in flight if the system ends the process anyway: Windows does so after five seconds.
const PATIENCE: Duration = Duration::from_secs(3);

static ASKED: Mutex<Asked> = Mutex::new(Asked {
    times: 0,
    last: None,
    listener: None,
    records: 0,
    has_recorded: false,
    last_words: None,
    is_leaving: false,
});
static LISTENING: Once = Once::new();

/// The interrupts of the process.
struct Asked {
    /// The number of interrupts since the last record was opened.
    times: usize,
    /// The time of the last interrupt.
    last: Option<Instant>,
    /// The channel of the current listener.
    listener: Option<mpsc::Sender<StopSignal>>,
    /// The number of open records.
    records: usize,
    /// True if there was an open record.
    has_recorded: bool,
    /// The output before the process exits because of interrupts.
    last_words: Option<LastWords>,
    /// True if the process is about to exit.
    is_leaving: bool,
}

/// Prints the last output of the process.
type LastWords = Arc<dyn Fn() + Send + Sync>;

/// Makes the process print its last words before it exits because of interrupts, and exit at the first one as long as
/// nothing is recorded and nobody listens.
pub fn before_leaving(last_words: impl Fn() + Send + Sync + 'static) {
    asked().last_words = Some(Arc::new(last_words));
    LISTENING.call_once(listen_or_not);
}

/// Returns a channel that receives a message for each interrupt, until the next call.
///
/// A separate thread waits for the signals, because a consumer that does not read the output may block this
/// one.
pub fn interrupts() -> mpsc::Receiver<StopSignal> {
    let (sender, receiver) = mpsc::channel(FIRMLY);
    asked().listener = Some(sender);
    LISTENING.call_once(listen_or_not);
    receiver
}

fn listen_or_not() {
    if listen().is_err() {
        asked().listener = None;
    }
}

/// Makes a write beyond the file size limit fail with an error, instead of ending the process with SIGXFSZ.
///
/// A handler, unlike an ignored signal, is not inherited by the programs that steps run.
#[cfg(unix)]
pub fn survive_file_size_limit() {
    let limit = rustix::process::Signal::XFSZ.as_raw();
    if is_ignored(limit) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    if let Ok(runtime) = runtime {
        let _within = runtime.enter();
        // Without the handler, the process ends as any other does.
        let _ = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(limit));
    }
}

/// Returns at once: this system has no such signal.
#[cfg(not(unix))]
pub fn survive_file_size_limit() {}

/// An open record: while there is one, the process does not exit, regardless of interrupts.
pub struct Hold(());

impl Hold {
    /// Opens a record; earlier interrupts do not apply to it.
    pub fn begin() -> Self {
        let mut asked = asked();
        asked.records += 1;
        asked.has_recorded = true;
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
    fn once_more(&mut self, signal: StopSignal) {
        let now = Instant::now();
        if self.last.is_some_and(|last| now.duration_since(last) < ECHO) {
            return;
        }
        self.last = Some(now);
        self.times += 1;
        if let Some(listener) = &self.listener {
            // A full channel already holds as many interrupts as count.
            let _ = listener.try_send(signal);
        }
        self.consider();
    }

    fn is_over(&self) -> bool {
        self.times >= FIRMLY && self.records == 0 || self.is_over_early()
    }

    /// Returns true if the process would have ended by itself, had it no last words.
    fn is_over_early(&self) -> bool {
        let is_heard = self.listener.as_ref().is_some_and(|listener| !listener.is_closed());
        self.times > 0 && self.last_words.is_some() && !self.has_recorded && !is_heard
    }

    /// Schedules the exit of the process, if it is due.
    fn consider(&mut self) {
        if self.is_over() && !self.is_leaving {
            self.is_leaving = true;
            std::thread::spawn(leave);
        }
    }
}

fn leave() {
    if !asked().is_over_early() {
        std::thread::sleep(GRACE);
    }
    speak_last();
    let mut asked = asked();
    if asked.is_over() {
        // The lock prevents that a record is opened in the meantime.
        std::process::exit(Exit::Interrupted.code());
    }
    asked.is_leaving = false;
}

/// Prints the last words, unless the output is blocked.
fn speak_last() {
    let Some(last_words) = asked().last_words.clone() else { return };
    let (said, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        last_words();
        // After its time the receiver is gone.
        let _ = said.send(());
    });
    // The output that is blocked for longer has no reader.
    let _ = heard.recv_timeout(GRACE);
}

/// Listens for Ctrl-C and for the system's requests to terminate. If the system does not wait for the requests in
/// flight, the interrupt counts twice.
fn listen() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let within = runtime.enter();
    let mut signals = Signals::new()?;
    drop(within);
    std::thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            while let Some(signal) = signals.next().await {
                asked().once_more(signal);
                if signal.is_followed_by_end() {
                    tokio::time::sleep(PATIENCE).await;
                    asked().once_more(signal);
                }
            }
        });
    })?;
    Ok(())
}

/// The signals that ask the process to end. A signal that was ignored at the program's start stays ignored,
/// as `nohup` and shells expect.
#[cfg(unix)]
struct Signals(Vec<(StopSignal, tokio::signal::unix::Signal)>);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            (StopSignal::CtrlC, SignalKind::interrupt()),
            (StopSignal::Sigterm, SignalKind::terminate()),
            (StopSignal::Sighup, SignalKind::hangup()),
        ];
        let heard = kinds.into_iter().filter(|(_, kind)| !is_ignored(kind.as_raw_value()));
        heard.map(|(name, kind)| Ok((name, signal(kind)?))).collect::<io::Result<_>>().map(Self)
    }

    async fn next(&mut self) -> Option<StopSignal> {
        std::future::poll_fn(|context| {
            let mut heard = self
                .0
                .iter_mut()
                .map(|(name, signal)| signal.poll_recv(context).map(|received| received.map(|()| *name)));
            heard.find(Poll::is_ready).unwrap_or(Poll::Pending)
        })
        .await
    }
}

/// Returns whether the process ignores a signal, before any handler is installed. If the system does not
/// report it, only a hangup counts as ignored.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").ok();
    let mask = status.as_deref().and_then(ignored);
    mask.map_or(signal == HANGUP, |mask| mask >> (signal - 1) & 1 == 1)
}

/// The number of SIGHUP, which is the same on all systems.
#[cfg(unix)]
const HANGUP: i32 = 1;

/// Parses the mask of ignored signals from Linux's process status.
#[cfg(unix)]
fn ignored(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// The events of the console and of the session that ask the process to end.
#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    pause: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    session: mpsc::Receiver<SessionEnd>,
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        let (sender, session) = mpsc::channel(1);
        // Without a desktop there is no window to be told by: the session then ends the process as `kill -9` does.
        let _ = arcbook_os::session::on_end(move |end| {
            let _ = sender.try_send(end);
        });
        Ok(Self { interrupt: ctrl_c()?, pause: ctrl_break()?, close: ctrl_close()?, session })
    }

    async fn next(&mut self) -> Option<StopSignal> {
        tokio::select! {
            event = self.interrupt.recv() => event.map(|()| StopSignal::CtrlC),
            event = self.pause.recv() => event.map(|()| StopSignal::CtrlBreak),
            event = self.close.recv() => event.map(|()| StopSignal::ConsoleClosed),
            Some(end) = self.session.recv() => Some(match end {
                SessionEnd::LogOff => StopSignal::LoggedOff,
                SessionEnd::Shutdown => StopSignal::Shutdown,
            }),
        }
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
