//! Servers that stop, and statements that are stopped.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::server::{Postgres, query};
use crate::interrupt::until_ended;
use crate::support::Ran;

/// A session that holds a lock until it is dropped or its server stops.
struct Lock(Child);

impl Lock {
    fn take(server: &Postgres, number: u32) -> Self {
        let mut session =
            server.client("ann", "app").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("psql");
        let statement = format!("SELECT pg_advisory_lock({number});\n");
        session.stdin.as_mut().expect("piped").write_all(statement.as_bytes()).expect("written");
        let held = format!(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {number} AND granted"
        );
        while server.psql("ann", "app", &held) == "0" {
            assert!(session.try_wait().expect("a status").is_none(), "psql has ended");
        }
        Self(session)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn waiting(server: &Postgres, runbook: &str) -> (crate::support::Place, Child) {
    let place = server.place(runbook);
    let mut command = server.command(&place, &["run", "-auto-approve"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    while server.active() == 0 {
        if child.try_wait().expect("a status").is_some() {
            let ran = Ran::of(child.wait_with_output().expect("its output"));
            panic!("it has ended: {}", ran.seen());
        }
    }
    (place, child)
}

fn insert(rest: &str) -> String {
    query(&format!(
        "statement = \"WITH held AS (SELECT pg_advisory_lock(1) AS l) INSERT INTO stopped SELECT 1 FROM held\"\n  effect = \"changes\"\n  {rest}"
    ))
}

/// A change that was not committed is made again, in the same run or in a resumed one, exactly once.
#[test]
fn a_server_that_stops_in_the_middle_is_asked_again() {
    let server = Postgres::start();
    server.psql("ann", "app", "CREATE TABLE stopped (id int)");
    let lock = Lock::take(&server, 1);
    let (_place, child) = waiting(&server, &insert(""));
    server.restart();
    drop(lock);
    let ran = Ran::of(child.wait_with_output().expect("the program"));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(server.psql("ann", "app", "SELECT count(*) FROM stopped"), "1");

    let lock = Lock::take(&server, 1);
    let (place, child) = waiting(&server, &insert("retry {\n    attempts = 1\n  }"));
    server.crash();
    drop(lock);
    let ran = Ran::of(child.wait_with_output().expect("the program"));
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(!ran.seen().contains("unconfirmed"), "{}", ran.seen());
    server.resume();
    let resumed = server.run(&place, &["run", "-auto-approve", "-resume", "latest"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.seen());
    assert_eq!(server.psql("ann", "app", "SELECT count(*) FROM stopped"), "2");
}

/// The server itself would not notice for as long as the statement waits.
#[test]
fn an_aborted_run_cancels_its_statement() {
    let server = Postgres::start();
    let lock = Lock::take(&server, 2);
    let (_place, mut child) = waiting(&server, &query("statement = \"SELECT pg_advisory_lock(2)\""));
    let process = Pid::from_child(&child);
    kill_process(process, Signal::TERM).expect("sent");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut lines = lines.map_while(Result::ok);
    assert!(
        lines.any(|line| line.contains("interrupt again to stop at once")),
        "the first signal is reported"
    );
    assert_ne!(until_ended(&mut child, Signal::TERM).code(), Some(0));
    while server.active() > 0 {}
    drop(lock);
}

#[test]
fn a_step_that_takes_too_long_cancels_its_statement() {
    let server = Postgres::start();
    let lock = Lock::take(&server, 3);
    let place = server.place(&query("statement = \"SELECT pg_advisory_lock(3)\"\n  timeout = \"2s\""));
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert!(ran.code == Some(1) && ran.err.contains("did not end within 2s"), "{}", ran.seen());
    while server.active() > 0 {}
    drop(lock);
}
