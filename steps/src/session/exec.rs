//! Runs the programs of a step.

use std::io;

use arcbook_engine::step::{Action, ActionKind, ErrorKind, StepError, Text, Texts};

use super::{Session, undeclared};
use crate::file::OpenFile;
use crate::process::{Command, Failure, Finished, PRIVATE_FILE, PrivateFile};

/// The inputs of a program that its action does not contain.
#[derive(Default)]
pub(crate) struct Input {
    /// The environment variables that the step sets.
    pub environment: Vec<(String, String)>,
    /// The names of arcbook's own variables that the program gets; none for the default ones.
    pub inherit: Option<Vec<String>>,
    /// The text that the program reads.
    pub stdin: Option<String>,
    /// The content of the file whose path takes the place of [`PRIVATE_FILE`] in the arguments.
    pub file: Option<String>,
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
        for file in process.files().into_iter().filter(|file| self.context.pins_file(file)) {
            let program = OpenFile::open(self.context.directory().join(&file)).await?;
            let (_, sha256) = program.digests(true).await?;
            self.context.check_digest(&file, &sha256.unwrap_or_default())?;
        }
        let directory = match &process.directory {
            Some(path) => path.reveal().ok_or_else(|| StepError::internal("a directory is not known yet"))?,
            None => String::new(),
        };
        let mut argv = revealed(&process.argv)?;
        remove_left().await;
        let file = match input.file {
            Some(content) => Some(private_file(content).await?),
            None => None,
        };
        if let Some(path) = file.as_ref().map(|file| file.path().to_string_lossy().into_owned()) {
            argv.iter_mut().filter(|word| *word == PRIVATE_FILE).for_each(|word| word.clone_from(&path));
        }
        let command = Command {
            argv,
            environment: input.environment,
            inherit: input.inherit,
            stdin: input.stdin,
            directory: self.context.directory().join(directory),
        };
        let ran = command.run(self.azure.programs(), self.azure.reaper()).await;
        drop(file);
        Ok(ran)
    }
}

/// Removes the private files that killed processes left, before the first program of this process.
async fn remove_left() {
    static ONCE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    let remove = || async {
        // A file that cannot be removed stays; the next process tries again.
        drop(tokio::task::spawn_blocking(|| PrivateFile::remove_left(&std::env::temp_dir())).await);
    };
    ONCE.get_or_init(remove).await;
}

/// Creates a file for one program in the directory for temporary files.
async fn private_file(content: String) -> Result<PrivateFile, StepError> {
    let create = move || PrivateFile::create(&std::env::temp_dir(), &content);
    let created =
        tokio::task::spawn_blocking(create).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    created.map_err(|error| {
        StepError::new(ErrorKind::Local, "the file with the settings of the program cannot be written")
            .detail(format!("{error}."))
            .help("check the directory for temporary files, which TMPDIR names, or TMP on Windows")
    })
}

fn revealed(texts: &Texts) -> Result<Vec<String>, StepError> {
    let texts = texts.known().and_then(|texts| texts.iter().map(Text::reveal).collect());
    texts.ok_or_else(|| StepError::internal("the arguments of a program are not known yet"))
}
