//! The child process of a script.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

/// The number of bytes at the end of each output that a run command keeps.
const TAIL: usize = 4096;

/// The end of a process.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    /// The exit code; none if the time limit ended it, -1 if a signal did.
    pub exit_code: Option<i32>,
    pub output: String,
    pub error: String,
}

/// Runs a script with parameters in a clean environment, for at most `limit`.
pub(super) async fn run(
    text: &str,
    parameters: &[(String, String)],
    limit: Option<Duration>,
) -> io::Result<Ended> {
    let file = tempfile::Builder::new().prefix("arcbook-lab-").suffix(ENDING).tempfile()?;
    std::fs::write(file.path(), text)?;
    let mut command = command(file.path(), parameters);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut group = Group(command.spawn()?);
    let (stdout, stderr) = (group.0.stdout.take(), group.0.stderr.take());
    let finished = async { tokio::try_join!(tail(stdout), tail(stderr), group.0.wait()) };
    let ended = match limit {
        Some(limit) => tokio::time::timeout(limit, finished).await,
        None => Ok(finished.await),
    };
    match ended {
        Ok(ended) => {
            let (output, error, status) = ended?;
            Ok(Ended { exit_code: Some(status.code().unwrap_or(-1)), output, error })
        }
        Err(_) => Ok(Ended { exit_code: None, output: String::new(), error: String::new() }),
    }
}

/// Reads to the end, and returns the last bytes as text.
async fn tail(source: Option<impl AsyncRead + Unpin>) -> io::Result<String> {
    let Some(mut source) = source else { return Ok(String::new()) };
    let (mut kept, mut piece) = (Vec::new(), [0; TAIL]);
    loop {
        let read = source.read(&mut piece).await?;
        if read == 0 {
            return Ok(String::from_utf8_lossy(&kept).into_owned());
        }
        kept.extend_from_slice(&piece[..read]);
        let surplus = kept.len().saturating_sub(TAIL);
        kept.drain(..surplus);
    }
}

/// A process that ends with all its children when it is dropped.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.0.id() {
            // The shell has `kill` built in; the process is the leader of its group.
            let script = format!("kill -KILL -- -{id}");
            let kill = std::process::Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status();
            drop(kill);
        }
    }
}

#[cfg(unix)]
const ENDING: &str = ".sh";
#[cfg(windows)]
const ENDING: &str = ".ps1";

/// Returns the command of a script: its named parameters are variables of the environment, the others arguments.
#[cfg(unix)]
fn command(script: &std::path::Path, parameters: &[(String, String)]) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let mut command = Command::new("sh");
    command.arg(script).env_clear().env("PATH", path).process_group(0);
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        if name.is_empty() {
            command.arg(value);
        } else {
            command.env(name, value);
        }
    }
    command
}

/// Returns the command of a script: its named parameters are those of PowerShell.
#[cfg(windows)]
fn command(script: &std::path::Path, parameters: &[(String, String)]) -> Command {
    let mut command = Command::new("powershell.exe");
    command
        .args(["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"])
        .arg(script)
        .env_clear();
    for name in ["SystemRoot", "SystemDrive", "PATH", "PATHEXT", "TEMP", "TMP"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        if !name.is_empty() {
            command.arg(format!("-{name}"));
        }
        command.arg(value);
    }
    command
}
