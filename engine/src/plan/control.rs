//! Evaluates the control settings of a step: `when`, `timeout`, `retry` and `until`.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::functions::depends_on_machine;
use crate::expression::{Scope, evaluate};
use crate::runbook::{self, Control};
use crate::step::{Backoff, NUMBER_AS_DURATION, duration, duration_help};
use crate::syntax::{Expression, ExpressionKind};
use crate::value::{Data, Origins, Type, Value, convert};

use super::rule;

/// The value of a `when` condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// The condition is true.
    Yes,
    /// The condition is false.
    No,
    /// The condition is known only after these origins.
    Later(Origins),
}

impl When {
    /// Returns the conjunction of two conditions.
    pub fn and(self, other: impl FnOnce() -> Result<Self, Diagnostics>) -> Result<Self, Diagnostics> {
        match self {
            Self::No => Ok(Self::No),
            Self::Yes => other(),
            Self::Later(origins) => Ok(match other()? {
                Self::No => Self::No,
                Self::Yes => Self::Later(origins),
                Self::Later(others) => Self::Later(origins.union(&others)),
            }),
        }
    }
}

/// Evaluates a `when` expression; a missing one is true.
pub fn when(expression: Option<&Expression>, scope: &dyn Scope) -> Result<When, Diagnostics> {
    let Some(expression) = expression else { return Ok(When::Yes) };
    let value = evaluate(expression, scope)?;
    if value.is_sensitive() {
        return Err(Diagnostic::error("sensitive-condition", "`when` must not be sensitive")
            .at(expression.span, "this is sensitive")
            .help("everyone sees whether a step runs: use a public condition, or wrap it in `nonsensitive(…)` if it is public")
            .into());
    }
    Ok(match rule::truth(expression, &value, scope)? {
        Some(true) => When::Yes,
        Some(false) => opened(expression, scope).map_or(When::No, When::Later),
        None => When::Later(value.origins()),
    })
}

/// Returns the origins of a condition that leaves blocks out, if it is one that a review does not rely on: only what the
/// runbook itself says without any name is certain to be so in every run.
pub fn opened(expression: &Expression, scope: &dyn Scope) -> Option<Origins> {
    if !scope.functions().clock.is_review() {
        return None;
    }
    let names = expression.references().into_iter().map(|reference| reference.to_string());
    let mut origins: Vec<String> = names.collect();
    expression.walk(&mut |part| {
        if let ExpressionKind::Call(call) = &part.kind
            && depends_on_machine(call.function())
        {
            origins.push(format!("{}()", call.function()));
        }
    });
    origins.into_iter().map(Origins::of).reduce(|all, one| all.union(&one))
}

/// The time limit and repetition settings of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepLimits {
    /// The time limit for all attempts together.
    pub timeout: Option<Duration>,
    /// The settings for retrying failed attempts, if any.
    pub retry: Option<Retry>,
    /// The settings for repeating the step until its result meets a condition, if any.
    pub until: Option<Until>,
}

/// The settings for retrying failed attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// The maximum number of attempts, the first included.
    pub attempts: u32,
    /// The time limit of one attempt.
    pub timeout: Option<Duration>,
    /// The delays between attempts.
    pub backoff: Backoff,
    /// The failures that are retried; if not given, the transient ones.
    pub on: Option<Vec<RetryOn>>,
}

/// A failure that `retry` matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryOn {
    /// The service answered with this HTTP status.
    Status(u16),
    /// No response arrived: the connection failed, broke or timed out.
    Transport,
    /// The service returned this error code.
    Code(String),
}

/// The settings for repeating a step until its result meets a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Until {
    /// The maximum number of attempts, the first included.
    pub attempts: Option<u32>,
    /// The time limit for all repetitions together.
    pub timeout: Option<Duration>,
    /// The delays between repetitions.
    pub backoff: Backoff,
}

/// The default delays of retries: 1 s, doubling to 30 s, half of it random.
const RETRY: Backoff =
    Backoff { delay: Duration::from_secs(1), factor: 2.0, longest: Duration::from_secs(30), jitter: 0.5 };
/// The default delays of polling: every 5 s.
const UNTIL: Backoff =
    Backoff { delay: Duration::from_secs(5), factor: 1.0, longest: Duration::from_mins(1), jitter: 0.0 };

/// The default number of attempts of a `retry` block.
const ATTEMPTS: u32 = 3;
/// The default time limit of an `until` block that gives neither a timeout nor a number of attempts.
const PATIENCE: Duration = Duration::from_mins(10);
/// The largest allowed number of attempts; a larger one is taken for a mistake.
const MAX_ATTEMPTS: usize = 100_000;

/// Evaluates the limits of the step instance at `address`, as far as they are known.
pub fn limits(scope: &dyn Scope, control: &Control, address: &str) -> Result<StepLimits, Diagnostics> {
    let mut reader = Reader { scope, address, found: Diagnostics::new() };
    let limits = StepLimits {
        timeout: reader.time("timeout", control.timeout.as_ref()),
        retry: control.retry.as_ref().map(|retry| reader.retry(retry)),
        until: control.until.as_ref().map(|until| reader.until(until)),
    };
    reader.found.or(limits)
}

/// Reads arguments of control blocks; an argument that is missing, null or unknown reads as none.
struct Reader<'a> {
    scope: &'a dyn Scope,
    address: &'a str,
    found: Diagnostics,
}

impl Reader<'_> {
    fn retry(&mut self, retry: &runbook::Retry) -> Retry {
        Retry {
            attempts: self.attempts(retry.attempts.as_ref()).unwrap_or(ATTEMPTS),
            timeout: self.time("timeout", retry.timeout.as_ref()),
            backoff: self.backoff(&retry.backoff, &RETRY),
            on: retry.on.as_ref().and_then(|on| self.passing(on)),
        }
    }

    fn until(&mut self, until: &runbook::Until) -> Until {
        let attempts = self.attempts(until.attempts.as_ref());
        let timeout = self.time("timeout", until.timeout.as_ref());
        Until {
            timeout: timeout.or((attempts.is_none()).then_some(PATIENCE)),
            attempts,
            backoff: self.backoff(&until.backoff, &UNTIL),
        }
    }

    fn backoff(&mut self, written: &runbook::Backoff, usual: &Backoff) -> Backoff {
        let delay = self.time("delay", written.delay.as_ref()).unwrap_or(usual.delay);
        let longest = self.time("max_delay", written.max_delay.as_ref());
        Backoff {
            delay,
            factor: self.number("factor", written.factor.as_ref(), 1.0, 100.0).unwrap_or(usual.factor),
            longest: longest.unwrap_or(usual.longest.max(delay)),
            jitter: self.number("jitter", written.jitter.as_ref(), 0.0, 1.0).unwrap_or(usual.jitter),
        }
    }

    fn value(&mut self, expression: Option<&Expression>) -> Option<Value> {
        let value = self.found.take(evaluate(expression?, self.scope))?;
        (!value.is_null() && value.is_wholly_known()).then_some(value)
    }

    fn time(&mut self, name: &str, expression: Option<&Expression>) -> Option<Duration> {
        let value = self.value(expression)?;
        let text = convert(&value, &Type::String).ok();
        let time = text.as_ref().and_then(Value::as_str).and_then(duration);
        if time.is_none() {
            let expression = expression?;
            // Of a value from elsewhere nothing is told.
            let written = match &expression.kind {
                ExpressionKind::Literal(value) => value.as_str().unwrap_or_default(),
                _ => "",
            };
            let help = match value.data() {
                Data::Number(_) => NUMBER_AS_DURATION.to_owned(),
                _ => duration_help(written),
            };
            self.wrong(name, expression, "is not a duration", &help);
        }
        time
    }

    fn attempts(&mut self, expression: Option<&Expression>) -> Option<u32> {
        let value = self.value(expression)?;
        let number = convert(&value, &Type::Number).ok();
        let attempts = number.and_then(|number| match number.data() {
            Data::Number(number) => number.to_usize(),
            _ => None,
        });
        let attempts = attempts.filter(|attempts| (1..=MAX_ATTEMPTS).contains(attempts));
        if attempts.is_none() {
            self.wrong(
                "attempts",
                expression?,
                "is not a number of attempts",
                "write a whole number from 1 to 100000; including the first attempt",
            );
        }
        attempts.and_then(|attempts| u32::try_from(attempts).ok())
    }

    fn number(&mut self, name: &str, expression: Option<&Expression>, least: f64, most: f64) -> Option<f64> {
        let value = self.value(expression)?;
        let number = convert(&value, &Type::Number).ok();
        let number = number.and_then(|number| match number.data() {
            Data::Number(number) => Some(number.to_f64()),
            _ => None,
        });
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.wrong(
                name,
                expression?,
                "is out of range",
                &format!("write a number from {least} to {most}"),
            );
        }
        number
    }

    fn passing(&mut self, expression: &Expression) -> Option<Vec<RetryOn>> {
        let value = self.value(Some(expression))?;
        let listed = matches!(value.data(), Data::Tuple(_) | Data::List(..) | Data::Set(..));
        let all: Option<Vec<RetryOn>> = if listed {
            value.children().map(passing).collect()
        } else {
            passing(&value).map(|one| vec![one])
        };
        if all.is_none() {
            self.wrong(
                "on",
                expression,
                "does not list failures",
                "list statuses, `\"transport\"` and error codes of the service: `[429, 503, \"transport\"]`",
            );
        }
        all
    }

    fn wrong(&mut self, name: &str, expression: &Expression, what: &str, help: &str) {
        self.found.push(
            Diagnostic::error("invalid-argument", format!("`{name}` {what}"))
                .at(expression.span, "cannot be used")
                .help(help)
                .about(self.address),
        );
    }
}

fn passing(value: &Value) -> Option<RetryOn> {
    match value.data() {
        Data::Number(number) => {
            let status = number.to_usize().and_then(|status| u16::try_from(status).ok());
            status.filter(|status| (100..600).contains(status)).map(RetryOn::Status)
        }
        Data::String(word) if &**word == "transport" => Some(RetryOn::Transport),
        Data::String(code) if !code.is_empty() => Some(RetryOn::Code(code.to_string())),
        _ => None,
    }
}
