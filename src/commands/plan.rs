//! `arcbook plan`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::attest::SigningKey;
use arcbook_engine::diagnostic::{Diagnostic, visible_line};
use arcbook_engine::plan::file::{Bound, PlanFile};
use arcbook_engine::plan::{self, Plan, PlanView};
use arcbook_engine::run::{Approval, Status};
use arcbook_engine::runbook::Missing;
use arcbook_engine::step::{Platform, Setting};
use arcbook_steps::{Azure, registry};
use serde_json::json;

use super::live_azure::with_live_azure;
use super::{JournalArguments, block_on, failed, origin, refused, time};
use crate::embedded::LabArguments;
use crate::exit::Exit;
use crate::for_machine::ForMachine;
use crate::known_results::{Asked, Asking};
use crate::loaded::{Loaded, RunbookArguments};
use crate::plan_of::{PlanOf, save};
use crate::policy::PolicyArguments;
use crate::revision::RevisionArguments;
use crate::screen::Screen;
use crate::selection::SelectionArguments;
use crate::shell::quoted;
use crate::ship::ShipArguments;
use crate::signing::{SignArguments, sign_plan_at};
use crate::{actor, bound, report};

#[derive(clap::Args)]
#[command(mut_arg("lab", |lab| lab.requires("live").conflicts_with("wait_for_agent")))]
#[command(mut_arg("sign", |sign| sign.requires("out")))]
#[command(mut_arg("revision", |revision| revision.conflicts_with_all(["live", "out", "against"])))]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
    #[command(flatten)]
    revision: RevisionArguments,
    /// Save the plan to a file, for `arcbook show FILE` and `arcbook run FILE`.
    #[arg(long, value_name = "FILE", conflicts_with = "lab")]
    out: Option<PathBuf>,
    /// Make the plan file for the machine with that resource id; by default, for this machine.
    #[arg(long, value_name = "RESOURCE_ID", requires = "out", conflicts_with = "live", value_parser = bound::machine_id)]
    for_machine: Option<String>,
    #[command(flatten)]
    sign: SignArguments,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Run the read-only steps, and check the changes of the others against the services; nothing is changed.
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    lab: LabArguments,
    /// Use the outputs that a past run recorded: its name or a prefix of it, or `latest`.
    #[arg(long, value_name = "RUN", conflicts_with = "live")]
    against: Option<String>,
    /// List every request, token and host.
    #[arg(long)]
    requests: bool,
    /// Show every step with its arguments, requests and permissions.
    #[arg(long)]
    verbose: bool,
    /// Print a Markdown document for auditors: who acts, the changes, the rights, where data goes, and every request.
    #[arg(long, conflicts_with_all = ["requests", "verbose", "out"])]
    markdown: bool,
    /// Exit with 2 if the plan contains changes, and with 0 if it contains none.
    #[arg(long)]
    detailed_exitcode: bool,
    /// Run at most this many steps at once.
    #[arg(long, value_name = "N", default_value_t = 10, requires = "live", value_parser = clap::value_parser!(u16).range(1..))]
    parallelism: u16,
    /// Wait up to this long for an Azure Arc agent that does not listen yet, such as `2m`; by default, do not
    /// wait.
    #[arg(long, value_name = "TIME", requires = "live", value_parser = time)]
    wait_for_agent: Option<Duration>,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    ship: ShipArguments,
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
    let (path, wait) = (&arguments.runbook.path, arguments.wait_for_agent);
    with_live_azure(&arguments.lab, path, wait, screen, async |azure| {
        make_with(arguments, screen, azure).await
    })
    .await
}

async fn make_with(arguments: &Arguments, screen: &Screen, azure: &Arc<Azure>) -> Exit {
    let Arguments { runbook, revision, .. } = arguments;
    let missing = if arguments.is_of_files_alone() { Missing::Unknown } else { Missing::Refuse };
    let runbook = &*arguments.lab.with_values(runbook);
    let registry = registry(azure);
    let key = match arguments.sign.key(screen) {
        Ok(key) => key,
        Err(diagnostic) => return super::wrong(screen, diagnostic),
    };
    let loaded = revision.load(runbook, &registry, missing, screen).and_then(|mut loaded| {
        arguments.selection.select(&mut loaded)?;
        arguments.ship.apply(&mut loaded, None, &registry)?;
        Ok(loaded)
    });
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(rejected) => return rejected.tell(screen),
    };
    screen.diagnostics(&loaded.warnings, &loaded.sources);
    plan::register_plan_secrets(screen.secrets(), &loaded.plan);
    // The disk need not have the files that the steps send in a revision, or on another machine.
    if !revision.is_given()
        && !arguments.is_of_files_alone()
        && let Err(exit) = loaded.check_files(screen)
    {
        return exit;
    }
    let planning = Planning { arguments, screen, azure, loaded: &loaded, key: key.as_ref() };
    if let Err(exit) = arguments.policy.check(&loaded, &*planning.platform(), screen) {
        return exit;
    }
    let (parallelism, origin) = (arguments.parallelism, origin::of_process(Approval::NotNeeded));
    let asking = Asking { screen, azure, loaded: &loaded, parallelism, origin };
    match &arguments.against {
        _ if arguments.live => planning.asked(&asking.services().await, report::exit),
        Some(run) => match asking.record(&arguments.journal.directory(), run) {
            Ok(asked) => planning.asked(&asked, |_| Exit::Wrong),
            Err(error) => refused(screen, error),
        },
        None => planning.done(&loaded.plan),
    }
}

impl Arguments {
    /// Returns true for a document about the files of the runbook, whatever machine runs it with whatever values.
    fn is_of_files_alone(&self) -> bool {
        self.markdown && !self.live && self.against.is_none()
    }
}

/// A plan to be printed.
struct Planning<'a> {
    arguments: &'a Arguments,
    screen: &'a Screen,
    azure: &'a Arc<Azure>,
    loaded: &'a Loaded,
    /// The key that signs the plan file.
    key: Option<&'a SigningKey>,
}

impl Planning<'_> {
    /// Finishes with a refreshed plan; `exit` maps the status of an incomplete one.
    fn asked(&self, asked: &Asked, exit: impl Fn(Status) -> Exit) -> Exit {
        if let Some(plan) = &asked.plan {
            self.show(plan);
        }
        self.screen.diagnostics(&asked.found, &self.loaded.sources);
        match (&asked.plan, asked.status) {
            (Some(plan), Status::Done) => self.end(plan, &asked.principal),
            (_, status) => exit(status),
        }
    }

    fn done(&self, plan: &Plan) -> Exit {
        self.show(plan);
        self.end(plan, &Setting::default())
    }

    fn show(&self, plan: &Plan) {
        let Self { screen, loaded, .. } = *self;
        plan::register_plan_secrets(screen.secrets(), plan);
        let platform = self.platform();
        if screen.json {
            screen.clean_object(&plan::to_json(plan, &loaded.runbook, &*platform, screen.secrets()));
        } else if self.arguments.markdown {
            screen.print(&plan::to_markdown(plan, &loaded.runbook, &*platform, screen.secrets()));
        } else {
            screen.page(&plan::show(plan, &loaded.runbook, &*platform, screen.secrets(), &self.view()));
        }
    }

    fn view(&self) -> PlanView {
        let Arguments { requests, verbose, .. } = *self.arguments;
        let user = match &self.arguments.for_machine {
            Some(_) => "the user that runs the plan".to_owned(),
            None => actor::of_process().to_string(),
        };
        let style = self.screen.page_style();
        PlanView { style, requests, verbose, user: Some(user), ..PlanView::default() }
    }

    /// Returns the platform that the plan is for.
    fn platform(&self) -> Box<dyn Platform + '_> {
        let here = &**self.azure;
        match self.arguments.for_machine.as_deref() {
            Some(machine) => Box::new(ForMachine::new(here, machine)),
            None if self.arguments.is_of_files_alone() => Box::new(ForMachine::any(here)),
            None => Box::new(here.clone()),
        }
    }

    /// Returns the machine and the principal that the plan is for.
    fn bound(&self, principal: &Setting) -> Bound {
        match &self.arguments.for_machine {
            Some(machine) => bound::to_machine(machine),
            None => bound::here(&actor::of_process(), principal.clone()),
        }
    }

    /// Saves the plan, if requested; `principal` is what is known of it.
    fn end(&self, plan: &Plan, principal: &Setting) -> Exit {
        if let Err(diagnostic) = self.save(plan, principal) {
            return failed(self.screen, *diagnostic);
        }
        if self.arguments.detailed_exitcode && plan.is_pending() { Exit::Pending } else { Exit::Done }
    }

    /// Returns the arguments that run a plan file; values that it does not contain are left open. A default is there again.
    fn typed(&self, path: &Path, plan: &Plan, file: &PlanFile) -> String {
        let names = &self.loaded.runbook.names;
        let is_given = |name: &&str| names.variable(name).is_none_or(|at| plan.state.given_by(at).is_some());
        let values = file.withheld().filter(is_given);
        let values = values.map(|name| format!(" -var {}", quoted(&format!("{name}=…"))));
        values.chain([format!(" {}", quoted(&path.to_string_lossy()))]).collect()
    }

    fn save(&self, plan: &Plan, principal: &Setting) -> Result<(), Box<Diagnostic>> {
        let Self { arguments, screen, loaded, .. } = *self;
        let Some(path) = &arguments.out else { return Ok(()) };
        let platform = self.platform();
        let made = PlanOf { plan, loaded, platform: &*platform, secrets: screen.secrets() };
        let file = save(path, &arguments.runbook.path, &made, self.bound(principal))?;
        let sha256 = file.sha256();
        let signature = self.key.map(|key| sign_plan_at(path, &file, key)).transpose()?;
        if screen.json {
            let mut saved = json!({ "path": path, "sha256": sha256 });
            if let Some(signature) = &signature {
                saved["signature"] = json!(signature);
            }
            screen.object(&json!({ "plan_file": saved }));
        } else {
            screen.line(&format!("\nThe plan is saved in {} (sha256 {sha256}).", path.display()));
            if let Some(signature) = &signature {
                screen.line(&format!("It is signed in {}.", signature.display()));
            }
            screen.line(&visible_line(&format!("It is for {}.", file.bound())));
            screen.line(&format!("To run this plan: arcbook run{}", self.typed(path, plan, &file)));
        }
        Ok(())
    }
}
