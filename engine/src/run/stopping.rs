//! Stops a run early.

use std::time::Duration;

use super::clock;
use super::dispatcher::Dispatcher;
use super::schedule::Stop;
use super::{Event, StopSignal};
use crate::diagnostic::Diagnostic;
use crate::graph::{Node, NodeId};

/// The running nodes to abort.
#[derive(Clone, Copy, PartialEq)]
enum GiveUp {
    /// The nodes that wait and have changed nothing, except cleanup.
    Idle,
    /// Everything except cleanup.
    Work,
    /// Everything.
    Everything,
}

impl Dispatcher<'_> {
    /// Handles an interrupt. After the first one, running steps finish and cleanup steps run; the second one
    /// aborts everything.
    pub(super) fn interrupt(&mut self, signal: StopSignal) {
        let waits = self.stops.interrupt();
        self.emit(Event::Interrupted { signal, waits });
        if waits {
            self.stop(Stop::Work, GiveUp::Idle);
        } else {
            self.stop(Stop::Everything, GiveUp::Everything);
        }
    }

    /// Handles the end of the run's time limit: aborts running steps and runs cleanup steps.
    pub(super) fn expire(&mut self, limit: Duration) {
        self.stops.expire();
        self.emit(Event::DeadlinePassed { limit_milliseconds: clock::milliseconds(limit) });
        self.tally.report(
            Diagnostic::error("deadline", format!("the run did not end within {limit:?}"))
                .help("raise its `timeout`, or find out what took so long; `-resume` runs the rest"),
        );
        self.stop(Stop::Work, GiveUp::Work);
    }

    fn stop(&mut self, stop: Stop, give_up: GiveUp) {
        let skipped = self.schedule.stop(stop);
        self.all_skipped(skipped);
        self.futures.abort_all(|id| match give_up {
            GiveUp::Everything => true,
            GiveUp::Work => !self.cleans_up(id),
            GiveUp::Idle => self.is_idle(id) && !self.cleans_up(id),
        });
    }

    /// Records whether a running node waits before it resends a request; aborts it if the run has stopped
    /// meanwhile.
    pub(super) fn waits(&mut self, id: NodeId, waits: bool) {
        self.futures.waits(id, waits);
        if waits && self.is_stopped(id) && self.is_idle(id) {
            self.futures.abort(id);
        }
    }

    /// Returns true if aborting the node loses nothing: it waits for its next attempt, or for its next
    /// request with no change in flight. A token changes nothing, and no step needs it any more.
    fn is_idle(&self, id: NodeId) -> bool {
        let is_token = matches!(self.schedule.graph().get(id), Node::Token { .. });
        let waits = self.futures.is_waiting(id) && self.in_flight.intended(id).is_none();
        is_token || waits || self.in_flight.is_parked(id)
    }

    /// Returns true if the run is stopped and the step must start nothing more.
    pub(super) fn is_stopped(&self, id: NodeId) -> bool {
        self.stops.stops(self.cleans_up(id))
    }

    /// Returns true if the node continues after the run is stopped.
    fn cleans_up(&self, id: NodeId) -> bool {
        if !self.mode.cleans_up() {
            return false;
        }
        match self.schedule.graph().get(id) {
            Node::Token { .. } => self.schedule.cleans_up(id),
            Node::Item { .. } => self.place(id).is_some_and(|place| place.step().control.run_on.is_cleanup()),
        }
    }
}
