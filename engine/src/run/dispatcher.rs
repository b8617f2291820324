//! Dispatches the nodes of a run; the only place that changes the run's state.

use std::collections::HashMap;
use std::pin::pin;

use futures::future::OptionFuture;
use tokio::sync::{mpsc, oneshot};

use crate::diagnostic::Diagnostics;
use crate::graph::{Acting, Item, ModuleId, Node, NodeId, Repeated};
use crate::plan::{self, LimitId, State, TargetFilter, View, register_secrets};
use crate::runbook::RunOn;
use crate::step::{Progress, Signal};

use super::critical::Times;
use super::ended::Ended;
use super::failure_budgets::FailureBudgets;
use super::futures::{Futures, Message};
use super::in_flight::InFlight;
use super::mode::Mode;
use super::resumed::Resumed;
use super::stops::Stops;
use super::stream::Stream;
use super::tally::{Tally, incomplete};
use super::{Completion, Event, Job, Observer, Report, Schedule, Start, StopSignal, Stored, Terms};

/// Drives the run, or the refresh, until no work is left, and reports its result.
pub(super) async fn drive(
    job: &Job<'_>,
    observer: &mut dyn Observer,
    mut interrupts: mpsc::Receiver<StopSignal>,
    mode: &mut dyn Mode,
) -> Report {
    let mut dispatcher = Dispatcher::new(job, observer, mode);
    dispatcher.begin();
    if job.audited
        && let Err(reason) = dispatcher.events.barrier().await
    {
        dispatcher.tally.report(incomplete(reason));
        return dispatcher.end().await;
    }
    dispatcher.open_schedule();
    let mut deadline = pin!(OptionFuture::from(job.timeout.map(tokio::time::sleep)));
    loop {
        while let Some(start) = dispatcher.schedule.start() {
            dispatcher.start(start);
        }
        if dispatcher.futures.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            Some(signal) = interrupts.recv(), if dispatcher.stops.may_interrupt() => dispatcher.interrupt(signal),
            Some(()) = &mut deadline, if !dispatcher.stops.is_expired() => {
                dispatcher.expire(job.timeout.unwrap_or_default());
            }
            message = dispatcher.futures.next() => match message {
                Message::Signal(node, signal) => dispatcher.signal(node, signal),
                Message::Ended(signals, node, ended) => {
                    for (node, signal) in signals {
                        dispatcher.signal(node, signal);
                    }
                    dispatcher.ended(node, ended);
                }
            }
        }
    }
    dispatcher.end().await
}

/// The state of a run or a refresh, composed of parts that each own their data.
pub(super) struct Dispatcher<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) mode: &'a mut dyn Mode,
    pub(super) events: Stream<'a>,
    pub(super) state: State,
    pub(super) schedule: Schedule,
    /// The selected part of the runbook.
    pub(super) target_filter: TargetFilter,
    pub(super) futures: Futures<Ended>,
    pub(super) in_flight: InFlight<'a>,
    pub(super) resumed: Resumed<'a>,
    pub(super) times: Times,
    pub(super) stops: Stops,
    pub(super) tally: Tally,
    pub(super) budgets: FailureBudgets,
    /// The errors of identities with a null argument.
    pub(super) absent: HashMap<Acting, Diagnostics>,
}

impl<'a> Dispatcher<'a> {
    fn new(job: &'a Job<'a>, observer: &'a mut dyn Observer, mode: &'a mut dyn Mode) -> Self {
        Self {
            state: mode.state(job),
            schedule: Schedule::new(&job.plan.graph, job.parallelism, job.plan.concurrency.sizes()),
            target_filter: job.plan.target_filter.clone(),
            job,
            mode,
            events: Stream::new(observer),
            futures: Futures::new(),
            in_flight: InFlight::default(),
            resumed: Resumed::of(job),
            times: Times::default(),
            stops: Stops::default(),
            tally: Tally::default(),
            budgets: FailureBudgets::default(),
            absent: HashMap::new(),
        }
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.events.emit(event);
    }

    fn begin(&mut self) {
        let plan = self.job.plan;
        plan.variables.iter().for_each(|value| register_secrets(&self.job.secrets, value));
        self.emit(self.mode.started(self.job));
    }

    fn open_schedule(&mut self) {
        self.schedule.leave_out(self.target_filter.left_out());
        self.warm();
        self.take_in();
        self.times.open(self.events.elapsed());
    }

    /// Adds new nodes of the graph to the schedule.
    fn take_in(&mut self) {
        let (state, concurrency) = (&self.state, &self.job.plan.concurrency);
        let mode = &*self.mode;
        let skipped = self.schedule.take_in(|node| {
            let run_on = mode.run_on(run_on(state, node)?)?;
            Some(Terms { run_on, limits: concurrency.of_node(&state.modules, node) })
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
        if self.futures.continues(id) || self.is_withheld(start) {
            return;
        }
        if let Start::Work(id) = start {
            let (after, kept) = (self.schedule.after(id), self.schedule.kept(id));
            self.times.begin(id, after, kept, self.events.elapsed());
        }
        self.mode.starts(id, &mut self.schedule.graph().needs(id));
        match self.schedule.graph().get(id).clone() {
            Node::Token { acting, audience } => self.token(id, acting, &audience),
            Node::Item { module, item, instance } => match item {
                Item::Step(index) => self.step(start, module, index, &instance),
                Item::Variable(_) | Item::Local(_) | Item::Output(_) => self.value(start, module, item),
                Item::Identity(index) => self.identity(start, module, index),
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

    /// Returns the argument that sets a limit, such as `limits.sql`.
    pub(super) fn limit(&self, id: LimitId) -> String {
        self.job.plan.concurrency.limit(id).of.to_string()
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
            Signal::Settled { state } => self.settled(id, state),
            Signal::Waits => self.schedule.pause(id),
            Signal::Continues(free) => {
                self.futures.wants_to_continue(id, free);
                self.schedule.resume(id);
            }
        }
    }

    /// Records the operation that a step has started, and answers the step once the record is durable.
    fn accepted(&mut self, id: NodeId, operation: String, stored: oneshot::Sender<Stored>) {
        let step = self.address(id);
        self.in_flight.operate(id, Some(operation.clone()));
        self.emit(Event::OperationStarted { step, operation });
        let durable = self.events.barrier();
        tokio::spawn(async move { stored.send(durable.await) });
    }

    /// Records the end of the operation that a step has started.
    fn settled(&mut self, id: NodeId, state: String) {
        let step = self.address(id);
        self.in_flight.operate(id, None);
        self.emit(Event::OperationFinished { step, state });
    }

    fn progress(&mut self, id: NodeId, progress: Progress) {
        let waits = matches!(progress, Progress::Retrying { .. } | Progress::Waiting { .. });
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
