//! Runs the programs of a step.

use arcbook_engine::step::{Action, ActionKind, StepError, Text, Texts};

use super::{Session, undeclared};
use crate::file::OpenFile;
use crate::process::{Command, Failure, Finished};

/// The inputs of a program that its action does not contain.
#[derive(Default)]
pub(crate) struct Input {
    /// The environment variables that the step sets.
    pub environment: Vec<(String, String)>,
    /// The names of arcbook's own variables that the program gets; none for the default ones.
    pub inherit: Option<Vec<String>>,
    /// The text that the program reads.
    pub stdin: Option<String>,
}

impl Session {
    /// Runs the program of `action`, once: a program that failed may have changed something.
    ///
    /// If the future is dropped, the program and its process group are ended.
    pub(crate) async fn exec(
        &self,
        action: &Action,
        input: Input,
    ) -> Result<Result<Finished, Failure>, StepError> {
        self.check(action)?;
        let ActionKind::Exec(process) = &action.kind else { return Err(undeclared(action)) };
        if let Some(file) = process.file().filter(|file| self.context.pins_file(file)) {
            let program = OpenFile::open(self.context.directory().join(&file)).await?;
            let (_, sha256) = program.digests(true).await?;
            self.context.check_digest(&file, &sha256.unwrap_or_default())?;
        }
        let directory = match &process.directory {
            Some(path) => path.reveal().ok_or_else(|| StepError::internal("a directory is not known yet"))?,
            None => String::new(),
        };
        let command = Command {
            argv: revealed(&process.argv)?,
            environment: input.environment,
            inherit: input.inherit,
            stdin: input.stdin,
            directory: self.context.directory().join(directory),
        };
        Ok(command.run(self.azure.environment(), self.azure.reaper()).await)
    }
}

fn revealed(texts: &Texts) -> Result<Vec<String>, StepError> {
    let texts = texts.known().and_then(|texts| texts.iter().map(Text::reveal).collect());
    texts.ok_or_else(|| StepError::internal("the arguments of a program are not known yet"))
}
