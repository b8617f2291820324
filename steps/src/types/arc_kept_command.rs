//! A run command with a name of its own, which stays after its script has ended.
//!
//! The run that makes one writes its name into a tag, so that a resumed run and an undo know it as their own.

use std::collections::{BTreeMap, BTreeSet};

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Change, Difference, ErrorKind, HttpRequest, Method, Receipt, StepError, Text,
};
use arcbook_engine::value::Value;

use super::arc_script::{ExitCode, Finished, Shown};
use crate::arc;
use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::{differences, member_of};
use crate::names::ResourceName;
use crate::session::{Operation, Session, line};
use crate::undo::Undo;

/// The tag with the name of the run that made the run command.
pub(super) const TAG: &str = "arcbook_run";

/// The maximum length of the name of a run command.
const LONGEST_NAME: usize = 36;

/// Returns the error in the name of a run command, whose script only `reads` or not.
pub(super) fn check_name(name: &Arg<ResourceName>, reads: bool) -> Option<ArgumentError> {
    let is_wrong = |ResourceName(name): &ResourceName| name.len() > LONGEST_NAME || name.contains(['(', ')']);
    if name.value().is_some_and(is_wrong) {
        let shape = "must be at most 36 letters, digits, hyphens, underscores and points";
        return Some(ArgumentError::new("name", shape));
    }
    let error = || ArgumentError::new("name", "must not be given with `effect = \"reads\"`");
    reads.then(|| error().help("a script that only reads runs each time"))
}

/// The difference between a run command and the script that it has to run.
pub(super) enum Standing {
    /// Its script is this one, and this run or one that it resumes has sent it, or it has not ended.
    Same,
    /// Its script has ended, and makes room for this one.
    Ended,
    /// Another script still runs.
    Busy,
}

/// A script, and how it has to end.
pub(super) struct Wanted<'a> {
    pub script: &'a str,
    pub parameters: Option<&'a BTreeMap<String, String>>,
    /// The exit codes that mean success; none for 0 alone.
    pub codes: Option<&'a [ExitCode]>,
    pub holds_secret: bool,
    /// True if the script must not run twice.
    pub runs_once: bool,
}

impl Wanted<'_> {
    /// Returns the end of the script if the run command has run it with success; else the differences.
    pub fn found(&self, shown: &Shown) -> Result<Finished, Vec<Difference>> {
        let differences = self.differences(shown);
        if !differences.is_empty() {
            return Err(differences);
        }
        let Some(ended) = shown.ended() else {
            return Err(vec![Difference::new("executionState", shown.state(), "Succeeded")]);
        };
        if ended.succeeded(self.codes) {
            return Ok(ended);
        }
        Err(vec![match shown.state().as_str() {
            "Succeeded" => Difference::new("exitCode", ended.exit_code, "an accepted one"),
            _ => Difference::new("executionState", shown.state(), "Succeeded"),
        }])
    }

    /// Returns the standing of the run command of the same name.
    pub fn standing(&self, session: &Session, shown: &Shown) -> Standing {
        let is_same = self.differences(shown).is_empty();
        match shown.ended() {
            None if is_same => Standing::Same,
            None if shown.is_being_removed() => Standing::Ended,
            None => Standing::Busy,
            Some(ended) if is_same && ended.succeeded(self.codes) => Standing::Same,
            Some(_) if is_same && self.runs_once && is_own(session, shown.body()) => Standing::Same,
            Some(_) => Standing::Ended,
        }
    }

    /// Returns the differences between the script with its parameters and those of a run command.
    fn differences(&self, shown: &Shown) -> Vec<Difference> {
        let pair = |(name, value): (&String, &String)| {
            Value::object([("name", Value::from(name.as_str())), ("value", Value::from(value.as_str()))])
        };
        let parameters = Value::tuple(self.parameters.into_iter().flatten().map(pair));
        let source = Value::object([("script", Value::from(self.script))]);
        let properties = Value::object([("source", source), ("parameters", parameters)]);
        let declared = Value::object([("properties", properties)]);
        let found = differences(&declared, shown.body(), &BTreeSet::new());
        found.into_iter().map(|difference| difference.hidden(self.holds_secret)).collect()
    }
}

/// Returns true if this run, or one that it resumes or undoes, made the run command.
pub(super) fn is_own(session: &Session, shown: &Value) -> bool {
    let run = member_of(shown, "tags").and_then(|tags| member_of(tags, TAG)?.as_str());
    session.is_own(run)
}

/// Returns the change that this run, or one that it resumes, has made if the run command is as wanted now.
pub(super) fn made(session: &Session, shown: &Shown) -> Change {
    let is_made = session.before().is_some() && is_own(session, shown.body());
    // A run command is never changed: the run removed the one that was there before.
    if is_made { Change::Created } else { Change::None }
}

/// Returns the proof that a run command at `url` is the one that a run made.
pub(super) fn proof(url: &str) -> Value {
    Value::object([("url", Value::from(url))])
}

/// Removes a run command that a step made. The effect of its script stays.
pub(super) struct RemoveCommand {
    read: Action,
    delete: Action,
}

impl RemoveCommand {
    /// Returns the removal; none if the step did not make the run command.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        if !matches!(receipt.change, None | Some(Change::Created)) {
            return None;
        }
        let url = member_of(receipt.proof.as_ref()?, "url")?.as_str()?.to_owned();
        let path = url.strip_prefix(&*azure.cloud().arm()).unwrap_or(&url);
        let path = Text::from(path.split('?').next().unwrap_or_default().trim_start_matches('/'));
        let action = |method| {
            let request = HttpRequest::new(method, url.as_str().into());
            let action = request.audience(azure.cloud().audience(Service::Arm)).action();
            action.needs(arc::permission(method, Some("runCommands"), &arc::machine_of(&path)))
        };
        Some(Self { read: action(Method::Get), delete: action(Method::Delete).operation() })
    }
}

impl Undo for RemoveCommand {
    fn actions(&self) -> Vec<Action> {
        vec![self.read.clone(), self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let operation = Operation { change: &self.delete, read: Some(&self.read) };
        if let Some(place) = session.operation() {
            return session.resume(operation, place).await.map(|_| Change::Removed);
        }
        let existing = match session.send(&self.read).await {
            Ok(existing) => existing.value()?,
            Err(error) if error.status() == Some(404) => return Ok(Change::None),
            Err(error) => return Err(error),
        };
        if !is_own(session, &existing) {
            let what = "another run has sent a script under this name since, and the run command is kept";
            return Err(StepError::new(ErrorKind::Refused, what)
                .request(line(&self.read))
                .help("undo that run first, or remove the run command yourself"));
        }
        let answer = session.send(&self.delete).await?;
        session.finish(operation, &answer).await.map(|_| Change::Removed)
    }
}
