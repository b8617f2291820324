//! `arcbook show`.

use std::path::{Path, PathBuf};

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{self, Extent, Journal, Removal, RunRecord, RunView, Verdict};
use arcbook_engine::plan::PlanView;
use arcbook_engine::plan::file::{self, PlanFile};
use arcbook_engine::run::Status;
use arcbook_engine::runbook::Files;
use arcbook_steps::EMBEDDED_LAB;
use serde_json::json;

use super::{JournalArguments, block_on, next};
use crate::exit::Exit;
use crate::from::{self, FromArguments};
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::shell::quoted;
use crate::trace;

#[derive(clap::Args, Clone)]
pub struct Arguments {
    /// The run: its name or a prefix of it, `latest` (the newest record of any kind), or the path of a record; or
    /// the path of a plan file.
    #[arg(default_value = "latest")]
    run: String,
    /// Write a trace of the run, for Perfetto and Chrome, instead of showing it.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// List the events of the run.
    #[arg(long)]
    events: bool,
    /// List every request, and for a plan file also tokens and hosts.
    #[arg(long)]
    requests: bool,
    /// Show every step of a plan file with its arguments, requests and permissions, and every program of a run.
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    from: FromArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let Some(place) = &arguments.from.from else { return show(arguments, screen) };
    let source = match block_on(from::open(place, screen)) {
        Ok(Ok(source)) => source,
        Ok(Err(exit)) => return exit,
        Err(diagnostic) => return super::failed(screen, diagnostic),
    };
    match source.set.find(&arguments.run) {
        Ok(path) => {
            let run = path.to_string_lossy().into_owned();
            show(&Arguments { run, ..arguments.clone() }, screen)
        }
        Err(error) => super::refused(screen, error),
    }
}

fn show(arguments: &Arguments, screen: &Screen) -> Exit {
    match SavedPlan::open_unless_run(Path::new(&arguments.run), &arguments.journal.directory()) {
        Ok(Some(plan)) => return arguments.show_plan(&plan.file, screen),
        Ok(None) => {}
        Err(diagnostic) => return super::failed(screen, *diagnostic),
    }
    match arguments.journal.removal(&arguments.run) {
        Ok(None) => {}
        Ok(Some(removal)) => return show_removal(&removal, screen),
        Err(error) => return super::refused(screen, error),
    }
    let journal = match arguments.journal.read(&arguments.run) {
        Ok(journal) => journal,
        Err(error) => return super::refused(screen, error),
    };
    if let Some(path) = &arguments.trace {
        if let Err(diagnostic) = trace::write(&journal, path, screen.secrets()) {
            return super::failed(screen, diagnostic);
        }
    } else if screen.json {
        for line in &journal.lines {
            // Serialization cannot fail: a line holds strings, numbers and JSON.
            screen.object(&serde_json::to_value(line).unwrap_or_default());
        }
    } else {
        screen.page(&journal::show(&journal, &arguments.view(&journal, screen)));
    }
    match journal.error(&arguments.run) {
        Some(error) => super::failed(screen, Diagnostic::from(error)),
        None => Exit::Done,
    }
}

fn show_removal(removal: &Removal, screen: &Screen) -> Exit {
    if screen.json {
        let Removal { at, by, approval, removes, .. } = removal;
        screen.object(&json!({ "at": at, "by": by, "approval": approval, "removes": removes }));
    } else {
        screen.print(&removal.show());
    }
    if matches!(removal.verdict, Verdict::Broken { .. }) { Exit::Failed } else { Exit::Done }
}

impl Arguments {
    fn show_plan(&self, plan: &PlanFile, screen: &Screen) -> Exit {
        if screen.json {
            screen.line(&plan.text());
        } else {
            let Self { requests, verbose, .. } = *self;
            let view = PlanView { style: screen.page_style(), requests, verbose, ..PlanView::default() };
            screen.page(&file::show(plan, &view));
        }
        Exit::Done
    }

    fn view(&self, journal: &Journal, screen: &Screen) -> RunView {
        RunView {
            style: screen.page_style(),
            events: self.events,
            requests: self.requests,
            extent: if self.verbose { Extent::Everything } else { Extent::Screen },
            next: self.next(journal),
        }
    }

    /// Returns the command that continues a run or an undo that is not done; none on a lab that has ended.
    fn next(&self, journal: &Journal) -> Option<String> {
        let run = RunRecord::of(journal);
        let started = run.started?;
        let is_done = run.finished.is_some_and(|finished| finished.status == Status::Done);
        if is_done
            || !next::can_go_on(&run)
            || started.setting.get(EMBEDDED_LAB).is_some()
            || journal.verdict.problem().is_some()
        {
            return None;
        }
        let options = self.journal.typed();
        if let Some(lineage) = &started.undoes {
            return Some(format!("arcbook undo {}{options}", lineage.run));
        }
        let directory = Path::new(&started.directory);
        let has_one = || Files::find(directory).is_ok_and(|files| files.runbook.len() == 1);
        let path = match started.files.as_slice() {
            // A file by itself takes no values from the files beside it, as its directory does.
            [_] if has_one() => directory.to_owned(),
            [one] => directory.join(Path::new(&one.path).file_name()?),
            _ => directory.to_owned(),
        };
        Some(format!("arcbook run -resume {}{options} {}", started.run, quoted(&path.to_string_lossy())))
    }
}
