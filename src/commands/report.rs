//! `arcbook report`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use arcbook_engine::attest::VerifyingKey;
use arcbook_engine::audit::{self, Subject};
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Extent, Journal, RunView, is_record_name};
use arcbook_engine::layout::Page;
use arcbook_engine::permissions::{Needs, PermissionReport};
use arcbook_engine::plan::{self, Listing, PlanView};
use arcbook_engine::policy::Answers;
use arcbook_engine::report::{self, Document, PlanBeside, ReportedRun};
use arcbook_steps::roles::built_in;
use arcbook_steps::{audit_rules, registry};

use super::report_signature::{plan_signature, record_signature};
use super::verify_signature::no_plan;
use super::{JournalArguments, block_on, failed, refused, with_azure, wrong};
use crate::exit::Exit;
use crate::for_machine::ForMachine;
use crate::from::{self, FromArguments};
use crate::loaded::{Loaded, RunbookArguments, files_for_review};
use crate::replace::{may_be_written, write_private};
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::signing::verifying_key;
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
    /// Check the signatures of the record and of the plan file with this Ed25519 public key in PEM.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The public key of whoever signed the plan file beside the run; by default, that of `-key`.
    #[arg(long, value_name = "FILE", requires = "plan", requires = "key")]
    plan_key: Option<PathBuf>,
    #[command(flatten)]
    from: FromArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    if screen.json {
        let found = Diagnostic::error("invalid-option", "a report is a document, which has no JSON");
        let help = "leave out `-json`; `arcbook show RUN -json` prints the events of a run, `arcbook plan -json` a plan";
        return wrong(screen, found.help(help));
    }
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
        let (source, user) = match &beside.file {
            Some(plan) => {
                let user = "the user that runs the plan".to_owned();
                let sha256 = plan.file.sha256();
                (format!("Made from the plan file {}, whose sha256 is {sha256}.", self.run), Some(user))
            }
            None => (format!("Made from the runbook {}, without network access.", self.run), None),
        };
        let view = PlanView { user, ..PlanView::default() };
        let needs = permissions(&beside.listing, screen)?;
        let key = self.key(screen)?;
        let (signatures, problem) = match &beside.file {
            Some(plan) => plan_signature(plan, key.as_ref()),
            None => (Vec::new(), None),
        };
        let Beside { listing, findings, .. } = beside;
        let document = report::of_plan(&listing, &needs, (findings, &signatures), &view, source);
        self.write_document(&document, screen)?;
        problem.map_or(Ok(Exit::Done), |problem| Err(failed(screen, *problem)))
    }

    /// Reads the key to check signatures with, if one is given.
    fn key(&self, screen: &Screen) -> Result<Option<VerifyingKey>, Exit> {
        let key = self.key.as_deref().map(verifying_key).transpose();
        key.map_err(|diagnostic| wrong(screen, *diagnostic))
    }

    /// Reads the key to check the signature of the plan file beside the run with, if one is given for it or for all.
    fn plan_key(
        &self,
        key: Option<&VerifyingKey>,
        beside: Option<&Beside>,
        screen: &Screen,
    ) -> Result<Option<VerifyingKey>, Exit> {
        let Some(path) = &self.plan_key else { return Ok(key.cloned()) };
        match (&self.plan, beside) {
            (Some(plan), Some(Beside { file: None, .. })) => Err(wrong(screen, *no_plan(plan))),
            _ => verifying_key(path).map(Some).map_err(|diagnostic| wrong(screen, *diagnostic)),
        }
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
        let key = self.key(screen)?;
        let path = self.journal.directory().find(name).map_err(|error| refused(screen, error))?;
        let journal = Journal::read(&path).map_err(|error| refused(screen, error))?;
        let mut beside = self.plan.as_deref().map(|plan| plan_at(plan, screen)).transpose()?;
        let plan_key = self.plan_key(key.as_ref(), beside.as_ref(), screen)?;
        let findings = beside.as_mut().and_then(|beside| beside.findings.take());
        let mut run = ReportedRun::of(&journal, beside.as_ref().map(Beside::view));
        let (mut signatures, mut problem) = record_signature((&path, &journal), key.as_ref());
        if let Some(plan) = beside.as_ref().and_then(|beside| beside.file.as_ref()) {
            let (of_plan, problem_of_plan) = plan_signature(plan, plan_key.as_ref());
            signatures.extend(of_plan);
            problem = problem.or(problem_of_plan);
        }
        run.signatures = signatures;
        if self.junit {
            self.write(&report::junit(&run), screen)?;
        } else {
            self.write_document(
                &report::of_run(&run, findings, &RunView { extent: Extent::Document, ..RunView::default() }),
                screen,
            )?;
        }
        self.verdict(&run, problem, screen)
    }

    /// Returns the exit status of a report, and says if the record, a signature or the plan cannot be relied on.
    fn verdict(
        &self,
        run: &ReportedRun<'_>,
        problem: Option<Box<Diagnostic>>,
        screen: &Screen,
    ) -> Result<Exit, Exit> {
        if let Some(error) = run.journal.error(&self.run) {
            return Err(failed(screen, Diagnostic::from(error)));
        }
        if let Some(problem) = problem {
            return Err(failed(screen, *problem));
        }
        let Some(mismatch) = run.mismatch() else { return Ok(Exit::Done) };
        let found = Diagnostic::error("another-plan", "the plan is not that of the run").detail(mismatch);
        Err(failed(
            screen,
            found.help("name the plan file that the run executed, or the directory of its runbook"),
        ))
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
    /// The plan file; none for the plan of a runbook.
    file: Option<SavedPlan>,
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
            Ok(Beside { listing, file: Some(saved), sha256, findings: None })
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
        let loaded = runbook.load_for_review(&files_for_review(path), &registry(azure), screen)?;
        screen.diagnostics(&loaded.warnings, &loaded.sources);
        let platform = ForMachine::any(&**azure);
        let Loaded { runbook, plan, sources, .. } = &*loaded;
        let listing = plan::to_listing(plan, runbook, &platform, screen.secrets());
        let (refused, answers) = (&loaded.refused, &Answers::default());
        let subject = Subject { plan, listing: &listing, sources, platform: &platform, refused, answers };
        let findings = Some(audit::page(&audit::examine(&subject, &rules, None)));
        Ok(Beside { listing, file: None, sha256: None, findings })
    });
    beside.map_err(|rejected| rejected.tell(screen))
}
