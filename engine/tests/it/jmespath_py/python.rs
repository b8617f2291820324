//! Runs jmespath.py in one Python process.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value as Json;

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/jmespath_py");

/// The one environment of all tests, which run at once: two that made it would remove each other's.
static ENVIRONMENT: LazyLock<Result<PathBuf, String>> = LazyLock::new(environment);

/// The process and its pipes.
pub struct Python {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts the process. Without Python it prints that `test` is not tested; with `CI` set it fails.
    pub fn start(test: &str) -> Option<Self> {
        match ENVIRONMENT.as_ref().map_err(Clone::clone).and_then(|python| Self::spawn(python)) {
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

/// Returns a Python with the pinned jmespath.py, installed once per list of requirements.
fn environment() -> Result<PathBuf, String> {
    let requirements = Path::new(FILES).join("requirements.txt");
    let wanted = fs::read_to_string(&requirements).unwrap();
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jmespath_py");
    let (python, done) = (dir.join("bin/python"), dir.join("requirements.installed"));
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let venv = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&dir).output();
    installed("python3 with venv", venv)?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    let pip = Command::new(&python).args(install).arg(&requirements).output();
    installed("a package index for pip", pip)?;
    fs::write(done, wanted).unwrap();
    Ok(python)
}

/// Returns the missing requirement if a part of the environment could not be made.
fn installed(what: &str, output: std::io::Result<Output>) -> Result<(), String> {
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("it takes {what}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("it takes {what}: {error}")),
    }
}
