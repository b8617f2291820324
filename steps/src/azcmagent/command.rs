//! Runs `azcmagent`.

use arcbook_engine::step::{Action, Arg, ErrorKind, Process, Safety, StepError, Text};

use super::code::failed;
use super::settings::Settings;
use super::show::Shown;
use crate::azure::Azure;
use crate::file;
use crate::process::{End, Failure, Finished, PRIVATE_FILE};
use crate::session::{Input, Session};

/// The agent's program.
#[derive(Clone)]
pub(crate) struct Agent {
    /// The program, and the words that come before its command.
    program: Vec<Text>,
    of_lab: bool,
}

impl Agent {
    /// Returns the program at `path`, or the one of this operating system.
    pub fn at(path: Option<&Arg<String>>, azure: &Azure) -> Self {
        if let Some(path) = path {
            return Self { program: vec![file::path(path)], of_lab: false };
        }
        let (words, of_lab) = azure.agent_command();
        Self { program: words.into_iter().map(Text::from).collect(), of_lab }
    }

    /// Returns the program at a known path.
    pub fn known(path: &str) -> Self {
        Self { program: vec![path.into()], of_lab: false }
    }

    /// Returns the path of the program, if it is known and nothing else is needed to run it.
    pub fn path(&self) -> Option<String> {
        let [program] = self.program.as_slice() else { return None };
        program.reveal()
    }

    fn process(&self, words: impl IntoIterator<Item = Text>) -> Process {
        let argv = self.program.iter().cloned().chain(words).collect();
        Process { argv, of_lab: self.of_lab, ..Process::default() }
    }

    fn action(&self, words: &[&str], safety: Safety) -> Action {
        Action::exec(self.process(words.iter().map(|&word| Text::from(word))), safety)
    }

    /// Returns the question for the state of the agent, which needs no privilege.
    pub fn show(&self) -> Action {
        self.action(&["show", "-j"], Safety::Reads)
    }

    /// Returns a command that takes its settings from a private file.
    pub fn configured(&self, command: &'static str) -> Action {
        self.action(&[command, "--config", PRIVATE_FILE], Safety::Idempotent)
    }

    /// Returns a command with these further words.
    pub fn plain(&self, words: &[&str]) -> Action {
        self.action(words, Safety::Idempotent)
    }

    /// Returns the setting of a property of the agent, whose value may not be known yet.
    pub fn set(&self, property: &'static str, value: Text) -> Action {
        let words = ["config", "set", property].map(Text::from);
        Action::exec(self.process(words.into_iter().chain([value])), Safety::Idempotent)
    }

    /// Asks the agent for its state; none if it is not installed.
    pub async fn ask(&self, session: &Session) -> Result<Option<Shown>, StepError> {
        let finished = match session.exec(&self.show(), Input::default()).await? {
            Ok(finished) => finished,
            Err(Failure::NotFound | Failure::NotInPath) => return Ok(None),
            Err(failure) => return Err(failure.error("program")),
        };
        if finished.end != End::Code(0) {
            return Err(failed("show", &finished, |text| session.redacted(text)));
        }
        let shown = Shown::read(finished.stdout.bytes())?;
        for secret in shown.passwords() {
            session.secret(&secret);
        }
        Ok(Some(shown))
    }

    /// Runs a command; one with settings reads them from a private file.
    pub async fn run(
        &self,
        session: &Session,
        action: &Action,
        settings: Option<&Settings>,
    ) -> Result<Finished, StepError> {
        let input = Input { file: settings.map(Settings::text), ..Input::default() };
        session.exec(action, input).await?.map_err(|failure| match failure {
            Failure::NotFound | Failure::NotInPath => absent(),
            failure if failure.is_before_start() => failure.error("program"),
            failure => failure.error("program").uncertain(),
        })
    }
}

/// Returns the error that there is no agent.
pub(crate) fn absent() -> StepError {
    StepError::new(ErrorKind::Local, "the Azure Connected Machine agent is not installed")
        .argument("program")
        .help("install it in an earlier step, as https://aka.ms/azcmagent describes, or write the path of azcmagent")
}
