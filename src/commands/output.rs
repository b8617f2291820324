//! `arcbook output`.

use std::path::{Path, PathBuf};

use arcbook_engine::diagnostic::{Diagnostic, did_you_mean, visible_json, visible_line};
use arcbook_engine::journal::{Journal, JournalError, OutputOfRun, Verdict, is_record_name, outputs};
use arcbook_engine::run::Status;
use arcbook_engine::value::{Layout, show};
use serde_json::{Map, Value as Json, json};

use super::newest::{self, HERE};
use super::{JournalArguments, failed, wrong};
use crate::exit::Exit;
use crate::screen::Screen;

#[derive(clap::Args)]
#[command(override_usage = "arcbook output [OPTIONS] [[RUN] NAME]\n       arcbook output [OPTIONS] RUN")]
pub struct Arguments {
    /// The run (its name or a prefix of it, `latest`, or the path of a record) and the name of an output; by
    /// default, all outputs of the newest run of the runbook.
    #[arg(value_names = ["RUN", "NAME"], num_args = 0..=2)]
    words: Vec<String>,
    /// Print a text, a number or a bool as it is, without quotes and without a line feed at its end.
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// The runbook to which `latest` refers: its directory or its file.
    #[arg(long, value_name = "PATH", default_value = HERE)]
    runbook: PathBuf,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let (run, name) = arguments.run_and_name();
    if arguments.raw && name.is_none() {
        let summary = "`-raw` prints one output, and none is named";
        return wrong(
            screen,
            Diagnostic::error("invalid-option", summary).help("name the output: `arcbook output NAME -raw`"),
        );
    }
    let (run, journal) = match arguments.read(run) {
        Ok(read) => read,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    if let Verdict::Broken { line, reason } = &journal.verdict {
        let reason = format!("line {line}: {reason}");
        return failed(screen, Diagnostic::from(JournalError::Broken { run, reason }));
    }
    let all = outputs(&journal);
    let Some(name) = name else {
        print_all(&all, &run, screen);
        return Exit::Done;
    };
    let Some(output) = all.iter().find(|output| output.name == name) else {
        return wrong(screen, unknown(name, &all, &run, &journal));
    };
    match arguments.text(output, screen.json) {
        Ok(text) => {
            screen.print_exactly(&text);
            Exit::Done
        }
        Err(diagnostic) => failed(screen, *diagnostic),
    }
}

impl Arguments {
    /// Returns the run and the output that are named. A single word is a run if it begins like the name of
    /// one, which no output can.
    fn run_and_name(&self) -> (&str, Option<&str>) {
        let is_run = |word: &str| {
            word == "latest"
                || word.starts_with(|first: char| first.is_ascii_digit())
                || is_record_name(Path::new(word))
        };
        match self.words.as_slice() {
            [run, name, ..] => (run, Some(name)),
            [run] if is_run(run) => (run, None),
            [name] => ("latest", Some(name)),
            [] => ("latest", None),
        }
    }

    /// Returns the name and the record of a run.
    fn read(&self, run: &str) -> Result<(String, Journal), Box<Diagnostic>> {
        let run = match run {
            "latest" => newest::run_of(&self.runbook, &self.journal.directory(), "output")?,
            run => run.to_owned(),
        };
        let journal = self.journal.read(&run).map_err(|error| Box::new(Diagnostic::from(error)))?;
        Ok((run, journal))
    }

    /// Returns the text of an output: as it is, as JSON, or as HCL.
    fn text(&self, output: &OutputOfRun, as_json: bool) -> Result<String, Box<Diagnostic>> {
        let (Some(json), Some(value)) = (&output.json, &output.value) else {
            return Err(sensitive(output, "is sensitive, and no record has sensitive values"));
        };
        if !as_json && !self.raw {
            return Ok(show(value, Layout::default()) + "\n");
        }
        if !output.is_whole() {
            return Err(sensitive(output, "has a sensitive part, and no record has sensitive values"));
        }
        match json {
            _ if as_json => Ok(visible_json(&json.to_string()).into_owned() + "\n"),
            Json::String(text) => Ok(text.clone()),
            Json::Number(_) | Json::Bool(_) => Ok(json.to_string()),
            Json::Null | Json::Array(_) | Json::Object(_) => Err(not_raw(output, json)),
        }
    }
}

fn print_all(all: &[OutputOfRun], run: &str, screen: &Screen) {
    if screen.json {
        let member = |output: &OutputOfRun| {
            let fact = match &output.json {
                Some(value) => json!({ "sensitive": !output.is_whole(), "value": value }),
                None => json!({ "sensitive": true }),
            };
            (output.name.clone(), fact)
        };
        screen.object(&all.iter().map(member).collect::<Map<_, _>>());
        return;
    }
    if all.is_empty() {
        screen.line(&format!("The record of {run} has no outputs."));
    }
    for output in all {
        let value = output.value.as_ref();
        let value =
            value.map_or_else(|| "(sensitive value)".to_owned(), |value| show(value, Layout::default()));
        screen.line(&format!("{} = {value}", visible_line(&output.name)));
    }
}

fn unknown(name: &str, all: &[OutputOfRun], run: &str, journal: &Journal) -> Diagnostic {
    let is_done = journal.finished().is_some_and(|finished| finished.status == Status::Done);
    let help = if is_done {
        "`arcbook output` lists the outputs of the run"
    } else {
        "the run did not end well, so some outputs may have no value: see `arcbook show`"
    };
    let names = all.iter().map(|output| output.name.as_str());
    Diagnostic::error("unknown-output", format!("the record of {run} has no output `{name}`"))
        .maybe_help(did_you_mean(name, names))
        .help(help)
}

fn sensitive(output: &OutputOfRun, why: &str) -> Box<Diagnostic> {
    let summary = format!("the output `{}` {why}", output.name);
    let help = "read the value where the runbook takes it from, such as the key vault";
    Diagnostic::error("sensitive-output", summary).help(help).into()
}

fn not_raw(output: &OutputOfRun, json: &Json) -> Box<Diagnostic> {
    let kind = match json {
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
        _ => "null",
    };
    let summary =
        format!("the output `{}` is {kind}, and `-raw` prints a text, a number or a bool", output.name);
    Diagnostic::error("not-raw", summary).help("print it as JSON: `-json`").into()
}
