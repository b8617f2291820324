//! `arcbook verify`.

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::Verdict;
use serde_json::json;

use super::JournalArguments;
use crate::exit::Exit;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    /// The run: its name or a prefix of it, `latest`, or the path of a record.
    #[arg(default_value = "latest")]
    run: String,
    /// The digest that the run printed at its end; without it, a completely rewritten record goes unnoticed.
    #[arg(long, value_name = "SHA256")]
    digest: Option<String>,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let journal = match arguments.journal.read(&arguments.run) {
        Ok(journal) => journal,
        Err(error) => return super::refused(screen, error),
    };
    let head = journal.head.to_string();
    let expected = arguments.digest.as_deref().is_none_or(|digest| digest.eq_ignore_ascii_case(&head));
    let problem = match &journal.verdict {
        Verdict::Complete if expected => None,
        Verdict::Complete => Some(format!("its digest is {head}, not the given one")),
        Verdict::Unfinished => {
            Some("the run has not ended: it is still running, or it was killed".to_owned())
        }
        Verdict::Torn => Some("its last line is cut off: the run was killed while writing it".to_owned()),
        Verdict::Broken { line, reason } => Some(format!("line {line} was changed: {reason}")),
        Verdict::Unreadable { line, reason } => Some(format!("line {line} cannot be read: {reason}")),
    };
    if screen.json {
        let records = journal.lines.len();
        screen.object(
            &json!({ "whole": problem.is_none(), "problem": problem, "records": records, "digest": head }),
        );
    } else if problem.is_none() {
        let records = journal.lines.len();
        screen.line(&format!("The record is intact: {records} records, sha256 {head}."));
        if arguments.digest.is_none() {
            screen.line(
                "To be sure that the run wrote it, compare this digest with the one that the run printed.",
            );
        }
    }
    match problem {
        None => Exit::Done,
        Some(_) if screen.json => Exit::Failed,
        Some(problem) => super::failed(
            screen,
            Diagnostic::error(
                "record-not-whole",
                format!("the record of {} is not intact: {problem}", arguments.run),
            ),
        ),
    }
}
