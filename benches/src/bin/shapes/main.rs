//! Measures arcbook against Terraform on runbooks of several shapes and sizes, and on expressions, and prints
//! tables in Markdown.

#![expect(clippy::print_stdout, reason = "the tables are what this program is for")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use arcbook_benches::measure::{self, Run};
use arcbook_benches::table::{self, Row};
use arcbook_benches::{Shape, machine};
use clap::{Parser, ValueEnum as _};

/// Measure arcbook against Terraform on runbooks of several shapes and sizes, and on expressions
#[derive(Parser)]
struct Arguments {
    /// Number of steps; repeatable
    #[arg(long, default_values_t = [100, 1_000, 10_000])]
    steps: Vec<usize>,
    /// Shape of the dependencies; repeatable, by default all
    #[arg(long)]
    shape: Vec<Shape>,
    /// Command to measure; repeatable
    #[arg(long, default_values_t = ["validate".to_owned(), "plan".to_owned(), "run".to_owned()])]
    command: Vec<String>,
    /// Number of runs of each contender
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds after which Terraform is not run again at this size or any greater
    #[arg(long, default_value_t = 20)]
    patience: u64,
    /// Number of expressions for the consoles; 0 skips them
    #[arg(long, default_value_t = 20_000)]
    expressions: usize,
    /// The arcbook to measure; by default the one beside this program
    #[arg(long, env = "ARCBOOK", value_name = "FILE")]
    arcbook: Option<PathBuf>,
    /// Leave Terraform out
    #[arg(long)]
    alone: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let own = std::env::current_exe()?.parent().map(Path::to_owned).context("a program in no directory")?;
    let scratch = tempfile::tempdir_in(&own)?;
    let arcbook = arguments.arcbook.clone().unwrap_or_else(|| own.join("arcbook"));
    let bench = Bench { arguments, arcbook, scratch: scratch.path().to_owned() };
    println!("{}, load average {}\n", machine::described(), machine::load());
    let shapes = &bench.arguments.shape;
    for &shape in if shapes.is_empty() { Shape::value_variants() } else { shapes } {
        for command in &bench.arguments.command {
            bench.shape(shape, command)?;
        }
    }
    if bench.arguments.expressions > 0 {
        bench.consoles()?;
    }
    Ok(())
}

struct Bench {
    arguments: Arguments,
    arcbook: PathBuf,
    scratch: PathBuf,
}

impl Bench {
    /// Prints one table: a shape and a command, at all sizes.
    fn shape(&self, shape: Shape, command: &str) -> Result<()> {
        println!("### `{command}`, {}\n", shape.name());
        let mut patience = !self.arguments.alone;
        for &steps in &self.arguments.steps {
            let folder = self.scratch.join(format!("{}-{steps}", shape.name()));
            fs::create_dir_all(&folder)?;
            for (at, text) in pieces(&shape.runbook(steps)).into_iter().enumerate() {
                fs::write(folder.join(format!("part-{at}.runbook.hcl")), text)?;
            }
            fs::write(folder.join("main.tf"), shape.terraform(steps))?;
            let mut rows = vec![self.row(&format!("arcbook, {steps}"), || {
                let mut program = Command::new(&self.arcbook);
                let approve = (command == "run").then_some("-auto-approve");
                program.current_dir(&folder).arg(command).args(approve);
                measure::run(program.env("ARCBOOK_JOURNAL", self.scratch.join("journal")), Stdio::null())
            })?];
            if patience {
                terraform(&folder).arg("init").stdout(Stdio::null()).status()?;
                let row = self.row(&format!("terraform, {steps}"), || {
                    let program = &mut terraform(&folder);
                    match command {
                        "run" => {
                            program.args(["apply", "-auto-approve", "-input=false", "-state=none.tfstate"])
                        }
                        _ => program.arg(command),
                    };
                    let run = measure::run(program, Stdio::null());
                    let _ = fs::remove_file(folder.join("none.tfstate"));
                    run
                })?;
                patience = row.runs.iter().all(|run| run.wall < self.patience());
                rows.push(row);
            }
            println!("{}", table::markdown(&rows));
        }
        Ok(())
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(self.arguments.patience)
    }

    /// Runs a contender for all rounds, or until a run exceeds `--patience`.
    fn row(&self, name: &str, run: impl Fn() -> Result<Run>) -> Result<Row> {
        let mut runs = Vec::new();
        for _ in 0..self.arguments.rounds {
            runs.push(run()?);
            if runs.last().is_some_and(|run: &Run| run.wall > self.patience()) {
                break;
            }
        }
        Ok(Row { name: name.to_owned(), runs })
    }

    /// Evaluates the same expressions, one per line, in both consoles.
    fn consoles(&self) -> Result<()> {
        let folder = self.scratch.join("console");
        fs::create_dir_all(&folder)?;
        let expressions = (0..self.arguments.expressions).map(expression);
        let lines: Vec<String> = expressions.collect();
        let json: Vec<String> = lines.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        fs::write(folder.join("lines"), lines.join("\n") + "\n")?;
        fs::write(folder.join("json"), json.join("\n") + "\n")?;
        let mut rows = vec![self.row("arcbook console -json", || {
            let mut program = Command::new(&self.arcbook);
            program.current_dir(&folder).args(["console", "-json"]);
            measure::run(&mut program, File::open(folder.join("json"))?)
        })?];
        if !self.arguments.alone {
            rows.push(self.row("terraform console", || {
                measure::run(terraform(&folder).arg("console"), File::open(folder.join("lines"))?)
            })?);
        }
        println!("### {} expressions\n\n{}", self.arguments.expressions, table::markdown(&rows));
        Ok(())
    }
}

fn terraform(folder: &Path) -> Command {
    let mut program = Command::new("terraform");
    program.current_dir(folder).env("CHECKPOINT_DISABLE", "1");
    program
}

/// Splits a runbook at block boundaries into files below the size limit.
fn pieces(text: &str) -> Vec<String> {
    const LARGE: usize = 4 << 20;
    let mut pieces = vec![String::new()];
    for block in text.split_inclusive("\n\n") {
        if pieces.last().is_some_and(|last| last.len() + block.len() > LARGE) {
            pieces.push(String::new());
        }
        if let Some(last) = pieces.last_mut() {
            last.push_str(block);
        }
    }
    pieces
}

/// Returns the `n`th expression; all differ.
fn expression(n: usize) -> String {
    match n % 6 {
        0 => format!("{n} * 2 + 0.1"),
        1 => format!("upper(\"name-{n}\")"),
        2 => format!("[for x in range(5) : x + {n} if x % 2 == 0]"),
        3 => format!("jsonencode({{ id = {n}, tags = [\"a\", \"b\"] }})"),
        4 => format!("\"${{{n} > 5 ? \"many\" : \"few\"}} of ${{join(\"-\", [\"x\", \"y\"])}}\""),
        _ => format!("merge({{ a = {n} }}, {{ b = \"x\" }}).a"),
    }
}
