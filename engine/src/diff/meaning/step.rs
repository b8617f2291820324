//! Writes the parts of a step.

use super::Form;
use super::blocks::Parts;
use crate::jmespath;
use crate::runbook::{Backoff, Control, OnError, Query, RunOn, Step};
use crate::source::Sources;
use crate::step::Field;
use crate::syntax::Expression;
use crate::value::quote;

impl Parts<'_> {
    /// Adds everything in a step that has a meaning; its description has none.
    pub(super) fn step(&mut self, step: &Step, sources: &Sources) {
        if let Some(repetition) = &step.repetition {
            self.expression(repetition.keyword(), repetition.expression());
        }
        for argument in &step.arguments {
            let name = &*argument.name.value;
            let field = step.step_type.schema().argument(name);
            self.argument(name, &argument.expression, field.is_some_and(Field::has_sensitive_part));
        }
        for extract in &step.extract {
            let form = match &extract.query {
                Query::Constant(query) => Form::keyed(query.canonical(), sources.text(extract.span)),
                Query::Computed(expression) => self.query(expression),
            };
            self.form(&format!("extract.{}", extract.name.value), form);
        }
        self.dependencies(&step.depends_on);
        self.identity(step.identity.as_ref());
        self.control(&step.control);
        if step.sensitive {
            self.form("sensitive", Form::of("true"));
        }
        self.rules("precondition", &step.preconditions);
        self.rules("postcondition", &step.postconditions);
    }

    /// Returns the form of a query that is an expression: that of the query, if the expression is constant.
    fn query(&mut self, expression: &Expression) -> Form {
        let constant = self.writer.constant(expression);
        let text = constant.as_ref().and_then(|value| value.as_str());
        match text.and_then(|text| Some((jmespath::Query::parse(text).ok()?, text))) {
            Some((query, text)) => Form::keyed(query.canonical(), quote(text)),
            None => self.writer.write(expression),
        }
    }

    fn control(&mut self, control: &Control) {
        let Control { when, run_on, timeout, retry, until, on_error, max_failures, concurrency, limit } =
            control;
        self.optional("when", when.as_ref());
        self.optional("timeout", timeout.as_ref());
        self.optional("max_failures", max_failures.as_ref());
        self.optional("concurrency", concurrency.as_ref());
        if *run_on != RunOn::default() {
            self.form("run_on", Form::of(format!("\"{}\"", run_on.as_str())));
        }
        if *on_error == OnError::Continue && max_failures.is_none() {
            self.form("on_error", Form::of("\"continue\""));
        }
        if let Some(limit) = limit {
            self.form("limit", Form::of(format!("\"{}\"", limit.value)));
        }
        if let Some(retry) = retry {
            self.form("retry", Form::of("{}"));
            self.optional("retry.attempts", retry.attempts.as_ref());
            self.optional("retry.timeout", retry.timeout.as_ref());
            self.optional("retry.on", retry.on.as_ref());
            self.optional("retry.condition", retry.condition.as_ref());
            self.backoff("retry", &retry.backoff);
        }
        if let Some(until) = until {
            self.expression("until.condition", &until.condition);
            self.optional("until.attempts", until.attempts.as_ref());
            self.optional("until.timeout", until.timeout.as_ref());
            self.backoff("until", &until.backoff);
        }
    }

    fn backoff(&mut self, block: &str, backoff: &Backoff) {
        let Backoff { delay, max_delay, factor, jitter } = backoff;
        let all = [("delay", delay), ("max_delay", max_delay), ("factor", factor), ("jitter", jitter)];
        for (name, expression) in all {
            self.optional(&format!("{block}.{name}"), expression.as_ref());
        }
    }
}
