//! Runs the contenders of a scenario in turn.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use arcbook_benches::Served;
use arcbook_benches::measure::{self, Run};
use arcbook_benches::table::Row;

use crate::scenario::{Contender, Scenario};
use crate::tool::{Tool, Tools};

/// Number of initial rounds whose figures are discarded.
const WARM_UP: u32 = 3;

/// The settings of a benchmark run.
pub struct Bench {
    pub tools: Tools,
    /// Tools to leave out.
    pub without: Vec<Tool>,
    /// Number of runs of each contender.
    pub rounds: u32,
    /// Directory of the contenders' files and journals.
    pub scratch: PathBuf,
}

impl Bench {
    /// Fails if a contender cannot run.
    pub fn check(&self, scenario: &Scenario) -> Result<()> {
        self.contenders(scenario).try_for_each(|contender| self.tools.check(contender.tool))
    }

    /// Runs all contenders once per round, so that a busy moment of the machine affects each of them.
    pub fn run(&self, scenario: &Scenario) -> Result<Vec<Row>> {
        let start = |latency| Served::start(&self.tools.own, &self.scratch, latency);
        let mut lab = scenario.latency.map(start).transpose()?;
        let empty = |contender: &Contender| Row { name: contender.name.to_owned(), runs: Vec::new() };
        let mut rows: Vec<Row> = self.contenders(scenario).map(empty).collect();
        for round in 0..WARM_UP + self.rounds {
            for (contender, row) in self.contenders(scenario).zip(&mut rows) {
                let run = self.once(contender, lab.as_mut())?;
                if round >= WARM_UP {
                    row.runs.push(run);
                }
            }
        }
        Ok(rows)
    }

    fn contenders<'a>(&'a self, scenario: &'a Scenario) -> impl Iterator<Item = &'a Contender> {
        scenario.contenders.iter().filter(|contender| !self.without.contains(&contender.tool))
    }

    /// Runs a contender once and checks that it made the same requests as every other.
    fn once(&self, contender: &Contender, lab: Option<&mut Served>) -> Result<Run> {
        let mut command = self.command(contender);
        let Some(lab) = lab else { return measure::run(&mut command, Stdio::null()) };
        let run = measure::run(command.envs(&lab.environment), Stdio::null())?;
        lab.work()?.check().with_context(|| format!("{} did other work than the rest", contender.name))?;
        Ok(run)
    }

    /// Builds the contender's command with a fresh environment, so that no setting of the user, such as a
    /// proxy, affects it.
    fn command(&self, contender: &Contender) -> Command {
        let mut command = Command::new(self.tools.program(contender.tool));
        command
            .args(contender.arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").as_deref().unwrap_or(OsStr::new("")))
            .env("HOME", &self.scratch)
            .env("ARCBOOK_JOURNAL", self.scratch.join("journal"));
        command
    }
}
