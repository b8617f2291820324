//! Runs the program in an empty directory with an empty home directory.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value as Json;
use tempfile::TempDir;

/// An empty directory in which the program runs.
pub struct Place {
    directory: TempDir,
}

/// The exit code and output of the program.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    /// Creates a place with a runbook in `main.runbook.hcl`.
    pub fn with(runbook: &str) -> Self {
        let place = Self::new();
        place.write("main.runbook.hcl", runbook);
        place
    }

    /// Creates a place with the Jumpstart lab in `jumpstart/`.
    pub fn jumpstart() -> Self {
        let place = Self::new();
        for name in ["jumpstart.runbook.hcl", "jumpstart.lab.hcl"] {
            let text = std::fs::read_to_string(repository().join("runbooks/jumpstart").join(name))
                .expect("the runbook");
            place.write(&format!("jumpstart/{name}"), &text);
        }
        place.write("jumpstart/hosts", "127.0.0.1 localhost\n");
        place
    }

    /// Creates a place with the Jumpstart lab, whose secret has this value.
    pub fn jumpstart_with_secret(secret: &str) -> Self {
        let place = Self::jumpstart();
        let name = "jumpstart/jumpstart.lab.hcl";
        let world = std::fs::read_to_string(place.path().join(name)).expect("the world");
        place.write(name, with_secret(&world, secret));
        place
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, content).expect("written");
    }

    /// Builds a command of the program, with only `PATH` from this environment, as the user `ann` of the host
    /// `web01`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_arcbook"));
        command.args(arguments);
        self.alone(command)
    }

    /// Builds a command of the shell, which finds the program in `PATH` as its user does.
    #[cfg(unix)]
    pub fn shell(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_arcbook")).parent().expect("a directory").to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let directories = std::iter::once(program).chain(std::env::split_paths(&path));
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        let mut command = self.alone(command);
        command.env("PATH", std::env::join_paths(directories).expect("no colon"));
        command
    }

    /// Lets a command run in this place with only `PATH` from this environment.
    fn alone(&self, mut command: Command) -> Command {
        command.current_dir(self.path()).stdin(Stdio::null()).env_clear();
        // Windows needs some variables to start programs and to open sockets.
        let needed = ["SystemRoot", "SystemDrive", "PATHEXT", "TEMP", "TMP"].into_iter();
        let needed =
            needed.filter_map(|name| Some((name, std::env::var_os(name)?))).filter(|_| cfg!(windows));
        command
            .envs(needed)
            .env("LOCALAPPDATA", self.path().join("home"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path().join("home"))
            .env("ARCBOOK_TEST_ACTOR", "ann@web01");
        command
    }

    /// Builds a command of a script here that starts a server and runs a shell with it, in which `$0` is the program.
    #[cfg(unix)]
    pub fn with_server(&self, server: &str, script: &str) -> Command {
        let program = self.command(&[]);
        let mut command = Command::new(self.path().join(server));
        command.current_dir(self.path()).stdin(Stdio::null()).env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.args(["sh", "-c", script]).arg(program.get_program());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(finished(&mut self.command(arguments)))
    }

    /// Returns every file that the program wrote here, by path.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        collect(self.path(), &mut found);
        found
    }
}

/// A value of the secret of the Jumpstart lab that no tag has: whether a record has a tag with the value of a secret
/// depends on when the secret arrives.
pub const OWN_SECRET: &str = "a word of its own";

/// Returns the world of the Jumpstart lab with another value of its secret.
pub fn with_secret(world: &str, secret: &str) -> String {
    let secret = serde_json::to_string(secret).expect("JSON");
    let is = "value        = \"Managed Identity\"";
    assert!(world.contains(is), "{world}");
    world.replace(is, &format!("value        = {secret}"))
}

/// Copies a directory with everything in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    // What a user's runs have left there is no part of it.
    let is_left = |entry: &DirEntry| ["out", ".arcbook"].iter().any(|name| entry.file_name() == *name);
    for entry in std::fs::read_dir(from).expect("readable").flatten().filter(|entry| !is_left(entry)) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else if cfg!(unix) && mode(&path) & 0o100 != 0 {
            // Another process writes a program, for the reason of `executable`.
            let copied = Command::new("cp").arg("-p").arg(&path).arg(&to).status();
            assert!(copied.expect("cp").success(), "{}", path.display());
        } else {
            std::fs::copy(path, to).expect("copied");
        }
    }
}

/// Runs a command to its end.
pub fn finished(command: &mut Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    started(command).wait_with_output().expect("its output")
}

/// Starts a command.
///
/// Wine now and then starts no program, with an internal error.
pub fn started(command: &mut Command) -> Child {
    const INTERNAL_ERROR: i32 = 1359;
    let may_retry = |error: &std::io::Error| cfg!(windows) && error.raw_os_error() == Some(INTERNAL_ERROR);
    match command.spawn() {
        Err(error) if may_retry(&error) => command.spawn(),
        child => child,
    }
    .expect("the program")
}

fn collect(directory: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).expect("readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push((path.clone(), std::fs::read(&path).expect("readable")));
        }
    }
}

/// Returns the permission bits of a file; on Windows 0600 for a private one, and 0644 for every other.
pub fn mode(path: &Path) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }
    #[cfg(windows)]
    {
        let file = std::fs::File::open(path).expect("a file");
        if arcbook_os::private::is_private(&file).expect("a list") { 0o600 } else { 0o644 }
    }
}

/// Returns each directory with a runbook, from `at` on. A module has no plan of its own.
pub fn runbooks_below(at: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![at.to_owned()]);
    while let Some(directory) = open.pop() {
        let entries = std::fs::read_dir(&directory).expect("a directory").flatten();
        let entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        let is_runbook = |path: &PathBuf| path.to_string_lossy().ends_with(".runbook.hcl");
        if entries.iter().any(is_runbook) {
            found.push(directory);
        }
        open.extend(entries.into_iter().filter(|path| path.is_dir() && !path.ends_with("modules")));
    }
    found
}

/// Returns the root of the repository.
pub fn repository() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        // A build for another system has a path without a drive.
        std::path::absolute(env!("CARGO_MANIFEST_DIR")).expect("a directory")
    });
    &ROOT
}

impl Ran {
    /// Runs a command that is killed at a moment of its journal; it has a code if it has no such moment.
    pub fn killed_at(mut command: Command, moment: usize) -> Self {
        Self::of(finished(command.env("ARCBOOK_TEST_DIE_AT", moment.to_string())))
    }

    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        // An aborted program has a code on Windows, which says how it was aborted.
        let code = output.status.code().filter(|code| *code >= 0);
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// Returns the plan from the JSON output.
    pub fn plan(&self) -> Json {
        let mut lines = self.out.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
        lines.find(|line| line["format"] == 1).unwrap_or_else(|| panic!("no plan in {}", self.seen()))
    }

    /// Joins the exit code and both streams into one text for a snapshot.
    pub fn seen(&self) -> String {
        let code = self.code.map_or_else(|| "killed".to_owned(), |code| code.to_string());
        format!("exit {code}\n--- out\n{}--- err\n{}", self.out, self.err)
    }
}

/// Parts that differ from run to run, and the words for them: ports, times, identifiers, digests.
pub const PATTERNS: [(&str, &str); 12] = [
    // The separator of Windows in the paths of records.
    (r"\.arcbook\\runs\\", ".arcbook/runs/"),
    (r"\.arcbook\\runs\b", ".arcbook/runs"),
    (r"\b\d{8}-\d{6}\.\d{3}-[0-9a-f]{6}\b", "[run]"),
    (r"\.tmp[0-9A-Za-z]{6}\b", "[directory]"),
    (r"localhost:\d+", "localhost:[port]"),
    (r"localhost%3A\d+", "localhost%3A[port]"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
    (r"\b[0-9a-f]{64}\b", "[sha256]"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[uuid]"),
    (r"\b[0-9a-f]{32}\b", "[version]"),
    (r"\b\d+ ms\b", "[time]"),
    (r"\b\d+\.\d s\b", "[time]"),
];

/// Replaces the parts that differ from run to run.
pub fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    for (pattern, name) in PATTERNS {
        settings.add_filter(pattern, name);
    }
    settings
}
