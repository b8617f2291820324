//! `arcbook run`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::{self, Digest, Directory, History, Journal, JournalError, Of, Writer};
use arcbook_engine::plan::{self, Plan, Selection, SelectionFacts, Source};
use arcbook_engine::run::{self, Job, Observers, Report, ReviewedPlan, Status};
use arcbook_engine::runbook::{Missing, Runbook};
use arcbook_lab::Fault;
use arcbook_steps::{Azure, registry};

use super::chain::{self, Intent};
use super::{JournalArguments, LockArguments, begin_journal, block_on, failed, refused, time, undo, wrong};
use crate::approve::{self, can_ask};
use crate::exit::Exit;
use crate::known_results::Asking;
use crate::loaded::{Loaded, Rejected, RunbookArguments};
use crate::otlp::Telemetry;
use crate::progress::{self, Phase, plural};
use crate::saved::{PlanOf, SavedPlan};
use crate::screen::Screen;
use crate::selection::SelectionArguments;
use crate::{VERSION, azure, embedded, report, signals, trace};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Run against a local Azure inside this process, defined by the `*.lab.hcl` file beside the runbook.
    #[arg(long)]
    lab: bool,
    /// The definition of the local Azure, if it is not beside the runbook.
    #[arg(long, value_name = "PATH", requires = "lab")]
    world: Option<PathBuf>,
    /// Inject a fault into the local Azure, such as `keyvault:429:retry-after=1:times=2`; may be repeated.
    #[arg(long, value_name = "FAULT", requires = "lab")]
    fault: Vec<Fault>,
    /// Skip the approval of changes.
    #[arg(long)]
    auto_approve: bool,
    /// Run at most this many steps at once.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    parallelism: u16,
    /// Resume a run of the runbook: its name or a prefix of it, or `latest`.
    #[arg(long, value_name = "RUN", conflicts_with = "lab")]
    resume: Option<String>,
    /// Limit the time of the run, such as `30m`, overriding the runbook; cleanup steps run even after it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    timeout: Option<Duration>,
    /// Wait up to this long for an Azure Arc agent that does not listen yet, such as `2m`; by default, do not
    /// wait.
    #[arg(long, value_name = "TIME", conflicts_with = "lab", value_parser = time)]
    wait_for_agent: Option<Duration>,
    /// Print only warnings and errors.
    #[arg(long)]
    quiet: bool,
    /// Write a trace of the run, for Perfetto and Chrome.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    lock: LockArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let screen = &screen.quieted(arguments.quiet);
    match block_on(begin(arguments, screen)) {
        Ok(exit) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn begin(arguments: &Arguments, screen: &Screen) -> Exit {
    if let Err(diagnostic) = arguments.trace.as_deref().map_or(Ok(()), trace::check) {
        return wrong(screen, diagnostic);
    }
    let saved = match SavedPlan::open(&arguments.runbook.path) {
        Ok(saved) => saved,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    let saved = saved.as_ref();
    if saved.is_some() && arguments.lab {
        return wrong(screen, not_of_a_plan("-lab"));
    }
    if !arguments.lab {
        return match azure::of_environment(screen, arguments.wait_for_agent).await {
            Ok(azure) => {
                azure::announce(&azure, screen, true);
                go(arguments, saved, screen, azure).await
            }
            Err(diagnostic) => wrong(screen, diagnostic),
        };
    }
    let world = match embedded::world(arguments.world.as_ref().unwrap_or(&arguments.runbook.path)) {
        Ok(world) => world,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    let phase = Phase::begin(screen, || "starting the lab".to_owned());
    let started = embedded::start(world, arguments.fault.clone()).await;
    drop(phase);
    match started {
        Ok((lab, azure)) => {
            let exit = go(arguments, saved, screen, azure).await;
            lab.shutdown().await;
            exit
        }
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn go(arguments: &Arguments, saved: Option<&SavedPlan>, screen: &Screen, azure: Arc<Azure>) -> Exit {
    let registry = registry(&azure);
    let loaded = match saved {
        Some(saved) => arguments.runbook.load_again(saved, &registry, screen),
        None => arguments.runbook.load(&registry, Missing::Refuse, screen),
    };
    let mut loaded = match loaded {
        Ok(loaded) => loaded,
        Err(Rejected { sources, diagnostics }) => {
            screen.diagnostics(&diagnostics, &sources);
            return Exit::Wrong;
        }
    };
    let resumed = match arguments.resumed(&loaded.runbook) {
        Ok(resumed) => resumed,
        Err(error) => return refused(screen, error),
    };
    if let Err(found) = arguments.selected(saved, resumed.as_ref()).and_then(|part| loaded.select(part)) {
        return wrong(screen, found);
    }
    screen.diagnostics(&loaded.warnings, &loaded.sources);
    plan::register_plan_secrets(screen.secrets(), &loaded.plan);
    let asked = match saved {
        Some(saved) => match ask(arguments, saved, screen, (&azure, &loaded)).await {
            Ok(plan) => plan,
            Err(exit) => return exit,
        },
        None => None,
    };
    let reviewed = asked.as_ref().unwrap_or(&loaded.plan);
    let held = match saved.map(|saved| hold(saved, reviewed, screen, (&azure, &loaded))).transpose() {
        Ok(held) => held,
        Err(differences) => match saved.and_then(|saved| arguments.done_before(saved)) {
            Some(done) => return wrong(screen, done),
            None => return wrong_in(screen, &differences, &loaded),
        },
    };
    if let Err(exit) = loaded.check_files(screen) {
        return exit;
    }
    let prior_run = resumed.map(|history| history.prior_run.lineage.run);
    let run = Run { arguments, screen, azure: &azure, loaded: &loaded, held, resumes: prior_run };
    match run.perform().await {
        Ok(exit) => exit,
        Err(error) => refused(screen, error),
    }
}

/// Refreshes the plan of a plan file from the source that it was made from; none if it was made without one.
async fn ask(
    arguments: &Arguments,
    saved: &SavedPlan,
    screen: &Screen,
    (azure, loaded): (&Arc<Azure>, &Loaded),
) -> Result<Option<Plan>, Exit> {
    let asking = Asking { screen, azure, loaded, parallelism: arguments.parallelism };
    let asked = match saved.file.source() {
        Source::Nobody => return Ok(None),
        Source::Services => asking.services().await,
        Source::Run(run) => {
            asking.record(&arguments.journal.directory(), &run).map_err(|error| refused(screen, error))?
        }
    };
    screen.diagnostics(&asked.found, &loaded.sources);
    match (asked.plan, asked.status) {
        (Some(plan), Status::Done) => Ok(Some(plan)),
        (_, status) => Err(report::exit(status)),
    }
}

/// Returns the reviewed plan that a run of a plan file must match, where `plan` is the new plan; fails with
/// the differences.
fn hold<'a>(
    saved: &SavedPlan,
    plan: &'a Plan,
    screen: &Screen,
    (azure, loaded): (&Arc<Azure>, &Loaded),
) -> Result<ReviewedPlan<'a>, Diagnostics> {
    plan::register_plan_secrets(screen.secrets(), plan);
    let made = PlanOf { plan, loaded, platform: &**azure, secrets: screen.secrets() };
    Ok(saved.held(plan, &saved.again(&made)?))
}

fn wrong_in(screen: &Screen, found: &Diagnostics, loaded: &Loaded) -> Exit {
    screen.diagnostics(found, &loaded.sources);
    Exit::Wrong
}

impl Arguments {
    /// Returns the run of `runbook` to be resumed.
    fn resumed(&self, runbook: &Runbook) -> Result<Option<History>, JournalError> {
        let place = runbook.place();
        let names = [runbook.name.as_str()];
        let of = Of::Runbook(&names, &place);
        let read = |run: &String| History::read(&self.journal.directory(), run, of);
        self.resume.as_ref().map(read).transpose()
    }

    /// Returns a diagnostic if a recorded run already completed the plan file, because that explains its
    /// differences from the current state.
    fn done_before(&self, saved: &SavedPlan) -> Option<Diagnostic> {
        let run = journal::done_of_plan(&self.journal.directory(), &saved.file.sha256()).ok()??;
        let summary = format!("the plan {} was already run by {run}", saved.path.display());
        Some(Diagnostic::error("plan-done", summary))
    }

    /// Returns the selection: that of the plan file, of the command line, or of the resumed run.
    fn selected(
        &self,
        saved: Option<&SavedPlan>,
        resumed: Option<&History>,
    ) -> Result<Selection, Diagnostics> {
        match (saved, self.selection.typed()?, resumed) {
            (Some(_), Some(_), _) => Err(not_of_a_plan("-target` and `-exclude")),
            (Some(saved), None, _) => saved.file.selection().parse(),
            (None, Some(typed), _) => Ok(typed),
            (None, None, None) => Ok(Selection::default()),
            (None, None, Some(History { prior_run, .. })) => prior_run.selection.parse(),
        }
    }
}

/// Returns the error for options that a plan file already determines.
fn not_of_a_plan(options: &str) -> Diagnostics {
    Diagnostic::error("invalid-option", format!("a plan file cannot be run with `{options}`"))
        .help("create another plan: `arcbook plan -out FILE`")
        .into()
}

/// A run that has finished and is recorded.
struct Recorded {
    report: Report,
    /// The digest of the last line of its journal.
    digest: Option<Digest>,
    /// The export of its telemetry, which may still be in progress.
    telemetry: Option<Telemetry>,
}

/// A run about to begin.
struct Run<'a> {
    arguments: &'a Arguments,
    screen: &'a Screen,
    azure: &'a Arc<Azure>,
    loaded: &'a Loaded,
    /// The reviewed plan that it must match, if it runs a plan file.
    held: Option<ReviewedPlan<'a>>,
    /// The run that it resumes.
    resumes: Option<String>,
}

impl Run<'_> {
    async fn perform(&self) -> Result<Exit, JournalError> {
        let Self { arguments, screen, loaded, .. } = *self;
        let directory = arguments.journal.directory();
        let runbook = &loaded.runbook;
        let place = runbook.place();
        // Saving and running a plan file counts as approval.
        let approved = arguments.auto_approve || arguments.lab || self.held.is_some();
        let asks = loaded.plan.changes().next().is_some() && !approved;
        if asks && let Err(exit) = can_ask(screen, "review `arcbook plan`") {
            return Ok(exit);
        }
        // No other process uses the embedded lab.
        let lock = if arguments.lab {
            None
        } else {
            Some(arguments.lock.acquire((&runbook.name, &place), screen).await?)
        };
        // The history is read again, because another process may have held the lock until now.
        let read = |run: &String| History::read(&directory, run, Of::Any);
        let history = self.resumes.as_ref().map(read).transpose()?;
        if let Some(history) = &history {
            let found = self.check(history);
            screen.diagnostics(&found, &loaded.sources);
            if found.has_errors() {
                return Ok(Exit::Wrong);
            }
            let checked =
                chain::check_principal(Intent::Resume, &history.prior_run, self.azure, screen).await;
            if let Err((exit, refusal)) = checked {
                screen.diagnostic(refusal);
                return Ok(exit);
            }
        }
        // A run that goes on from another one has asked who it is by now.
        if history.is_none()
            && let Err(error) = azure::check_agent(self.azure, &loaded.plan)
        {
            return Ok(failed(screen, *error));
        }
        if asks && let Err(exit) = self.approve(history.as_ref()) {
            return Ok(exit);
        }
        let (id, writer) = begin_journal(&directory, screen.secrets())?;
        if let Some(lock) = &lock {
            // Only a message would show it.
            let _ = lock.tell(&id);
        }
        let Recorded { report, digest, telemetry } = self.record(&id, writer, history.as_ref()).await;
        report::close(screen, &report, &directory.file(&id), digest);
        let traced = arguments.trace.as_ref().map_or(Ok(()), |path| {
            let _phase = Phase::begin(screen, || "writing the trace".to_owned());
            let journal = Journal::read(&directory.file(&id)).map_err(Diagnostic::from)?;
            trace::write(&journal, path, screen.secrets())
        });
        let taken_back = match report.status {
            // The beginning of its record was not written to disk, so the run changed nothing.
            Status::Failed | Status::Interrupted if !directory.has_begun(&id) => Ok(Exit::Done),
            Status::Failed if runbook.settings.undoes_failures => self.take_back(&directory, &id).await,
            Status::Failed | Status::Interrupted if !arguments.lab && !screen.json => {
                let again = [arguments.journal.typed(), arguments.runbook.typed()].concat();
                screen.line(&format!("To resume: arcbook run -resume {id}{again}"));
                Ok(Exit::Done)
            }
            _ => Ok(Exit::Done),
        };
        if let Some(telemetry) = telemetry {
            telemetry.finish(screen).await;
        }
        // The run has finished, so the error is a failure and not a refusal.
        let taken_back = taken_back.unwrap_or_else(|error| failed(screen, Diagnostic::from(error)));
        let exit = match taken_back {
            Exit::Interrupted => Exit::Interrupted,
            _ => report::exit(report.status),
        };
        Ok(match traced {
            Err(diagnostic) if exit == Exit::Done => failed(screen, diagnostic),
            Err(diagnostic) => {
                screen.diagnostic(diagnostic);
                exit
            }
            Ok(()) => exit,
        })
    }

    /// Returns the reasons why this run cannot resume that one.
    fn check(&self, history: &History) -> Diagnostics {
        let Loaded { runbook, plan, .. } = self.loaded;
        let run = &history.prior_run.lineage.run;
        if let Some(later) = &history.resumed_by {
            return Diagnostic::error(
                "cannot-resume",
                format!("the run {run} was already resumed by {later}"),
            )
            .help(format!("resume that one: `-resume {later}`"))
            .into();
        }
        if let Some(undo) = history.undone_by.first() {
            return Diagnostic::error("cannot-resume", format!("the run {run} was undone by {undo}"))
                .help("start a new run: leave out `-resume`")
                .into();
        }
        if let Err(refusal) = chain::check_setting(Intent::Resume, &history.prior_run, self.azure) {
            return (*refusal).into();
        }
        // A run of a part may be resumed with another part.
        let is_same_part = SelectionFacts::from(&plan.selection) == history.prior_run.selection;
        if history.prior_run.done && is_same_part {
            return Diagnostic::error(
                "cannot-resume",
                format!("there is nothing to resume: the run {run} is complete"),
            )
            .help("start a new run: leave out `-resume`")
            .into();
        }
        run::check_resume(&history.prior_run, runbook, plan, self.screen.secrets())
    }

    /// Shows the plan and asks for approval.
    fn approve(&self, history: Option<&History>) -> Result<(), Exit> {
        let what = plan::show(&self.loaded.plan, &self.loaded.runbook, &**self.azure, self.screen.secrets());
        let resumes = history.map(|History { prior_run, .. }| {
            let (stand, ask) = (prior_run.made().len(), prior_run.unconfirmed().count());
            let (stand, ask) = (plural(stand, "change"), plural(ask, "change"));
            let run = &prior_run.lineage.run;
            format!("\nThis resumes the run {run}: {stand} made, {ask} unconfirmed; both will be checked with the services.\n")
        });
        let undoes = self.loaded.runbook.settings.undoes_failures;
        let undoes =
            if undoes { "\nIf the run fails, the objects that it created are removed.\n" } else { "" };
        approve::ask(self.screen, &format!("{what}{}{undoes}", resumes.unwrap_or_default()))
    }

    async fn record(&self, id: &str, writer: Writer, history: Option<&History>) -> Recorded {
        let Self { arguments, screen, azure, loaded, .. } = *self;
        let job = Job {
            id: id.to_owned(),
            version: VERSION,
            runbook: &loaded.runbook,
            sources: &loaded.sources,
            plan: &loaded.plan,
            platform: azure.clone(),
            secrets: screen.secrets().clone(),
            parallelism: usize::from(arguments.parallelism),
            timeout: arguments.timeout.or(loaded.runbook.settings.timeout),
            prior_run: history.map(|history| &history.prior_run),
            held: self.held.clone(),
        };
        let hold = signals::Hold::begin();
        let mut observers = Observers::new();
        observers.add(writer.recorder());
        let display = progress::observe(screen, &mut observers);
        let telemetry = Telemetry::begin(screen, id, &mut observers);
        let report = run::run(job, &mut observers, signals::interrupts()).await;
        drop(observers);
        // The record is closed first, even if the output is blocked.
        let digest = writer.finish();
        drop(hold);
        display.wait();
        if !screen.json && !screen.quiet {
            report::outputs(screen, &report);
        }
        // The plan's warnings were printed before the run.
        screen.diagnostics(&report::news(&report.diagnostics, &loaded.warnings), &loaded.sources);
        Recorded { report, digest, telemetry }
    }

    /// Undoes the run, as the runbook requests.
    async fn take_back(&self, directory: &Directory, run: &str) -> Result<Exit, JournalError> {
        let history = History::read(directory, run, Of::Any)?;
        let taken = undo::list(&history, self.azure);
        if !self.screen.json {
            self.screen.line("");
        }
        undo::say(self.screen, &history, &taken);
        if taken.steps.is_empty() {
            return Ok(Exit::Done);
        }
        let exit = undo::take_back(self.screen, self.azure, directory, (&history, taken), |_| true).await?;
        if !self.arguments.lab {
            undo::say_how_to_go_on(self.screen, &self.arguments.journal, run, exit);
        }
        Ok(exit)
    }
}
