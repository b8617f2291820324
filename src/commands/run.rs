//! `arcbook run`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::Digest;
use arcbook_engine::plan;
use arcbook_engine::run::{self, Ends, Job, Observers, Report, Status};
use arcbook_engine::runbook::{Missing, duration};
use arcbook_engine::value::{Layout, show};
use arcbook_lab::Fault;
use arcbook_steps::{Azure, registry};

use super::{JournalArguments, block_on, failed, wrong};

use crate::exit::Exit;
use crate::loaded::{Loaded, Rejected, RunbookArguments};
use crate::progress::{self, seconds};
use crate::screen::Screen;
use crate::{VERSION, azure, embedded, signals};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
    /// Run against a local Azure inside this process, as the `*.lab.hcl` file beside the runbook describes it.
    #[arg(long)]
    lab: bool,
    /// What there is in the local Azure, when it is not described beside the runbook.
    #[arg(long, value_name = "PATH", requires = "lab")]
    world: Option<PathBuf>,
    /// Let the local Azure fail on purpose, such as `keyvault:429:retry-after=1:times=2`; may be repeated.
    #[arg(long, value_name = "FAULT", requires = "lab")]
    fault: Vec<Fault>,
    /// Do not ask before something is changed.
    #[arg(long)]
    auto_approve: bool,
    /// How many steps may be at work at once.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    parallelism: u16,
    /// How long the run may take, such as `30m`, in place of what the runbook says; what cleans up is done even then.
    #[arg(long, value_name = "TIME", value_parser = length_of_time)]
    timeout: Option<Duration>,
    #[command(flatten)]
    journal: JournalArguments,
}

fn length_of_time(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "write it as `30s`, `5m` or `1h30m`".to_owned())
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    match block_on(begin(arguments, screen)) {
        Ok(exit) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn begin(arguments: &Arguments, screen: &Screen) -> Exit {
    if !arguments.lab {
        return match azure::of_environment().await {
            Ok(azure) => go(arguments, screen, azure).await,
            Err(diagnostic) => wrong(screen, diagnostic),
        };
    }
    let world = match embedded::world(arguments.world.as_ref().unwrap_or(&arguments.runbook.path)) {
        Ok(world) => world,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    match embedded::start(world, arguments.fault.clone()).await {
        Ok((lab, azure)) => {
            let exit = go(arguments, screen, azure).await;
            lab.shutdown().await;
            exit
        }
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn go(arguments: &Arguments, screen: &Screen, azure: Arc<Azure>) -> Exit {
    let loaded = match arguments.runbook.load(&registry(&azure), Missing::Refuse) {
        Ok(loaded) => loaded,
        Err(Rejected { sources, diagnostics }) => {
            screen.diagnostics(&diagnostics, &sources);
            return Exit::Wrong;
        }
    };
    screen.diagnostics(&loaded.warnings, &loaded.sources);
    plan::teach_plan(screen.secrets(), &loaded.plan);
    let asks = loaded.plan.changes().next().is_some() && !arguments.auto_approve && !arguments.lab;
    if asks && let Err(exit) = approve(&loaded, &azure, screen) {
        return exit;
    }
    record(arguments, screen, azure, &loaded).await
}

/// Shows the plan and asks; only `yes` is yes.
fn approve(loaded: &Loaded, azure: &Azure, screen: &Screen) -> Result<(), Exit> {
    if screen.json || !std::io::stdin().is_terminal() {
        return Err(failed(
            screen,
            Diagnostic::error("not-approved", "this run changes something, and nobody is there to be asked")
                .help("look at `arcbook plan`, then run with `-auto-approve`"),
        ));
    }
    screen.print(&plan::show(&loaded.plan, &loaded.runbook, azure));
    screen.print("\nDo this? Only `yes` goes on: ");
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    match std::io::stdin().lock().read_line(&mut answer) {
        Ok(_) if answer.trim() == "yes" => Ok(()),
        _ => {
            screen.line("Nothing was done.");
            Err(Exit::Failed)
        }
    }
}

async fn record(arguments: &Arguments, screen: &Screen, azure: Arc<Azure>, loaded: &Loaded) -> Exit {
    let (id, writer) = match arguments.journal.directory().begin(screen.secrets()) {
        Ok(begun) => begun,
        Err(error) => return failed(screen, Diagnostic::from(error)),
    };
    let job = Job {
        id: id.clone(),
        version: VERSION,
        runbook: &loaded.runbook,
        sources: &loaded.sources,
        plan: &loaded.plan,
        platform: azure,
        secrets: screen.secrets().clone(),
        parallelism: usize::from(arguments.parallelism),
        timeout: arguments.timeout.or(loaded.runbook.settings.timeout),
    };
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    progress::observe(screen, &mut observers);
    let report = run::run(job, &mut observers, signals::interrupts()).await;
    drop(observers);
    let digest = writer.finish();
    if !screen.json {
        outputs(screen, &report);
    }
    // What the plan warned of was said before the run.
    let news = report.diagnostics.iter().filter(|found| !loaded.warnings.iter().any(|said| said == *found));
    screen.diagnostics(&news.cloned().collect(), &loaded.sources);
    if !screen.json {
        let path = arguments.journal.journal.join(format!("{id}.jsonl"));
        close(screen, &report, &path.display().to_string(), digest);
    }
    match report.status {
        Status::Done => Exit::Done,
        Status::Failed => Exit::Failed,
        Status::Interrupted => Exit::Interrupted,
    }
}

fn outputs(screen: &Screen, report: &Report) {
    if report.outputs.is_empty() {
        return;
    }
    screen.line("\nOutputs:");
    let width = report.outputs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in &report.outputs {
        screen.line(&format!("  {name:width$} = {}", show(value, Layout { indent: 2, heredocs: true })));
    }
}

fn close(screen: &Screen, report: &Report, path: &str, digest: Option<Digest>) {
    let summary = &report.summary;
    let word = match report.status {
        Status::Done => "Done",
        Status::Failed => "Failed",
        Status::Interrupted => "Interrupted",
    };
    let counts = [
        (summary.changed, "changed something"),
        (summary.failed, "failed"),
        (summary.tolerated, "failed without stopping the run"),
        (report.ends.skipped.iter().map(|(_, steps)| steps.len()).sum(), "not run"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!(", {count} {what}"))
        .collect();
    let (done, steps, took) = (summary.done, report.steps, seconds(summary.milliseconds));
    screen.line(&format!("\n{word}: {done} of {steps} steps done{}; {took}.", counts.concat()));
    ends(screen, &report.ends);
    let digest = digest.map(|digest| format!(" (sha256 {digest})")).unwrap_or_default();
    screen.line(&format!("The record is {path}{digest}."));
}

/// How many steps are named for each thing that became of them.
const NAMED: usize = 10;

/// Says which steps changed something, which failed, and which were not run and why.
fn ends(screen: &Screen, ends: &Ends) {
    let line = |what: &str, step: &str, more: &str| screen.line(&format!("  {what:<8} {step}{more}"));
    for (step, change) in ends.changed.iter().take(NAMED) {
        line(change, step, "");
    }
    further(screen, ends.changed.len());
    for (step, reason) in ends.failed.iter().chain(&ends.tolerated).take(NAMED) {
        line("failed", step, &format!(": {reason}"));
    }
    further(screen, ends.failed.len() + ends.tolerated.len());
    for (because, steps) in ends.skipped.iter().take(NAMED) {
        let named = steps.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = steps.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        line("not run", &named, &format!("{more}: {because}"));
    }
    further(screen, ends.skipped.len());
}

fn further(screen: &Screen, count: usize) {
    if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
        screen.line(&format!("  and {more} more"));
    }
}
