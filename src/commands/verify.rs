//! `arcbook verify`.

use std::path::{Path, PathBuf};

use arcbook_engine::attest::SignedRecord;
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Journal, JournalError, Removal, Verdict, misnamed};
use serde_json::json;

use super::verify_signature::{KeyArguments, Signed};
use super::{JournalArguments, block_on, failed, verify_directory, verify_set};
use crate::exit::Exit;
use crate::from::{self, FromArguments, Source};
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::signing::claimed_end;

#[derive(clap::Args)]
pub struct Arguments {
    /// The run: its name or a prefix of it, `latest`, or the path of a record; by default, all records of the
    /// directory. The path of a directory stands for `-from`.
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
    let signed = signed.as_ref();
    let is_directory = |run: &&String| Path::new(run).is_dir();
    if let Some(place) = arguments.from.from.as_ref().or(arguments.run.as_ref().filter(is_directory)) {
        return match block_on(from::open(place, screen)) {
            Ok(Ok(source)) => verify_from(&source, signed, arguments, screen),
            Ok(Err(exit)) => exit,
            Err(diagnostic) => failed(screen, diagnostic),
        };
    }
    match (&arguments.run, signed) {
        (Some(run), Some(signed)) => verify_signed(run, signed, arguments, screen),
        (Some(run), None) => verify((run, run), None, arguments, screen),
        (None, signed) => {
            let (directory, head) = (arguments.journal.directory(), arguments.head.as_deref());
            verify_directory::perform(&directory, head, signed, screen)
        }
    }
}

/// Checks a plan file or a run, and that it is signed.
fn verify_signed(run: &str, signed: &Signed, arguments: &Arguments, screen: &Screen) -> Exit {
    match SavedPlan::open_unless_run(Path::new(run), &arguments.journal.directory()) {
        Ok(Some(plan)) => signed.plan(&plan, screen),
        Ok(None) => verify((run, run), Some(signed), arguments, screen),
        Err(diagnostic) => super::failed(screen, *diagnostic),
    }
}

/// Checks one run of several machines, or all of them.
fn verify_from(source: &Source, signed: Option<&Signed>, arguments: &Arguments, screen: &Screen) -> Exit {
    let run = arguments.run.as_ref().filter(|_| arguments.from.from.is_some());
    match run.map(|run| (run, source.set.find(run))) {
        None => verify_set::perform(source, arguments.head.as_deref(), signed, screen),
        Some((run, Ok(path))) => verify((run, &path.to_string_lossy()), signed, arguments, screen),
        Some((_, Err(error))) => super::refused(screen, error),
    }
}

/// A record that was read, and the result of its check.
struct Checked {
    records: usize,
    head: String,
    /// The reason why it is not intact.
    problem: Option<String>,
    /// The statement that signs it, if it is intact and a key is given.
    statement: Option<SignedRecord>,
}

/// Checks the record called `run`, which `found` names in the directory of records, or by its path.
fn verify(
    (run, found): (&str, &str),
    signed: Option<&Signed>,
    arguments: &Arguments,
    screen: &Screen,
) -> Exit {
    let read = match check(found, arguments) {
        Ok((path, checked)) => checked.with_statement(&path, signed),
        Err(error) => return super::refused(screen, error),
    };
    let Checked { records, head, problem, statement } = match read {
        Ok(checked) => checked,
        Err(diagnostic) => return failed(screen, *diagnostic),
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

/// Reads the record that `found` names, and checks its chain, its name and its digest.
fn check(found: &str, arguments: &Arguments) -> Result<(PathBuf, Checked), JournalError> {
    let path = arguments.journal.directory().find(found)?;
    let (run, records, verdict, head) =
        if let Some(Removal { run, lines, verdict, head, .. }) = Removal::read(&path)? {
            (run, lines, verdict, head)
        } else {
            let journal = Journal::read(&path)?;
            let run = journal.started().map_or_else(String::new, |started| started.run.clone());
            (run, journal.lines.len(), journal.verdict, journal.head)
        };
    let head = head.to_string();
    let is_expected = arguments.digest.as_deref().is_none_or(|digest| digest.eq_ignore_ascii_case(&head));
    // Of a record that is not broken, lines may be missing at the end.
    let is_readable = !matches!(verdict, Verdict::Broken { .. } | Verdict::Unreadable { .. });
    let claimed = claimed_end(&path).filter(|_| is_readable);
    let last = (records > 0).then_some(head.as_str());
    let altered = claimed.and_then(|claimed| claimed.mismatch(records, last));
    let problem = match &verdict {
        _ if altered.is_some() => altered.map(|reason| format!("it was altered: {reason}")),
        Verdict::Complete if !is_expected => Some(format!("its digest is {head}, not the given one")),
        Verdict::Complete => misnamed(&path, &run),
        Verdict::Unfinished => {
            Some("the run has not ended: it is still running, or it was killed".to_owned())
        }
        Verdict::Torn => Some("its last line is cut off: the run was killed while writing it".to_owned()),
        Verdict::Broken { line, reason } => Some(format!("line {line} was changed: {reason}")),
        Verdict::Unreadable { line, reason } => Some(format!("line {line} cannot be read: {reason}")),
    };
    Ok((path, Checked { records, head, problem, statement: None }))
}

impl Checked {
    /// Checks the signature of an intact record at `path`.
    fn with_statement(self, path: &Path, signed: Option<&Signed>) -> Result<Self, Box<Diagnostic>> {
        let signed = signed.filter(|_| self.problem.is_none());
        let statement = signed.map(|signed| signed.record(path)).transpose()?;
        Ok(Self { statement, ..self })
    }
}
