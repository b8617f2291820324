//! `arcbook verify`.

use std::path::Path;

use arcbook_engine::attest::RecordPredicate;
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Directory, Journal, Removal, Verdict, is_record_name};
use serde_json::json;

use super::verify_signature::{KeyArguments, Signed};
use super::{JournalArguments, block_on, failed, verify_directory, verify_set};
use crate::exit::Exit;
use crate::from::{self, FromArguments, Source};
use crate::saved::SavedPlan;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    /// The run: its name or a prefix of it, `latest`, or the path of a record; by default, all records of the
    /// directory. The path of a directory stands for `-from`; with `-key`, for `-journal`.
    run: Option<String>,
    /// The digest that the run printed at its end; without it, a completely rewritten record goes unnoticed.
    #[arg(long, value_name = "SHA256", requires = "run", value_parser = digest)]
    digest: Option<String>,
    /// The digest that the newest run printed at its end; without it, the loss of the newest records goes
    /// unnoticed.
    #[arg(long, value_name = "SHA256", conflicts_with = "run", value_parser = digest)]
    head: Option<String>,
    #[command(flatten)]
    key: KeyArguments,
    #[command(flatten)]
    from: FromArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

/// Accepts the digest of a line.
fn digest(text: &str) -> Result<String, String> {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { Ok(text.to_owned()) } else { Err("a digest has 64 hexadecimal digits".to_owned()) }
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let signed = match arguments.key.read() {
        Ok(signed) => signed,
        Err(diagnostic) => return super::wrong(screen, diagnostic),
    };
    let is_directory = |run: &&String| Path::new(run).is_dir();
    if let Some(signed) = &signed {
        return verify_signed(signed, arguments, screen);
    }
    if let Some(place) = arguments.from.from.as_ref().or(arguments.run.as_ref().filter(is_directory)) {
        return match block_on(from::open(place, screen)) {
            Ok(Ok(source)) => verify_from(&source, arguments, screen),
            Ok(Err(exit)) => exit,
            Err(diagnostic) => failed(screen, diagnostic),
        };
    }
    if let Some(run) = &arguments.run {
        return verify((run, run), None, arguments, screen);
    }
    verify_directory::perform(&arguments.journal.directory(), arguments.head.as_deref(), None, screen)
}

/// Checks a plan file, a run or a directory, and that each is signed.
fn verify_signed(signed: &Signed, arguments: &Arguments, screen: &Screen) -> Exit {
    let Some(run) = &arguments.run else {
        let (directory, head) = (arguments.journal.directory(), arguments.head.as_deref());
        return verify_directory::perform(&directory, head, Some(signed), screen);
    };
    let path = Path::new(run);
    if path.is_dir() {
        return verify_directory::perform(&Directory::new(path), None, Some(signed), screen);
    }
    match SavedPlan::open(path) {
        Ok(Some(plan)) if !is_record_name(path) => signed.plan(&plan, screen),
        Err(diagnostic) if !is_record_name(path) => super::failed(screen, *diagnostic),
        _ => verify((run, run), Some(signed), arguments, screen),
    }
}

/// Checks one run of several machines, or all of them.
fn verify_from(source: &Source, arguments: &Arguments, screen: &Screen) -> Exit {
    let run = arguments.run.as_ref().filter(|_| arguments.from.from.is_some());
    match run.map(|run| (run, source.set.find(run))) {
        None => verify_set::perform(source, arguments.head.as_deref(), screen),
        Some((run, Ok(path))) => verify((run, &path.to_string_lossy()), None, arguments, screen),
        Some((_, Err(error))) => super::refused(screen, error),
    }
}

/// Checks the record called `run`, which `found` names in the directory of records, or by its path.
fn verify(
    (run, found): (&str, &str),
    signed: Option<&Signed>,
    arguments: &Arguments,
    screen: &Screen,
) -> Exit {
    let read = match arguments.journal.removal(found) {
        Ok(Some(Removal { lines, verdict, head, .. })) => Ok((lines, verdict, head)),
        Ok(None) => {
            arguments.journal.read(found).map(|journal| (journal.lines.len(), journal.verdict, journal.head))
        }
        Err(error) => Err(error),
    };
    let (records, verdict, head) = match read {
        Ok(read) => read,
        Err(error) => return super::refused(screen, error),
    };
    let statement = match signed.map(|signed| statement(signed, found, &verdict, arguments)).transpose() {
        Ok(statement) => statement.flatten(),
        Err(diagnostic) => return failed(screen, *diagnostic),
    };
    let head = head.to_string();
    let expected = arguments.digest.as_deref().is_none_or(|digest| digest.eq_ignore_ascii_case(&head));
    let problem = match &verdict {
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
        let mut object =
            json!({ "whole": problem.is_none(), "problem": problem, "records": records, "digest": head });
        if let (Some(signed), Some(statement)) = (signed, &statement) {
            object["signed"] = signed.json(statement);
        }
        screen.object(&object);
    } else if problem.is_none() {
        screen.line(&format!("The record is intact: {records} records, sha256 {head}."));
        if let (Some(signed), Some(statement)) = (signed, &statement) {
            signed.say(statement, screen);
        } else if arguments.digest.is_none() {
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
            Diagnostic::error("record-not-whole", format!("the record of {run} is not intact: {problem}")),
        ),
    }
}

/// Checks the signature of an intact record; none for one that is not intact, which is an error anyway.
fn statement(
    signed: &Signed,
    found: &str,
    verdict: &Verdict,
    arguments: &Arguments,
) -> Result<Option<RecordPredicate>, Box<Diagnostic>> {
    if !matches!(verdict, Verdict::Complete | Verdict::Unfinished) {
        return Ok(None);
    }
    let path = arguments.journal.directory().find(found).map_err(|error| Box::new(error.into()))?;
    let journal = Journal::read(&path).map_err(|error| Box::new(error.into()))?;
    signed.record(&path, &journal).map(Some)
}
