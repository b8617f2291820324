//! Stopping before everything is done.

use std::time::Duration;

use super::Event;
use super::clock;
use super::dispatcher::Dispatcher;
use super::schedule::Stop;
use crate::diagnostic::Diagnostic;
use crate::graph::{Node, NodeId};

/// What is given up of what was begun.
#[derive(Clone, Copy, PartialEq)]
enum GiveUp {
    /// What waits for its next attempt, but for what cleans up.
    Resting,
    /// Everything but what cleans up.
    Work,
    /// Everything.
    Everything,
}

impl Dispatcher<'_> {
    /// The user asks to stop: the first time, what is at work ends and what cleans up is done; then everything is
    /// given up.
    pub(super) fn interrupt(&mut self) {
        self.interrupts += 1;
        let waits = self.interrupts == 1;
        self.emit(Event::Interrupted { waits });
        if waits {
            self.stop(Stop::Work, GiveUp::Resting);
        } else {
            self.stop(Stop::Everything, GiveUp::Everything);
        }
    }

    /// The time of the run is over: what is at work is given up, and what cleans up is done.
    pub(super) fn expire(&mut self, limit: Duration) {
        self.expired = true;
        self.emit(Event::DeadlinePassed { limit_milliseconds: clock::milliseconds(limit) });
        self.diagnostics.push(
            Diagnostic::error("deadline", format!("the run was not done after {limit:?}")).help(
                "raise its `timeout`, or look at what took so long; what was not done can be run again",
            ),
        );
        self.stop(Stop::Work, GiveUp::Work);
    }

    fn stop(&mut self, stop: Stop, give_up: GiveUp) {
        let skipped = self.schedule.stop(stop);
        self.all_skipped(skipped);
        let handles = self.handles.iter().filter(|(id, _)| match give_up {
            GiveUp::Everything => true,
            GiveUp::Work => !self.cleans_up(**id),
            GiveUp::Resting => self.resting.contains(id) && !self.cleans_up(**id),
        });
        handles.for_each(|(_, handle)| handle.abort());
    }

    /// Whether a step begins nothing more, since the run is stopped.
    pub(super) fn is_stopped(&self, id: NodeId) -> bool {
        self.interrupts > 1 || ((self.interrupts > 0 || self.expired) && !self.cleans_up(id))
    }

    /// Whether what was begun goes on when the run is stopped.
    fn cleans_up(&self, id: NodeId) -> bool {
        if self.survey.is_some() {
            return false;
        }
        match self.schedule.graph().get(id) {
            Node::Token(_) => self.schedule.cleans_up(id),
            Node::Item { .. } => self.place(id).is_some_and(|place| place.step().control.run_on.is_cleanup()),
        }
    }
}
