//! Who makes the requests, and how it is told to.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use clap::ValueEnum;

/// How many requests are on their way at once, where they do not wait for each other.
const PARALLEL: usize = 10;

const TARGET: &str = "/metadata/instance?api-version=2020-06-01";

/// Whether a request waits for the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each is made with what was taken from the answer before.
    Chained,
    /// No request needs another.
    Independent,
}

impl Order {
    /// As the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chained => "chained",
            Self::Independent => "independent, ten at once",
        }
    }

    /// Who can make requests in this order; the first is what the others are compared with.
    pub fn contenders(self) -> &'static [Contender] {
        match self {
            Self::Chained => &[Contender::Bare, Contender::Arcbook, Contender::Hurl],
            Self::Independent => &[Contender::Bare, Contender::Arcbook, Contender::Curl],
        }
    }
}

/// A program that makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Contender {
    /// A client that does nothing else.
    Bare,
    /// A runbook of `metadata` steps.
    Arcbook,
    /// A file of entries that capture.
    Hurl,
    /// A list of URLs.
    Curl,
}

impl Contender {
    /// As the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare client",
            Self::Arcbook => "arcbook run",
            Self::Hurl => "hurl",
            Self::Curl => "curl -Z",
        }
    }

    /// Writes what it reads into `folder`; `base` is the address of the lab.
    pub fn write(self, folder: &Path, (order, steps): (Order, usize), base: &str) -> io::Result<()> {
        let (name, text) = match self {
            Self::Bare => return Ok(()),
            Self::Arcbook => ("main.runbook.hcl", runbook(order, steps)),
            Self::Hurl => ("requests.hurl", entries(steps, base)),
            Self::Curl => ("requests.curl", urls(steps, base)),
        };
        fs::write(folder.join(name), text)
    }

    /// How it is started, of the programs in `own` and of that arcbook.
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

/// A step for each request; in a chain with the version of the API that the one before gives.
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

/// An entry for each request, with what the one before captures in a header.
fn entries(steps: usize, base: &str) -> String {
    let mut text = String::new();
    for n in 0..steps {
        let after = if n == 0 { "" } else { "After: {{name}}\n" };
        let capture = "HTTP 200\n[Captures]\nname: jsonpath \"$.compute.name\"\n";
        let _ = writeln!(text, "GET {base}{TARGET}\nMetadata: true\n{after}{capture}");
    }
    text
}

/// A list for `curl -K`.
fn urls(steps: usize, base: &str) -> String {
    format!("url = \"{base}{TARGET}\"\noutput = \"/dev/null\"\n").repeat(steps)
}
