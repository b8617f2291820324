//! The one place that changes anything while a run goes on.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::diagnostic::Diagnostics;
use crate::graph::{Node, NodeId};
use crate::plan::{self, Plan, State, shown, teach};
use crate::redact::Secrets;
use crate::runbook::Runbook;
use crate::source::Sources;
use crate::step::{
    Audience, BoxFuture, Context, Effect, ErrorKind, Outcome, Platform, Progress, StepError, TokenFacts,
};
use crate::value::Value;

use super::clock;
use super::event::{CallFacts, Event, FileFacts, Record};
use super::execute::{self, Prepared};
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
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub status: Status,
    /// The numbers.
    pub summary: Summary,
    /// The outputs that came out, in the order of the runbook.
    pub outputs: Vec<(String, Value)>,
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
pub(super) enum Ended {
    Step(NodeId, usize, Box<Result<Outcome, StepError>>),
    Token(NodeId, Audience, Result<TokenFacts, StepError>),
}

pub(super) struct Dispatcher<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) state: State<'a>,
    pub(super) schedule: Schedule,
    pub(super) running: FuturesUnordered<BoxFuture<'static, Ended>>,
    pub(super) progress: mpsc::UnboundedSender<(NodeId, Progress)>,
    pub(super) seq: u64,
    pub(super) began: Instant,
    pub(super) started: HashMap<NodeId, Instant>,
    pub(super) summary: Summary,
    pub(super) interrupts: usize,
    pub(super) diagnostics: Diagnostics,
    pub(super) outputs: BTreeMap<usize, Value>,
}

impl<'a> Dispatcher<'a> {
    fn new(
        job: &'a Job<'a>,
        observer: &'a mut dyn Observer,
        progress: mpsc::UnboundedSender<(NodeId, Progress)>,
    ) -> Self {
        Self {
            state: State::new(job.runbook, job.plan.variables.clone(), job.plan.clock.run()),
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
            outputs: BTreeMap::new(),
        }
    }

    pub(super) fn emit(&mut self, event: Event) {
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
            variables: variables
                .map(|(variable, value)| (variable.name.value.to_string(), shown(value)))
                .collect(),
            steps: runbook.steps.len(),
        });
        self.warm();
    }

    /// Opens connections to the hosts that are known already, beside everything else.
    fn warm(&self) {
        for url in self.job.plan.known_origins() {
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
            Err(errors) => {
                let name = self.job.runbook.locals[index].name.value.to_string();
                self.emit(Event::LocalFailed { name, error: failure::json(&errors, self.job.sources) });
                self.failed(start, errors);
            }
        }
    }

    fn output(&mut self, start: Start, index: usize) {
        let name = self.job.runbook.outputs[index].name.value.to_string();
        match plan::output(&self.state, index) {
            Ok(value) => {
                teach(&self.job.secrets, &value);
                let sensitive = value.deep_marks().is_sensitive();
                let public = (!sensitive).then(|| shown(&value));
                self.emit(Event::Output { name, value: public, sensitive });
                self.outputs.insert(index, value);
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
            effect: schema.effect.as_str(),
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
        let directory = &self.job.runbook.directory;
        Context::new(address, directory, self.job.secrets.clone(), move |report| {
            drop(progress.send((id, report)));
        })
    }

    fn progress(&mut self, id: NodeId, progress: Progress) {
        let step = self.job.plan.graph.get(id).address(self.job.runbook);
        self.emit(match progress {
            Progress::Sent { method, url } => Event::RequestSent { step, method: method.to_owned(), url },
            Progress::Answered { status, request_id } => Event::RequestAnswered { step, status, request_id },
            Progress::Retrying { attempt, after, reason } => Event::RequestRetried {
                step,
                attempt,
                after_milliseconds: clock::milliseconds(after),
                reason,
            },
        });
    }

    /// Whether what is in flight is waited for.
    fn interrupt(&mut self) -> bool {
        self.interrupts += 1;
        let waits = self.interrupts == 1;
        self.schedule.stop();
        self.emit(Event::Interrupted { waits });
        waits
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
