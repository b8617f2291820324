//! The measured programs and their paths.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;

/// A program that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    Arcbook,
    Bare,
    Bash,
    Curl,
    True,
}

/// The locations of the tools.
pub struct Tools {
    /// The directory of this program and the benchmark's other programs.
    pub own: PathBuf,
    pub arcbook: PathBuf,
}

impl Tools {
    /// Returns the path of a tool, which may not exist.
    pub fn program(&self, tool: Tool) -> PathBuf {
        match tool {
            Tool::Arcbook => self.arcbook.clone(),
            Tool::Bare => self.own.join("bare"),
            Tool::Bash => on_path("bash"),
            Tool::Curl => on_path("curl"),
            Tool::True => on_path("true"),
        }
    }

    /// Fails unless a tool and the programs that it starts exist.
    pub fn check(&self, tool: Tool) -> Result<()> {
        let started: &[&str] = if tool == Tool::Bash { &["curl", "jq"] } else { &[] };
        let mut needed = std::iter::once(self.program(tool)).chain(started.iter().map(|name| on_path(name)));
        match needed.find(|program| !program.is_file()) {
            None => Ok(()),
            Some(missing) => bail!(
                "{} is not there: make or install it, or leave out {tool:?}, which needs it, with --without",
                missing.display()
            ),
        }
    }
}

/// Returns the first program of this name on the `PATH`, or only the name if there is none.
fn on_path(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|dir| dir.join(name)).find(|program| program.is_file());
    found.unwrap_or_else(|| Path::new(name).to_owned())
}
