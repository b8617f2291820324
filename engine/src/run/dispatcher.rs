//! Dispatches the nodes of a run; the only place that changes the run's state.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{AbortHandle, OptionFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot};

use crate::diagnostic::Diagnostics;
use crate::graph::{Item, ModuleId, Node, NodeId, Repeated};
use crate::plan::file::{FileFacts, read_files};
use crate::plan::{self, Plan, SelectionFacts, State, TargetFilter, View, register_secrets};
use crate::redact::{Salt, Secrets};
use crate::runbook::{RunOn, Runbook};
use crate::source::Sources;
use crate::step::{
    Audience, BoxFuture, Existing, Outcome, Platform, PriorState, Progress, Signal, StepError, TokenFacts,
};
use crate::value::Value;

use super::attempt::{Attempt, Begun};
use super::critical::Times;
use super::refresh::{self, Refresh};
use super::stream::Stream;
use super::{
    Completion, Event, FORMAT, Observer, PriorRun, Report, ReviewedPlan, RunFinished, RunStarted, Schedule,
    Start, StepResults, Stored, Summary, resume,
};

/// The input of a run.
pub struct Job<'a> {
    /// The name of the run.
    pub id: String,
    /// The version of arcbook.
    pub version: &'static str,
    /// The runbook.
    pub runbook: &'a Runbook,
    /// The files of the runbook.
    pub sources: &'a Sources,
    /// The plan.
    pub plan: &'a Plan,
    /// The platform, which acquires tokens.
    pub platform: Arc<dyn Platform>,
    /// The registry of secrets.
    pub secrets: Secrets,
    /// The maximum number of steps that run at once.
    pub parallelism: usize,
    /// The time limit of the run; cleanup steps run even after it.
    pub timeout: Option<Duration>,
    /// The changes of the resumed run, if any.
    pub prior_run: Option<&'a PriorRun>,
    /// The reviewed plan file, if any, which the run must match.
    pub held: Option<ReviewedPlan<'a>>,
}

/// Runs a plan; `interrupts` receives one message each time the user asks to stop.
pub async fn run(job: Job<'_>, observer: &mut dyn Observer, interrupts: mpsc::Receiver<()>) -> Report {
    let dispatcher = drive(&job, observer, interrupts, None).await;
    let finished = |status, summary, path| Event::RunFinished(RunFinished::of(status, summary, path));
    dispatcher.end(finished).await
}

/// Drives the run, or the refresh, until no work is left.
pub(super) async fn drive<'a>(
    job: &'a Job<'a>,
    observer: &'a mut dyn Observer,
    mut interrupts: mpsc::Receiver<()>,
    refresh: Option<Refresh>,
) -> Dispatcher<'a> {
    let (sender, mut signals) = mpsc::unbounded_channel();
    let mut dispatcher = Dispatcher::new(job, observer, sender, refresh);
    dispatcher.begin();
    let mut deadline = pin!(OptionFuture::from(job.timeout.map(tokio::time::sleep)));
    loop {
        while let Some(start) = dispatcher.schedule.start() {
            dispatcher.start(start);
        }
        if dispatcher.running.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            Some(()) = interrupts.recv(), if dispatcher.interrupts < 2 => dispatcher.interrupt(),
            Some(()) = &mut deadline, if !dispatcher.expired => {
                dispatcher.expire(job.timeout.unwrap_or_default());
            }
            Some((node, signal)) = signals.recv() => dispatcher.signal(node, signal),
            Some(ended) = dispatcher.running.next() => {
                // Signals that a step sent before it ended must precede its end.
                while let Ok((node, signal)) = signals.try_recv() {
                    dispatcher.signal(node, signal);
                }
                dispatcher.ended(ended);
            }
        }
    }
    dispatcher
}

/// The output of a future.
pub(super) enum Ended {
    Existing(NodeId, Box<(Attempt, Result<Existing, StepError>)>),
    Step(NodeId, Box<Result<Outcome, StepError>>),
    Token(NodeId, Audience, Result<TokenFacts, StepError>),
    /// The delay before the next attempt of a step has passed.
    Rest(NodeId),
    Aborted(NodeId),
}

pub(super) struct Dispatcher<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) events: Stream<'a>,
    pub(super) state: State,
    pub(super) schedule: Schedule,
    /// The selected part of the runbook.
    pub(super) target_filter: TargetFilter,
    pub(super) running: FuturesUnordered<BoxFuture<'static, Ended>>,
    /// The handles that abort running futures.
    pub(super) handles: HashMap<NodeId, AbortHandle>,
    /// The steps that have started and not ended.
    pub(super) begun: HashMap<NodeId, Begun<'a>>,
    /// The steps among `begun` that wait for their next attempt.
    pub(super) resting: HashSet<NodeId>,
    /// The running nodes that wait before they resend a request.
    pub(super) waiting: HashSet<NodeId>,
    pub(super) signals: mpsc::UnboundedSender<(NodeId, Signal)>,
    pub(super) times: Times,
    /// The steps whose change may have been sent, with the state before it.
    pub(super) intended: HashMap<NodeId, PriorState>,
    /// The sensitive variables, such as `var.password`, whose value differs from that in the resumed run.
    pub(super) rotated: HashSet<String>,
    /// The steps that an earlier run made from a secret whose value differs now.
    pub(super) outdated: HashSet<NodeId>,
    pub(super) summary: Summary,
    pub(super) ends: StepResults,
    pub(super) interrupts: usize,
    pub(super) expired: bool,
    pub(super) diagnostics: Diagnostics,
    pub(super) outputs: BTreeMap<usize, Value>,
    /// The results of a refresh; none in a run.
    pub(super) refresh: Option<Refresh>,
}

impl<'a> Dispatcher<'a> {
    fn new(
        job: &'a Job<'a>,
        observer: &'a mut dyn Observer,
        signals: mpsc::UnboundedSender<(NodeId, Signal)>,
        refresh: Option<Refresh>,
    ) -> Self {
        Self {
            state: job.plan.state.begin(refresh.is_none().then_some(job.id.as_str())),
            schedule: Schedule::new(&job.plan.graph, job.parallelism),
            target_filter: job.plan.target_filter.clone(),
            job,
            events: Stream::new(observer),
            running: FuturesUnordered::new(),
            handles: HashMap::new(),
            begun: HashMap::new(),
            resting: HashSet::new(),
            waiting: HashSet::new(),
            signals,
            times: Times::default(),
            intended: HashMap::new(),
            rotated: job
                .prior_run
                .map(|prior_run| resume::rotated(prior_run, job.runbook, job.plan))
                .unwrap_or_default(),
            outdated: HashSet::new(),
            summary: Summary::default(),
            ends: StepResults::default(),
            interrupts: 0,
            expired: false,
            diagnostics: Diagnostics::new(),
            outputs: BTreeMap::new(),
            refresh,
        }
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.events.emit(event);
    }

    fn begin(&mut self) {
        let Job { runbook, plan, .. } = self.job;
        plan.variables.iter().for_each(|value| register_secrets(&self.job.secrets, value));
        if self.refresh.is_some() {
            let (runbook, identity) = (runbook.name.clone(), self.job.platform.identity());
            self.emit(Event::RefreshStarted { runbook, identity, steps: plan.certain().count() });
        } else {
            self.emit_started();
        }
        self.schedule.leave_out(self.target_filter.left_out());
        self.warm();
        self.take_in();
        self.times.open(self.events.elapsed());
    }

    fn emit_started(&mut self) {
        let Job { runbook, plan, sources, .. } = self.job;
        let files = runbook.all_files();
        let files = files.iter().map(|&id| sources.file(id));
        let variables = runbook.variables.iter().zip(&plan.variables);
        let salt = Salt::random();
        let sensitive = variables.clone().filter(|(_, value)| value.deep_marks().is_sensitive());
        let seals = sensitive
            .filter_map(|(variable, value)| Some((variable.name.value.to_string(), salt.seal(value)?)));
        self.emit(Event::RunStarted(Box::new(RunStarted {
            run: self.job.id.clone(),
            format: FORMAT,
            runbook: runbook.name.clone(),
            directory: runbook.place(),
            arcbook: self.job.version.to_owned(),
            identity: self.job.platform.identity(),
            setting: self.job.platform.setting(),
            files: files.map(FileFacts::of).collect(),
            read: read_files(plan, runbook, salt, &self.job.secrets),
            plan: self.job.held.as_ref().map(|held| held.sha256.clone()),
            variables: variables.map(|(variable, value)| (&*variable.name.value, value)).collect(),
            salt: salt.to_string(),
            seals: seals.collect(),
            steps: plan.certain().count(),
            resumes: self.job.prior_run.map(|prior_run| Box::new(prior_run.lineage.clone())),
            undoes: None,
            selection: (!plan.selection.is_all()).then(|| Box::new(SelectionFacts::from(&plan.selection))),
        })));
    }

    /// Adds new nodes of the graph to the schedule.
    fn take_in(&mut self) {
        let state = &self.state;
        let is_refresh = self.refresh.is_some();
        let skipped = self.schedule.take_in(|node| {
            let run_on = run_on(state, node)?;
            if is_refresh { refresh::run_on(run_on) } else { Some(run_on) }
        });
        self.all_skipped(skipped);
    }

    /// Connects in advance to the hosts that are known already.
    fn warm(&self) {
        for url in self.job.plan.known_origins() {
            let platform = self.job.platform.clone();
            tokio::spawn(async move { platform.warm(&url).await });
        }
    }

    fn start(&mut self, start: Start) {
        let id = start.node();
        if let Start::Work(id) = start {
            let (after, was_kept) = (self.schedule.after(id), self.schedule.was_kept(id));
            self.times.begin(id, after, was_kept, self.events.elapsed());
        }
        self.follow(id);
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

    /// Ends a node that succeeded.
    pub(super) fn done(&mut self, start: Start) {
        self.finish(start, Completion::Done);
    }

    pub(super) fn address(&self, id: NodeId) -> String {
        self.state.modules.address(self.schedule.graph().get(id))
    }

    /// Expands a block whose instances were not known before.
    fn open(&mut self, start: Start, module: ModuleId, block: Repeated) {
        let known = self.schedule.graph().len();
        let expanded = self.expand(module, block);
        self.added(start, known);
        self.take_in();
        match expanded {
            Ok(()) => self.done(start),
            Err(errors) => self.value_failed(start, errors),
        }
    }

    /// Emits the number of steps added since the graph had `known` nodes.
    fn added(&mut self, start: Start, known: usize) {
        let new = (known..self.schedule.graph().len()).map(NodeId::new);
        let new =
            new.filter(|id| !self.target_filter.leaves_out(*id)).map(|id| self.schedule.graph().get(id));
        let steps = new.filter(|node| self.is_step(node)).count();
        if steps > 0 {
            let address = self.address(start.node());
            self.emit(Event::StepsAdded { address, steps });
        }
    }

    /// Returns true if the node is a step to run, and not a placeholder.
    pub(super) fn is_step(&self, node: &Node) -> bool {
        matches!(node, Node::Item { item: Item::Step(_), .. }) && !self.state.modules.is_template(node)
    }

    fn expand(&mut self, module: ModuleId, block: Repeated) -> Result<(), Diagnostics> {
        if !self.state.is_expanded(module, block) {
            let instances = plan::instances(&self.state, module, block)?;
            let first = self.schedule.graph().len();
            let graph = self.schedule.graph_mut();
            plan::expand_block(self.job.plan, graph, &mut self.state, (module, block), instances);
            let view = View { graph, state: &self.state };
            let left_out = self.target_filter.extend(view, first);
            self.schedule.leave_out(left_out);
        } else if self.state.has_unknown_values(module, block) {
            // The keys were known before; the values of `each.value` are known only now.
            let instances = plan::instances(&self.state, module, block)?;
            self.state.refresh(module, block, instances);
        }
        match block {
            Repeated::Step(_) => Ok(()),
            Repeated::Module(index) => plan::decide_all(&mut self.state, module, index),
        }
    }

    fn signal(&mut self, id: NodeId, signal: Signal) {
        match signal {
            Signal::Progress(progress) => self.progress(id, progress),
            Signal::Accepted { operation, stored } => self.accepted(id, operation, stored),
            Signal::Waits => {}
            // The step may have been aborted meanwhile.
            Signal::Continues(free) => drop(free.send(())),
        }
    }

    /// Records the operation that a step has started, and answers the step once the record is durable.
    fn accepted(&mut self, id: NodeId, operation: String, stored: oneshot::Sender<Stored>) {
        let step = self.address(id);
        self.emit(Event::OperationStarted { step, operation });
        let durable = self.events.barrier();
        tokio::spawn(async move { stored.send(durable.await) });
    }

    fn progress(&mut self, id: NodeId, progress: Progress) {
        let waits = matches!(progress, Progress::Retrying { .. });
        let step = self.address(id);
        self.emit(Event::of_progress(step, progress));
        self.waits(id, waits);
    }
}

/// Returns the `run_on` of a node; none for a placeholder.
fn run_on(state: &State, node: &Node) -> Option<RunOn> {
    if state.modules.is_template(node) {
        return None;
    }
    Some(match node {
        Node::Item { module, item: Item::Step(index), .. } => {
            state.runbook(*module).steps[*index].control.run_on
        }
        _ => RunOn::Success,
    })
}
