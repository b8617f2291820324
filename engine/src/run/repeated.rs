//! Repeats a step that succeeded, because of its `retry` or `until` condition.

use std::time::Duration;

use super::step_retries::StepRetries;
use crate::diagnostic::{Diagnostic, Shown};
use crate::expression::{Scope, seen};
use crate::source::Span;
use crate::syntax::Expression;

/// The reason why a step that succeeded is repeated.
pub struct Repeated {
    why: Why,
    place: Span,
    seen: String,
}

/// The block that asks for the repetition.
#[derive(Clone, Copy, PartialEq)]
pub enum Why {
    /// The condition of `retry` is true.
    Retry,
    /// The condition of `until` is false.
    Until,
}

impl Repeated {
    /// Returns the reason, with the values that `condition` reads in `scope`.
    pub fn new(why: Why, condition: &Expression, scope: &dyn Scope) -> Self {
        let phrase = |Shown { expression, phrase }| format!("{expression} {phrase}");
        let all: Vec<String> = seen(condition, scope).into_iter().map(phrase).collect();
        Self { why, place: condition.span, seen: all.join(", ") }
    }

    /// Returns the delay before the repetition; none if a limit is reached.
    pub fn after(&self, step_retries: &mut StepRetries, chance: f64) -> Option<Duration> {
        match self.why {
            Why::Retry => step_retries.after_rejection(self.seen.clone(), chance),
            Why::Until => step_retries.after_poll(self.seen.clone(), chance),
        }
    }

    /// Returns the reason, in words.
    pub fn reason(&self) -> String {
        match self.why {
            Why::Retry => format!("its `condition` of `retry` is true: {}", self.seen),
            Why::Until => format!("not yet: {}", self.seen),
        }
    }

    /// Returns the error that a limit was reached before the condition was met, with the values it read.
    pub fn unmet(&self, step_retries: Option<&StepRetries>) -> Diagnostic {
        let (code, what, here) = match self.why {
            Why::Retry => ("failed-retry", "the `condition` of `retry` is still true", "this is still true"),
            Why::Until => ("failed-until", "the `until` condition was not met", "this is false"),
        };
        let (attempts, elapsed, seen) = step_retries
            .map_or((1, Duration::ZERO, self.seen.clone()), |step_retries| {
                (step_retries.number(), step_retries.elapsed(), step_retries.seen())
            });
        let plural = if attempts == 1 { "" } else { "s" };
        let time = Duration::from_millis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        Diagnostic::error(code, format!("{what}, after {attempts} attempt{plural} in {time:?}"))
            .marked(self.place, here)
            .detail(format!("Values: {seen}."))
            .help("raise its `timeout` or `attempts`, or find out why the condition is not met")
    }
}
