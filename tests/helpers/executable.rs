//! Programs that tests write and run.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a program, and makes its directory.
///
/// Another process writes it. A file that this process has open for writing is open in each program that another thread
/// starts just then, and while it is, the system refuses to run it ("Text file busy").
pub fn executable(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("made");
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat >\"$0\" && chmod 755 \"$0\""]).arg(path).stdin(Stdio::piped());
    let mut shell = shell.spawn().expect("sh");
    shell.stdin.take().expect("piped").write_all(text.as_bytes()).expect("read");
    assert!(shell.wait().expect("sh").success(), "{} is not written", path.display());
}
