//! Microsoft's azure-identity, in a process that gets tokens on demand.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::environment;
use crate::support::repository;

/// A running `identity.py`.
pub struct Sdk {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Sdk {
    /// Starts the process in an environment of its own, beside a lab whose certificate is in `ca`. The error says
    /// what is missing.
    pub fn start(cloud: &Cloud, ca: &Path, home: &Path) -> Result<Self, String> {
        let sdk = repository().join("tests/sdk");
        let python = environment::python(&sdk, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk"))?;
        let mut process = Command::new(python)
            .arg(sdk.join("identity.py"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("REQUESTS_CA_BUNDLE", ca)
            .env("AZURE_AUTHORITY_HOST", &cloud.lab.azure().login)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let (requests, answers) = (process.stdin.take(), process.stdout.take());
        let answers = BufReader::new(answers.expect("a pipe"));
        Ok(Self { requests: requests.expect("a pipe"), answers, process })
    }

    /// Sends one line and returns the answer.
    pub fn ask(&mut self, request: &Json) -> Json {
        writeln!(self.requests, "{request}").expect("the process reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the process answers");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("not an answer ({error}): {answer}"))
    }
}

impl Drop for Sdk {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
