//! The one place that changes anything while a run goes on.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::diagnostic::Diagnostics;
use crate::graph::{Instance, Item, ModuleId, Node, NodeId, Repeated};
use crate::plan::{self, Plan, State, shown, teach};
use crate::redact::Secrets;
use crate::runbook::{Runbook, Step};
use crate::source::Sources;
use crate::step::{
    Audience, Before, BoxFuture, Context, Effect, ErrorKind, Found, Outcome, Platform, Progress, StepError,
    TokenFacts,
};
use crate::value::Value;

use super::ending::Aftermath;
use super::event::{CallFacts, Event, FileFacts};
use super::execute::{self, Deadline, Prepared};
use super::seal::Salt;
use super::stream::Stream;
use super::{Completion, Observer, Past, Schedule, Start, Status, Summary, failure};

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
    /// What the run that this one resumes did.
    pub past: Option<&'a Past>,
}

/// What a run gave.
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub status: Status,
    /// The numbers.
    pub summary: Summary,
    /// How many steps there turned out to be.
    pub steps: usize,
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
    Found(NodeId, Box<(Prepared, Result<Found, StepError>)>),
    Step(NodeId, Box<Result<Outcome, StepError>>),
    Token(NodeId, Audience, Result<TokenFacts, StepError>),
}

pub(super) struct Dispatcher<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) events: Stream<'a>,
    pub(super) state: State,
    pub(super) schedule: Schedule,
    pub(super) running: FuturesUnordered<BoxFuture<'static, Ended>>,
    pub(super) progress: mpsc::UnboundedSender<(NodeId, Progress)>,
    pub(super) began: Instant,
    pub(super) started: HashMap<NodeId, Instant>,
    /// The steps whose change may have been sent, with what was there before.
    pub(super) intended: HashMap<NodeId, Before>,
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
            state: job.plan.state.begin(&job.id),
            schedule: Schedule::new(&job.plan.graph, job.parallelism, |node| {
                job.plan.state.modules.is_template(node)
            }),
            job,
            events: Stream::new(observer),
            running: FuturesUnordered::new(),
            progress,
            began: Instant::now(),
            started: HashMap::new(),
            intended: HashMap::new(),
            summary: Summary::default(),
            interrupts: 0,
            diagnostics: Diagnostics::new(),
            outputs: BTreeMap::new(),
        }
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.events.emit(event);
    }

    fn begin(&mut self) {
        let Job { runbook, plan, sources, .. } = self.job;
        plan.variables.iter().for_each(|value| teach(&self.job.secrets, value));
        let files = runbook.all_files();
        let files = files.iter().map(|&id| sources.file(id));
        let variables = runbook.variables.iter().zip(&plan.variables);
        let salt = Salt::random();
        let sensitive = variables.clone().filter(|(_, value)| value.deep_marks().is_sensitive());
        let seals = sensitive
            .filter_map(|(variable, value)| Some((variable.name.value.to_string(), salt.seal(value)?)));
        self.emit(Event::RunStarted {
            run: self.job.id.clone(),
            runbook: runbook.name.clone(),
            directory: runbook.place(),
            arcbook: self.job.version.to_owned(),
            identity: self.job.platform.identity(),
            files: files.map(FileFacts::of).collect(),
            variables: variables
                .map(|(variable, value)| (variable.name.value.to_string(), shown(value)))
                .collect(),
            salt: salt.to_string(),
            seals: seals.collect(),
            steps: plan.certain().count(),
            resumes: self.job.past.map(|past| past.lineage.clone()),
            undoes: None,
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
        match self.schedule.graph().get(id).clone() {
            Node::Token(audience) => self.token(id, audience),
            Node::Item { module, item, instance } => match item {
                Item::Step(index) => self.step(start, module, index, &instance),
                Item::Variable(_) | Item::Local(_) | Item::Output(_) => self.value(start, module, item),
                Item::Rules(_) => self.rules(start, module, item),
                Item::Check(_) => self.check(start, module, item),
                Item::Open(block) => self.open(start, module, block),
                Item::Close(_) | Item::Outputs(_) => self.done(start),
            },
        }
    }

    /// Ends a node that ended well.
    fn done(&mut self, start: Start) {
        self.schedule.finish(start, Completion::Done);
    }

    pub(super) fn address(&self, id: NodeId) -> String {
        self.state.modules.address(self.schedule.graph().get(id))
    }

    fn value(&mut self, start: Start, module: ModuleId, item: Item) {
        match plan::value(&self.state, module, item) {
            Ok(value) => {
                teach(&self.job.secrets, &value);
                if let (Item::Output(index), ModuleId::ROOT) = (item, module) {
                    self.output(index, value.clone());
                }
                self.state.set(module, item, value);
                self.done(start);
            }
            Err(errors) => self.value_failed(start, errors),
        }
    }

    fn output(&mut self, index: usize, value: Value) {
        let name = self.job.runbook.outputs[index].name.value.to_string();
        let sensitive = value.deep_marks().is_sensitive();
        let public = (!sensitive).then(|| shown(&value));
        self.emit(Event::Output { name, value: public, sensitive });
        self.outputs.insert(index, value);
    }

    fn rules(&mut self, start: Start, module: ModuleId, item: Item) {
        match plan::check(&self.state, module, item).or(()) {
            Ok(()) => self.done(start),
            Err(errors) => self.value_failed(start, errors),
        }
    }

    fn value_failed(&mut self, start: Start, errors: Diagnostics) {
        let address = self.address(start.node());
        self.emit(Event::ValueFailed { address, error: failure::json(&errors, self.job.sources) });
        self.failed(start, errors);
    }

    fn check(&mut self, start: Start, module: ModuleId, item: Item) {
        let found = plan::check(&self.state, module, item);
        if found.has_errors() {
            return self.value_failed(start, found);
        }
        if !found.is_empty() {
            let check = self.address(start.node());
            self.emit(Event::CheckFailed { check, error: failure::json(&found, self.job.sources) });
            self.diagnostics.append(found);
        }
        self.done(start);
    }

    /// Makes the instances of a block, where that could not be done before.
    fn open(&mut self, start: Start, module: ModuleId, block: Repeated) {
        let expanded = if !self.state.is_expanded(module, block) {
            self.expand(module, block)
        } else if self.state.has_unknown_values(module, block) {
            self.refresh(module, block).map(|()| Vec::new())
        } else {
            Ok(Vec::new())
        };
        match expanded {
            Ok(skipped) => {
                let because = "what it waits for failed";
                for id in skipped {
                    self.skipped(id, because);
                }
                self.done(start);
            }
            Err(errors) => self.value_failed(start, errors),
        }
    }

    /// Learns what `each.value` is in instances whose keys were known before.
    fn refresh(&mut self, module: ModuleId, block: Repeated) -> Result<(), Diagnostics> {
        let instances = plan::instances(&self.state, module, block)?;
        self.state.refresh(module, block, instances);
        Ok(())
    }

    fn expand(&mut self, module: ModuleId, block: Repeated) -> Result<Vec<NodeId>, Diagnostics> {
        let instances = plan::instances(&self.state, module, block)?;
        let plan = self.job.plan;
        let state = &mut self.state;
        let ((), skipped) =
            self.schedule.grow(|graph| plan::unfold(plan, graph, state, (module, block), instances));
        Ok(skipped)
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

    fn step(&mut self, start: Start, module: ModuleId, index: usize, instance: &Instance) {
        let id = start.node();
        let runbook = self.state.runbook(module).clone();
        let step = &runbook.steps[index];
        let address = self.address(id);
        if self.recall(id, step, &address) {
            return;
        }
        let site = self.state.step_site(module, index, instance);
        let planned = self.job.plan.step(&self.state, self.schedule.graph().get(id));
        match execute::prepare(&site, step, &address, planned, &self.job.secrets) {
            Ok(prepared) => self.launch(id, step, address, prepared),
            Err(errors) => self.step_failed(id, address, errors, Aftermath::default()),
        }
    }

    fn launch(&mut self, id: NodeId, step: &Step, address: String, prepared: Prepared) {
        let schema = step.step_type.schema();
        self.emit(Event::StepStarted {
            step: address,
            step_type: schema.name.to_owned(),
            effect: schema.effect.as_str(),
            calls: prepared.calls.iter().map(CallFacts::from).collect(),
        });
        if schema.effect == Effect::Changes {
            return self.look(id, prepared);
        }
        let context = self.context(id);
        let Prepared { work, deadline, .. } = prepared;
        self.running.push(Box::pin(async move {
            let result = within(deadline, work.run(context)).await;
            Ended::Step(id, Box::new(result))
        }));
    }

    pub(super) fn context(&self, id: NodeId) -> Context {
        let progress = self.progress.clone();
        let directory = &self.job.runbook.directory;
        // The receiver lives as long as the run; after that nobody wants to know.
        Context::new(self.address(id), directory, self.job.secrets.clone(), move |report| {
            drop(progress.send((id, report)));
        })
    }

    fn progress(&mut self, id: NodeId, progress: Progress) {
        let step = self.address(id);
        self.emit(Event::of_progress(step, progress));
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

/// What `work` gives, when it does so before the deadline.
pub(super) async fn within<T>(
    deadline: Option<Deadline>,
    work: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    let Some(Deadline { at, limit }) = deadline else { return work.await };
    tokio::time::timeout_at(at, work).await.unwrap_or_else(|_| Err(too_long(limit)))
}

fn too_long(limit: Duration) -> StepError {
    StepError::new(ErrorKind::Timeout, format!("the step was not done after {limit:?}"))
        .argument("timeout")
        .help("raise the `timeout` of the step, or look at why the service is slow")
}
