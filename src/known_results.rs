//! Known results of steps before a run, from the services or from a record.

use std::sync::{Arc, Mutex, PoisonError};

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::expression::functions::Clock;
use arcbook_engine::graph::Acting;
use arcbook_engine::journal::{self, Directory, JournalError};
use arcbook_engine::plan::{self, KnownResults, Plan, Selection};
use arcbook_engine::run::{self, Event, Job, Observer, Observers, Origin, Record, Report, Status};
use arcbook_engine::step::Setting;
use arcbook_steps::Azure;
use tokio::sync::mpsc;

use crate::loaded::Loaded;
use crate::screen::Screen;
use crate::{progress, report, signals};

/// A plan to be made with known results.
pub struct Asking<'a> {
    pub screen: &'a Screen,
    pub azure: &'a Arc<Azure>,
    pub loaded: &'a Loaded,
    /// The maximum number of steps that run at once.
    pub parallelism: u16,
    /// The origin of the refresh.
    pub origin: Origin,
}

/// A plan made with known results.
pub struct Asked {
    /// The plan, as far as it is known; none if it was interrupted, or cannot be made.
    pub plan: Option<Plan>,
    /// The diagnostics.
    pub found: Diagnostics,
    /// The status.
    pub status: Status,
    /// The principal, in facts from the tokens that were acquired for it.
    pub principal: Setting,
}

impl Asking<'_> {
    /// Refreshes the plan from the services.
    pub async fn services(&self) -> Asked {
        let Loaded { runbook, plan, warnings, .. } = self.loaded;
        let (answers, report, principal) = self.refresh().await;
        let answers = answers.at(self.clock());
        // The refresh already reported the errors.
        let plan = plan::outline(runbook, plan.state.given(), &answers, &mut Diagnostics::new());
        let mut found = report::news(&report.diagnostics, warnings);
        let plan = self.part(plan.filter(|_| report.status != Status::Interrupted), &mut found);
        let status = match report.status {
            Status::Done if plan.is_none() => Status::Failed,
            status => status,
        };
        Asked { plan, found, status, principal }
    }

    async fn refresh(&self) -> (KnownResults, Report, Setting) {
        let Self { screen, azure, loaded, parallelism, .. } = *self;
        let job = Job {
            id: String::new(),
            origin: self.origin.clone(),
            runbook: &loaded.runbook,
            sources: &loaded.sources,
            plan: &loaded.plan,
            platform: azure.clone(),
            secrets: screen.secrets().clone(),
            parallelism: usize::from(parallelism),
            timeout: loaded.runbook.settings.timeout,
            audited: false,
            prior_run: None,
            held: None,
            policies: Vec::new(),
        };
        let mut observers = Observers::new();
        let display = progress::observe(screen, &mut observers);
        let principal = Principal::default();
        observers.add(principal.clone());
        let (answers, report) = run::refresh(job, &mut observers, signals::interrupts()).await;
        drop(observers);
        display.wait();
        if !screen.json {
            screen.line("");
        }
        (answers, report, principal.facts())
    }

    /// Returns the plan with the results of these steps, by address, which are asked without a word on the screen; none if it
    /// cannot be made.
    pub async fn these(&self, steps: &[String]) -> Option<Plan> {
        let Self { screen, azure, loaded, parallelism, .. } = *self;
        let (runbook, variables) = (&loaded.runbook, || loaded.plan.state.given());
        let mut part =
            plan::outline(runbook, variables(), &KnownResults::default(), &mut Diagnostics::new())?;
        part.select(Selection::parse(steps, &[]).ok()?).ok()?;
        let job = Job {
            id: String::new(),
            origin: self.origin.clone(),
            runbook,
            sources: &loaded.sources,
            plan: &part,
            platform: azure.clone(),
            secrets: screen.secrets().clone(),
            parallelism: usize::from(parallelism),
            timeout: None,
            audited: false,
            prior_run: None,
            held: None,
            policies: Vec::new(),
        };
        // A signal ends the process: nothing is under way that it would have to finish.
        let (_never, interrupts) = mpsc::channel(1);
        let (answers, _) = run::refresh(job, &mut Observers::new(), interrupts).await;
        plan::outline(runbook, variables(), &answers.at(self.clock()), &mut Diagnostics::new())
    }

    /// Makes the plan with the outputs that a run recorded.
    pub fn record(&self, journals: &Directory, run: &str) -> Result<Asked, JournalError> {
        let Loaded { runbook, plan, warnings, .. } = self.loaded;
        let place = (runbook.name.as_str(), &*runbook.place());
        let answers = journal::known_results(journals, run, place, self.screen.secrets())?.at(self.clock());
        let mut found = Diagnostics::new();
        let plan = plan::make(runbook, plan.state.given(), &answers, &mut found);
        let plan = self.part(plan, &mut found);
        found.tidy();
        let status = if plan.is_some() { Status::Done } else { Status::Failed };
        let found = report::news(&found, warnings);
        Ok(Asked { plan, found, status, principal: Setting::default() })
    }

    /// Applies the selection of the original plan.
    fn part(&self, plan: Option<Plan>, found: &mut Diagnostics) -> Option<Plan> {
        let mut plan = plan?;
        found.take(plan.select(self.loaded.plan.selection.clone()))?;
        plan.record.clone_from(&self.loaded.plan.record);
        Some(plan)
    }

    fn clock(&self) -> Clock {
        self.loaded.plan.clock()
    }
}

/// The principal that the tokens of a refresh name.
#[derive(Clone, Default)]
struct Principal(Arc<Mutex<Setting>>);

impl Principal {
    fn facts(&self) -> Setting {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Principal {
    fn observe(&mut self, record: &Arc<Record>) {
        // A plan is bound to this machine, not to the identities that the runbook declares.
        if let Event::TokenAcquired { principal, acts_as, .. } = &record.event
            && acts_as.as_deref() == Some(Acting::MACHINE)
        {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).merge(principal.clone());
        }
    }
}
