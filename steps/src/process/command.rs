//! Runs one program to its end.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arcbook_os::process_group::ProcessGroup;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin};

use super::inherited::{DEFAULT_NAMES, PROXIES, has_password};
use super::pipes::Outputs;
use super::program::Search;
use super::{Capture, Failure, Reaper, is_withheld, program};
use crate::environment::{Environment, is_same_name};

/// The time for which the output is read after the program has ended, if another process keeps it open.
const DRAIN: Duration = Duration::from_secs(1);

/// A program to run; it has no `Debug`, since its environment and its input may be secret.
pub(crate) struct Command {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The environment variables that the step sets.
    pub environment: Vec<(String, String)>,
    /// The names of arcbook's own variables that the program gets; none for the default ones.
    pub inherit: Option<Vec<String>>,
    /// The input; without one it is empty.
    pub stdin: Option<String>,
    /// The working directory.
    pub directory: PathBuf,
}

/// A program that has ended.
pub(crate) struct Finished {
    /// The way it ended.
    pub end: End,
    /// Its output.
    pub stdout: Capture,
    /// Its messages.
    pub stderr: Capture,
}

/// The way in which a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It returned an exit code.
    Code(i32),
    /// A signal ended it; Windows has none.
    #[cfg_attr(windows, allow(dead_code, reason = "the variant is for Unix"))]
    Signal(i32),
}

impl Command {
    /// Runs the program to its end. If the future is dropped, the program and its process group are ended.
    pub async fn run(self, own: &Environment, reaper: &Arc<Reaper>) -> Result<Finished, Failure> {
        if !self.directory.is_dir() {
            return Err(Failure::NoDirectory);
        }
        let environment = self.variables(own);
        let variable = |wanted: &str| {
            let found = environment.iter().rfind(|(name, _)| is_same_name(name, wanted));
            found.map(|(_, value)| value.as_str())
        };
        let search = Search { path: variable("PATH"), endings: variable("PATHEXT") };
        let Some((name, arguments)) = self.argv.split_first() else { return Err(Failure::NotFound) };
        let file = program::find(name, search, &self.directory)?;
        let mut command = tokio::process::Command::new(file);
        command.args(arguments).env_clear().envs(environment).current_dir(absolute(&self.directory));
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        command.arg0(name);
        ProcessGroup::prepare(command.as_std_mut());
        let mut child = command.spawn().map_err(|error| Failure::of(&error))?;
        let group = match ProcessGroup::of(child.id().unwrap_or_default()) {
            Ok(group) => group,
            Err(error) => {
                drop(child.start_kill());
                // It was not let run.
                return Err(Failure::of(&error));
            }
        };
        let input = child.stdin.take();
        let outputs = Outputs { stdout: child.stdout.take(), stderr: child.stderr.take() };
        let running = Running { child: Some((child, group)), outputs, reaper: Arc::clone(reaper) };
        running
            .finish(feed(input, self.stdin.as_deref()))
            .await
            .map_err(|error| Failure::Lost(error.to_string()))
    }

    /// Returns the environment of the program.
    fn variables(&self, own: &Environment) -> Vec<(String, String)> {
        let inherited: Vec<&str> = if let Some(names) = &self.inherit {
            names.iter().map(String::as_str).collect()
        } else {
            let proxies = PROXIES.iter().filter(|name| !own.get(name).is_some_and(has_password));
            DEFAULT_NAMES.iter().chain(proxies).copied().collect()
        };
        let inherited = inherited.into_iter().filter(|name| !is_withheld(name));
        let inherited = inherited.filter_map(|name| Some((name.to_owned(), own.exact(name)?.to_owned())));
        inherited.chain(self.environment.iter().cloned()).collect()
    }
}

/// Returns the path without its dependence on the working directory of arcbook.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Writes the input. A program that does not read all of it is not at fault.
async fn feed(pipe: Option<ChildStdin>, input: Option<&str>) {
    if let (Some(mut pipe), Some(input)) = (pipe, input) {
        drop(pipe.write_all(input.as_bytes()).await);
    }
}

/// A program that runs; if nobody waits for it any more, its process group is ended.
struct Running {
    child: Option<(Child, ProcessGroup)>,
    outputs: Outputs,
    reaper: Arc<Reaper>,
}

impl Running {
    /// Waits for the end of the program, while `feed` writes its input and its outputs are read.
    async fn finish(mut self, feed: impl Future<Output = ()>) -> io::Result<Finished> {
        let (mut stdout, mut stderr) = (Capture::default(), Capture::default());
        let Self { child, outputs, .. } = &mut self;
        let status = {
            let talk = pin!(async {
                let out = stdout.fill(&mut outputs.stdout);
                let err = stderr.fill(&mut outputs.stderr);
                tokio::join!(feed, out, err);
            });
            wait(child, talk).await?
        };
        Ok(Finished { end: End::of(status), stdout, stderr })
    }
}

/// Waits for the end of `child` while `talk` serves its pipes, and for the pipes for a short time more: another
/// process may keep them open.
async fn wait(
    child: &mut Option<(Child, ProcessGroup)>,
    mut talk: Pin<&mut impl Future<Output = ()>>,
) -> io::Result<ExitStatus> {
    let Some((running, _)) = child else { return Err(io::ErrorKind::NotFound.into()) };
    let mut is_silent = false;
    let status = loop {
        tokio::select! {
            biased;
            () = &mut talk, if !is_silent => is_silent = true,
            status = running.wait() => break status?,
        }
    };
    *child = None;
    if !is_silent {
        // The output so far is kept.
        drop(tokio::time::timeout(DRAIN, talk).await);
    }
    Ok(status)
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some((child, group)) = self.child.take() {
            self.reaper.end(child, group, std::mem::take(&mut self.outputs));
        }
    }
}

impl End {
    fn of(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signal(signal);
        }
        Self::Code(status.code().unwrap_or(-1))
    }
}
