//! Carries out a run: the lock, the history, the approval, the record, and the undo after a failure.

use std::cell::RefCell;
use std::sync::Arc;

use arcbook_engine::attest::SigningKey;
use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, visible_line};
use arcbook_engine::graph::Acting;
use arcbook_engine::journal::{Digest, Directory, History, Journal, JournalError, Lock, Of, Writer};
use arcbook_engine::plan::{self, PlanView, SelectionFacts, abridged};
use arcbook_engine::policy::PolicyFile;
use arcbook_engine::run::{self, Approval, Job, Observers, Report, ReviewedPlan, Status, UndoIdentities};
use arcbook_engine::step::Platform as _;
use arcbook_steps::Azure;
use serde_json::json;

use super::chain::{self, Intent};
use super::next::{self, Next};
use super::run::Arguments;
use super::{begin_journal, failed, origin, undo};
use crate::approve::{self, can_ask};
use crate::exit::Exit;
use crate::loaded::Loaded;
use crate::otlp::Telemetry;
use crate::progress::{self, Phase, plural};
use crate::screen::Screen;
use crate::ship::Uploading;
use crate::signing::sign_records;
use crate::{actor, azure, report, signals, trace};

/// A run that has finished and is recorded.
struct Recorded {
    report: Report,
    /// The digest of the last line of its journal.
    digest: Option<Digest>,
    /// The export of its telemetry, which may still be in progress.
    telemetry: Option<Telemetry>,
}

/// A run about to begin.
pub struct Run<'a> {
    pub arguments: &'a Arguments,
    pub screen: &'a Screen,
    pub azure: &'a Arc<Azure>,
    pub loaded: &'a Loaded,
    /// The reviewed plan that it must match, if it runs a plan file.
    pub held: Option<ReviewedPlan<'a>>,
    /// The key that signs the records.
    pub key: Option<&'a SigningKey>,
    /// The policies that were asked.
    pub policies: Vec<PolicyFile>,
    /// The run that it resumes.
    pub resumes: Option<String>,
    /// The runs of this process: this one, and its undo.
    pub own: RefCell<Vec<String>>,
}

impl Run<'_> {
    /// Carries out the run, and returns the exit code.
    pub async fn perform(&self) -> Result<Exit, JournalError> {
        let Self { arguments, screen, .. } = *self;
        let directory = arguments.journal.directory();
        let read = |run: &String| History::read(&directory, run, Of::Any);
        let asks = self.approval() == Approval::Typed;
        // The reason why a run cannot be resumed comes before any question.
        if asks && let Some(run) = &self.resumes {
            let found = self.check(&read(run)?);
            if found.has_errors() {
                screen.diagnostics(&found, &self.loaded.sources);
                return Ok(Exit::Wrong);
            }
        }
        self.say_what_is_real();
        if asks && let Err(exit) = can_ask(screen, "this run makes changes", "review `arcbook plan`") {
            return Ok(exit);
        }
        let lock = self.lock().await?;
        // The history is read again, because another process may have held the lock until now.
        let history = self.resumes.as_ref().map(read).transpose()?;
        if let Err(exit) = self.admit(history.as_ref()).await {
            return Ok(exit);
        }
        if asks && let Err(exit) = self.approve(history.as_ref()) {
            return Ok(exit);
        }
        let (id, writer) = begin_journal(&directory, screen.secrets())?;
        if let Some(summary) = &screen.summary {
            summary.begins(&id);
        }
        self.own.borrow_mut().push(id.clone());
        if let Some(lock) = &lock {
            // Only a message would show it.
            let _ = lock.tell(&id);
        }
        let recorded = self.record(&id, writer, history.as_ref()).await;
        let exit = self.close(&directory, &id, recorded).await;
        let exit = sign_records(&directory, &self.own.borrow(), self.key, screen, exit);
        self.ship(&directory).await;
        Ok(exit)
    }

    /// Uploads the closed records, if the plan says so; whatever happens does not change the result of the run.
    async fn ship(&self, directory: &Directory) {
        let Self { screen, azure, loaded, .. } = *self;
        let Some(store) = loaded.plan.record.clone() else { return };
        let own = self.own.borrow().clone();
        Uploading { screen, azure, directory, store, own: &own }.perform().await;
    }

    /// Returns the kind of approval of the run; the user has yet to type it.
    fn approval(&self) -> Approval {
        match self.arguments {
            // Saving and running a plan file counts as approval.
            _ if self.held.is_some() => Approval::PlanFile,
            _ if self.is_contained() => Approval::Lab,
            _ if self.loaded.plan.changes().next().is_none() => Approval::NotNeeded,
            arguments if arguments.auto_approve => Approval::AutoApprove,
            _ => Approval::Typed,
        }
    }

    /// Returns true if the run changes nothing but the Azure of the embedded lab, which ends with it.
    fn is_contained(&self) -> bool {
        self.arguments.lab.lab && self.loaded.plan.local_changes().next().is_none()
    }

    /// Says which steps the embedded lab does not stand for: those that change this machine or a database.
    fn say_what_is_real(&self) {
        let Self { arguments, screen, loaded, .. } = *self;
        if !arguments.lab.lab || screen.quiet || self.is_contained() {
            return;
        }
        let steps: Vec<&str> = loaded.plan.local_changes().map(|step| step.address.as_str()).collect();
        if screen.json {
            screen.object(&json!({ "lab": { "changes_this_machine": steps } }));
        } else {
            let steps = abridged(&steps);
            screen.flow(&visible_line(&format!(
                "The lab stands for Azure, not for this machine or a database, which these steps change: {steps}."
            )));
        }
    }

    async fn lock(&self) -> Result<Option<Lock>, JournalError> {
        // No other process uses the embedded lab.
        if self.is_contained() {
            return Ok(None);
        }
        let runbook = &self.loaded.runbook;
        self.arguments.lock.acquire((&runbook.name, &runbook.place()), self.screen).await.map(Some)
    }

    /// Checks the run to resume, or the agent of a new run; reports the reasons for a refusal.
    async fn admit(&self, history: Option<&History>) -> Result<(), Exit> {
        let Self { screen, loaded, azure, .. } = *self;
        let Some(history) = history else {
            return azure::check_agent(azure, &loaded.plan).map_err(|error| failed(screen, *error));
        };
        let found = self.check(history);
        screen.diagnostics(&found, &loaded.sources);
        if found.has_errors() {
            return Err(Exit::Wrong);
        }
        let checked = chain::check_principals(
            Intent::Resume,
            &history.prior_run,
            &chain::machine(azure),
            azure,
            screen,
        )
        .await;
        checked.map_err(|(exit, refusal)| {
            screen.diagnostic(refusal);
            exit
        })
    }

    /// Reports the end of the run, writes its trace, and undoes it if the runbook requests that.
    async fn close(&self, directory: &Directory, id: &str, recorded: Recorded) -> Exit {
        let Recorded { report, digest, telemetry } = recorded;
        let screen = self.screen;
        report::close(screen, &report, &directory.file(id), digest);
        let traced = self.trace(directory, id);
        let undone = self.after_failure(directory, id, &report).await;
        if let Some(telemetry) = telemetry {
            telemetry.finish(screen).await;
        }
        // The run has finished, so the error is a failure and not a refusal.
        let undone = undone.unwrap_or_else(|error| failed(screen, Diagnostic::from(error)));
        let exit = match undone {
            Exit::Interrupted => Exit::Interrupted,
            _ => report::exit(report.status),
        };
        match traced {
            Err(diagnostic) if exit == Exit::Done => failed(screen, *diagnostic),
            Err(diagnostic) => {
                screen.diagnostic(diagnostic);
                exit
            }
            Ok(()) => exit,
        }
    }

    fn trace(&self, directory: &Directory, id: &str) -> Result<(), Box<Diagnostic>> {
        let Some(path) = &self.arguments.trace else { return Ok(()) };
        let _phase = Phase::begin(self.screen, || "writing the trace".to_owned());
        let journal = Journal::read(&directory.file(id)).map_err(|error| Box::new(error.into()))?;
        trace::write(&journal, path, self.screen.secrets())
    }

    /// Undoes a failed run if the runbook requests that, or else says how to resume it.
    async fn after_failure(
        &self,
        directory: &Directory,
        id: &str,
        report: &Report,
    ) -> Result<Exit, JournalError> {
        let Self { screen, loaded, .. } = *self;
        match report.status {
            // The beginning of its record was not written to disk, so the run changed nothing.
            Status::Failed | Status::Interrupted if !directory.has_begun(id) => Ok(Exit::Done),
            Status::Failed if loaded.runbook.settings.undoes_failures => {
                self.take_back(directory, id, &report.identities).await
            }
            Status::Failed | Status::Interrupted if !screen.json && !self.is_contained() => {
                self.say_how_to_go_on(directory, id).map(|()| Exit::Done)
            }
            _ => Ok(Exit::Done),
        }
    }

    /// Prints the commands that go on from the run, if there are any.
    fn say_how_to_go_on(&self, directory: &Directory, id: &str) -> Result<(), JournalError> {
        let Self { arguments, screen, .. } = *self;
        let options = arguments.journal.typed();
        let is_lab = arguments.lab.lab;
        let gone = is_lab.then_some(chain::GONE);
        for next in next::after_run((directory, id), &self.loaded.plan, self.azure, gone)? {
            let line = match next {
                Next::Resume => {
                    let again = arguments.runbook.typed();
                    format!("To resume: arcbook run -resume {id}{options}{again}")
                }
                Next::Undo if is_lab => {
                    format!("To undo what it changed on this machine: arcbook undo {id}{options}")
                }
                Next::Undo => format!("To undo what it changed: arcbook undo {id}{options}"),
                Next::Stuck(steps) => {
                    let stuck = next::told(
                        "A resumed run",
                        &steps,
                        "Check its effect yourself, then start a new run.",
                    );
                    screen.flow(&stuck);
                    continue;
                }
            };
            // A command stays on one line, to be copied.
            screen.line(&line);
        }
        Ok(())
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
        if let Err(refusal) = chain::check_setting(Intent::Resume, history, self.azure) {
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
        let view = PlanView {
            style: self.screen.page_style(),
            command: Some("arcbook plan"),
            user: Some(actor::of_process().to_string()),
            ..PlanView::default()
        };
        let (plan, runbook) = (&self.loaded.plan, &self.loaded.runbook);
        let what = plan::show(plan, runbook, &**self.azure, self.screen.secrets(), &view);
        let resumes = history.map(|History { prior_run, .. }| {
            let (stand, ask) = (prior_run.made().len(), prior_run.unconfirmed().count());
            let (stand, ask) = (plural(stand, "change"), plural(ask, "change"));
            let run = &prior_run.lineage.run;
            format!("\nThis resumes the run {run}: {stand} made, {ask} unconfirmed; both will be checked.\n")
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
            origin: origin::of_process(self.approval()),
            runbook: &loaded.runbook,
            sources: &loaded.sources,
            plan: &loaded.plan,
            platform: azure.clone(),
            secrets: screen.secrets().clone(),
            parallelism: usize::from(arguments.parallelism),
            timeout: arguments.timeout.or(loaded.runbook.settings.timeout),
            audited: arguments.audit,
            prior_run: history.map(|history| &history.prior_run),
            held: self.held.clone(),
            policies: self.policies.clone(),
        };
        let hold = signals::Hold::begin();
        let mut observers = Observers::new();
        observers.add(writer.recorder());
        if let Some(summary) = &screen.summary {
            observers.add(summary.clone());
        }
        let display = progress::observe(screen, &mut observers);
        let telemetry = Telemetry::begin(screen, id, &mut observers);
        let report = run::run(job, &mut observers, signals::interrupts()).await;
        drop(observers);
        // The record is closed first, even if the output is blocked.
        let digest = writer.finish();
        drop(hold);
        display.wait();
        if let Some(summary) = &screen.summary {
            summary.ended(&report);
            summary.recorded(digest);
        }
        if !screen.json && !screen.quiet {
            report::outputs(screen, &report);
        }
        // The plan's warnings were printed before the run.
        screen.diagnostics(&report::news(&report.diagnostics, &loaded.warnings), &loaded.sources);
        Recorded { report, digest, telemetry }
    }

    /// Undoes the run, as the runbook requests.
    async fn take_back(
        &self,
        directory: &Directory,
        run: &str,
        identities: &UndoIdentities,
    ) -> Result<Exit, JournalError> {
        let history = History::read(directory, run, Of::Any)?;
        let taken = chain::undo_of(&history, self.azure);
        if !self.screen.json {
            self.screen.line("");
        }
        undo::say(self.screen, &history, &taken, false);
        if taken.steps.is_empty() {
            return Ok(Exit::Done);
        }
        // Whoever approved the run approved that it is undone if it fails.
        let origin = origin::of_process(self.approval());
        // The run has the secrets of its identities, which its record does not.
        let mut identities = identities.clone();
        identities.add(Acting::MACHINE.to_owned(), self.azure.machine());
        let ships_to = self.loaded.plan.record.as_ref().map(|store| store.place().to_owned());
        let (screen, azure) = (self.screen, self.azure);
        let taking = undo::Taking { screen, azure, directory, origin, identities, ships_to };
        let began = |undo: &str| self.own.borrow_mut().push(undo.to_owned());
        let exit = taking.take_back((&history, taken), began).await?;
        if let Some(summary) = &self.screen.summary {
            summary.undone(exit);
        }
        if !self.is_contained() {
            let own = self.own.borrow();
            let undone = own.last().map_or("", String::as_str);
            undo::say_how_to_go_on(self.screen, &self.arguments.journal, (run, undone), exit);
        }
        Ok(exit)
    }
}
