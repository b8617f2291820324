//! Many requests to the lab, sequential or concurrent: arcbook against Hurl, curl and a bare client.

#![expect(clippy::print_stdout, reason = "the tables are what this program is for")]

mod contender;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use arcbook_benches::table::{self, Row};
use arcbook_benches::{Served, machine, measure};
use clap::Parser;

use contender::{Contender, Order};

/// Measure many requests for the machine's metadata
#[derive(Parser)]
struct Arguments {
    /// Number of requests; repeatable
    #[arg(long, default_values_t = [1_000, 10_000])]
    steps: Vec<usize>,
    /// Number of runs of each contender
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Contender to leave out; repeatable
    #[arg(long)]
    without: Vec<Contender>,
    /// The arcbook to measure; by default the one beside this program
    #[arg(long, env = "ARCBOOK", value_name = "FILE")]
    arcbook: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let own = std::env::current_exe()?.parent().map(Path::to_owned).context("a program in no directory")?;
    let scratch = tempfile::tempdir_in(&own)?;
    let arcbook = arguments.arcbook.clone().unwrap_or_else(|| own.join("arcbook"));
    let bench = Bench { arguments, arcbook, own, scratch: scratch.path().to_owned() };
    println!("{}, load average {}\n", machine::described(), machine::load());
    for order in [Order::Chained, Order::Independent] {
        for &steps in &bench.arguments.steps {
            bench.table(order, steps)?;
        }
    }
    Ok(())
}

struct Bench {
    arguments: Arguments,
    arcbook: PathBuf,
    own: PathBuf,
    scratch: PathBuf,
}

impl Bench {
    /// Runs the contenders in turn, so that a busy moment of the machine affects each of them.
    fn table(&self, order: Order, steps: usize) -> Result<()> {
        let folder = self.scratch.join(format!("{order:?}-{steps}"));
        fs::create_dir_all(&folder)?;
        let without = &self.arguments.without;
        let contenders: Vec<_> =
            order.contenders().iter().filter(|contender| !without.contains(contender)).collect();
        // Each table has its own lab, since a lab's request log is limited.
        let mut lab = Served::start(&self.own, &self.scratch, 0)?;
        let base = lab.environment.get("IMDS_ENDPOINT").cloned().context("a lab without an address")?;
        for contender in &contenders {
            contender.write(&folder, (order, steps), &base)?;
        }
        let mut rows: Vec<Row> = contenders
            .iter()
            .map(|contender| Row { name: contender.name().to_owned(), runs: Vec::new() })
            .collect();
        for _ in 0..self.arguments.rounds {
            for (contender, row) in contenders.iter().zip(&mut rows) {
                let mut command = contender.command((&self.own, &self.arcbook), &folder, (order, steps));
                command.envs(&lab.environment).env("ARCBOOK_JOURNAL", self.scratch.join("journal"));
                row.runs.push(measure::run(&mut command, Stdio::null())?);
                let made = lab.work()?.count();
                ensure!(made == steps, "{} made {made} requests, not {steps}", contender.name());
            }
        }
        println!("### {steps} requests, {}\n\n{}", order.name(), table::markdown(&rows));
        Ok(())
    }
}
