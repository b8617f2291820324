//! The state of a run: its running steps, their start times, and their activity.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use arcbook_engine::run::{Cause, Event, doing};

use super::words::{attempt_of, length, polled, transferred};

/// The state of a run, derived from its events.
pub struct Board {
    began: Instant,
    steps: usize,
    done: usize,
    failed: usize,
    skipped: usize,
    stopping: bool,
    /// The running steps and tokens, in the order of their start.
    running: BTreeMap<u64, Running>,
    /// Their keys in that order, by name.
    places: HashMap<String, u64>,
    begun: u64,
}

/// A step or token in progress.
pub struct Running {
    /// Its address.
    pub name: String,
    /// The time of its start.
    pub since: Instant,
    is_step: bool,
    doing: Doing,
    /// The number of the current or next attempt, if it is not the first, and the maximum number.
    pub attempt: Option<(u32, Option<u32>)>,
}

enum Doing {
    /// An activity, in words.
    Work(String),
    /// The delay before its next attempt.
    Pause { until: Instant, reason: String, of_step: bool },
    /// The time that the step lets pass.
    Wait { until: Instant },
}

/// The numbers of steps by state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub steps: usize,
    pub done: usize,
    pub failed: usize,
    pub skipped: usize,
    pub running: usize,
    pub pausing: usize,
    pub waiting: usize,
}

impl Board {
    /// Creates the state of a run that begins now.
    pub fn new(now: Instant) -> Self {
        Self {
            began: now,
            steps: 0,
            done: 0,
            failed: 0,
            skipped: 0,
            stopping: false,
            running: BTreeMap::new(),
            places: HashMap::new(),
            begun: 0,
        }
    }

    /// Applies an event that happened `now`.
    pub fn take(&mut self, event: &Event, now: Instant) {
        match event {
            Event::RunStarted(started) => (self.began, self.steps) = (now, started.steps),
            Event::RefreshStarted { steps, .. } => (self.began, self.steps) = (now, *steps),
            Event::StepsAdded { steps, .. } => self.steps += steps,
            Event::TokenRequested { .. } => self.begin(token(event), "requesting", false, now),
            Event::StepStarted { step, effect, .. } => self.begin(step.clone(), doing(*effect), true, now),
            Event::ChangeChecking { step, .. } => self.begin(step.clone(), "checking", true, now),
            Event::RequestSent { step, method, url } => {
                self.working(step, format!("{method} {url}"));
            }
            Event::RequestAnswered { step, status, .. } => self.working(step, format!("answered {status}")),
            Event::RequestRetried { step, attempt, attempts, after_milliseconds, reason } => {
                self.pausing(step, (*attempt, Some(*attempts)), *after_milliseconds, reason, now, false);
            }
            Event::BytesTransferred { step, bytes, size } => self.working(step, transferred(*bytes, *size)),
            Event::OperationStarted { step, .. } => self.working(step, "accepted by the service".to_owned()),
            Event::OperationFinished { step, state } => self.working(step, state.clone()),
            Event::OperationPolled { step, state, percent, .. } => {
                self.working(step, polled(state, *percent));
            }
            Event::StepWaiting { step, left_milliseconds } => {
                let until = now + Duration::from_millis(*left_milliseconds);
                if let Some(running) = self.get(step) {
                    running.doing = Doing::Wait { until };
                }
            }
            Event::StepRetried { step, attempt, attempts, after_milliseconds, reason, .. } => {
                self.pausing(step, (*attempt, *attempts), *after_milliseconds, reason, now, true);
            }
            Event::TokenAcquired { .. } | Event::TokenFailed { .. } => {
                self.end(&token(event));
            }
            Event::StepFinished { step, .. }
            | Event::StepRecalled { step, .. }
            | Event::ChangePlanned { step, .. } => {
                self.done += 1;
                self.end(step);
            }
            Event::StepFailed { step, .. } => {
                self.failed += 1;
                self.end(step);
            }
            // Excluded steps do not count as steps of the run.
            Event::StepSkipped { cause, .. } => self.skipped += usize::from(*cause != Cause::LeftOut),
            Event::Interrupted { .. } | Event::DeadlinePassed { .. } => self.stopping = true,
            Event::ChangeIntended { .. }
            | Event::IdentityEvaluated { .. }
            | Event::Output { .. }
            | Event::ValueFailed { .. }
            | Event::CheckFailed { .. }
            | Event::RefreshFinished { .. }
            | Event::RunFinished(_) => {}
        }
    }

    fn begin(&mut self, name: String, doing: &str, is_step: bool, now: Instant) {
        self.begun += 1;
        self.places.insert(name.clone(), self.begun);
        let doing = Doing::Work(doing.to_owned());
        self.running.insert(self.begun, Running { name, since: now, is_step, doing, attempt: None });
    }

    fn get(&mut self, name: &str) -> Option<&mut Running> {
        self.running.get_mut(self.places.get(name)?)
    }

    fn working(&mut self, name: &str, doing: String) {
        if let Some(running) = self.get(name) {
            running.doing = Doing::Work(doing);
        }
    }

    fn pausing(
        &mut self,
        name: &str,
        attempt: (u32, Option<u32>),
        milliseconds: u64,
        reason: &str,
        now: Instant,
        of_step: bool,
    ) {
        let until = now + Duration::from_millis(milliseconds);
        if let Some(running) = self.get(name) {
            running.attempt = Some(attempt);
            running.doing = Doing::Pause { until, reason: reason.to_owned(), of_step };
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(place) = self.places.remove(name) {
            self.running.remove(&place);
        }
    }

    /// Returns the running steps and tokens, the oldest first.
    pub fn running(&self) -> impl ExactSizeIterator<Item = &Running> {
        self.running.values()
    }

    /// Returns the elapsed time of the run.
    pub fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    /// Returns the numbers of steps by state.
    pub fn counts(&self) -> Counts {
        let begun = self.running.values().filter(|running| running.is_step);
        let pausing = begun.clone().filter(|running| running.is_pausing()).count();
        let running = begun.count() - pausing;
        let known = self.done + self.failed + self.skipped + pausing + running;
        Counts {
            steps: self.steps.max(known),
            done: self.done,
            failed: self.failed,
            skipped: self.skipped,
            running,
            pausing,
            waiting: self.steps.saturating_sub(known),
        }
    }

    /// Returns the numbers of steps by state, on one line.
    pub fn status(&self) -> String {
        let Counts { steps, done, failed, skipped, running, pausing, waiting } = self.counts();
        let parts = [
            (failed, "failed"),
            (skipped, "not run"),
            (running, "running"),
            (pausing, "between attempts"),
            (waiting, "waiting for others"),
        ];
        let parts =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
        let stopping = if self.stopping { "stopping: " } else { "" };
        format!("{stopping}{done} of {steps} steps done{}", parts.collect::<String>())
    }
}

impl Running {
    /// Returns whether the step waits for its next attempt, without occupying a slot.
    pub fn is_pausing(&self) -> bool {
        matches!(self.doing, Doing::Pause { of_step: true, .. })
    }

    /// Returns the time until its next attempt; none while it is active.
    pub fn pause(&self, now: Instant) -> Option<Duration> {
        match &self.doing {
            Doing::Work(_) | Doing::Wait { .. } => None,
            Doing::Pause { until, .. } => Some(until.saturating_duration_since(now)),
        }
    }

    /// Describes its activity or its wait.
    pub fn doing(&self, now: Instant) -> String {
        let attempt = self.attempt.map(|(attempt, attempts)| attempt_of(attempt, attempts));
        match (&self.doing, attempt) {
            (Doing::Work(what), None) => what.clone(),
            (Doing::Work(what), Some(attempt)) => format!("{attempt}: {what}"),
            (Doing::Wait { until }, _) => {
                format!("waiting, {} left", length(until.saturating_duration_since(now)))
            }
            (Doing::Pause { until, reason, .. }, attempt) => {
                let attempt = attempt.unwrap_or_default();
                let left = until.saturating_duration_since(now);
                if left.is_zero() {
                    format!("{attempt} when a slot is free; {reason}")
                } else {
                    format!("{attempt} in {}; {reason}", length(left))
                }
            }
        }
    }
}

fn token(event: &Event) -> String {
    event.token().unwrap_or_default()
}

#[cfg(test)]
pub mod tests {
    use std::collections::BTreeMap;

    use arcbook_engine::step::{Effect, Title};

    use super::*;

    pub fn started(step: &str) -> Event {
        Event::StepStarted {
            acts_as: None,
            step: step.to_owned(),
            step_type: "t".to_owned(),
            effect: Effect::Reads,
            title: Title::default(),
            secrets: BTreeMap::new(),
            gives_secret: false,
            actions: Vec::new(),
            fingerprint: None,
            after: None,
            queued_microseconds: 0,
            queued_for: None,
        }
    }

    pub fn retried(step: &str, after_milliseconds: u64) -> Event {
        Event::StepRetried {
            step: step.to_owned(),
            attempt: 3,
            attempts: Some(5),
            failed: false,
            after_milliseconds,
            reason: "not yet: self.state is \"Creating\"".to_owned(),
        }
    }

    pub fn finished(step: &str) -> Event {
        Event::StepFinished {
            step: step.to_owned(),
            change: arcbook_engine::step::Change::None,
            outputs: arcbook_engine::plan::Named::default(),
            receipt: None,
            milliseconds: 1,
        }
    }

    /// Returns the state of a run with this number of steps.
    pub fn board(steps: usize, now: Instant) -> Board {
        let mut board = Board::new(now);
        board.steps = steps;
        board
    }

    #[test]
    fn a_transfer_tells_its_bytes() {
        let now = Instant::now();
        let mut board = board(1, now);
        board.take(&started("a"), now);
        board.take(&Event::BytesTransferred { step: "a".to_owned(), bytes: 8 << 20, size: 300 << 20 }, now);
        let doing = board.running().map(|running| running.doing(now)).collect::<Vec<_>>();
        assert_eq!(doing, ["8.0 of 300.0 MiB (2 %)"]);
    }

    #[test]
    fn a_pause_counts_down_and_then_waits_for_a_place() {
        let now = Instant::now();
        let mut board = board(4, now);
        board.take(&started("a"), now);
        board.take(&started("b"), now);
        board.take(&retried("a", 2_000), now);
        board.take(&finished("b"), now);
        board.take(
            &Event::TokenRequested { audience: "x".to_owned(), acts_as: None, queued_microseconds: 0 },
            now,
        );
        let doing = |after: u64| {
            let now = now + Duration::from_millis(after);
            board.running().map(|running| running.doing(now)).collect::<Vec<_>>()
        };
        assert_eq!(doing(0)[0], "attempt 3 of 5 in 2.0 s; not yet: self.state is \"Creating\"");
        assert_eq!(doing(600)[0], "attempt 3 of 5 in 1.4 s; not yet: self.state is \"Creating\"");
        assert_eq!(
            doing(2_000),
            ["attempt 3 of 5 when a slot is free; not yet: self.state is \"Creating\"", "requesting"]
        );
        let status = "1 of 4 steps done, 1 between attempts, 2 waiting for others";
        assert_eq!(board.status(), status);
    }
}
