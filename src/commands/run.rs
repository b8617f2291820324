//! `arcbook run`.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::attest::SigningKey;
use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::{self, History, JournalError, Of};
use arcbook_engine::permissions::Needs;
use arcbook_engine::plan::{self, Plan, Selection, Source};
use arcbook_engine::run::{Approval, PlanSignature, ReviewedPlan, Status};
use arcbook_engine::runbook::{Missing, Runbook};
use arcbook_engine::step::Registry;
use arcbook_steps::{Azure, missing_here, registry};

use super::execution::Run;
use super::live_azure::with_live_azure;
use super::{JournalArguments, LockArguments, block_on, doctor, failed, origin, refused, time, wrong};
use crate::embedded::LabArguments;
use crate::exit::Exit;
use crate::known_results::Asking;
use crate::loaded::{Loaded, Rejected, RunbookArguments};
use crate::plan_of::PlanOf;
use crate::policy::PolicyArguments;
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::selection::SelectionArguments;
use crate::ship::ShipArguments;
use crate::signing::{SignArguments, check_plan_at, verifying_key};
use crate::{bound, preflight, report, signals, trace};

#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Arguments {
    #[command(flatten)]
    pub(super) runbook: RunbookArguments,
    #[command(flatten)]
    selection: SelectionArguments,
    #[command(flatten)]
    pub(super) lab: LabArguments,
    /// Skip the approval of changes.
    #[arg(long)]
    pub(super) auto_approve: bool,
    /// Run at most this many steps at once.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) parallelism: u16,
    /// Resume a run of the runbook: its name or a prefix of it, or `latest`.
    #[arg(long, value_name = "RUN", conflicts_with = "lab")]
    resume: Option<String>,
    /// Check before the run that the identities hold the permissions that it needs, and stop if one is missing.
    #[arg(long)]
    preflight: bool,
    /// Limit the time of the run, such as `30m`, overriding the runbook; cleanup steps run even after it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) timeout: Option<Duration>,
    /// Wait up to this long for an Azure Arc agent that does not listen yet, such as `2m`; by default, do not
    /// wait.
    #[arg(long, value_name = "TIME", conflicts_with = "lab", value_parser = time)]
    wait_for_agent: Option<Duration>,
    /// Print only warnings and errors.
    #[arg(long)]
    quiet: bool,
    /// Print a summary for tools as the last line: one JSON object of at most 1 KiB.
    #[arg(long)]
    summary: bool,
    /// Write a trace of the run, for Perfetto and Chrome.
    #[arg(long, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    #[command(flatten)]
    sign: SignArguments,
    /// Run a plan file only if it is signed with this Ed25519 public key in PEM.
    #[arg(long, value_name = "FILE")]
    require_signature: Option<PathBuf>,
    /// Do nothing before the start of the run is on the disk: a run that cannot record does not run.
    #[arg(long)]
    pub(super) audit: bool,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    ship: ShipArguments,
    #[command(flatten)]
    pub(super) lock: LockArguments,
    #[command(flatten)]
    pub(super) journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let screen = &screen.quieted(arguments.quiet).summarized(arguments.summary);
    if arguments.summary {
        let screen = screen.clone();
        signals::before_leaving(move || screen.summarize(Exit::Interrupted));
    }
    let exit = match block_on(begin(arguments, screen)) {
        Ok(exit) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    };
    screen.summarize(exit);
    exit
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
    let (key, signature) = match arguments.keys(saved, screen) {
        Ok(keys) => keys,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    let terms = Terms { saved, signature: signature.as_ref(), key: key.as_ref() };
    let unfit = [(arguments.lab.lab, "-lab"), (arguments.ship.is_given(), "-ship")];
    if let Some((_, option)) = unfit.into_iter().find(|(is_given, _)| saved.is_some() && *is_given) {
        return wrong(screen, not_of_a_plan(option));
    }
    let (path, wait) = (&arguments.runbook.path, arguments.wait_for_agent);
    with_live_azure(&arguments.lab, path, wait, screen, async |azure| {
        go(arguments, terms, screen, Arc::clone(azure)).await
    })
    .await
}

/// The plan file to run, its signature if that is required, and the key that signs the record.
#[derive(Clone, Copy)]
struct Terms<'a> {
    saved: Option<&'a SavedPlan>,
    signature: Option<&'a PlanSignature>,
    key: Option<&'a SigningKey>,
}

async fn go(arguments: &Arguments, terms: Terms<'_>, screen: &Screen, azure: Arc<Azure>) -> Exit {
    let Terms { saved, signature, key } = terms;
    if let Some(saved) = saved
        && let Err(exit) = bound::check(saved, &azure, screen).await
    {
        return exit;
    }
    let mut loaded = match arguments.load(saved, &registry(&azure), screen) {
        Ok(loaded) => loaded,
        Err(rejected) => return rejected.tell(screen),
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
    let policies = match arguments.policy.check(&loaded, &*azure, screen) {
        Ok(policies) => policies,
        Err(exit) => return exit,
    };
    let asked = match saved {
        Some(saved) => match ask(arguments, saved, screen, (&azure, &loaded)).await {
            Ok(plan) => plan,
            Err(exit) => return exit,
        },
        None => None,
    };
    let reviewed = asked.as_ref().unwrap_or(&loaded.plan);
    let held = match saved.map(|saved| hold(saved, reviewed, screen, (&azure, &loaded))).transpose() {
        Ok(held) => held.map(|held| ReviewedPlan { signature: signature.cloned(), ..held }),
        Err(differences) => match saved.and_then(|saved| arguments.done_before(saved)) {
            Some(done) => return wrong(screen, done),
            None => return wrong_in(screen, &differences, &loaded),
        },
    };
    if let Err(exit) = arguments.check(&loaded, &azure, screen).await {
        return exit;
    }
    let prior_run = resumed.map(|history| history.prior_run.lineage.run);
    let run = Run {
        arguments,
        screen,
        azure: &azure,
        policies,
        loaded: &loaded,
        held,
        key,
        resumes: prior_run,
        own: RefCell::default(),
    };
    run.perform().await.unwrap_or_else(|error| refused(screen, error))
}

/// Refreshes the plan of a plan file from the source that it was made from; none if it was made without one.
async fn ask(
    arguments: &Arguments,
    saved: &SavedPlan,
    screen: &Screen,
    (azure, loaded): (&Arc<Azure>, &Loaded),
) -> Result<Option<Plan>, Exit> {
    let origin = origin::of_process(Approval::NotNeeded);
    let asking = Asking { screen, azure, loaded, parallelism: arguments.parallelism, origin };
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
    Ok(saved.held(plan, &made.again(saved)?))
}

fn wrong_in(screen: &Screen, found: &Diagnostics, loaded: &Loaded) -> Exit {
    screen.diagnostics(found, &loaded.sources);
    Exit::Wrong
}

impl Arguments {
    /// Checks the signature of the plan file, if that is required, and reads the key that signs the record.
    fn keys(
        &self,
        saved: Option<&SavedPlan>,
        screen: &Screen,
    ) -> Result<(Option<SigningKey>, Option<PlanSignature>), Box<Diagnostic>> {
        let mut signature = None;
        if let Some(path) = &self.require_signature {
            let key = verifying_key(path)?;
            let plan = saved.ok_or_else(|| unsigned_runbook(&self.runbook.path))?;
            let signed = check_plan_at(&plan.path, &plan.file, &key)?;
            signature = Some(PlanSignature { key: key.id().to_owned(), made: signed.made });
        }
        Ok((self.sign.key(screen)?, signature))
    }

    /// Loads and plans the runbook, with the place for its record.
    fn load(
        &self,
        saved: Option<&SavedPlan>,
        registry: &Registry,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        let mut loaded = match saved {
            Some(saved) => self.runbook.load_again(saved, registry, screen)?,
            None => self.lab.with_values(&self.runbook).load(registry, Missing::Refuse, screen)?,
        };
        if let Some(summary) = &screen.summary {
            summary.reads(&loaded.runbook.name);
        }
        self.ship.apply(&mut loaded, saved, registry)?;
        Ok(loaded)
    }

    /// Checks the files to send, and with `-preflight` the permissions of the identities; fails if one is missing.
    async fn check(&self, loaded: &Loaded, azure: &Arc<Azure>, screen: &Screen) -> Result<(), Exit> {
        loaded.check_files(screen)?;
        screen.diagnostics(&missing_here(&loaded.plan, azure), &loaded.sources);
        if !self.preflight {
            return Ok(());
        }
        let answered = doctor::planned(loaded, azure, screen).await;
        let plan = answered.as_ref().unwrap_or(&loaded.plan);
        let needs = Needs::of_plan(plan, &loaded.runbook.name, &loaded.sources, &**azure);
        preflight::report(&preflight::judge(plan, &needs, azure, screen).await, screen)
    }

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

/// Returns the error for a runbook where a signed plan file is required.
fn unsigned_runbook(path: &Path) -> Box<Diagnostic> {
    let shown = path.display();
    let summary = match path.try_exists() {
        Ok(false) => format!("there is no plan file {shown}"),
        Ok(true) | Err(_) => format!("only a plan file can be signed, and {shown} is none"),
    };
    let error = Diagnostic::error("invalid-option", summary);
    error.help("sign a plan of it: `arcbook plan -out FILE -sign KEY`, and run that file").into()
}

/// Returns the error for options that a plan file already determines.
fn not_of_a_plan(options: &str) -> Diagnostics {
    Diagnostic::error("invalid-option", format!("a plan file cannot be run with `{options}`"))
        .help("create another plan: `arcbook plan -out FILE`")
        .into()
}
