//! The run command that runs a script on an Arc-enabled server, and how the script ended.
//!
//! Source: "Run command on Azure Arc-enabled servers" and the REST reference of `machines/runCommands`.

use std::time::Duration;

use arcbook_engine::diagnostic::MESSAGE;
use arcbook_engine::step::{Action, Arg, ErrorKind, StepError, Whole};
use arcbook_engine::value::{Data, Value};
use bytes::Bytes;
use tokio::time::Instant;

use crate::arc::text_at;
use crate::declared::member_of;
use crate::http::{HttpResponse, Payload, clean};
use crate::messages::withheld;
use crate::operation::Stage;
use crate::session::{Operation, Session, line};

/// The number of bytes at the end of each output that Azure keeps.
const TAIL: usize = 4096;

/// The number of lines of messages that an error shows.
const LINES: usize = 10;

/// The time in which the service must show the end of a script whose time limit has passed.
const GRACE: Duration = Duration::from_mins(5);

/// The way to see the messages of a script that got secrets.
const WAYS: &str = "let the script write its messages into a file on the server that only its user can read";

/// An exit code that means success.
pub(super) type ExitCode = Whole<-2_147_483_648, 2_147_483_647>;

/// The requests about one run command.
pub(super) struct RunCommand {
    pub read: Action,
    pub put: Action,
    pub delete: Action,
    /// The URL of the run command.
    pub place: String,
}

/// A run command as the service shows it.
pub(super) struct Shown {
    answer: HttpResponse,
    body: Value,
}

/// A script that has ended.
pub(super) struct Finished {
    state: String,
    message: Option<String>,
    pub exit_code: i64,
    pub stdout: String,
    pub stderr: String,
    pub started_at: Option<String>,
    pub ended_at: Option<String>,
}

impl Shown {
    /// Returns the run command in the response to its creation; none if that does not show it.
    fn of(answer: &HttpResponse) -> Option<Self> {
        let body = answer.value().ok()?;
        let is_shown = member_of(&body, "properties").is_some();
        is_shown.then(|| Self { body, answer: answer.clone() })
    }

    /// Returns the run command with everything that the service shows of it.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// Returns the script.
    pub fn script(&self) -> Option<String> {
        text_at(&self.body, &["properties", "source", "script"])
    }

    /// Returns an error if the script is another one than `own`, as far as both are known.
    pub fn check_script(&self, own: &Arg<String>) -> Result<(), StepError> {
        if self.script().is_none_or(|script| Some(&script) == own.value()) {
            return Ok(());
        }
        Err(StepError::new(ErrorKind::Stopped, "the resumed run has sent another script to this server")
            .argument("script")
            .help("restore the earlier script, or start a new run: leave out `-resume`"))
    }

    /// Returns the state of the script, in the service's word.
    pub fn state(&self) -> String {
        self.view("executionState").map_or_else(|| "Unknown".to_owned(), |state| clean(&state))
    }

    fn view(&self, name: &str) -> Option<String> {
        text_at(&self.body, &["properties", "instanceView", name])
    }

    /// Returns true if the script has not started. An exit code means nothing before its end.
    fn is_waiting(&self) -> bool {
        ["unknown", "pending", ""].contains(&self.state().to_ascii_lowercase().as_str())
    }

    pub fn is_being_removed(&self) -> bool {
        let state = text_at(&self.body, &["properties", "provisioningState"]);
        state.is_some_and(|state| state.eq_ignore_ascii_case("Deleting"))
    }

    /// Returns how the script ended; none if it has not.
    pub fn ended(&self) -> Option<Finished> {
        const ENDS: [&str; 5] = ["succeeded", "failed", "timedout", "canceled", "cancelled"];
        let state = self.state();
        if !ENDS.contains(&state.to_ascii_lowercase().as_str()) {
            return None;
        }
        let view = member_of(member_of(&self.body, "properties")?, "instanceView")?;
        let exit_code = match member_of(view, "exitCode").map(Value::data) {
            Some(Data::Number(code)) => code.to_i64(),
            _ => None,
        };
        Some(Finished {
            state,
            message: self.view("executionMessage").filter(|message| !message.is_empty()),
            exit_code: exit_code.unwrap_or(-1),
            stdout: self.view("output").unwrap_or_default(),
            stderr: self.view("error").unwrap_or_default(),
            started_at: self.view("startTime"),
            ended_at: self.view("endTime"),
        })
    }
}

impl RunCommand {
    /// Reads the run command; none if it does not exist.
    pub async fn existing(&self, session: &Session) -> Result<Option<Shown>, StepError> {
        match session.send(&self.read).await {
            Ok(answer) => Ok(Some(Shown { body: answer.value()?, answer })),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends the script. If the answer gets lost, the run command itself tells whether the service got it.
    pub async fn send(
        &self,
        session: &Session,
        body: Bytes,
        holds_secret: bool,
    ) -> Result<Option<HttpResponse>, StepError> {
        let mut request = session.request(&self.put, Some(Payload::from(body)), &[])?;
        request.holds_secret = holds_secret;
        match session.exchange(&self.put, request, self.place.clone()).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is_uncertain() => match self.existing(session).await {
                Ok(Some(_)) => Ok(None),
                Ok(None) | Err(_) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Removes the run command of a script that has ended. If the answer gets lost, the run command itself tells whether
    /// the service removes it.
    pub async fn remove(&self, session: &Session) -> Result<(), StepError> {
        let error = match session.send(&self.delete).await {
            Ok(_) => return Ok(()),
            Err(error) if error.status() == Some(404) => return Ok(()),
            Err(error) => error,
        };
        if !error.is_uncertain() {
            return Err(error);
        }
        match self.existing(session).await {
            Ok(None) => Ok(()),
            Ok(Some(shown)) if shown.is_being_removed() => Ok(()),
            Ok(Some(_)) | Err(_) => Err(error),
        }
    }

    /// Removes the run command of a script that has ended, and waits until it is gone, so that its name is free.
    pub async fn replace(&self, session: &Session, shown: Shown) -> Result<(), StepError> {
        let operation = Operation { change: &self.delete, read: Some(&self.read) };
        let shown = if shown.is_being_removed() {
            Some(shown)
        } else {
            match session.send(&self.delete).await {
                Ok(answer) => return session.finish(operation, &answer).await.map(drop),
                Err(error) if error.status() == Some(404) => return Ok(()),
                Err(error) if !error.is_uncertain() => return Err(error),
                Err(error) => match self.existing(session).await {
                    Ok(shown) if shown.as_ref().is_none_or(Shown::is_being_removed) => shown,
                    Ok(_) | Err(_) => return Err(error),
                },
            }
        };
        match shown {
            Some(shown) => session.at_rest(&self.read, shown.answer).await.map(drop),
            None => Ok(()),
        }
    }

    /// Waits for the end of the script, which must start within `start`, and end within `limit` after that. `answer` is
    /// the response to its creation, if this run has it.
    pub async fn wait(
        &self,
        session: &Session,
        answer: Option<HttpResponse>,
        start: Duration,
        limit: Duration,
    ) -> Result<Finished, StepError> {
        let sent = Instant::now();
        let mut running = None;
        // The agent takes a while to start a script, so the response to its creation counts as the first look.
        let mut next = answer.as_ref().and_then(Shown::of);
        for number in 1.. {
            let shown = match next.take() {
                Some(shown) => Some(shown),
                None => self.existing(session).await.map_err(StepError::uncertain)?,
            };
            let Some(shown) = shown else { return Err(self.gone()) };
            if let Some(ended) = shown.ended() {
                return Ok(ended);
            }
            if let Stage::Failed(_) = Stage::of_object(&shown.answer) {
                return Err(self.refused(session, answer.as_ref(), &shown).await);
            }
            if shown.is_waiting() {
                if sent.elapsed() >= start {
                    return Err(self.stuck(&shown, start));
                }
            } else if running.get_or_insert_with(Instant::now).elapsed() >= limit + GRACE {
                return Err(self.endless(limit));
            }
            let stage = Stage::Running { status: shown.state(), percent: None };
            session.pause(&shown.answer, number, stage).await;
        }
        Err(self.gone())
    }

    /// Removes the run command of a script that is given up, and returns the error with which that happens.
    ///
    /// A run command that could not be read for a while stays, so that a resumed run finds it, unless its script only
    /// `reads`.
    pub async fn abandoned(&self, session: &Session, error: StepError, reads: bool) -> StepError {
        let is_given_up = error.about().is_some() || error.kind() == ErrorKind::Refused;
        if !error.is_uncertain() || error.kind() == ErrorKind::Stopped || !(is_given_up || reads) {
            return error;
        }
        match session.send(&self.delete).await {
            Ok(_) => error.more_detail("The run command was removed, which ends its script."),
            Err(_) => error.help(self.remedy()),
        }
    }

    /// Returns the error that the run command stays although its script has ended.
    pub fn left(&self, error: StepError) -> StepError {
        error.more_detail("The script has ended with success.").help(self.remedy())
    }

    fn remedy(&self) -> String {
        let path = self.place.split('?').next().unwrap_or_default();
        format!("remove the run command yourself: {path}")
    }

    /// Returns the error that the run command of a script that was sent is gone.
    pub fn gone(&self) -> StepError {
        StepError::new(ErrorKind::Stopped, "the run command is gone, and with it the outcome of its script")
            .detail("An earlier attempt sent the script, which has ended since or was ended; it is not run again.")
            .request(line(&self.read))
            .help("check its effect yourself, then start a new run: leave out `-resume`")
            .uncertain()
    }

    /// Returns the error that another script of the same name still runs.
    pub fn busy(&self, shown: &Shown) -> StepError {
        let what = format!("another script of this name has not ended: it is {}", shown.state());
        StepError::new(ErrorKind::Refused, what)
            .argument("name")
            .request(line(&self.read))
            .help("wait for its end and run again, or remove the run command, which ends it")
    }

    /// Returns the error of a run command that the service could not provision.
    async fn refused(&self, session: &Session, answer: Option<&HttpResponse>, shown: &Shown) -> StepError {
        let operation = Operation { change: &self.put, read: Some(&self.read) };
        let answer = answer.unwrap_or(&shown.answer);
        match session.finish(operation, answer).await {
            Err(error) => error,
            Ok(_) => StepError::new(ErrorKind::Refused, "the service could not run the script").uncertain(),
        }
    }

    fn stuck(&self, shown: &Shown, start: Duration) -> StepError {
        let state = text_at(&shown.body, &["properties", "provisioningState"]).unwrap_or_default();
        let what =
            format!("the script has not started after {start:?}: the run command is {}", clean(&state));
        StepError::new(ErrorKind::Timeout, what)
            .detail("The server may be off, its agent disconnected or older than 1.33, or run commands blocked on it.")
            .argument("start_timeout")
            .request(line(&self.read))
            .help("check that the server is Connected (`arc_machine`), and `azcmagent config list` on it for extensions.enabled and the lists of extensions")
            .uncertain()
    }

    fn endless(&self, limit: Duration) -> StepError {
        StepError::new(ErrorKind::Timeout, format!("the script did not end within {limit:?}"))
            .argument("timeout_seconds")
            .request(line(&self.read))
            .help("raise `timeout_seconds`, or find out what takes so long")
            .uncertain()
    }
}

impl Finished {
    /// Returns true if the script ran to its end with one of these exit codes, or else with 0.
    pub fn succeeded(&self, codes: Option<&[ExitCode]>) -> bool {
        let is_accepted = match codes {
            Some(codes) => codes.iter().any(|accepted| accepted.get() == self.exit_code),
            None => self.exit_code == 0,
        };
        is_accepted && self.has_run()
    }

    /// Returns true if the exit code is that of the script.
    fn has_run(&self) -> bool {
        let state = self.state.to_ascii_lowercase();
        state == "succeeded" || (state == "failed" && self.exit_code != 0)
    }

    /// Returns true if Azure may have cut one of the outputs.
    pub fn is_cut(&self) -> bool {
        self.stdout.len().max(self.stderr.len()) >= TAIL
    }

    /// Returns the error of a script that did not succeed.
    pub fn failed(&self, session: &Session, holds_secret: bool) -> StepError {
        let summary = match self.state.as_str() {
            "Succeeded" | "Failed" => format!("the script ended with exit code {}", self.exit_code),
            state => format!("the script ended in the state {state}"),
        };
        let error = StepError::new(ErrorKind::Program, summary)
            .argument("script")
            .help("repair the server and start a new run: a resumed run does not repeat a script that ended");
        let said = if self.stderr.trim().is_empty() { self.message.as_deref() } else { Some(&*self.stderr) };
        match said {
            None => error,
            Some(_) if holds_secret => withheld(error, "the script gets one", WAYS),
            Some(said) => {
                let said = session.redacted(said);
                let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
                let lines = lines[lines.len().saturating_sub(LINES)..].iter();
                let lines: Vec<String> = lines.map(|line| format!("{MESSAGE}{}", clean(line))).collect();
                error.detail(format!("Its last messages:\n{}", lines.join("\n")))
            }
        }
    }
}
