//! The programs that make the requests, and their inputs.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use clap::ValueEnum;

/// Number of concurrent requests, where they are independent.
const PARALLEL: usize = 10;

const TARGET: &str = "/metadata/instance?api-version=2020-06-01";

/// The dependency between requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each request uses a value from the previous response.
    Chained,
    /// No request depends on another.
    Independent,
}

impl Order {
    /// Returns the name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chained => "chained",
            Self::Independent => "independent, ten at once",
        }
    }

    /// Returns the contenders for this order; the first is the reference for the ratios.
    pub fn contenders(self) -> &'static [Contender] {
        match self {
            Self::Chained => &[Contender::Bare, Contender::Arcbook, Contender::Hurl],
            Self::Independent => &[Contender::Bare, Contender::Arcbook, Contender::Curl],
        }
    }
}

/// A program that makes the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Contender {
    /// A client without other features.
    Bare,
    /// A runbook of `metadata` steps.
    Arcbook,
    /// A file of entries with captures.
    Hurl,
    /// A list of URLs.
    Curl,
}

impl Contender {
    /// Returns the name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare client",
            Self::Arcbook => "arcbook run",
            Self::Hurl => "hurl",
            Self::Curl => "curl -Z",
        }
    }

    /// Writes the program's input into `folder`; `base` is the lab's URL.
    pub fn write(self, folder: &Path, (order, steps): (Order, usize), base: &str) -> io::Result<()> {
        let (name, text) = match self {
            Self::Bare => return Ok(()),
            Self::Arcbook => ("main.runbook.hcl", runbook(order, steps)),
            Self::Hurl => ("requests.hurl", entries(steps, base)),
            Self::Curl => ("requests.curl", urls(steps, base)),
        };
        fs::write(folder.join(name), text)
    }

    /// Builds the command, with the programs in `own` and the given arcbook.
    pub fn command(
        self,
        (own, arcbook): (&Path, &Path),
        folder: &Path,
        (order, steps): (Order, usize),
    ) -> Command {
        let program = match self {
            Self::Bare => own.join("keep_alive"),
            Self::Arcbook => arcbook.to_owned(),
            Self::Hurl => "hurl".into(),
            Self::Curl => "curl".into(),
        };
        let mut command = Command::new(program);
        command.current_dir(folder);
        match self {
            Self::Bare => {
                let connections = if order == Order::Chained { 1 } else { PARALLEL };
                command.args([steps.to_string(), connections.to_string()])
            }
            Self::Arcbook => command.args(["run", "-parallelism", &PARALLEL.to_string()]),
            Self::Hurl => command.args(["--no-output", "requests.hurl"]),
            Self::Curl => {
                let most = PARALLEL.to_string();
                let quiet = ["-s", "-S", "-f", "-H", "Metadata: true", "-K", "requests.curl"];
                command.args(["-Z", "--parallel-max", &most]).args(quiet)
            }
        };
        command
    }
}

/// Writes a step for each request. In a chain, each step takes the API version from the one before.
fn runbook(order: Order, steps: usize) -> String {
    let mut text = String::new();
    for n in 0..steps {
        let before = (order == Order::Chained).then(|| n.checked_sub(1)).flatten();
        let version = before
            .map_or("\"2020-06-01\"".to_owned(), |before| format!("step.metadata._{before}.extract.version"));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "step \"metadata\" \"_{n}\" {{\n  api_version = {version}");
        if order == Order::Chained {
            text.push_str("  extract = { version = \"compute.name && '2020-06-01'\" }\n");
        }
        text.push_str("}\n");
    }
    text
}

/// Writes an entry for each request, with the value captured from the one before in a header.
fn entries(steps: usize, base: &str) -> String {
    let mut text = String::new();
    for n in 0..steps {
        let after = if n == 0 { "" } else { "After: {{name}}\n" };
        let capture = "HTTP 200\n[Captures]\nname: jsonpath \"$.compute.name\"\n";
        let _ = writeln!(text, "GET {base}{TARGET}\nMetadata: true\n{after}{capture}");
    }
    text
}

/// Writes a list for `curl -K`.
fn urls(steps: usize, base: &str) -> String {
    format!("url = \"{base}{TARGET}\"\noutput = \"/dev/null\"\n").repeat(steps)
}
