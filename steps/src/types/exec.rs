//! The step type `exec`.

use arcbook_engine::diagnostic::MESSAGE;
use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Base64, Change, Choice, Effect, ErrorKind, Existing, FileRead,
    Outputs, Power, Process, Response, Safety, StepError, Text, Texts, Title, Whole, few,
};
use arcbook_engine::value::Value;

use super::exec_argv::{Argv, check_argv};
use super::exec_environment::{Variables, check_environment, check_inherited, check_values, names};
use crate::azure::Azure;
use crate::file;
use crate::json;
use crate::messages::withheld;
use crate::process::{Capture, End, Finished, LONGEST, is_default};
use crate::session::{Input, Session};
use crate::step::{Done, TypedStep};

/// Runs a program on this machine, without a shell.
///
/// The program gets its arguments as they are: nothing expands `*`, `~` or `$HOME`. A shell is a program like any
/// other: `["sh", "-c", "…"]`. A value inside such a script can be any command, so pass it after the script, as in
/// `["sh", "-c", "echo \"$1\"", "-", step.exec.name.stdout]`, where it stays one argument. The plan shows the arguments
/// and the names of the environment variables. Secrets go into `environment` or `stdin`, never into `argv`, which every
/// user of the machine can read.
///
/// The program runs in a process group of its own, without a terminal. When the `timeout` of the step passes, or the
/// run is aborted, the whole group gets SIGTERM, and SIGKILL five seconds later (half a second, if arcbook exits).
/// Processes that a program leaves behind when it ends by itself go on. On Windows the group is a job object, which gets
/// Ctrl-Break and is then terminated; a name without an ending means a file with one of `PATHEXT`, and the working
/// directory is not searched.
///
/// A program that failed or was ended may have changed something, so its change is unconfirmed. A resumed run does not
/// make it again, unless `idempotent` is true, or `creates` or `unless` shows that it is needed; `retry` repeats it only
/// if it reads or is idempotent. A program that could not be started changed nothing. arcbook cannot undo a program. The
/// first 1 MiB of each output is kept.
#[derive(Arguments, Debug)]
pub struct Exec {
    /// Program and its arguments: a path, or a name that is searched in `PATH`, then one text for each argument.
    ///
    /// A relative path starts at `directory`. No part may be sensitive.
    #[argument(sink = "argument")]
    argv: Arg<Argv>,
    /// Environment variables to set; the plan shows their names only.
    #[argument(sink = "environment")]
    environment: Option<Arg<Variables>>,
    /// Names of arcbook's own environment variables that the program gets; defaults to a list of harmless ones.
    ///
    /// They are `PATH`, `HOME`, `USER`, `LOGNAME`, `SHELL`, `TMPDIR`, `LANG`, `LANGUAGE`, `LC_*`, `TZ`,
    /// `SSL_CERT_FILE`, `SSL_CERT_DIR`, and the proxy variables, unless these contain a password; on Windows, those
    /// that programs need to start. Variables of arcbook itself, such as `ARCBOOK_VAR_name`, are never passed. A name
    /// that suggests a secret, such as `API_TOKEN`, is an error, and so is a value with a password, as in
    /// `postgres://me:…@db/site`: declare a sensitive variable and pass it in `environment`. The plan shows the other
    /// names.
    #[argument(sink = "memory")]
    inherit_environment: Option<Arg<Vec<String>>>,
    /// Text that the program reads from its standard input, which is empty by default.
    #[argument(sink = "input")]
    stdin: Option<Arg<String>>,
    /// Working directory; defaults to the directory of the runbook, where a relative one starts.
    directory: Option<Arg<String>>,
    /// Exit codes that mean success; defaults to `[0]`.
    ///
    /// Those of Unix end at 255. On Windows a code has 32 bits, and one above 2147483647 counts as negative, as in
    /// PowerShell; an installer ends with 3010 if Windows must restart.
    #[argument(sink = "memory")]
    success_codes: Option<Arg<Vec<Whole<-2_147_483_648, 2_147_483_647>>>>,
    /// Path of a file: if it exists, the program does not run. Choose one that the program makes last.
    #[argument(sink = "path")]
    creates: Option<Arg<String>>,
    /// Another program, which only reads: if it ends with exit code 0, the program of the step does not run.
    ///
    /// It gets the same environment and working directory, and no input.
    #[argument(sink = "argument")]
    unless: Option<Arg<Argv>>,
    /// Effect of the program; defaults to `changes`.
    #[argument(sink = "memory")]
    effect: Option<Arg<ExecEffect>>,
    /// True if repeating the program has no further effect; defaults to false.
    ///
    /// arcbook repeats such a program if its outcome is unknown, as after a crash.
    #[argument(sink = "memory")]
    idempotent: Option<Arg<bool>>,
}

/// The effect of a program.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecEffect {
    /// The program changes nothing: `plan -live` runs it, and it may be repeated freely.
    Reads,
    /// The program changes something.
    Changes,
}

/// The outputs of `exec`, which are null if `creates` or `unless` kept the program from running.
#[derive(Outputs, Debug)]
pub struct Executed {
    /// Exit code of the program; null if it did not run, as all outputs then are.
    #[output(answer)]
    exit_code: Option<i64>,
    /// Standard output as text, with its line feeds; null if it is not UTF-8.
    #[output(from(environment, stdin, directory))]
    stdout: Option<String>,
    /// Standard output in base64, if it is not UTF-8; otherwise null.
    #[output(from(environment, stdin, directory))]
    stdout_base64: Option<Base64>,
    /// Standard error as text; null if it is not UTF-8.
    #[output(from(environment, stdin, directory))]
    stderr: Option<String>,
    /// Standard error in base64, if it is not UTF-8; otherwise null.
    #[output(from(environment, stdin, directory))]
    stderr_base64: Option<Base64>,
    /// True if one of the outputs was longer than 1 MiB and its end is missing.
    #[output(answer)]
    truncated: bool,
}

impl Executed {
    /// Returns the outputs of a program that did not run.
    fn nothing() -> Self {
        Self {
            exit_code: None,
            stdout: None,
            stdout_base64: None,
            stderr: None,
            stderr_base64: None,
            truncated: false,
        }
    }

    fn of(exit_code: i32, stdout: &Capture, stderr: &Capture) -> Self {
        Self {
            exit_code: Some(exit_code.into()),
            stdout: stdout.text(),
            stdout_base64: stdout.base64(),
            stderr: stderr.text(),
            stderr_base64: stderr.base64(),
            truncated: stdout.is_cut() || stderr.is_cut(),
        }
    }
}

impl Exec {
    fn process(&self, argv: &Arg<Argv>) -> Process {
        let directory = self.directory.as_ref().map(file::path);
        let environment = names(self.environment.as_ref(), self.inherit_environment.as_ref());
        Process { argv: texts(argv), environment, directory, of_lab: false }
    }

    fn action(&self) -> Action {
        Action::exec(self.process(&self.argv), self.safety())
    }

    /// Returns the safety of the program; an argument that is not known yet counts as the worst case.
    fn safety(&self) -> Safety {
        if self.effect.as_ref().and_then(Arg::value) == Some(&ExecEffect::Reads) {
            Safety::Reads
        } else if self.idempotent.as_ref().and_then(Arg::value) == Some(&true) {
            Safety::Idempotent
        } else {
            Safety::Once
        }
    }

    /// Returns the look at the file that the program creates.
    fn look(&self) -> Option<Action> {
        Some(Action::read_file(FileRead::state(file::path(self.creates.as_ref()?), "creates")))
    }

    /// Returns the program that decides whether that of the step runs.
    fn condition(&self) -> Option<Action> {
        Some(Action::exec(self.process(self.unless.as_ref()?), Safety::Reads))
    }

    fn input(&self, session: &Session, stdin: Option<&Arg<String>>) -> Result<Input, StepError> {
        let mut environment = Vec::new();
        if let Some(variables) = &self.environment {
            for (name, value) in variables.get()? {
                environment.push((name.clone(), value.get()?.clone()));
            }
        }
        check_values(self.inherit_environment.as_ref(), session.azure().programs())?;
        let inherit = self.inherit_environment.as_ref().map(Arg::get).transpose()?.cloned();
        let stdin = stdin.map(Arg::get).transpose()?.cloned();
        Ok(Input { environment, inherit, stdin, file: None })
    }

    fn is_success(&self, code: i32) -> bool {
        match self.success_codes.as_ref().and_then(Arg::value) {
            Some(codes) => codes.iter().any(|success| success.get() == i64::from(code)),
            None => code == 0,
        }
    }

    /// Returns the arguments because of which the messages of the program may contain a value that must not be shown.
    fn secret_arguments(&self) -> Vec<&'static str> {
        let inherited = self.inherit_environment.as_ref().and_then(Arg::value);
        let has_secret_variable = match &self.environment {
            Some(Arg::Known { value, sensitive }) => *sensitive || value.values().any(Arg::is_sensitive),
            _ => false,
        };
        let is_secret = |text: &Option<Arg<String>>| text.as_ref().is_some_and(Arg::is_sensitive);
        let all = [
            ("environment", has_secret_variable),
            ("stdin", is_secret(&self.stdin)),
            ("directory", is_secret(&self.directory)),
            (
                "inherit_environment",
                inherited.is_some_and(|names| !names.iter().all(|name| is_default(name))),
            ),
        ];
        all.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect()
    }

    /// Returns the error of a program that ended without success.
    fn failed(&self, session: &Session, finished: &Finished, argument: &'static str) -> StepError {
        let summary = match finished.end {
            End::Code(code) => format!("the program ended with exit code {code}"),
            End::Signal(signal) => format!("the program was ended by {}", signal_name(signal)),
        };
        let error = StepError::new(ErrorKind::Program, summary).argument(argument);
        let last = |capture: &Capture| capture.last_lines(|text| session.redacted(text));
        // Many programs, such as compilers and test runners, report errors on standard output.
        let (lines, from) = match (last(&finished.stderr), last(&finished.stdout)) {
            (Some(lines), _) => (lines, ""),
            (None, Some(lines)) => (lines, " on standard output"),
            (None, None) => return error,
        };
        let secrets = self.secret_arguments();
        if !secrets.is_empty() {
            return withheld(error, &format!("the program gets one in `{}`", secrets.join("`, `")), WAYS);
        }
        // The outputs of a sensitive step are secrets.
        if session.is_sensitive() && !from.is_empty() {
            return withheld(error, "the step is `sensitive`", WAYS);
        }
        let lines: Vec<String> = lines.iter().map(|line| format!("{MESSAGE}{line}")).collect();
        error.detail(format!("Its last messages{from}:\n{}", lines.join("\n")))
    }

    /// Returns the error of a program that was started, and may have changed something before it failed.
    fn unconfirmed(&self, error: StepError) -> StepError {
        if self.safety() == Safety::Reads { error } else { error.uncertain() }
    }

    /// Returns the result of a program that did not run, because its effect exists.
    fn made_before(session: &Session) -> Existing<Done<Executed>> {
        Existing::AsWanted(
            match session.before() {
                None => Done::unchanged(Executed::nothing()),
                Some(_) => Done::changed(Executed::nothing(), Change::Updated),
            }
            .body(Value::NULL),
        )
    }
}

/// The ways to see the messages of a program that got secrets.
const WAYS: &str = "run the program by hand with the same arguments, or let it write its messages into a file that only its user can \
                    read, as in `sh -c 'umask 077; exec 2>site.log; …'`";

/// The reason why the effect of a program is unknown.
const UNTOLD: &str = "a program cannot be asked for its effect: set `creates` or `unless`";

/// Returns the texts of a program and its arguments.
fn texts(argv: &Arg<Argv>) -> Texts {
    match argv {
        Arg::Known { value, .. } => {
            value.iter().map(|part| Text::new().then_parts(part, Clone::clone)).collect()
        }
        Arg::Unknown(origins) => Texts::Unknown(origins.clone()),
        Arg::Partial(text) => Texts::Unknown(text.origins()),
    }
}

fn signal_name(signal: i32) -> String {
    #[cfg(unix)]
    if let Ok(signal) = nix::sys::signal::Signal::try_from(signal) {
        return signal.as_str().to_owned();
    }
    format!("signal {signal}")
}

/// Returns the output as JSON; null if it is none.
fn body(stdout: &Capture) -> Value {
    let text = json::unmarked(stdout.bytes());
    let is_small = !stdout.is_cut() && !text.is_empty() && json::count(text) <= json::MOST_VALUES;
    is_small.then(|| json::value(text).ok()).flatten().unwrap_or(Value::NULL)
}

impl TypedStep for Exec {
    const TYPE: &'static str = "exec";
    const EXAMPLE: &'static str = r#"step "exec" "kernel" {
  argv   = ["uname", "-r"]
  effect = "reads"
}

step "exec" "site" {
  argv    = ["mkdir", "-p", "site/releases"]
  creates = "site/releases"
}

output "kernel" {
  value = trimspace(step.exec.kernel.stdout)
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Code;
    const RESPONSE: Response = Response::Plain;
    const FINDS: bool = true;
    const LASTING: Option<&'static str> = Some("the effect of a program cannot be undone");
    type Output = Executed;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let mut errors = check_argv("argv", &self.argv);
        errors.extend(self.unless.iter().flat_map(|argv| check_argv("unless", argv)));
        errors.extend(self.environment.iter().flat_map(check_environment));
        errors.extend(self.inherit_environment.iter().flat_map(check_inherited));
        let conditions = [("creates", self.creates.is_some()), ("unless", self.unless.is_some())];
        if let (Safety::Reads, Some((name, _))) = (self.safety(), conditions.iter().find(|(_, given)| *given))
        {
            let error = ArgumentError::new(name, "must not be given with `effect = \"reads\"`");
            errors.push(error.help("a program that only reads runs every time; use `when` to leave it out"));
        }
        errors
    }

    fn title(&self) -> Title {
        let given = |word: &str, path: &Option<Arg<String>>| {
            path.as_ref().map(|path| format!("{word} {}", file::path(path)))
        };
        let names = names(self.environment.as_ref(), self.inherit_environment.as_ref()).shown();
        let place = [
            given("in", &self.directory),
            (!names.is_empty()).then(|| format!("with {}", few(&names))),
            self.stdin.as_ref().map(|_| "with stdin".to_owned()),
            given("unless there is", &self.creates),
            self.unless.as_ref().map(|_| "unless another program succeeds".to_owned()),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        Title { command: texts(&self.argv).shown(), ..Title::new("program") }.placed(place.join(", "))
    }

    fn actions(&self, _azure: &Azure) -> Vec<Action> {
        self.look().into_iter().chain(self.condition()).chain([self.action()]).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Executed>>, StepError> {
        if let Some(look) = self.look()
            && session.exists(&look).await?
        {
            return Ok(Self::made_before(session));
        }
        let Some(condition) = self.condition() else {
            let is_needed = self.creates.is_some();
            return Ok(if is_needed { Existing::Absent } else { Existing::unknown(UNTOLD) });
        };
        let ran = session.exec(&condition, self.input(session, None)?).await?;
        let finished = ran.map_err(|failure| failure.error("unless"))?;
        match finished.end {
            End::Code(0) => Ok(Self::made_before(session)),
            End::Code(_) => Ok(Existing::Absent),
            End::Signal(_) => Err(self.failed(session, &finished, "unless")),
        }
    }

    async fn run(&self, session: &Session) -> Result<Done<Executed>, StepError> {
        let input = self.input(session, self.stdin.as_ref())?;
        let finished = session.exec(&self.action(), input).await?.map_err(|failure| {
            let error = failure.error("argv");
            if failure.is_before_start() { error } else { self.unconfirmed(error) }
        })?;
        let code = match finished.end {
            End::Code(code) if self.is_success(code) => code,
            End::Code(_) | End::Signal(_) => {
                return Err(self.unconfirmed(self.failed(session, &finished, "argv")));
            }
        };
        let change = if self.safety() == Safety::Reads { Change::None } else { Change::Updated };
        let output = Executed::of(code, &finished.stdout, &finished.stderr);
        Ok(Done::changed(output, change).body(body(&finished.stdout)))
    }
}

const _: () = assert!(LONGEST == 1024 * 1024, "the documentation of `exec` states this limit");
