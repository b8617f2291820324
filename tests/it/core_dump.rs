//! A process that crashes must not leave its memory on disk.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use crate::support::Place;

/// An unprivileged user id.
const NOBODY: u32 = 65_534;

/// Observes a console that has just answered, so that its startup is over.
fn observed<T>(as_user: Option<u32>, look: impl Fn(u32) -> T) -> Option<T> {
    let place = Place::new();
    let mut command = place.command(&["console", "-json"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/");
    if let Some(user) = as_user {
        command.uid(user).gid(user);
    }
    let mut child = command.spawn().ok()?;
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(b"\"1 + 1\"\n").expect("written");
    let mut answer = String::new();
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    output.read_line(&mut answer).expect("read");
    let seen = look(child.id());
    drop(input);
    child.wait().expect("it ends");
    assert!(answer.contains('2') || as_user.is_some(), "{answer}");
    (!answer.is_empty()).then_some(seen)
}

#[test]
fn no_core_is_dumped() {
    let limits = observed(None, |process| fs::read_to_string(format!("/proc/{process}/limits")));
    let limits = limits.expect("it was begun").expect("the limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("the limit");
    let numbers: Vec<_> = core.split_whitespace().filter(|word| word.parse::<u64>().is_ok()).collect();
    assert_eq!(numbers, ["0", "0"], "{core}");
}

/// The files in `/proc` of a non-dumpable process belong to root, whatever its user.
#[test]
fn other_processes_of_the_user_cannot_read_its_memory() {
    let own = fs::metadata("/proc/self").expect("this process").uid();
    let user = (own == 0).then_some(NOBODY);
    match observed(user, |process| fs::metadata(format!("/proc/{process}/environ")).map(|file| file.uid())) {
        Some(owner) => assert_eq!(owner.expect("the process"), 0),
        None => {
            let _ = writeln!(
                std::io::stderr(),
                "\n*** NOT TESTED: no other user may run the program from here ***\n"
            );
        }
    }
}
