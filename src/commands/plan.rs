//! `arcbook plan`.

use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal;
use arcbook_engine::plan::{self, Answers, Plan};
use arcbook_engine::run::{self, Job, Observers, Report, Status};
use arcbook_engine::runbook::Missing;
use arcbook_steps::{Azure, registry};

use super::{JournalArguments, block_on, failed, wrong};
use crate::exit::Exit;
use crate::loaded::{Loaded, Rejected, RunbookArguments};
use crate::screen::Screen;
use crate::selection::SelectionArguments;
use crate::{VERSION, azure, progress, report, signals};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Run the steps that read, and ask what each other one would change; nothing is changed.
    #[arg(long)]
    live: bool,
    /// Let steps give what they gave in a run: its name or the beginning of it, or `latest`.
    #[arg(long, value_name = "RUN", conflicts_with = "live")]
    against: Option<String>,
    /// End with 2 when something would change, and with 0 when nothing would.
    #[arg(long)]
    detailed_exitcode: bool,
    /// How many steps may be asked at once.
    #[arg(long, value_name = "N", default_value_t = 10, requires = "live", value_parser = clap::value_parser!(u16).range(1..))]
    parallelism: u16,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    match block_on(make(arguments, screen)) {
        Ok(exit) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn make(arguments: &Arguments, screen: &Screen) -> Exit {
    let azure = match azure::of_environment(screen).await {
        Ok(azure) => azure,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    let loaded = arguments.runbook.load(&registry(&azure), Missing::Refuse, screen).and_then(|mut loaded| {
        arguments.selection.select(&mut loaded)?;
        Ok(loaded)
    });
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(Rejected { sources, diagnostics }) => {
            screen.diagnostics(&diagnostics, &sources);
            return Exit::Wrong;
        }
    };
    screen.diagnostics(&loaded.warnings, &loaded.sources);
    plan::teach_plan(screen.secrets(), &loaded.plan);
    let planning = Planning { arguments, screen, azure: &azure, loaded: &loaded };
    match &arguments.against {
        _ if arguments.live => planning.live().await,
        Some(run) => planning.against(run),
        None => planning.show(&loaded.plan),
    }
}

/// A plan that is about to be shown.
struct Planning<'a> {
    arguments: &'a Arguments,
    screen: &'a Screen,
    azure: &'a Arc<Azure>,
    loaded: &'a Loaded,
}

impl Planning<'_> {
    /// Asks the services first.
    async fn live(&self) -> Exit {
        let Loaded { runbook, plan, sources, warnings } = self.loaded;
        let (answers, report) = self.survey().await;
        // What is wrong was found on the way, and is told below.
        let plan = plan::outline(runbook, plan.variables.clone(), &answers, &mut Diagnostics::new());
        let shown = plan.filter(|_| report.status != Status::Interrupted).map(|plan| self.part(plan));
        self.screen.diagnostics(&report::news(&report.diagnostics, warnings), sources);
        match (report.status, shown) {
            (Status::Done, Some(exit)) => exit,
            (status, _) => report::exit(status),
        }
    }

    async fn survey(&self) -> (Answers, Report) {
        let Self { arguments, screen, azure, loaded } = *self;
        let job = Job {
            id: String::new(),
            version: VERSION,
            runbook: &loaded.runbook,
            sources: &loaded.sources,
            plan: &loaded.plan,
            platform: azure.clone(),
            secrets: screen.secrets().clone(),
            parallelism: usize::from(arguments.parallelism),
            timeout: loaded.runbook.settings.timeout,
            past: None,
        };
        let mut observers = Observers::new();
        progress::observe(screen, &mut observers);
        let surveyed = run::survey(job, &mut observers, signals::interrupts()).await;
        drop(observers);
        if !screen.json {
            screen.line("");
        }
        surveyed
    }

    /// Lets steps give what they gave in a run.
    fn against(&self, run: &str) -> Exit {
        let Self { arguments, screen, loaded, .. } = *self;
        let Loaded { runbook, plan, sources, warnings } = loaded;
        let directory = arguments.journal.directory();
        let answers =
            match journal::answers(&directory, run, (&runbook.name, &runbook.place()), screen.secrets()) {
                Ok(answers) => answers,
                Err(error) => return failed(screen, Diagnostic::from(error)),
            };
        let mut found = Diagnostics::new();
        let plan = plan::make(runbook, plan.variables.clone(), &answers, &mut found);
        found.tidy();
        screen.diagnostics(&report::news(&found, warnings), sources);
        plan.map_or(Exit::Wrong, |plan| self.part(plan))
    }

    /// Shows the part that was asked for, of which more is known by now.
    fn part(&self, mut plan: Plan) -> Exit {
        match plan.select(self.loaded.plan.selection.clone()) {
            Ok(_) => self.show(&plan),
            Err(found) => wrong(self.screen, found),
        }
    }

    fn show(&self, plan: &Plan) -> Exit {
        let Self { arguments, screen, azure, loaded } = *self;
        plan::teach_plan(screen.secrets(), plan);
        if screen.json {
            screen.object(&plan::to_json(plan, &loaded.runbook, &**azure));
        } else {
            screen.print(&plan::show(plan, &loaded.runbook, &**azure));
        }
        if arguments.detailed_exitcode && plan.is_pending() { Exit::Pending } else { Exit::Done }
    }
}
