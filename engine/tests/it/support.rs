//! A small world to run runbooks in: step types that do as they are told, and a platform that gives tokens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostics, Style, render_all};
use arcbook_engine::plan::{self, Answers, Plan, StepIndex};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{self, Held, Job, Observer, Observers, Past, Record, Report};
use arcbook_engine::runbook::{self, Files, Inputs, Missing, Runbook};
use arcbook_engine::source::Sources;
use arcbook_engine::step::{
    Arg, ArgumentError, ArgumentValues, Arguments, Audience, Before, BoxFuture, Call, Change, Context,
    Difference, Effect, ErrorKind, Found, Method, Outcome, Outputs, Platform, Progress, Registry, Response,
    Schema, StepError, StepType, Text, TokenFacts, Work,
};
use arcbook_engine::value::{Data, Entries, Value};
use tokio::sync::mpsc;

/// Does what its arguments say.
#[derive(Arguments, Clone)]
pub struct Act {
    /// What comes out as `value`.
    value: Option<Arg<Value>>,
    /// How many milliseconds it takes.
    takes: Option<Arg<String>>,
    /// Whether it fails.
    fails: Option<Arg<bool>>,
    /// Where its call goes.
    host: Option<Arg<String>>,
    /// What comes of each attempt in turn, the last one for all that follow: a status from 100 on, `lost` for a change without an
    /// answer, `made` for one that was made though, `wait` for a service that asks for 7 s, or what comes out as `value`.
    turns: Option<Arg<Value>>,
    /// Whether it tells of two requests, of which the first fails.
    asks: Option<Arg<bool>>,
}

#[derive(Outputs)]
struct Acted {
    /// What came in.
    value: Value,
    /// What nobody may see.
    #[output(sensitive)]
    secret: String,
}

/// What steps did, in their order.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// How often the step at that address was begun.
    pub fn attempts(&self, address: &str) -> usize {
        let began = format!("{address} began");
        self.lines().iter().filter(|line| **line == began).count()
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A step type that reads, or one that changes.
struct ActType {
    schema: Schema,
    log: Log,
    /// What was made, for a type that can tell.
    service: Option<Log>,
}

/// The secret that every step gives; it must be seen nowhere.
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
            effect: self.schema.effect,
            tells_secret: self.schema.output("secret").is_some(),
        }))
    }

    fn undo(&self, outputs: &Entries) -> Option<Box<dyn Work>> {
        let value = outputs.get("value")?.as_str()?.to_owned();
        Some(Box::new(Removal { value, service: self.service.clone()? }))
    }
}

struct ActWork {
    act: Act,
    log: Log,
    service: Option<Log>,
    effect: Effect,
    tells_secret: bool,
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
        Outcome { outputs, body: Some(value), change }
    }

    /// How the service calls what this makes.
    fn thing(&self) -> String {
        format!("+{}", self.value().as_str().unwrap_or("thing"))
    }
}

/// Takes away what one step made.
struct Removal {
    value: String,
    service: Log,
}

impl Work for Removal {
    fn calls(&self) -> Vec<Call> {
        Vec::new()
    }

    fn run(self: Box<Self>, _context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        let there = self.service.lines().contains(&format!("+{}", self.value));
        self.service.push(format!("-{}", self.value));
        let change = if there { Change::Removed } else { Change::None };
        Box::pin(async move { Ok(Outcome { outputs: Entries::new(), body: None, change }) })
    }
}

impl Work for ActWork {
    fn calls(&self) -> Vec<Call> {
        let Some(host) = &self.act.host else { return Vec::new() };
        let url = Text::from("https://").then_arg(host, Clone::clone).then("/x");
        vec![Call::new(Method::Get, url).audience(Audience::new("https://example.test"))]
    }

    fn find(&self, context: Context) -> BoxFuture<'_, Result<Found, StepError>> {
        Box::pin(async move {
            let there = self.service.as_ref().is_some_and(|service| service.lines().contains(&self.thing()));
            let is = |how: &str| {
                let thing = format!("{how}{}", self.value().as_str().unwrap_or("thing"));
                self.service.as_ref().is_some_and(|service| service.lines().contains(&thing))
            };
            let difference = Difference::new("value", "another", self.value());
            if is("?") {
                return Err(StepError::new(ErrorKind::Refused, "told not to tell"));
            }
            if is("~") {
                return Ok(Found::Different(vec![difference]));
            }
            if is("!") {
                return Ok(Found::Different(vec![difference.replacing()]));
            }
            Ok(match (there, context.before()) {
                (false, _) => Found::Absent,
                (true, Some(Before::Absent)) => Found::AsWanted(self.outcome(Change::Created)),
                (true, _) => Found::AsWanted(self.outcome(Change::None)),
            })
        })
    }

    fn run(mut self: Box<Self>, context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        Box::pin(async move {
            let address = context.address().to_owned();
            self.log.push(format!("{address} began"));
            let takes =
                self.act.takes.as_ref().and_then(Arg::value).and_then(|text| text.parse().ok()).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(takes)).await;
            if self.act.asks.as_ref().and_then(Arg::value) == Some(&true) {
                ask(&context).await;
            }
            if let Some(turns) = self.act.turns.as_ref().and_then(Arg::value) {
                let turn = turns.children().take(self.log.attempts(&address)).last().cloned();
                let turn = turn.unwrap_or(Value::NULL);
                if let (Some("made"), Some(service)) = (turn.as_str(), &self.service) {
                    service.push(self.thing());
                }
                self.act.value = Some(Arg::known(turn_of(turn)?));
            }
            if self.act.fails.as_ref().and_then(Arg::value) == Some(&true) {
                return Err(StepError::new(ErrorKind::Refused, "told to fail").help("do not tell it to"));
            }
            self.log.push(format!("{address} ended"));
            if let Some(service) = &self.service {
                service.push(self.thing());
            }
            let change = if self.effect == Effect::Changes { Change::Created } else { Change::None };
            Ok(self.outcome(change))
        })
    }
}

/// Tells of a request that is refused, and of one that is answered, a second each and a second between them.
async fn ask(context: &Context) {
    let second = Duration::from_secs(1);
    for attempt in 1..=2 {
        context.report(Progress::Sent { method: "GET", url: "https://a.test/x".to_owned() });
        tokio::time::sleep(second).await;
        let (status, request_id) = if attempt == 1 { (503, None) } else { (200, Some("r-2".to_owned())) };
        context.report(Progress::Answered { status, request_id });
        if attempt == 1 {
            let reason = "it was busy".to_owned();
            context.report(Progress::Retrying { attempt: 2, attempts: 2, after: second, reason });
            tokio::time::sleep(second).await;
        }
    }
}

/// What comes of one attempt.
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

/// Step types: `read`, `change`, `safe_change`, which may be done twice, and three that can tell what there is: `make`, and
/// `put` and `safe_put`, which give no secret.
pub fn registry(log: &Log, service: &Log) -> Registry {
    let mut registry = Registry::new();
    for (name, effect, tells, secret) in [
        ("read", Effect::Reads, false, true),
        ("change", Effect::Changes, false, true),
        ("safe_change", Effect::Changes, false, true),
        ("make", Effect::Changes, true, true),
        ("put", Effect::Changes, true, false),
        ("safe_put", Effect::Changes, true, false),
    ] {
        let schema = Schema {
            name,
            docs: Act::DOCS,
            effect,
            idempotent: name.starts_with("safe_"),
            finds: tells,
            response: Response::Plain,
            arguments: Act::fields(),
            outputs: Acted::fields().into_iter().filter(|field| secret || field.name != "secret").collect(),
        };
        registry.add(ActType { schema, log: log.clone(), service: tells.then(|| service.clone()) });
    }
    registry
}

/// Gives tokens, and counts them.
#[derive(Default)]
pub struct Tokens {
    pub given: AtomicUsize,
    /// Whether it gives none.
    refuses: bool,
}

impl Platform for Tokens {
    fn acquire<'a>(
        &'a self,
        _audience: &'a Audience,
        _context: &'a Context,
    ) -> BoxFuture<'a, Result<TokenFacts, StepError>> {
        self.given.fetch_add(1, Ordering::Relaxed);
        if self.refuses {
            return Box::pin(async {
                Err(StepError::new(ErrorKind::Refused, "told to refuse").help("ask again"))
            });
        }
        Box::pin(async { Ok(TokenFacts { identity: "nobody".to_owned(), expires_on: 0 }) })
    }

    fn warm<'a>(&'a self, _url: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn token_url(&self, _audience: &Audience) -> Option<String> {
        None
    }

    fn identity(&self) -> String {
        "nobody".to_owned()
    }
}

/// A runbook that was planned, with all that a run needs.
pub struct Stage {
    pub runbook: Arc<Runbook>,
    pub plan: Plan,
    pub sources: Sources,
    /// The warnings.
    pub notes: Diagnostics,
    pub log: Log,
    /// What was made (`+x`) and removed (`-x`); a test adds what is there in another form (`~x`), or can only be made anew
    /// (`!x`), and what fails when it is asked for (`?x`).
    pub service: Log,
    pub registry: Registry,
    pub secrets: Secrets,
    /// What the run that is resumed did.
    pub past: Option<Past>,
    /// Whether there are no tokens.
    pub refuses_tokens: bool,
    pub directory: tempfile::TempDir,
}

/// Reads and plans the text of a runbook; the error is what a user would see.
pub fn stage(text: &str) -> Result<Stage, String> {
    stage_with(text, &[])
}

/// Reads and plans the text of a runbook, with values for its variables.
pub fn stage_with(text: &str, values: &[(&str, &str)]) -> Result<Stage, String> {
    stage_files(&[("main.runbook.hcl", text)], values)
}

/// Reads and plans the runbook that these files make.
pub fn stage_files(files: &[(&str, &str)], values: &[(&str, &str)]) -> Result<Stage, String> {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in a directory")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let (log, service) = (Log::default(), Log::default());
    let registry = registry(&log, &service);
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let made = attempt(directory.path(), values, &registry, &mut sources, &mut found);
    if let Some((runbook, plan)) = made {
        Ok(Stage {
            runbook,
            plan,
            sources,
            notes: found,
            log,
            service,
            registry,
            past: None,
            refuses_tokens: false,
            secrets: Secrets::new(),
            directory,
        })
    } else {
        Err(seen(&found, &sources))
    }
}

/// The warnings of a runbook that can be run, as a user would see them.
pub fn notes(stage: &Stage) -> String {
    seen(&stage.notes, &stage.sources)
}

/// Messages without the name of the directory that they are about.
fn seen(found: &Diagnostics, sources: &Sources) -> String {
    let seen = render_all(found, sources, &Style { color: false, width: 100 });
    let directory = sources.iter().next().and_then(|(_, file)| file.path().parent());
    let directory = directory.unwrap_or(std::path::Path::new("?"));
    seen.replace(&directory.display().to_string(), "DIR")
}

fn attempt(
    directory: &std::path::Path,
    values: &[(&str, &str)],
    registry: &Registry,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<(Arc<Runbook>, Plan)> {
    let files = found.take(Files::find(directory))?;
    let runbook = runbook::load(&files, registry, sources, found);
    let mut inputs = Inputs::new();
    for (name, text) in values {
        inputs.argument(name, text);
    }
    let mut later = Diagnostics::new();
    let variables = inputs.resolve(&runbook, sources, Missing::Refuse, &mut later);
    let plan = plan::make(&runbook, variables, &Answers::default(), &mut later);
    let later = runbook::without_consequences(found, later);
    found.append(later);
    found.tidy();
    if found.has_errors() { None } else { Some((runbook, plan?)) }
}

/// Keeps the events, as JSON.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Vec<serde_json::Value>>>);

impl Events {
    /// The events of that kind.
    pub fn of(&self, kind: &str) -> Vec<serde_json::Value> {
        self.0.lock().unwrap().iter().filter(|event| event["event"] == kind).cloned().collect()
    }

    /// All events.
    pub fn all(&self) -> Vec<serde_json::Value> {
        self.0.lock().unwrap().clone()
    }

    pub fn text(&self) -> String {
        self.0.lock().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

impl Observer for Events {
    fn observe(&mut self, record: &Arc<Record>) {
        self.0.lock().unwrap().push(serde_json::to_value(record).expect("JSON"));
    }
}

impl Stage {
    /// Runs it to the end.
    pub async fn run(&self, parallelism: usize, events: &Events) -> Report {
        let mut observers = Observers::new();
        observers.add(events.clone());
        let (_keep, interrupts) = mpsc::channel(1);
        self.run_with(parallelism, &mut observers, interrupts).await
    }

    /// Asks what it would change; gives the plan that is known then.
    pub async fn survey(&self, events: &Events, interrupts: mpsc::Receiver<()>) -> (Plan, Report) {
        let mut observers = Observers::new();
        observers.add(events.clone());
        let (answers, report) = run::survey(self.job(10), &mut observers, interrupts).await;
        let variables = self.plan.variables.clone();
        let plan = plan::outline(&self.runbook, variables, &answers, &mut Diagnostics::new());
        (plan.expect("no cycle"), report)
    }

    /// Runs it, watched and interrupted.
    pub async fn run_with(
        &self,
        parallelism: usize,
        observer: &mut dyn Observer,
        interrupts: mpsc::Receiver<()>,
    ) -> Report {
        run::run(self.job(parallelism), observer, interrupts).await
    }

    /// Runs it, watched, as `reviewed` was reviewed.
    pub async fn run_held(
        &self,
        reviewed: &Plan,
        observer: &mut dyn Observer,
        interrupts: mpsc::Receiver<()>,
    ) -> Report {
        let steps = StepIndex::new(reviewed);
        let held = Held { sha256: "5".repeat(64), steps, files: Arc::default() };
        run::run(Job { held: Some(held), ..self.job(10) }, observer, interrupts).await
    }

    fn job(&self, parallelism: usize) -> Job<'_> {
        Job {
            id: "test".to_owned(),
            version: "0",
            runbook: &self.runbook,
            sources: &self.sources,
            plan: &self.plan,
            platform: Arc::new(Tokens { refuses: self.refuses_tokens, ..Tokens::default() }),
            secrets: self.secrets.clone(),
            parallelism,
            past: self.past.as_ref(),
            held: None,
            timeout: self.runbook.settings.timeout,
        }
    }
}
