//! Step types whose arguments control their behaviour.

use std::time::Duration;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentType, ArgumentValues, Arguments, Audience, Behavior, BoxFuture,
    Change, Context, Difference, Effect, ErrorKind, Existing, HttpRequest, Method, Mismatch, Outcome,
    Outputs, Power, Prior, PriorState, Progress, Receipt, Registry, Response, Schema, StepError, StepType,
    Text, Title, Work,
};
use arcbook_engine::value::{Data, Entries, Type, Value};

use super::actor::ActorType;
use super::{EveryType, Log, Shelves};

/// Behaves as its arguments say.
#[derive(Arguments, Clone)]
pub struct Act {
    /// The output `value`.
    value: Option<Arg<Value>>,
    /// Duration in milliseconds.
    takes: Option<Arg<String>>,
    /// If true, the step fails.
    fails: Option<Arg<bool>>,
    /// Host of the step's request.
    host: Option<Arg<String>>,
    /// Results of the attempts in turn, the last one repeated: a status from 100 on, `lost` for a change
    /// without a response, `made` for a change that was made without a response, `wait` for a service that
    /// requests a wait of 7 s, `operation` for a change on which the service works for 2 s, or the output
    /// `value`.
    turns: Option<Arg<Value>>,
    /// If true, the step reports two requests, of which the first fails.
    asks: Option<Arg<bool>>,
    /// An object, which nobody reads.
    #[expect(dead_code, reason = "its type is what matters")]
    options: Option<Arg<Options>>,
}

/// `object({ mode = string })`.
#[derive(Clone)]
struct Options;

impl ArgumentType for Options {
    fn ty() -> Type {
        Type::object([("mode", Type::String)])
    }

    fn from_value(_: &Value) -> Result<Self, Vec<ArgumentError>> {
        Ok(Self)
    }
}

#[derive(Outputs)]
struct Acted {
    /// The argument `value`.
    #[output(echoed)]
    value: Value,
    /// A secret, which no output may show.
    #[output(sensitive)]
    secret: String,
}

/// A step type that reads or changes.
struct ActType {
    schema: Schema,
    log: Log,
    /// The service's objects, for a type that can query them.
    service: Option<Log>,
}

/// The secret output of every step, which no output may show.
pub const CANARY: &str = "canary-7f3a91";

impl StepType for ActType {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Box<dyn Work>, Vec<ArgumentError>> {
        Ok(Box::new(ActWork {
            act: Act::take(arguments)?,
            log: self.log.clone(),
            service: self.service.clone(),
            behavior: Behavior {
                effect: self.schema.effect,
                repeatable: self.schema.effect != Effect::Changes || self.schema.idempotent,
            },
            tells_secret: self.schema.output("secret").is_some(),
            is_sure: self.schema.name.starts_with("sure_"),
        }))
    }

    fn undo(&self, receipt: &Receipt) -> Option<Box<dyn Work>> {
        let service = self.service.clone()?;
        let value = match receipt.change {
            Some(Change::Updated) => {
                let (prior, proof) = (receipt.prior.as_ref()?.as_str()?, receipt.proof.as_ref()?.as_str()?);
                assert!(receipt.kept.is_some(), "the file that keeps it");
                let line = format!("{} = {prior} if {proof}", receipt.output("value")?);
                return Some(Box::new(PutBack { line, service }));
            }
            Some(_) => receipt.output("value")?,
            // The object's name is the last segment of the URL.
            None => receipt.target.first()?.rsplit('/').next()?,
        };
        let value = value.to_owned();
        Some(Box::new(Removal { value, service }))
    }
}

struct ActWork {
    act: Act,
    log: Log,
    service: Option<Log>,
    behavior: Behavior,
    tells_secret: bool,
    /// If set, the outputs are known in the plan.
    is_sure: bool,
}

impl ActWork {
    fn value(&self) -> Value {
        self.act.value.as_ref().and_then(Arg::value).cloned().unwrap_or_else(|| Value::from("nothing"))
    }

    fn outcome(&self, change: Change) -> Outcome {
        let value = self.value();
        let mut outputs = Acted { value: value.clone(), secret: CANARY.to_owned() }.into_entries();
        if !self.tells_secret {
            outputs.remove("secret");
        }
        Outcome { body: Some(value), ..Outcome::new(outputs, change) }
    }

    /// Returns the work with the value of its last turn, which is its goal.
    fn wanted(&self) -> Self {
        let last = self.act.turns.as_ref().and_then(Arg::value).and_then(|turns| turns.children().last());
        let value = last.cloned().map(Arg::known).or_else(|| self.act.value.clone());
        Self {
            act: Act { value, ..self.act.clone() },
            log: self.log.clone(),
            service: self.service.clone(),
            ..*self
        }
    }

    /// Returns true if the service has the object in this way.
    fn is_there(&self, how: &str) -> bool {
        let thing = format!("{how}{}", self.value().as_str().unwrap_or("thing"));
        self.service.as_ref().is_some_and(|service| service.lines().contains(&thing))
    }

    /// Returns the name of the object in the service.
    fn thing(&self) -> String {
        format!("+{}", self.value().as_str().unwrap_or("thing"))
    }
}

/// Puts the prior state of an object back.
struct PutBack {
    line: String,
    service: Log,
}

impl Work for PutBack {
    fn actions(&self) -> Vec<Action> {
        Vec::new()
    }

    fn run(self: Box<Self>, _context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        self.service.push(self.line);
        Box::pin(async { Ok(Outcome::new(Entries::new(), Change::Updated)) })
    }
}

/// Removes the object of one step.
struct Removal {
    value: String,
    service: Log,
}

impl Work for Removal {
    fn actions(&self) -> Vec<Action> {
        Vec::new()
    }

    fn run(self: Box<Self>, _context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        let there = self.service.lines().contains(&format!("+{}", self.value));
        self.service.push(format!("-{}", self.value));
        let change = if there { Change::Removed } else { Change::None };
        Box::pin(async move { Ok(Outcome::new(Entries::new(), change)) })
    }
}

impl Work for ActWork {
    fn proof(&self) -> Option<Value> {
        self.service.as_ref().map(|_| Value::from("a version to come"))
    }

    fn actions(&self) -> Vec<Action> {
        let Some(host) = &self.act.host else { return Vec::new() };
        let url = Text::from("https://").then_arg(host, Clone::clone).then("/");
        let (method, url) = match (self.behavior.effect, &self.act.value) {
            (Effect::Changes, Some(value)) => {
                let write = |value: &Value| value.as_str().unwrap_or("x").to_owned();
                (Method::Put, url.then_arg(value, write))
            }
            _ => (Method::Get, url.then("x")),
        };
        vec![HttpRequest::new(method, url).audience(Audience::new("https://example.test")).action()]
    }

    fn behavior(&self, _actions: &[Action]) -> Behavior {
        self.behavior
    }

    fn title(&self) -> Title {
        let is_change = self.behavior.effect == Effect::Changes;
        self.act.host.as_ref().filter(|_| is_change).map_or_else(Title::default, |_| Title::new("thing"))
    }

    fn known_outputs(&self) -> Entries {
        let value = self.act.value.as_ref().and_then(Arg::value).filter(|_| self.is_sure);
        value.map(|value| ("value".into(), value.clone())).into_iter().collect()
    }

    fn find(&self, context: Context) -> BoxFuture<'_, Result<Existing, StepError>> {
        let wanted = self.wanted();
        Box::pin(async move {
            let there =
                wanted.service.as_ref().is_some_and(|service| service.lines().contains(&wanted.thing()));
            let is = |how: &str| wanted.is_there(how);
            let difference = Difference::new("value", "another", wanted.value()).hidden(is("*"));
            if is("?") {
                return Err(StepError::new(ErrorKind::Refused, "told not to tell"));
            }
            if is("@") && context.recorded().is_some() {
                let (was, is) = (Some("1".to_owned()), Some("2".to_owned()));
                return Ok(Existing::Altered(vec![Mismatch { name: "version".to_owned(), was, is }]));
            }
            if is("~") || is("*") {
                return Ok(Existing::Different(vec![difference], None));
            }
            if is("%") {
                let prior = Prior::of(Value::from("another")).kept_at("/tmp/.kept".into());
                return Ok(Existing::Different(vec![difference], Some(prior)));
            }
            if is("!") {
                return Ok(Existing::Different(vec![difference.replacing()], None));
            }
            Ok(match (there, context.before()) {
                (false, _) => Existing::Absent,
                (true, Some(PriorState::Absent)) => Existing::AsWanted(wanted.outcome(Change::Created)),
                (true, _) => Existing::AsWanted(wanted.outcome(Change::None)),
            })
        })
    }

    fn run(mut self: Box<Self>, context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        Box::pin(async move {
            let address = context.address().to_owned();
            self.log.push(format!("{address} began"));
            if let Some(actor) = context.identity().ok().filter(|actor| actor.describe() != "nobody") {
                self.log.push(format!("{address} acts as {}", actor.describe()));
            }
            let takes =
                self.act.takes.as_ref().and_then(Arg::value).and_then(|text| text.parse().ok()).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(takes)).await;
            if self.act.asks.as_ref().and_then(Arg::value) == Some(&true) {
                ask(&context).await;
            }
            if let Some(turns) = self.act.turns.as_ref().and_then(Arg::value) {
                let turn = turns.children().take(self.log.attempts(&address)).last().cloned();
                let turn = turn.unwrap_or(Value::NULL);
                if turn.as_str() == Some("operation") {
                    operate(&context).await?;
                }
                if let (Some("made"), Some(service)) = (turn.as_str(), &self.service) {
                    service.push(self.thing());
                }
                self.act.value = Some(Arg::known(turn_of(turn)?));
            }
            if self.act.fails.as_ref().and_then(Arg::value) == Some(&true) {
                return Err(StepError::new(ErrorKind::Refused, "told to fail").help("do not tell it to"));
            }
            self.log.push(format!("{address} ended"));
            let is_update = self.is_there("%");
            if let Some(service) = &self.service {
                service.push(self.thing());
            }
            let change = match self.behavior.effect {
                Effect::Changes if is_update => Change::Updated,
                Effect::Changes => Change::Created,
                Effect::Nothing | Effect::Reads => Change::None,
            };
            let receipt = is_update.then(|| Value::from("version 2"));
            Ok(Outcome { receipt, ..self.outcome(change) })
        })
    }
}

/// Reports a refused request and a successful retry with a part of a file, which take a second each, with a second
/// between them.
async fn ask(context: &Context) {
    let second = Duration::from_secs(1);
    for attempt in 1..=2 {
        context.report(Progress::Sent { method: "GET".to_owned(), url: "https://a.test/x".to_owned() });
        tokio::time::sleep(second).await;
        if attempt == 2 {
            context.report(Progress::Transferred { bytes: 1, size: 2 });
            context.report(Progress::Waiting { left: second });
        }
        let (status, request_id) = if attempt == 1 { (503, None) } else { (200, Some("r-2".to_owned())) };
        context.report(Progress::Answered { status, request_id });
        if attempt == 1 {
            let reason = "it was busy".to_owned();
            context.report(Progress::Retrying { attempt: 2, attempts: 2, after: second, reason });
            tokio::time::sleep(second).await;
        }
    }
}

/// Starts an operation and polls it until its end, unless an earlier run started it.
async fn operate(context: &Context) -> Result<(), StepError> {
    let operation = context.operation().unwrap_or("https://a.test/operations/1").to_owned();
    context.accepted(&operation).await?;
    for percent in [10, 60] {
        let (status, after) = ("Creating".to_owned(), Duration::from_secs(1));
        context.report(Progress::Polling { status, percent: Some(percent), after });
        context.wait(after).await;
    }
    context.settled("Succeeded");
    Ok(())
}

/// Returns the result of one attempt.
fn turn_of(turn: Value) -> Result<Value, StepError> {
    let unavailable = StepError::new(ErrorKind::Unavailable, "told to be busy");
    match (turn.data(), turn.as_str()) {
        (Data::Number(status), _) if status.to_usize().is_some_and(|status| status >= 100) => {
            let status = status.to_usize().and_then(|status| u16::try_from(status).ok()).unwrap();
            let kind = if status >= 500 { ErrorKind::Unavailable } else { ErrorKind::Refused };
            Err(StepError::new(kind, format!("told to answer {status}")).answer(status, None, None))
        }
        (_, Some("lost" | "made")) => {
            Err(StepError::new(ErrorKind::Transport, "told to be lost").uncertain())
        }
        (_, Some("wait")) => Err(unavailable.asks_to_wait(Duration::from_secs(7))),
        _ => Ok(turn),
    }
}

/// Returns the step types: `read`; `sure_read`, whose value is known in the plan; `change`; `safe_change`,
/// which is idempotent; three that can query their object: `make`, and `put` and `safe_put`, which have
/// no secret output; and `every`, with an argument of every kind.
pub fn registry(log: &Log, service: &Log) -> Registry {
    let mut registry = Registry::new();
    registry.add(EveryType::new());
    registry.add_identity(ActorType::new(log));
    registry.set_record_stores(Shelves::new());
    for (name, effect, tells, secret) in [
        ("read", Effect::Reads, false, true),
        ("sure_read", Effect::Reads, false, true),
        ("change", Effect::Changes, false, true),
        ("safe_change", Effect::Changes, false, true),
        ("make", Effect::Changes, true, true),
        ("put", Effect::Changes, true, false),
        ("safe_put", Effect::Changes, true, false),
    ] {
        let schema = Schema {
            name,
            docs: Act::DOCS,
            example: "",
            effect,
            idempotent: name.starts_with("safe_"),
            finds: tells,
            response: Response::Plain,
            lists: name == "read",
            has_own_purpose: false,
            power: Power::Actions,
            arguments: Act::fields(),
            groups: Act::GROUPS,
            outputs: Acted::fields().into_iter().filter(|field| secret || field.name != "secret").collect(),
        };
        registry.add(ActType { schema, log: log.clone(), service: tells.then(|| service.clone()) });
    }
    registry
}
