//! Measures arcbook beside an earlier one, in turn, and prints a table in Markdown.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use arcbook_benches::measure::{self, Run};
use arcbook_benches::{Served, Shape, machine, table};
use clap::Parser;

/// Measure arcbook beside an earlier one
#[derive(Parser)]
struct Arguments {
    /// The earlier arcbook
    #[arg(value_name = "FILE")]
    before: PathBuf,
    /// The arcbook to measure
    #[arg(value_name = "FILE")]
    now: PathBuf,
    /// Number of runs of each
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Number of steps of the large runbooks
    #[arg(long, default_value_t = 10_000)]
    steps: usize,
}

/// A command that both run.
struct Task {
    name: String,
    folder: PathBuf,
    arguments: Vec<&'static str>,
    needs_lab: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let (before, now) = (fs::canonicalize(&arguments.before)?, fs::canonicalize(&arguments.now)?);
    let own = std::env::current_exe()?.parent().map(Path::to_owned).context("a program in no directory")?;
    let scratch = tempfile::tempdir_in(&own)?;
    println!("{}, load average {}\n", machine::described(), machine::load());
    println!("| | before | now | ratio | memory before | now |\n|---|--:|--:|--:|--:|--:|");
    for task in tasks(scratch.path(), arguments.steps)? {
        let lab = task.needs_lab.then(|| Served::start(&own, scratch.path(), 0)).transpose()?;
        let once = |program: &Path, journal| {
            let mut command = Command::new(program);
            command.current_dir(&task.folder).args(&task.arguments);
            command.env("ARCBOOK_JOURNAL", scratch.path().join(journal));
            command.envs(lab.iter().flat_map(|lab| &lab.environment));
            measure::run(&mut command, Stdio::null())
        };
        let mut pairs = Vec::new();
        for round in 0..=arguments.rounds {
            // Neither reads the records of the other.
            let pair = (once(&before, "before")?, once(&now, "now")?);
            // The first one warms up.
            if round > 0 {
                pairs.push(pair);
            }
        }
        println!("| {} | {} |", task.name, row(&pairs));
    }
    Ok(())
}

/// Writes the runbooks, and returns the tasks.
fn tasks(scratch: &Path, steps: usize) -> Result<Vec<Task>> {
    let here = std::env::current_dir()?;
    let task = |name: &str, folder: &Path, arguments: &[&'static str], needs_lab| Task {
        name: name.to_owned(),
        folder: folder.to_owned(),
        arguments: arguments.to_vec(),
        needs_lab,
    };
    let mut tasks = vec![
        task(
            "start-up: `validate` of the Jumpstart runbook",
            &here,
            &["validate", "runbooks/jumpstart"],
            false,
        ),
        task("the ten requests of the lab", &here, &["run", "-auto-approve", "benches/lab"], true),
    ];
    for shape in [Shape::Independent, Shape::Chain, Shape::ForEach] {
        let folder = scratch.join(shape.name());
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("main.runbook.hcl"), shape.runbook(steps))?;
        for command in ["plan", "run"] {
            let name = format!("`{command}`, {}, {steps} steps", shape.name());
            tasks.push(task(&name, &folder, &[command], false));
        }
    }
    let folder = scratch.join("requests");
    fs::create_dir_all(&folder)?;
    let many = "step \"metadata\" \"m\" {\n  count = 1000\n}\n";
    fs::write(folder.join("main.runbook.hcl"), many)?;
    tasks.push(task(
        "1,000 requests for metadata, ten at once",
        &folder,
        &["run", "-parallelism", "10"],
        true,
    ));
    Ok(tasks)
}

/// Writes the medians of both, the median ratio of the pairs, and the most memory.
fn row(pairs: &[(Run, Run)]) -> String {
    let (before, now): (Vec<Run>, Vec<Run>) = pairs.iter().copied().unzip();
    let time = |runs: &[Run]| {
        let mut all: Vec<Duration> = runs.iter().map(|run| run.wall).collect();
        all.sort();
        table::milliseconds(table::median(&all))
    };
    let most = |runs: &[Run]| table::mebibytes(runs.iter().map(|run| run.memory).max().unwrap_or_default());
    let mut ratios: Vec<f64> =
        pairs.iter().map(|(before, now)| now.wall.as_secs_f64() / before.wall.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ratios.len() / 2];
    format!("{} | {} | {ratio:.2} | {} | {}", time(&before), time(&now), most(&before), most(&now))
}
