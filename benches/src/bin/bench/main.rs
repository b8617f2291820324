//! Runs the contenders of each scenario in turn and prints a table of their time and memory, in Markdown.

mod bench;
mod scenario;
mod tool;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Parser;

use arcbook_benches::{machine, table};
use bench::Bench;
use scenario::SCENARIOS;
use tool::{Tool, Tools};

/// Measure arcbook against a bare client and the shell, on the same ten requests
#[derive(Parser)]
struct Arguments {
    /// Number of runs of each contender
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Tool to leave out; repeatable
    #[arg(long, value_name = "TOOL")]
    without: Vec<Tool>,
    /// The arcbook to measure; by default the one beside this program
    #[arg(long, env = "ARCBOOK", value_name = "FILE")]
    arcbook: Option<PathBuf>,
}

#[expect(clippy::print_stdout, reason = "the tables are what this program is for")]
fn main() -> Result<()> {
    let Arguments { rounds, without, arcbook } = Arguments::parse();
    let own = std::env::current_exe()?.parent().map(Path::to_owned).context("a program in no directory")?;
    // The system's directory for temporary files may be in memory, where an fsync costs nothing.
    let scratch = tempfile::tempdir_in(&own)?;
    let tools = Tools { arcbook: arcbook.unwrap_or_else(|| own.join("arcbook")), own };
    let bench = Bench { tools, without, rounds, scratch: scratch.path().to_owned() };
    SCENARIOS.iter().try_for_each(|scenario| bench.check(scenario))?;

    println!("{}\n", machine::described());
    for scenario in &SCENARIOS {
        let load = machine::load();
        let table = table::markdown(&bench.run(scenario)?);
        println!("### {}\n\n{rounds} runs of each, load average {load} before.\n\n{table}", scenario.title);
    }
    Ok(())
}
