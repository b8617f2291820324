//! Provides a runbook and its plan for the rules.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::Diagnostics;
use crate::graph::{ModuleId, Node};
use crate::plan::{Listing, Plan, PlannedStep, SecretPath, When};
use crate::policy::Answers;
use crate::runbook::{Runbook, Step};
use crate::source::{Sources, Span};
use crate::step::Platform;
use crate::syntax::Expression;
use crate::value::Value;

use super::Found;

/// The runbook of an audit, with its plan.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The listing of the plan.
    pub listing: &'a Listing,
    /// The texts of the files.
    pub sources: &'a Sources,
    /// The platform that the plan is for.
    pub platform: &'a dyn Platform,
    /// The errors about secrets for which no run follows the plan.
    pub refused: &'a Diagnostics,
    /// The answers of the organisation's own policies.
    pub answers: &'a Answers,
}

/// An instance of a step, as it is written and as it is planned.
#[derive(Clone, Copy)]
pub struct StepView<'a> {
    /// The planned step.
    pub planned: &'a PlannedStep,
    /// The block.
    pub step: &'a Step,
}

impl<'a> Subject<'a> {
    /// Returns the runbook.
    #[must_use]
    pub fn runbook(&self) -> &'a Runbook {
        self.plan.state.runbook(ModuleId::ROOT)
    }

    /// Returns the runbook and those of its modules, each once for all instances.
    pub fn runbooks(&self) -> impl Iterator<Item = &'a Runbook> {
        let mut seen = HashSet::new();
        let all = self.plan.state.modules.iter().map(|(_, module)| &*module.runbook);
        all.filter(move |runbook| seen.insert(std::ptr::from_ref::<Runbook>(runbook)))
    }

    /// Returns the runbook or the module that a step is written in.
    #[must_use]
    pub fn runbook_of(&self, view: &StepView<'_>) -> &'a Runbook {
        let module = match self.plan.graph.get(view.planned.node) {
            Node::Item { module, .. } => *module,
            Node::Token { .. } => ModuleId::ROOT,
        };
        self.plan.state.runbook(module)
    }

    /// Returns the steps that may run.
    pub fn steps(&self) -> impl Iterator<Item = StepView<'a>> {
        let plan = self.plan;
        let planned = plan.steps.iter().filter(|planned| planned.when != When::No);
        planned.filter_map(move |planned| Some(StepView { planned, step: plan.written(planned)? }))
    }

    /// Returns the steps of a type.
    pub fn steps_of(&self, step_type: &'a str) -> impl Iterator<Item = StepView<'a>> {
        self.steps().filter(move |view| view.step.step_type.schema().name == step_type)
    }

    /// Returns what a rule finds at the ends of secrets: `message` describes a path that breaks it.
    pub fn secret_ends(&self, message: impl Fn(&StepView<'a>, &SecretPath) -> Option<String>) -> Vec<Found> {
        let steps: HashMap<&str, StepView<'a>> =
            self.steps().map(|view| (view.planned.address.as_str(), view)).collect();
        let found = |path: &SecretPath| {
            let view = steps.get(path.end.address.as_str())?;
            let argument = path.end.argument.as_deref()?;
            let name = argument.split(['.', '[']).next().unwrap_or_default();
            Some(view.found(name, message(view, path)?))
        };
        self.listing.secret_paths.iter().filter_map(found).collect()
    }
}

impl<'a> StepView<'a> {
    /// Returns the value of an argument, as far as it is known.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'a Value> {
        let found = self.planned.arguments.iter().find(|(argument, _)| argument == name);
        found.map(|(_, value)| value).filter(|value| !value.is_null())
    }

    /// Returns the text of an argument, if it is known and public.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.argument(name).filter(|value| !value.is_marked()).and_then(Value::as_str)
    }

    /// Returns the expression of an argument.
    #[must_use]
    pub fn written(&self, name: &str) -> Option<&'a Expression> {
        self.step.typed().argument(name).map(|argument| &argument.expression)
    }

    /// Returns the place of an argument, or of the header if the argument is missing.
    #[must_use]
    pub fn place(&self, name: &str) -> Span {
        self.step.place(name)
    }

    /// Returns what a rule finds in an argument.
    #[must_use]
    pub fn found(&self, argument: &str, message: impl Into<String>) -> Found {
        Found::at(self.place(argument), message).about(&*self.planned.address)
    }

    /// Returns what a rule finds in the step as a whole.
    #[must_use]
    pub fn found_in_whole(&self, message: impl Into<String>) -> Found {
        Found::at(self.step.header, message).about(&*self.planned.address)
    }
}
