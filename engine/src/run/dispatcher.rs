//! The one place that changes anything while a run goes on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Node, NodeId};
use crate::plan::{self, Plan, State, shown, teach};
use crate::redact::Secrets;
use crate::runbook::Runbook;
use crate::source::Sources;
use crate::step::{Audience, BoxFuture, Change, Context, Effect, ErrorKind, Outcome, Platform, Progress, StepError, TokenFacts};

use super::event::{CallFacts, Event, FileFacts, Record};
use super::execute::{self, Prepared};
use super::clock;
use super::{Completion, Observer, Schedule, Start, Status, Summary, failure};

/// Everything a run needs.
pub struct Job<'a> {
    /// The name of the run.
    pub id: String,
    /// The version of arcbook.
    pub version: &'static str,
    /// What is run.
    pub runbook: &'a Runbook,
    /// Its files.
    pub sources: &'a Sources,
    /// What was planned.
    pub plan: &'a Plan,
    /// Who gets tokens.
    pub platform: Arc<dyn Platform>,
    /// Where secrets are told.
    pub secrets: Secrets,
    /// How many steps may be at work at once.
    pub parallelism: usize,
}

/// What a run gave.
pub struct Report {
    /// How it ended.
    pub status: Status,
    /// The numbers.
    pub summary: Summary,
    /// Why steps failed.
    pub diagnostics: Diagnostics,
}

/// Runs what was planned; `interrupts` gives one message for each time that the user asks to stop.
pub async fn run(job: Job<'_>, observer: &mut dyn Observer, mut interrupts: mpsc::Receiver<()>) -> Report {
    let (progress, mut reports) = mpsc::unbounded_channel();
    let mut dispatcher = Dispatcher::new(&job, observer, progress);
    dispatcher.begin();
    loop {
        while let Some(start) = dispatcher.schedule.start() {
            dispatcher.start(start);
        }
        if dispatcher.running.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            Some(()) = interrupts.recv() => {
                if !dispatcher.interrupt() {
                    break;
                }
            }
            Some((node, progress)) = reports.recv() => dispatcher.progress(node, progress),
            Some(ended) = dispatcher.running.next() => {
                // What a step told before it ended comes before its end.
                while let Ok((node, progress)) = reports.try_recv() {
                    dispatcher.progress(node, progress);
                }
                dispatcher.ended(ended);
            }
        }
    }
    dispatcher.end().await
}

/// What a future gives when it ends.
enum Ended {
    Step(NodeId, usize, Box<Result<Outcome, StepError>>),
    Token(NodeId, Audience, Result<TokenFacts, StepError>),
}

struct Dispatcher<'a> {
    job: &'a Job<'a>,
    observer: &'a mut dyn Observer,
    state: State<'a>,
    schedule: Schedule,
    running: FuturesUnordered<BoxFuture<'static, Ended>>,
    progress: mpsc::UnboundedSender<(NodeId, Progress)>,
    seq: u64,
    began: Instant,
    started: HashMap<NodeId, Instant>,
    summary: Summary,
    interrupts: usize,
    diagnostics: Diagnostics,
}

impl<'a> Dispatcher<'a> {
    fn new(
        job: &'a Job<'a>,
        observer: &'a mut dyn Observer,
        progress: mpsc::UnboundedSender<(NodeId, Progress)>,
    ) -> Self {
        Self {
            state: State::new(job.runbook, job.plan.variables.clone()),
            schedule: Schedule::new(&job.plan.graph, job.parallelism),
            job,
            observer,
            running: FuturesUnordered::new(),
            progress,
            seq: 0,
            began: Instant::now(),
            started: HashMap::new(),
            summary: Summary::default(),
            interrupts: 0,
            diagnostics: Diagnostics::new(),
        }
    }

    fn emit(&mut self, event: Event) {
        self.seq += 1;
        self.observer.observe(&Record { seq: self.seq, at: clock::now(), event });
    }

    fn begin(&mut self) {
        let Job { runbook, plan, sources, .. } = self.job;
        plan.variables.iter().for_each(|value| teach(&self.job.secrets, value));
        let files = runbook.files.iter().map(|&id| sources.file(id));
        let variables = runbook.variables.iter().zip(&plan.variables);
        self.emit(Event::RunStarted {
            run: self.job.id.clone(),
            runbook: runbook.name.clone(),
            arcbook: self.job.version.to_owned(),
            identity: self.job.platform.identity(),
            files: files.map(FileFacts::of).collect(),
            variables: variables.map(|(variable, value)| (variable.name.value.to_string(), shown(value))).collect(),
            steps: runbook.steps.len(),
        });
        self.warm();
    }

    /// Opens connections to the hosts that are known already, beside everything else.
    fn warm(&self) {
        for url in self.job.plan.known_hosts().into_values() {
            let platform = self.job.platform.clone();
            tokio::spawn(async move { platform.warm(&url).await });
        }
    }

    fn start(&mut self, start: Start) {
        let id = start.node();
        self.started.insert(id, Instant::now());
        match self.job.plan.graph.get(id).clone() {
            Node::Local(index) => self.local(start, index),
            Node::Output(index) => self.output(start, index),
            Node::Token(audience) => self.token(id, audience),
            Node::Step(index) => self.step(start, index),
        }
    }

    fn local(&mut self, start: Start, index: usize) {
        match plan::local(&self.state, index) {
            Ok(value) => {
                teach(&self.job.secrets, &value);
                self.state.set_local(index, value);
                self.schedule.finish(start, Completion::Done);
            }
            Err(errors) => self.failed(start, errors),
        }
    }

    fn output(&mut self, start: Start, index: usize) {
        let name = self.job.runbook.outputs[index].name.value.to_string();
        match plan::output(&self.state, index) {
            Ok(value) => {
                teach(&self.job.secrets, &value);
                let sensitive = value.deep_marks().is_sensitive();
                let value = (!sensitive).then(|| shown(&value));
                self.emit(Event::Output { name, value, sensitive });
                self.schedule.finish(start, Completion::Done);
            }
            Err(errors) => {
                self.emit(Event::OutputFailed { name, error: failure::json(&errors, self.job.sources) });
                self.failed(start, errors);
            }
        }
    }

    fn token(&mut self, id: NodeId, audience: Audience) {
        self.emit(Event::TokenRequested { audience: audience.to_string() });
        let platform = self.job.platform.clone();
        let context = self.context(id);
        self.running.push(Box::pin(async move {
            let result = platform.acquire(&audience, &context).await;
            Ended::Token(id, audience, result)
        }));
    }

    fn step(&mut self, start: Start, index: usize) {
        let step = &self.job.runbook.steps[index];
        let planned = &self.job.plan.steps[index];
        match execute::prepare(&self.state, step, planned, &self.job.secrets) {
            Ok(prepared) => self.launch(start.node(), index, prepared),
            Err(errors) => {
                self.emit(Event::StepFailed {
                    step: step.address.to_string(),
                    error: failure::json(&errors, self.job.sources),
                    uncertain: false,
                    milliseconds: 0,
                });
                self.summary.failed += 1;
                self.failed(start, errors);
            }
        }
    }

    fn launch(&mut self, id: NodeId, index: usize, prepared: Prepared) {
        let step = &self.job.runbook.steps[index];
        let schema = step.step_type.schema();
        let changes = schema.effect == Effect::Changes;
        self.emit(Event::StepStarted {
            step: step.address.to_string(),
            step_type: schema.name.to_owned(),
            changes,
            calls: prepared.calls.iter().map(CallFacts::from).collect(),
        });
        // A change is made only when the intent would survive a crash.
        let intent = changes.then(|| self.observer.barrier());
        let context = self.context(id);
        let Prepared { work, timeout, .. } = prepared;
        self.running.push(Box::pin(async move {
            if let Some(Err(reason)) = futures::future::OptionFuture::from(intent).await {
                return Ended::Step(id, index, Box::new(Err(not_recorded(&reason))));
            }
            let result = match timeout {
                None => work.run(context).await,
                Some(limit) => {
                    let run = tokio::time::timeout(limit, work.run(context)).await;
                    run.unwrap_or_else(|_| Err(too_long(limit, changes)))
                }
            };
            Ended::Step(id, index, Box::new(result))
        }));
    }

    fn context(&self, id: NodeId) -> Context {
        let progress = self.progress.clone();
        let address = self.job.plan.graph.get(id).address(self.job.runbook);
        // The receiver lives as long as the run; after that nobody wants to know.
        Context::new(address, self.job.secrets.clone(), move |report| drop(progress.send((id, report))))
    }

    fn progress(&mut self, id: NodeId, progress: Progress) {
        let step = self.job.plan.graph.get(id).address(self.job.runbook);
        self.emit(match progress {
            Progress::Sent { method, url } => Event::RequestSent { step, method: method.to_owned(), url },
            Progress::Answered { status, request_id } => Event::RequestAnswered { step, status, request_id },
            Progress::Retrying { attempt, after, reason } => {
                Event::RequestRetried { step, attempt, after_milliseconds: milliseconds(after), reason }
            }
        });
    }

    fn ended(&mut self, ended: Ended) {
        match ended {
            Ended::Step(id, index, result) => self.step_ended(id, index, *result),
            Ended::Token(id, audience, result) => self.token_ended(id, &audience, result),
        }
    }

    fn step_ended(&mut self, id: NodeId, index: usize, result: Result<Outcome, StepError>) {
        let step = &self.job.runbook.steps[index];
        let address = step.address.to_string();
        let milliseconds = self.since(id);
        let uncertain = result.as_ref().is_err_and(StepError::is_uncertain);
        let change = result.as_ref().map_or(Change::None, |outcome| outcome.change);
        let object = result
            .map_err(|error| Diagnostics::from(failure::step(step, &error)))
            .and_then(|outcome| execute::object(&self.state, step, outcome, &self.job.secrets));
        match object {
            Ok(object) => {
                let outputs = shown(&object);
                self.emit(Event::StepFinished { step: address, change: word(change), outputs, milliseconds });
                self.state.set_step(index, object);
                self.summary.done += 1;
                self.summary.changed += usize::from(change != Change::None);
                self.schedule.finish(Start::Work(id), Completion::Done);
            }
            Err(errors) => {
                let error = failure::json(&errors, self.job.sources);
                self.emit(Event::StepFailed { step: address, error, uncertain, milliseconds });
                self.summary.failed += 1;
                self.failed(Start::Work(id), errors);
            }
        }
    }

    fn token_ended(&mut self, id: NodeId, audience: &Audience, result: Result<TokenFacts, StepError>) {
        let milliseconds = self.since(id);
        let audience = audience.to_string();
        match result {
            Ok(TokenFacts { identity, expires_on }) => {
                self.emit(Event::TokenAcquired { audience, identity, expires_on, milliseconds });
                self.schedule.finish(Start::Work(id), Completion::Done);
            }
            Err(error) => {
                let errors = Diagnostics::from(failure::token(&audience, &error));
                let error = failure::json(&errors, self.job.sources);
                self.emit(Event::TokenFailed { audience, error, milliseconds });
                self.summary.failed += 1;
                self.failed(Start::Work(id), errors);
            }
        }
    }

    /// Ends a node that failed, and tells of everything that is not run because of it.
    fn failed(&mut self, start: Start, errors: Diagnostics) {
        let address = |id: NodeId| self.job.plan.graph.get(id).address(self.job.runbook);
        let because = format!("{} failed", address(start.node()));
        self.diagnostics.append(errors);
        for id in self.schedule.finish(start, Completion::Failed) {
            self.skipped(id, &because);
        }
    }

    fn skipped(&mut self, id: NodeId, because: &str) {
        if let Node::Step(index) = self.job.plan.graph.get(id) {
            let step = self.job.runbook.steps[*index].address.to_string();
            self.summary.skipped += 1;
            self.emit(Event::StepSkipped { step, because: because.to_owned() });
        }
    }

    /// Whether what is in flight is waited for.
    fn interrupt(&mut self) -> bool {
        self.interrupts += 1;
        let waits = self.interrupts == 1;
        self.schedule.stop();
        self.emit(Event::Interrupted { waits });
        waits
    }

    async fn end(mut self) -> Report {
        self.abandon();
        for id in self.schedule.waiting() {
            self.skipped(id, "the run was stopped");
        }
        self.summary.milliseconds = milliseconds(self.began.elapsed());
        let status = if self.interrupts > 0 {
            Status::Interrupted
        } else if self.diagnostics.has_errors() {
            Status::Failed
        } else {
            Status::Done
        };
        self.emit(Event::RunFinished { status, summary: self.summary });
        if let Err(reason) = self.observer.barrier().await {
            self.diagnostics.push(
                Diagnostic::error("not-recorded", "the record of the run is not complete")
                    .detail(reason)
                    .help("see that there is room on the disk and the right to write there"),
            );
        }
        let status = if self.diagnostics.has_errors() && status == Status::Done { Status::Failed } else { status };
        Report { status, summary: self.summary, diagnostics: self.diagnostics }
    }

    /// Drops what is still in flight after the user insisted; a change that was sent may or may not have been made.
    fn abandon(&mut self) {
        self.running = FuturesUnordered::new();
        for id in self.schedule.abandon_running() {
            let Node::Step(index) = self.job.plan.graph.get(id) else { continue };
            let step = &self.job.runbook.steps[*index];
            let uncertain = step.step_type.schema().effect == Effect::Changes;
            let mut error = StepError::new(ErrorKind::Timeout, "the run was stopped before the step was done");
            if uncertain {
                error = error.uncertain();
            }
            let errors = Diagnostics::from(failure::step(step, &error));
            let milliseconds = self.since(id);
            self.summary.failed += 1;
            self.emit(Event::StepFailed {
                step: step.address.to_string(),
                error: failure::json(&errors, self.job.sources),
                uncertain,
                milliseconds,
            });
            self.diagnostics.append(errors);
        }
    }

    fn since(&self, id: NodeId) -> u64 {
        self.started.get(&id).map_or(0, |began| milliseconds(began.elapsed()))
    }
}

fn not_recorded(reason: &str) -> StepError {
    StepError::new(ErrorKind::Local, "the journal cannot be written, so nothing was changed")
        .detail(reason)
        .help("see that there is room on the disk and the right to write there, then run again")
}

fn too_long(limit: Duration, changes: bool) -> StepError {
    let error = StepError::new(ErrorKind::Timeout, format!("the step was not done after {limit:?}"))
        .argument("timeout")
        .help("raise the `timeout` of the step, or look at why the service is slow");
    if changes { error.uncertain() } else { error }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::None => "none",
        Change::Created => "created",
        Change::Updated => "updated",
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
