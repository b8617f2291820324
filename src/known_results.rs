//! What steps give before a run: the services are asked, or a record.

use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::expression::functions::Clock;
use arcbook_engine::journal::{self, Directory, JournalError};
use arcbook_engine::plan::{self, KnownResults, Plan};
use arcbook_engine::run::{self, Job, Observers, Report, Status};
use arcbook_steps::Azure;

use crate::loaded::Loaded;
use crate::screen::Screen;
use crate::{VERSION, progress, report, signals};

/// A plan that is about to be made with what steps give.
pub struct Asking<'a> {
    pub screen: &'a Screen,
    pub azure: &'a Arc<Azure>,
    pub loaded: &'a Loaded,
    /// How many steps may be asked at once.
    pub parallelism: u16,
}

/// What came of it.
pub struct Asked {
    /// The plan, as far as it is known then; none when it was stopped, or cannot be made.
    pub plan: Option<Plan>,
    /// What was found on the way.
    pub found: Diagnostics,
    /// How it ended.
    pub status: Status,
}

impl Asking<'_> {
    /// Asks the services.
    pub async fn services(&self) -> Asked {
        let Loaded { runbook, plan, warnings, .. } = self.loaded;
        let (answers, report) = self.refresh().await;
        let answers = answers.at(self.clock());
        // What is wrong was found on the way.
        let plan = plan::outline(runbook, plan.state.given(), &answers, &mut Diagnostics::new());
        let mut found = report::news(&report.diagnostics, warnings);
        let plan = self.part(plan.filter(|_| report.status != Status::Interrupted), &mut found);
        let status = match report.status {
            Status::Done if plan.is_none() => Status::Failed,
            status => status,
        };
        Asked { plan, found, status }
    }

    async fn refresh(&self) -> (KnownResults, Report) {
        let Self { screen, azure, loaded, parallelism } = *self;
        let job = Job {
            id: String::new(),
            version: VERSION,
            runbook: &loaded.runbook,
            sources: &loaded.sources,
            plan: &loaded.plan,
            platform: azure.clone(),
            secrets: screen.secrets().clone(),
            parallelism: usize::from(parallelism),
            timeout: loaded.runbook.settings.timeout,
            prior_run: None,
            held: None,
        };
        let mut observers = Observers::new();
        let display = progress::observe(screen, &mut observers);
        let surveyed = run::refresh(job, &mut observers, signals::interrupts()).await;
        drop(observers);
        display.wait();
        if !screen.json {
            screen.line("");
        }
        surveyed
    }

    /// Lets steps give what they gave in a run.
    pub fn record(&self, journals: &Directory, run: &str) -> Result<Asked, JournalError> {
        let Loaded { runbook, plan, warnings, .. } = self.loaded;
        let place = (runbook.name.as_str(), &*runbook.place());
        let answers = journal::known_results(journals, run, place, self.screen.secrets())?.at(self.clock());
        let mut found = Diagnostics::new();
        let plan = plan::make(runbook, plan.state.given(), &answers, &mut found);
        let plan = self.part(plan, &mut found);
        found.tidy();
        let status = if plan.is_some() { Status::Done } else { Status::Failed };
        Ok(Asked { plan, found: report::news(&found, warnings), status })
    }

    /// The part that was asked for of a plan in which more is known by now.
    fn part(&self, plan: Option<Plan>, found: &mut Diagnostics) -> Option<Plan> {
        let mut plan = plan?;
        found.take(plan.select(self.loaded.plan.selection.clone()))?;
        Some(plan)
    }

    fn clock(&self) -> Clock {
        self.loaded.plan.clock()
    }
}
