//! The lab, in a separate process.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;

use crate::Work;

/// A lab that serves until it is dropped.
pub struct Served {
    process: Child,
    /// Closing it ends the lab.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The variables through which a contender finds it.
    pub environment: BTreeMap<String, String>,
}

impl Served {
    /// Starts the `serve` program from `own` and stores its certificate in `scratch`; `latency` is in
    /// milliseconds.
    pub fn start(own: &Path, scratch: &Path, latency: u64) -> Result<Self> {
        let mut process = Command::new(own.join("serve"))
            .args(["benches/bench.lab.hcl", &latency.to_string()])
            .arg(scratch.join("ca.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the lab cannot be started")?;
        let questions = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().context("a lab without an output")?);
        let mut lab = Self { process, questions, answers, environment: BTreeMap::new() };
        lab.environment = lab.answer().context("the lab did not start; benches/run as root starts it")?;
        Ok(lab)
    }

    /// Returns the requests since the last call.
    pub fn work(&mut self) -> Result<Work> {
        self.questions.as_mut().context("a lab without an input")?.write_all(b"\n")?;
        Ok(self.answer::<Vec<String>>()?.into())
    }

    fn answer<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.questions.take());
        // It has already reported any error on standard error.
        let _ = self.process.wait();
    }
}
