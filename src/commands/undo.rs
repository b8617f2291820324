//! `arcbook undo`.

use std::path::PathBuf;
use std::sync::Arc;

use arcbook_engine::attest::SigningKey;
use arcbook_engine::diagnostic::{Diagnostic, visible_line};
use arcbook_engine::journal::{Directory, History, JournalError, Lock, Of};
use arcbook_engine::run::{self, Approval, Observers, Origin, PriorRun, Undo, UndoIdentities, UndoJob};
use arcbook_engine::source::Sources;
use arcbook_engine::step::{ActionFacts, Platform as _, RecordStore};
use arcbook_steps::{Azure, Environment, registry};
use serde_json::json;

use super::chain::{self, Intent};
use super::newest::{self, HERE, Refusal};
use super::next::{self, Next};
use super::undo_list::told;
use super::{JournalArguments, LockArguments, begin_journal, block_on, failed, origin, refused, wrong};
use crate::approve::{ask, can_ask};
use crate::exit::Exit;
use crate::otlp::Telemetry;
use crate::progress::Phase;
use crate::screen::Screen;
use crate::ship::{ShipArguments, Uploading, parsed};
use crate::signing::{SignArguments, sign_records};
use crate::{azure, progress, report, signals};

#[derive(clap::Args)]
pub struct Arguments {
    /// The run: its name or a prefix of it, `latest`, or the path of a record.
    #[arg(default_value = "latest")]
    run: String,
    /// The runbook to which `latest` refers: its directory or its file.
    #[arg(long, value_name = "PATH", default_value = HERE)]
    runbook: PathBuf,
    #[command(flatten)]
    list: ListArguments,
    /// Skip the approval of removals.
    #[arg(long)]
    auto_approve: bool,
    /// Print only warnings and errors.
    #[arg(long, conflicts_with = "plan")]
    quiet: bool,
    #[command(flatten)]
    sign: SignArguments,
    #[command(flatten)]
    ship: ShipArguments,
    #[command(flatten)]
    lock: LockArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

/// The options of the list.
#[derive(clap::Args)]
struct ListArguments {
    /// Show the objects that would be removed, without removing them.
    #[arg(long)]
    plan: bool,
    /// List each instance of a block.
    #[arg(long)]
    verbose: bool,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let screen = &screen.quieted(arguments.quiet);
    match block_on(begin(arguments, screen)) {
        Ok(exit) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn begin(arguments: &Arguments, screen: &Screen) -> Exit {
    let azure = match azure::of_environment(screen, None).await {
        Ok(azure) => azure,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    azure::announce(&azure, screen, true);
    match go(arguments, screen, &azure).await {
        Ok(exit) => exit,
        Err(error) => refused(screen, error),
    }
}

async fn go(arguments: &Arguments, screen: &Screen, azure: &Arc<Azure>) -> Result<Exit, JournalError> {
    let directory = arguments.journal.directory();
    let history = match arguments.read(&directory, screen)? {
        Ok(history) => history,
        Err(exit) => return Ok(exit),
    };
    if let Err(refusal) = check(&history, azure) {
        return Ok(wrong(screen, refusal));
    }
    let key = match arguments.sign.key(screen) {
        Ok(key) => key,
        Err(diagnostic) => return Ok(wrong(screen, diagnostic)),
    };
    let undo = chain::undo_of(&history, azure);
    let store = match arguments.store(&history.prior_run, azure, screen) {
        Ok(store) => store,
        Err(diagnostic) => return Ok(wrong(screen, diagnostic)),
    };
    if !screen.quiet {
        say(screen, &history, &undo, arguments.list.verbose);
        say_that_it_leaves(screen, &undo, store.as_deref());
    }
    if arguments.list.plan || undo.steps.is_empty() {
        return Ok(Exit::Done);
    }
    if !arguments.auto_approve
        && let Err(exit) = can_ask(screen, "this run makes changes", "review the list")
    {
        return Ok(exit);
    }
    let run = &history.prior_run;
    let lock = arguments.lock.acquire((&run.runbook, &run.directory), screen).await?;
    // The history is read again, because another process may have held the lock until now.
    let now = History::read(&directory, &run.lineage.run, Of::Any)?;
    if let Err(refusal) = check(&now, azure) {
        return Ok(wrong(screen, refusal));
    }
    let undo = chain::undo_of(&now, azure);
    let whole = |history: &History, undo: &Undo| told(history, undo, (screen.page_style(), true));
    if !screen.quiet && whole(&now, &undo) != whole(&history, &chain::undo_of(&history, azure)) {
        say(screen, &now, &undo, arguments.list.verbose);
    }
    if undo.steps.is_empty() {
        return Ok(Exit::Done);
    }
    if !arguments.auto_approve
        && let Err(exit) = ask(screen, "")
    {
        return Ok(exit);
    }
    let terms = Terms { directory: &directory, store, key };
    arguments.take_back((&now, undo), terms, &lock, (screen, azure)).await
}

/// The place of the records, the place that keeps them, and the key that signs them.
struct Terms<'a> {
    directory: &'a Directory,
    store: Option<Arc<dyn RecordStore>>,
    key: Option<SigningKey>,
}

/// Tells other processes of the run that undoes; returns its name.
fn begun(lock: &Lock, run: &str) -> String {
    // Only a message would show it.
    let _ = lock.tell(run);
    run.to_owned()
}

/// Uploads the closed records after an undo, whose records are `own`.
async fn leave(
    screen: &Screen,
    azure: &Arc<Azure>,
    directory: &Directory,
    store: Option<Arc<dyn RecordStore>>,
    own: &[String],
) {
    let Some(store) = store else { return };
    Uploading { screen, azure, directory, store, own }.perform().await;
}

impl Arguments {
    /// Undoes the run, signs its record and uploads it.
    async fn take_back(
        &self,
        (now, undo): (&History, Undo),
        terms: Terms<'_>,
        lock: &Lock,
        (screen, azure): (&Screen, &Arc<Azure>),
    ) -> Result<Exit, JournalError> {
        let Terms { directory, store, key } = terms;
        let identities = match identities(&undo, &now.prior_run, azure, screen).await {
            Ok(identities) => identities,
            Err(exit) => return Ok(exit),
        };
        let origin = origin::of_process(self.approval());
        let ships_to = store.as_ref().map(|store| store.place().to_owned());
        let taking = Taking { screen, azure, directory, origin, identities, ships_to };
        let mut own = Vec::new();
        let exit = taking.take_back((now, undo), |run| own.push(begun(lock, run))).await?;
        let exit = sign_records(directory, &own, key.as_ref(), screen, exit);
        let undone = own.last().map_or("", String::as_str);
        say_how_to_go_on(screen, &self.journal, (&now.prior_run.lineage.run, undone), exit);
        leave(screen, azure, directory, store, &own).await;
        Ok(exit)
    }

    fn approval(&self) -> Approval {
        if self.auto_approve { Approval::AutoApprove } else { Approval::Typed }
    }

    /// Reads the history of the selected run; without one, says why.
    fn read(&self, directory: &Directory, screen: &Screen) -> Result<Result<History, Exit>, JournalError> {
        let phase = Phase::begin(screen, || "reading the records of runs".to_owned());
        let history = self.history(directory);
        drop(phase);
        match history {
            Ok(history) => Ok(Ok(history)),
            Err(Refusal::NoRun(why)) => {
                nothing(screen, &why);
                Ok(Err(Exit::Done))
            }
            Err(Refusal::Records(error)) => Err(error),
            Err(Refusal::Runbook(diagnostic)) => Ok(Err(wrong(screen, diagnostic))),
        }
    }

    /// Returns the history of the selected run.
    fn history(&self, directory: &Directory) -> Result<History, Refusal> {
        match self.run.as_str() {
            "latest" => newest::with_changes(&self.runbook, directory, "undo"),
            run => Ok(History::read(directory, run, Of::Any)?),
        }
    }

    /// Returns the place for the record of the undo: the given one, or that of the run. That of a run on the embedded
    /// lab is gone.
    fn store(
        &self,
        prior_run: &PriorRun,
        azure: &Arc<Azure>,
        screen: &Screen,
    ) -> Result<Option<Arc<dyn RecordStore>>, Box<Diagnostic>> {
        let registry = registry(azure);
        let recorded = prior_run.ships_to.as_ref().filter(|_| chain::gone(prior_run, azure).is_none());
        match (self.ship.place(&registry)?, recorded) {
            (None, Some(place)) => Ok(parsed("the record", place, &registry)
                .map_err(|found| screen.diagnostic(found.into_warning()))
                .ok()),
            (given, _) => Ok(given),
        }
    }
}

/// Reports that there is no run, and why.
fn nothing(screen: &Screen, why: &str) {
    if screen.json {
        screen.object(&json!({ "undoes": null, "steps": [], "stays": [], "because": why }));
    } else if !screen.quiet {
        screen.line(&format!("There is nothing to undo: {why}."));
    }
}

/// Refuses a run that is not the newest of its chain, or that used another cloud.
fn check(history: &History, azure: &Arc<Azure>) -> Result<(), Box<Diagnostic>> {
    let run = &history.prior_run.lineage.run;
    if let Some(newest) = &history.resumed_by {
        let summary = format!("the run {run} was resumed, and the newest run of the chain is {newest}");
        return Err(Diagnostic::error("cannot-undo", summary)
            .help(format!("undo the whole chain: `arcbook undo {newest}`"))
            .into());
    }
    chain::check_setting(Intent::Undo, history, azure)
}

/// Restores the identities as which an undo acts, and checks that their principals are those of the run; the secrets
/// among their arguments come from the environment.
async fn identities(
    undo: &Undo,
    prior_run: &PriorRun,
    azure: &Arc<Azure>,
    screen: &Screen,
) -> Result<UndoIdentities, Exit> {
    let environment = Environment::of_process();
    let given = |name: &str| environment.get(name).map(ToOwned::to_owned);
    let mut identities = chain::machine(azure);
    identities.restore(&undo.actors(), prior_run, &registry(azure), &given).map_err(|found| {
        screen.diagnostics(&found, &Sources::new());
        Exit::Wrong
    })?;
    let checked = chain::check_principals(Intent::Undo, prior_run, &identities, azure, screen).await;
    checked.map_err(|(exit, refusal)| {
        screen.diagnostic(refusal);
        exit
    })?;
    Ok(identities)
}

/// Prints the command that continues the undo of `run` by the run `undo`, if it ended incomplete and another one would do
/// something.
pub fn say_how_to_go_on(screen: &Screen, journal: &JournalArguments, (run, undo): (&str, &str), exit: Exit) {
    match next::after_undo(&journal.directory(), undo) {
        _ if exit == Exit::Done || screen.json => {}
        Ok(Next::Stuck(steps)) => screen.flow(&next::told("Another undo", &steps, "Check it yourself.")),
        // A record that cannot be read was reported already.
        _ => screen.line(&format!("To continue: arcbook undo {run}{}", journal.typed())),
    }
}

/// An undo that is about to begin.
pub struct Taking<'a> {
    pub screen: &'a Screen,
    pub azure: &'a Arc<Azure>,
    pub directory: &'a Directory,
    /// The origin of the run that undoes.
    pub origin: Origin,
    /// The identities that act.
    pub identities: UndoIdentities,
    /// The place to which the record of the undo is going to be uploaded.
    pub ships_to: Option<String>,
}

impl Taking<'_> {
    /// Undoes and records the changes of a run; `began` receives the name of the undoing run.
    pub async fn take_back(
        self,
        (history, undo): (&History, Undo),
        began: impl FnOnce(&str),
    ) -> Result<Exit, JournalError> {
        let Self { screen, azure, directory, origin, identities, ships_to } = self;
        let (id, writer) = begin_journal(directory, screen.secrets())?;
        began(&id);
        let job = UndoJob {
            id: id.clone(),
            origin,
            setting: azure.setting(),
            identities,
            prior_run: &history.prior_run,
            undo,
            ships_to,
            secrets: screen.secrets().clone(),
        };
        let hold = signals::Hold::begin();
        let mut observers = Observers::new();
        observers.add(writer.recorder());
        let display = progress::observe(screen, &mut observers);
        let telemetry = Telemetry::begin(screen, &id, &mut observers);
        let report = run::undo(job, &mut observers, signals::interrupts()).await;
        drop(observers);
        // The record is closed first, even if the output is blocked.
        let digest = writer.finish();
        drop(hold);
        display.wait();
        screen.diagnostic(report.diagnostics.clone());
        report::close(screen, &report, &directory.file(&id), digest);
        if let Some(telemetry) = telemetry {
            telemetry.finish(screen).await;
        }
        Ok(report::exit(report.status))
    }
}

/// Prints where the record of the undo goes.
fn say_that_it_leaves(screen: &Screen, undo: &Undo, store: Option<&dyn RecordStore>) {
    let Some(store) = store.filter(|_| !undo.steps.is_empty()) else { return };
    let actions: Vec<ActionFacts> = store.actions().iter().map(ActionFacts::brief).collect();
    if screen.json {
        screen.object(&json!({ "record": { "place": store.place(), "actions": actions } }));
        return;
    }
    screen.line(&visible_line(&format!(
        "The record of the undo leaves the machine: {}",
        store.title().whole()
    )));
    for action in &actions {
        screen.line(&visible_line(&format!("    {}", action.line())));
    }
}

/// Prints the objects that are removed, and those that are not.
pub fn say(screen: &Screen, history: &History, undo: &Undo, verbose: bool) {
    if screen.json {
        let steps = undo.steps.iter().map(|step| {
            let actions = step.actions.iter().map(ActionFacts::brief).collect::<Vec<_>>();
            json!({
                "step": step.address, "run": step.run, "acts_as": step.acts_as, "certain": step.is_certain,
                "actions": actions,
            })
        });
        let stays = undo.stays.iter().map(|(step, why)| json!({ "step": step, "because": why }));
        screen.object(&json!({
            "undoes": history.prior_run.lineage.run,
            "steps": steps.collect::<Vec<_>>(),
            "stays": stays.collect::<Vec<_>>(),
        }));
    } else {
        screen.page(&told(history, undo, (screen.page_style(), verbose)));
    }
}
