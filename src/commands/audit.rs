//! `arcbook audit`.

use std::path::PathBuf;

use arcbook_engine::audit::{self, AuditReport, Baseline, Level, Rules, Subject};
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::plan::Listing;
use arcbook_steps::{audit_rules, registry};
use clap::ValueEnum;
use serde_json::json;

use super::{failed, wrong};
use crate::exit::Exit;
use crate::for_machine::ForMachine;
use crate::loaded::{Loaded, RunbookArguments};
use crate::policy::{PolicyArguments, input};
use crate::replace::replace;
use crate::revision::RevisionArguments;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
    #[command(flatten)]
    revision: RevisionArguments,
    #[command(flatten)]
    policy: PolicyArguments,
    /// The output format.
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "json")]
    format: Format,
    /// Exit with 1 if a finding of at least this weight counts.
    #[arg(long, value_enum, default_value_t = Threshold::Warning)]
    fail_on: Threshold,
    /// Do not count the findings in this file.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings into the file of `-baseline`, so that only later ones count.
    #[arg(long, requires = "baseline")]
    write_baseline: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people.
    Text,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// The input of policies, without an audit.
    Input,
}

#[derive(Clone, Copy, ValueEnum)]
enum Threshold {
    /// Every finding.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
}

impl Threshold {
    fn level(self) -> Level {
        match self {
            Self::Note => Level::Note,
            Self::Warning => Level::Warning,
            Self::Error => Level::Error,
        }
    }
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    if let Err(diagnostic) = arguments.check_written() {
        return wrong(screen, *diagnostic);
    }
    let baseline = match arguments.known() {
        Ok(baseline) => baseline,
        Err(diagnostic) => return wrong(screen, *diagnostic),
    };
    let rules = audit_rules();
    let report = super::with_azure(screen, |azure| {
        let Arguments { runbook, revision, .. } = arguments;
        let mut loaded = revision.load_for_review(runbook, &registry(azure), screen)?;
        // It is for whatever machine runs the runbook.
        let platform = ForMachine::any(&**azure);
        if arguments.format == Format::Input {
            let (plan, runbook) = input(&loaded, &platform);
            screen.object(&json!({ "plan": plan, "runbook": runbook }));
            return Ok(None);
        }
        let (answers, policies) = arguments.policy.ask(&mut loaded, &platform)?;
        let Loaded { runbook, plan, sources, refused, .. } = &*loaded;
        let listing = Listing::of(plan, runbook, &platform);
        let platform = &platform;
        let subject = Subject { plan, listing: &listing, sources, platform, refused, answers: &answers };
        let report = audit::examine(&subject, &rules, baseline.as_ref());
        Ok(Some(AuditReport { policies, ..report }))
    });
    match report {
        Ok(Some(report)) => arguments.report(&report, &rules, screen),
        Ok(None) => Exit::Done,
        Err(rejected) => rejected.tell(screen),
    }
}

impl Arguments {
    /// Reads the baseline, unless it is to be written.
    fn known(&self) -> Result<Option<Baseline>, Box<Diagnostic>> {
        let Some(path) = self.baseline.as_ref().filter(|_| !self.write_baseline) else { return Ok(None) };
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let wrong =
                Diagnostic::error("file-not-readable", format!("the baseline {shown} cannot be read"));
            Box::new(wrong.detail(format!("{error}.")).help("write it with `-write-baseline`"))
        })?;
        Baseline::read(&text, &shown).map(Some)
    }

    /// Refuses to write the baseline over a file that is none.
    fn check_written(&self) -> Result<(), Box<Diagnostic>> {
        let Some(path) = self.baseline.as_ref().filter(|path| self.write_baseline && path.exists()) else {
            return Ok(());
        };
        if std::fs::read_to_string(path).is_ok_and(|text| Baseline::is_one(&text)) {
            return Ok(());
        }
        let summary = format!("{} is not a baseline", path.display());
        let wrong = Diagnostic::error("invalid-baseline", summary).detail("The file is left as it is.");
        Err(Box::new(wrong.help("name another file, or remove this one")))
    }

    fn report(&self, report: &AuditReport, rules: &Rules, screen: &Screen) -> Exit {
        if screen.json {
            screen.object(report);
        } else {
            match self.format {
                Format::Text => screen.page(&audit::text(report, screen.page_style())),
                Format::Sarif => screen.object(&audit::sarif(report, rules, self.baseline.is_some())),
                Format::Junit => screen.print(&audit::junit(report, rules, self.fail_on.level())),
                Format::Input => {}
            }
        }
        if let Some(path) = self.baseline.as_ref().filter(|_| self.write_baseline) {
            let baseline = Baseline::of(report);
            let text = baseline.text();
            let written = if path.exists() { replace(path, &text) } else { std::fs::write(path, text) };
            return match written {
                Ok(()) => {
                    let count = baseline.count();
                    let noun = if count == 1 { "finding" } else { "findings" };
                    screen.note(&format!("{count} {noun} written to {}", path.display()));
                    Exit::Done
                }
                Err(error) => failed(screen, not_written(path, &error)),
            };
        }
        if report.fails_on(self.fail_on.level()) { Exit::Failed } else { Exit::Done }
    }
}

fn not_written(path: &std::path::Path, error: &std::io::Error) -> Diagnostic {
    let summary = format!("the baseline {} cannot be written", path.display());
    Diagnostic::error("file-not-written", summary).detail(format!("{error}."))
}
