//! `arcbook report`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use arcbook_engine::audit::{self, Subject};
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Journal, JournalError, RunView, Verdict, is_record_name};
use arcbook_engine::layout::Page;
use arcbook_engine::permissions::{Needs, PermissionReport};
use arcbook_engine::plan::{self, Listing, PlanView};
use arcbook_engine::policy::Answers;
use arcbook_engine::report::{self, Document, PlanBeside, ReportedRun};
use arcbook_engine::runbook::Missing;
use arcbook_steps::roles::built_in;
use arcbook_steps::{audit_rules, registry};

use super::{JournalArguments, block_on, failed, refused, with_azure, wrong};
use crate::exit::Exit;
use crate::for_machine::ForMachine;
use crate::from::{self, FromArguments};
use crate::loaded::{Loaded, RunbookArguments};
use crate::replace::{may_be_written, write_private};
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::values::ValueArguments;

#[derive(clap::Args)]
pub struct Arguments {
    /// The run: its name or a prefix of it, `latest`, or the path of a record; or a plan file, or a runbook.
    #[arg(default_value = "latest")]
    run: String,
    /// Compare the run with a plan: a plan file, or a runbook, which is planned without network access.
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Write the report to a file that this user alone can read; by default, to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write Markdown.
    #[arg(long)]
    markdown: bool,
    /// Write the steps of a run as JUnit test cases.
    #[arg(long, conflicts_with = "markdown")]
    junit: bool,
    #[command(flatten)]
    from: FromArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let done = match &arguments.from.from {
        Some(place) => arguments.report_from(place, screen),
        None => arguments.report(screen),
    };
    done.unwrap_or_else(|exit| exit)
}

impl Arguments {
    /// Reports a run of several machines.
    fn report_from(&self, place: &str, screen: &Screen) -> Result<Exit, Exit> {
        let opened = block_on(from::open(place, screen)).map_err(|diagnostic| failed(screen, diagnostic))?;
        let source = opened?;
        let path = source.set.find(&self.run).map_err(|error| refused(screen, error))?;
        self.report_run(&path.to_string_lossy(), screen)
    }

    /// Reports a plan file, a runbook or a run.
    fn report(&self, screen: &Screen) -> Result<Exit, Exit> {
        let path = Path::new(&self.run);
        if is_record_name(path) || !path.exists() {
            return self.report_run(&self.run, screen);
        }
        let beside = plan_at(path, screen)?;
        if self.junit {
            let summary = "a plan has no results to report as test cases";
            let found = Diagnostic::error("invalid-option", summary);
            return Err(wrong(screen, found.help("name a run, or leave out `-junit`")));
        }
        let (source, user) = match &beside.sha256 {
            Some(sha256) => {
                let user = "the user that runs the plan".to_owned();
                (format!("Made from the plan file {}, whose sha256 is {sha256}.", self.run), Some(user))
            }
            None => (format!("Made from the runbook {}, without network access.", self.run), None),
        };
        let view = PlanView { user, ..PlanView::default() };
        let needs = permissions(&beside.listing, screen)?;
        let Beside { listing, findings, .. } = beside;
        self.write_document(&report::of_plan(&listing, &needs, findings, &view, source), screen)
    }

    fn report_run(&self, name: &str, screen: &Screen) -> Result<Exit, Exit> {
        if self.journal.removal(name).map_err(|error| refused(screen, error))?.is_some() {
            let found =
                Diagnostic::error("invalid-option", format!("{} is the record of a removal", self.run));
            return Err(wrong(
                screen,
                found.help("name a run; `arcbook show` shows the record of a removal"),
            ));
        }
        let journal = self.journal.read(name).map_err(|error| refused(screen, error))?;
        let beside = self.plan.as_deref().map(|plan| plan_at(plan, screen)).transpose()?;
        let run = ReportedRun::of(&journal, beside.as_ref().map(Beside::view));
        if self.junit {
            self.write(&report::junit(&run), screen)?;
        } else {
            self.write_document(&report::of_run(&run, &RunView::default()), screen)?;
        }
        self.verdict(&journal, screen)
    }

    /// Returns the exit status for a record, and says if it cannot be relied on.
    fn verdict(&self, journal: &Journal, screen: &Screen) -> Result<Exit, Exit> {
        let run = self.run.clone();
        let error = match &journal.verdict {
            Verdict::Broken { line, reason } => {
                JournalError::Broken { run, reason: format!("line {line}: {reason}") }
            }
            Verdict::Unreadable { line, reason } => {
                JournalError::Unreadable { run, reason: format!("line {line}: {reason}") }
            }
            Verdict::Complete | Verdict::Unfinished | Verdict::Torn => return Ok(Exit::Done),
        };
        Err(failed(screen, Diagnostic::from(error)))
    }

    fn write_document(&self, document: &Document, screen: &Screen) -> Result<Exit, Exit> {
        self.write(&if self.markdown { document.markdown() } else { document.html() }, screen)
    }

    /// Writes the report; only an existing report is overwritten.
    fn write(&self, text: &str, screen: &Screen) -> Result<Exit, Exit> {
        let Some(path) = &self.out else {
            screen.print_exactly(text);
            return Ok(Exit::Done);
        };
        let not_written = |error: std::io::Error| {
            let summary = format!("the report cannot be written to {}", path.display());
            let found = Diagnostic::error("file-not-written", summary).detail(format!("{error}."));
            failed(screen, found.help("name a file in a writable directory"))
        };
        if !may_be_written(path, report::beginning(text)).map_err(not_written)? {
            let summary = format!("{} already exists and is not a report of this kind", path.display());
            let found = Diagnostic::error("not-a-report", summary);
            return Err(failed(screen, found.help("name another file, or remove that one first")));
        }
        let text = screen.secrets().redact(text);
        write_private(path, |out| out.write_all(text.as_bytes())).map_err(not_written)?;
        screen.line(&format!("The report is in {}.", path.display()));
        Ok(Exit::Done)
    }
}

/// A plan that was read or made.
struct Beside {
    listing: Listing,
    sha256: Option<String>,
    /// The findings of the audit, if the runbook is there.
    findings: Option<Page>,
}

impl Beside {
    fn view(&self) -> PlanBeside<'_> {
        PlanBeside { listing: &self.listing, sha256: self.sha256.as_deref() }
    }
}

/// Reads a plan file, or plans a runbook from its files alone.
fn plan_at(path: &Path, screen: &Screen) -> Result<Beside, Exit> {
    match SavedPlan::open(path) {
        Ok(Some(saved)) => {
            let (listing, sha256) = (saved.file.listing().clone(), Some(saved.file.sha256()));
            Ok(Beside { listing, sha256, findings: None })
        }
        Ok(None) => planned(path, screen),
        Err(diagnostic) => Err(failed(screen, *diagnostic)),
    }
}

/// Returns the permissions that a plan needs, with roles of the built-in table.
fn permissions(listing: &Listing, screen: &Screen) -> Result<PermissionReport, Exit> {
    let made = with_azure(screen, |azure| {
        let needs = Needs::of_listing(listing, &ForMachine::any(&**azure));
        Ok(PermissionReport::of(&needs, built_in()))
    });
    made.map_err(|rejected| rejected.tell(screen))
}

/// Plans the runbook at `path` without network access.
fn planned(path: &Path, screen: &Screen) -> Result<Beside, Exit> {
    let runbook = RunbookArguments { path: path.to_owned(), values: ValueArguments { given: Vec::new() } };
    let rules = audit_rules();
    let beside = with_azure(screen, |azure| {
        let loaded = runbook.load(&registry(azure), Missing::Unknown, screen)?;
        screen.diagnostics(&loaded.warnings, &loaded.sources);
        plan::register_plan_secrets(screen.secrets(), &loaded.plan);
        let platform = ForMachine::any(&**azure);
        let Loaded { runbook, plan, sources, .. } = &*loaded;
        let listing = plan::to_listing(plan, runbook, &platform, screen.secrets());
        let (refused, answers) = (&loaded.refused, &Answers::default());
        let subject = Subject { plan, listing: &listing, sources, platform: &platform, refused, answers };
        let findings = Some(audit::page(&audit::examine(&subject, &rules, None)));
        Ok(Beside { listing, sha256: None, findings })
    });
    beside.map_err(|rejected| rejected.tell(screen))
}
