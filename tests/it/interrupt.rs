//! Runs that receive a signal during a request.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::cloud::Cloud;
use crate::support::Ran;

/// Time within which the program must report the signal.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// A lab that sends a signal to the program at the first request with a given method, and responds once the
/// program has reported that it stops.
pub struct Interrupting {
    pub cloud: Cloud,
    victim: Arc<Mutex<Option<Pid>>>,
    heard: Option<Sender<()>>,
}

impl Interrupting {
    /// Starts a lab for a program that stops at `signal`.
    pub fn new(method: &'static str, signal: Signal) -> Self {
        let (heard, stops) = mpsc::channel();
        Self::at(method, signal, Some(heard), move || {
            stops.recv_timeout(PATIENCE).expect("the program stops");
        })
    }

    /// Starts a lab for a program that ignores `signal`.
    pub fn ignored(method: &'static str, signal: Signal) -> Self {
        Self::at(method, signal, None, || {})
    }

    fn at(
        method: &'static str,
        signal: Signal,
        heard: Option<Sender<()>>,
        wait: impl Fn() + Send + 'static,
    ) -> Self {
        let victim = Arc::new(Mutex::new(None::<Pid>));
        let watched = Arc::clone(&victim);
        let wait = Mutex::new(wait);
        let cloud = Cloud::watched(move |request| {
            if request.method == method
                && let Some(process) = watched.lock().expect("whole").take()
            {
                kill_process(process, signal).expect("sent");
                let wait = wait.lock().expect("whole");
                wait();
            }
        });
        Self { cloud, victim, heard }
    }

    /// Runs `command`, which sends its requests to the lab.
    pub fn run(&self, command: &mut Command) -> Ran {
        // The lab's watcher takes this lock, so it answers no request until the process id is known.
        let mut victim = self.victim.lock().expect("whole");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
        *victim = Some(Pid::from_child(&child));
        drop(victim);
        let (out, err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let heard = self.heard.clone();
        let err = std::thread::spawn(move || listen(err, heard.as_ref()));
        let out = listen(out, self.heard.as_ref());
        ran(child.wait().expect("ended"), out, err.join().expect("read"))
    }
}

/// Sends a signal again and again until the program ends: one that follows another at once does not count.
pub fn until_ended(child: &mut Child, signal: Signal) -> ExitStatus {
    loop {
        if let Some(status) = child.try_wait().expect("a status") {
            return status;
        }
        // The program may have ended in the meantime; its number is its own until it is waited for.
        kill_process(Pid::from_child(child), signal).expect("sent");
        std::thread::yield_now();
    }
}

/// Reads the whole stream, and notifies `heard` when the program reports that it stops.
pub fn listen(stream: impl Read, heard: Option<&Sender<()>>) -> String {
    let mut all = String::new();
    let mut reader = BufReader::new(stream);
    loop {
        let from = all.len();
        if reader.read_line(&mut all).expect("UTF-8") == 0 {
            return all;
        }
        if let (true, Some(heard)) = (all[from..].contains("stopping"), heard) {
            // After the first message the receiver may be gone.
            let _ = heard.send(());
        }
    }
}

fn ran(status: ExitStatus, out: String, err: String) -> Ran {
    Ran { code: status.code(), out, err }
}
