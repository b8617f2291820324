//! Runs jmespath.py in one Python process.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

#[path = "../../../../tests/sdk/environment.rs"]
mod environment;

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/jmespath_py");

/// The process and its pipes.
pub struct Python {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts the process. Without Python it prints that `test` is not tested; with `CI` set it fails.
    pub fn start(test: &str) -> Option<Self> {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jmespath_py");
        match environment::python(Path::new(FILES), &dir).and_then(|python| Self::spawn(&python)) {
            Ok(python) => Some(python),
            Err(why) => {
                assert!(std::env::var_os("CI").is_none(), "{test} cannot be done here: {why}");
                // Not through a macro, whose words the test harness would keep to itself.
                let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: {test}: {why} ***\n");
                None
            }
        }
    }

    fn spawn(python: &Path) -> Result<Self, String> {
        let mut command = Command::new(python);
        command.arg(Path::new(FILES).join("ask.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let questions = child.stdin.take().ok_or("no standard input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Self { child, questions, answers })
    }

    /// Returns the answer to one question; `ask.py` describes both.
    pub fn ask(&mut self, question: &Json) -> Json {
        writeln!(self.questions, "{question}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{question}: {error}: {line}"))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
