//! The step type `arc_run_command`.

use std::collections::BTreeMap;
use std::time::Duration;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Choice, Difference, Effect, Existing, Method, Power,
    Receipt, RemoteCode, RemoteScript, Response, Safety, StepError, Text, Title, Whole,
};
use arcbook_engine::value::Value;
use bytes::Bytes;
use serde_json::json;

use super::arc_kept_command::{RemoveCommand, Standing, TAG, Wanted, check_name, is_own, made, proof};
use super::arc_script::{ExitCode, Finished, RunCommand, Shown};
use super::arc_script_output::Ran;
use crate::arc;
use crate::arm::ResourcePath;
use crate::azure::Azure;
use crate::names::ResourceName;
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::undo::Undo;
use crate::words;

/// The beginning of the names of the run commands that arcbook makes.
const PREFIX: &str = "arcbook-";

/// The maximum size of a script, in bytes.
const LARGEST: usize = 256 << 10;

/// Runs a script on another Arc-enabled server, through Azure.
///
/// The agent of the server runs the script as root, or as the system on Windows. The step makes a run command with a name
/// of its own, waits until the script has ended, and removes the run command, also if the script failed. The script
/// succeeded if its exit code is one of `accept_exit_codes`, whatever Azure says of the run command.
///
/// The script is not run twice. If arcbook is killed, `-resume` finds the run command and continues to wait for its script;
/// if it has been removed, the script has run, and the step fails. A script that failed may have changed something, so its
/// change is unconfirmed; arcbook cannot undo a script.
///
/// With a `name`, the run command stays. The next run with the same script and `parameters` finds it there and does not run
/// the script again, if it succeeded; after a failure, and with another script or parameter, it does. An undo removes a
/// run command that the step made; the effect of its script stays.
///
/// On Linux the script gets the parameters as environment variables, on Windows as parameters of PowerShell. Whoever may
/// read the server in Azure can read the script, its `parameters` and its output while the run command exists; secrets go
/// into `protected_parameters`.
#[derive(Arguments, Debug)]
pub struct ArcRunCommand {
    /// Id of the server: `/subscriptions/…/providers/Microsoft.HybridCompute/machines/NAME`.
    machine: Arg<ResourcePath>,
    /// Name of the run command, which then stays: at most 36 letters, digits, hyphens, underscores and points.
    name: Option<Arg<ResourceName>>,
    /// Script: of the shell on Linux, of PowerShell on Windows. At most 256 KiB.
    #[argument(sink = "setting")]
    script: Arg<String>,
    /// Parameters by name. With a `name`, a new value runs the script again.
    #[argument(sink = "setting")]
    parameters: Option<Arg<BTreeMap<String, String>>>,
    /// Secret parameters by name, which Azure never returns.
    #[argument(sensitive)]
    protected_parameters: Option<Arg<BTreeMap<String, String>>>,
    /// Exit codes that mean success; defaults to `[0]`.
    accept_exit_codes: Option<Arg<Vec<ExitCode>>>,
    /// Time limit of the script, in seconds; defaults to 3600. The agent ends a script that takes longer.
    timeout_seconds: Option<Arg<Whole<1, 86_400>>>,
    /// Maximum time until the script starts; defaults to `15m`.
    ///
    /// A server that is off, or whose agent does not allow run commands, never starts it.
    start_timeout: Option<Arg<Duration>>,
    /// Azure region of the server; the step reads the server if it is not given.
    #[argument(sink = "setting")]
    location: Option<Arg<String>>,
    /// Effect of the script; defaults to `changes`.
    effect: Option<Arg<ScriptEffect>>,
    /// True if repeating the script has no further effect; defaults to false.
    ///
    /// arcbook repeats such a script if its outcome is unknown, as after a crash.
    idempotent: Option<Arg<bool>>,
}

/// The effect of a script.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptEffect {
    /// The script changes nothing: `plan -live` runs it, and it may be repeated freely.
    Reads,
    /// The script changes something.
    Changes,
}

impl ArcRunCommand {
    /// Returns the path of the run command with this name.
    fn path(&self, name: &Text) -> Text {
        let path = arc::path(&self.machine).then("/runCommands/");
        match &self.name {
            Some(name) => path.then_parts(name, |ResourceName(name)| name.clone()),
            None => path.then(PREFIX).then_text(name),
        }
    }

    /// Returns the safety of the script; an argument that is not known yet counts as the worst case.
    fn safety(&self) -> Safety {
        if self.effect.as_ref().and_then(Arg::value) == Some(&ScriptEffect::Reads) {
            Safety::Reads
        } else if self.idempotent.as_ref().and_then(Arg::value) == Some(&true) {
            Safety::Idempotent
        } else {
            Safety::Once
        }
    }

    /// Returns the requests about the run command with this name.
    fn command(&self, azure: &Azure, name: &Text) -> RunCommand {
        let path = self.path(name);
        let needs = |method| arc::permission(method, Some("runCommands"), &arc::path(&self.machine));
        let request = |method| arc::request(azure, method, &path);
        let put = request(Method::Put).header("content-type", "application/json").body(Body::Unknown);
        // A script that only reads leaves nothing behind, and neither does its run command.
        let tidies = self.safety().min(Safety::Idempotent);
        let delete = request(Method::Delete).action().safety(tidies).needs(needs(Method::Delete));
        RunCommand {
            read: request(Method::Get).action().needs(needs(Method::Get)),
            put: put.action().safety(self.safety()).needs(needs(Method::Put)).operation(),
            // A name is free again once the deletion has ended.
            delete: if self.name.is_some() { delete.operation() } else { delete },
            place: arc::url(azure, &path).reveal().unwrap_or_default(),
        }
    }

    /// Returns the run command of this chain of runs. A script that only reads has a new one each time.
    fn own_command(&self, session: &Session) -> RunCommand {
        let name = match self.safety() {
            Safety::Reads => uuid::Uuid::new_v4().simple().to_string().chars().take(16).collect(),
            Safety::Idempotent | Safety::Once => session.own_name(),
        };
        self.command(session.azure(), &Text::from(name))
    }

    fn timeout(&self) -> i64 {
        self.timeout_seconds.as_ref().and_then(Arg::value).map_or(3600, |seconds| seconds.get())
    }

    fn start_timeout(&self) -> Duration {
        let usual = Duration::from_mins(15);
        self.start_timeout.as_ref().and_then(Arg::value).copied().unwrap_or(usual)
    }

    /// Returns the body of the run command of a server at this location, which `run` sends.
    fn body(&self, location: &str, run: &str) -> Result<Bytes, StepError> {
        let list = |arg: &Option<Arg<BTreeMap<String, String>>>| {
            let parameters = arg.as_ref().map(Arg::get).transpose()?;
            let pair = |(name, value)| json!({ "name": name, "value": value });
            Ok::<_, StepError>(parameters.into_iter().flatten().map(pair).collect::<Vec<_>>())
        };
        let mut body = json!({
            "location": location,
            "properties": {
                "source": { "script": self.script.get()? },
                "parameters": list(&self.parameters)?,
                "protectedParameters": list(&self.protected_parameters)?,
                "asyncExecution": true,
                "timeoutInSeconds": self.timeout(),
            },
        });
        if self.name.is_some() {
            body["tags"] = json!({ TAG: run });
        }
        Ok(Bytes::from(body.to_string()))
    }

    /// Returns true if the output of the script may contain a value that must not be shown.
    fn holds_secret(&self) -> bool {
        self.protected_parameters.is_some()
            || self.script.is_sensitive()
            || self.parameters.as_ref().is_some_and(Arg::is_sensitive)
    }

    /// Returns the script and how it has to end, to compare it with a run command of this name.
    fn wanted(&self) -> Result<Wanted<'_>, StepError> {
        Ok(Wanted {
            script: self.script.get()?,
            parameters: self.parameters.as_ref().map(Arg::get).transpose()?,
            codes: self.accept_exit_codes.as_ref().map(Arg::get).transpose()?.map(Vec::as_slice),
            holds_secret: self.holds_secret(),
            runs_once: self.safety() == Safety::Once,
        })
    }

    /// Returns true if the script of the existing run command is this one, so that it need not be sent. Frees the name for
    /// it otherwise.
    async fn stands(
        &self,
        session: &Session,
        command: &RunCommand,
        existing: Shown,
    ) -> Result<bool, StepError> {
        if self.name.is_none() {
            return existing.check_script(&self.script).map(|()| true);
        }
        match self.wanted()?.standing(session, &existing) {
            Standing::Same => Ok(true),
            Standing::Ended => command.replace(session, existing).await.map(|()| false),
            Standing::Busy => Err(command.busy(&existing)),
        }
    }

    /// Sends the script, unless an earlier attempt has. Returns how it ended, and true if this chain of runs sent it.
    async fn ended(&self, session: &Session, command: &RunCommand) -> Result<(Finished, bool), StepError> {
        let reads = self.safety() == Safety::Reads;
        let was_sent = session.operation() == Some(&*command.place);
        let was_absent = session.remembered().as_deref() == Some(ABSENT);
        let may_exist = !reads && !was_absent && (self.name.is_some() || session.before().is_some());
        let existing = if may_exist { command.existing(session).await? } else { None };
        let is_missing = existing.is_none();
        let was_made = existing.as_ref().is_some_and(|existing| is_own(session, existing.body()));
        let stands = match existing {
            Some(existing) => self.stands(session, command, existing).await?,
            None => false,
        };
        if is_missing && was_sent && self.safety() == Safety::Once {
            return Err(command.gone());
        }
        let answer = if stands {
            None
        } else {
            let location = match &self.location {
                Some(location) => location.get()?.clone(),
                None => arc::location(session, &arc::read_machine(session.azure(), &self.machine)).await?,
            };
            let body = self.body(&location, session.run().unwrap_or_default())?;
            command.send(session, body, self.holds_secret()).await?
        };
        if !reads {
            // From now on, a run command that is gone has run.
            session.sent_to(&command.place).await?;
        }
        let limit = Duration::from_secs(u64::try_from(self.timeout()).unwrap_or_default());
        let ended = command.wait(session, answer, self.start_timeout(), limit).await?;
        Ok((ended, was_made || !stands))
    }

    /// Looks up the run command of this name.
    async fn find_kept(&self, session: &Session) -> Result<Existing<Done<Ran>>, StepError> {
        let command = self.own_command(session);
        session.expect(Some(proof(&command.place)));
        let Some(shown) = command.existing(session).await? else {
            // The resumed run has its result, and somebody has removed the run command since.
            session.remember(Some(ABSENT.to_owned()));
            let was_run = session.recorded("exit_code").is_some();
            return Ok(if was_run { Existing::unknown(UNTOLD) } else { Existing::Absent });
        };
        match self.wanted()?.found(&shown) {
            Ok(ended) => {
                let (output, body) = self.outcome(session, ended)?;
                let change = made(session, &shown);
                Ok(Existing::AsWanted(
                    Done::changed(output, change).body(body).receipt(proof(&command.place)),
                ))
            }
            Err(differences) => Ok(Existing::Different(differences, None)),
        }
    }

    /// Returns the outputs of a script that ended, and its output as JSON; an error if it did not succeed.
    fn outcome(&self, session: &Session, ended: Finished) -> Result<(Ran, Value), StepError> {
        let codes = self.accept_exit_codes.as_ref().and_then(Arg::value).map(Vec::as_slice);
        if ended.succeeded(codes) {
            Ok(Ran::of(ended))
        } else {
            Err(ended.failed(session, self.holds_secret()))
        }
    }
}

/// The version of a run command that does not exist.
const ABSENT: &str = "absent";

/// The reason why the effect of a script is unknown.
const UNTOLD: &str = "a script cannot be asked for its effect";

impl TypedStep for ArcRunCommand {
    const TYPE: &'static str = "arc_run_command";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arc_machine" "windows" {
  resource_group = step.metadata.machine.resource_group_id
  name           = "ArcBox-Win2K22"
}

step "arc_run_command" "updates" {
  machine    = step.arc_machine.windows.id
  script     = "param($Service)\n(Get-Service $Service).Status | ConvertTo-Json"
  parameters = { Service = "wuauserv" }
  effect     = "reads"
}

output "updates" {
  value = step.arc_run_command.updates.stdout
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Code;
    const REMOTE_SCRIPTS: &'static [RemoteScript] =
        &[RemoteScript { path: &["script"], given: &["parameters", "protected_parameters"] }];
    const RESPONSE: Response = Response::Plain;
    const FINDS: bool = true;
    const LASTING: Option<&'static str> = Some("the effect of a script cannot be undone");
    type Output = Ran;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let reads = self.safety() == Safety::Reads;
        let name = self.name.as_ref().and_then(|name| check_name(name, reads));
        let size = self.script.value().map_or(0, String::len);
        let large = (size > LARGEST).then(|| {
            ArgumentError::new("script", format!("must have at most {LARGEST} bytes, and has {size}"))
        });
        let needless = (reads && self.idempotent.is_some()).then(|| {
            ArgumentError::new("idempotent", "must not be given with `effect = \"reads\"`")
                .help("a script that only reads may always be repeated")
        });
        arc::check("machine", &self.machine).into_iter().chain(name).chain(large).chain(needless).collect()
    }

    fn title(&self) -> Title {
        let machine = format!("on {}", words::scope(&arc::path(&self.machine)));
        match &self.name {
            Some(name) => {
                let name = Text::new().then_parts(name, |ResourceName(name)| name.clone());
                Title::new("run command").named(&name).placed(machine)
            }
            None => Title::new("script").placed(machine),
        }
    }

    fn remote_code(&self) -> Option<RemoteCode> {
        Some(arc::code("script".to_owned(), &self.machine, "script"))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let RunCommand { read, put, delete, .. } = self.command(azure, &Text::new().then_named_by_run());
        let machine = self.location.is_none().then(|| arc::read_machine(azure, &self.machine));
        machine.into_iter().chain([read, put, delete]).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Ran>>, StepError> {
        if self.name.is_some() {
            return self.find_kept(session).await;
        }
        if session.before().is_none() || session.recorded("exit_code").is_some() {
            return Ok(Existing::unknown(UNTOLD));
        }
        Ok(match self.own_command(session).existing(session).await? {
            None => Existing::Absent,
            Some(existing) => {
                let state = existing.state();
                Existing::Different(vec![Difference::new("executionState", state, "Succeeded")], None)
            }
        })
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        RemoveCommand::of(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Ran>, StepError> {
        let command = self.own_command(session);
        let ended = self.ended(session, &command).await;
        let (ended, is_made) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                let reads = self.safety() == Safety::Reads;
                return Err(command.abandoned(session, error, reads).await);
            }
        };
        let removed = if self.name.is_some() { Ok(()) } else { command.remove(session).await };
        let (output, body) = self.outcome(session, ended).map_err(|error| self.unconfirmed(error))?;
        removed.map_err(|error| self.unconfirmed(command.left(error)))?;
        let change = match (self.safety(), &self.name) {
            (Safety::Reads, _) => Change::None,
            // Also in the place of another run command, which the run has removed.
            (_, Some(_)) if is_made => Change::Created,
            _ => Change::Updated,
        };
        let done = Done::changed(output, change).body(body);
        Ok(if self.name.is_some() { done.receipt(proof(&command.place)) } else { done })
    }
}

impl ArcRunCommand {
    /// Returns the error of a script that may have changed something.
    fn unconfirmed(&self, error: StepError) -> StepError {
        if self.safety() == Safety::Reads { error } else { error.uncertain() }
    }
}
