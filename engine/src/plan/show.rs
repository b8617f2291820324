//! Shows a plan to people and tools.

use std::fmt::{self, Write};

use serde_json::Value as Json;

use crate::diagnostic::visible;
use crate::redact::Secrets;
use crate::runbook::{OnError, RunOn, Runbook};
use crate::step::{ActionFacts, Effect, Follow, KindFacts, Platform};
use crate::value::{Layout, show as show_value};

use super::count::Count;
use super::listing::{ListedAnswers, ListedStep, ListedWhen};
use super::selection::grouped;
use super::{Listing, Plan};

/// Returns `plan` as text for people, without secrets: the planned steps in the order of the runbook, then
/// tokens, hosts and outputs.
#[must_use]
pub fn show(plan: &Plan, runbook: &Runbook, platform: &dyn Platform, secrets: &Secrets) -> String {
    // Redaction comes before truncation: a truncated secret would not be recognized.
    show_listing(&secrets.redacted(&Listing::of(plan, runbook, platform)))
}

/// Returns the listing of a plan as text for people, as [`show`] does.
#[must_use]
pub fn show_listing(plan: &Listing) -> String {
    let mut page = Page::default();
    page.line(0, format_args!("Runbook {}", plan.runbook));
    if let Some(description) = &plan.description {
        page.line(0, description);
    }
    page.line(0, format_args!("Identity: {}.", plan.identity));
    page.line(0, legend(plan.answers.as_ref()));
    for step in &plan.steps {
        page.gap();
        page.step(plan, step);
    }
    page.tokens(plan);
    page.list("Hosts", &plan.hosts);
    page.list("Files read", &plan.files);
    page.outputs(plan);
    page.list("Left out", &grouped(&plan.left_out));
    page.gap();
    if let Some(ListedAnswers::Run { run }) = &plan.answers {
        let answered = || plan.steps.iter().filter_map(|step| step.answered);
        let (used, asked) = (answered().filter(|answered| *answered).count(), answered().count());
        page.line(0, format_args!("{used} of {asked} results are known from the run {run}."));
    }
    page.line(0, Count(plan));
    // The plan may come from an untrusted file.
    visible(&page.text).into_owned()
}

/// Returns `plan` as JSON for tools, without secrets: one object with `format` 1, which stays readable for
/// programs that read it today.
#[must_use]
pub fn to_json(plan: &Plan, runbook: &Runbook, platform: &dyn Platform, secrets: &Secrets) -> Json {
    // Serialization cannot fail: a listing holds strings, numbers and values.
    let listing = Listing::of(plan, runbook, platform);
    serde_json::to_value(&*secrets.redacted(&listing)).unwrap_or(Json::Null)
}

/// A text written line by line.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, indent: usize, line: impl fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn step(&mut self, plan: &Listing, step: &ListedStep) {
        self.line(0, format_args!("{} {}", symbol(step), step.address));
        if let Some(later) = &step.each_of {
            self.line(4, format_args!("one for each of ({later})"));
        }
        for (what, addresses) in [("of these only", &step.each_only), ("but not", &step.each_but)] {
            if !addresses.is_empty() {
                self.line(4, format_args!("{what} {}", addresses.join(", ")));
            }
        }
        if let Some(description) = &step.description {
            self.line(4, description);
        }
        self.control(step);
        self.answered(plan, step);
        let width = step.arguments.names().map(str::len).max().unwrap_or(0);
        for (name, value) in step.arguments.to_values() {
            let value = show_value(&value, Layout { indent: 4, heredocs: false });
            self.line(4, format_args!("{name:width$} = {value}"));
        }
        for name in step.arguments.names() {
            // An argument with a secret sends that secret off the machine.
            if let Some(secrets) = step.secrets.get(name) {
                self.line(4, format_args!("a secret goes into {name}: {}", secrets.join(", ")));
            }
        }
        for action in &step.actions {
            self.action(action);
        }
        let waits: Vec<&str> = step.after.iter().map(String::as_str).collect();
        if !waits.is_empty() {
            self.line(4, format_args!("after {}", waits.join(", ")));
        }
    }

    /// Writes the condition, the ordering and the error handling of a step.
    fn control(&mut self, step: &ListedStep) {
        match &step.when {
            ListedWhen::Decided(true) => {}
            ListedWhen::Decided(false) => self.line(4, "not run: `when` is false"),
            ListedWhen::Later(when) => self.line(4, format_args!("only when {when}")),
        }
        match step.run_on {
            RunOn::Success => {}
            RunOn::Failure => self.line(4, "only after a failure of a step before it"),
            RunOn::Always => self.line(4, "whether or not the steps before it succeed"),
        }
        if step.on_error == OnError::Continue {
            self.line(4, "if it fails, the run continues with nulls for its outputs");
        }
        if let Some(most) = step.concurrency {
            self.line(4, format_args!("at most {most} of its instances run at once"));
        }
        if let Some(limit) = &step.limit {
            let (most, name) = (limit.concurrency, &limit.name);
            self.line(4, format_args!("at most {most} of the steps with the limit {name} run at once"));
        }
    }

    /// Writes the known result and the planned change of a step.
    fn answered(&mut self, plan: &Listing, step: &ListedStep) {
        if let Some(planned_change) = &step.change {
            planned_change.lines().iter().for_each(|line| self.line(4, line));
        }
        match (&plan.answers, &step.unanswered) {
            (Some(ListedAnswers::Run { .. }), None) if step.answered == Some(true) => {
                self.line(4, "returns its recorded results");
            }
            // In a live plan, a step that changes something has shown its change already.
            (Some(answers), Some(why)) if *answers != ListedAnswers::Services || step.change.is_none() => {
                self.line(4, format_args!("its results are unknown: {why}"));
            }
            _ => {}
        }
    }

    fn action(&mut self, action: &ActionFacts) {
        let follow = match action.follow {
            Follow::Nothing => "",
            Follow::Pages => " (and its further pages)",
            Follow::Operation => " (and the polls of its operation)",
        };
        self.line(4, format_args!("{}{follow}", action.line()));
        if let KindFacts::Exec { environment, directory, .. } = &action.kind {
            if !environment.is_empty() {
                self.line(8, format_args!("sets {}", environment.join(", ")));
            }
            if let Some(directory) = directory {
                self.line(8, format_args!("in {directory}"));
            }
        }
        if let Some(audience) = action.audience() {
            self.line(8, format_args!("token for {audience}"));
        }
        for permission in &action.needs {
            self.line(8, format_args!("needs {}", permission.action));
        }
    }

    fn tokens(&mut self, plan: &Listing) {
        if plan.tokens.is_empty() {
            return;
        }
        self.gap();
        self.line(0, "Tokens");
        for token in &plan.tokens {
            self.line(2, format_args!("{} for {}", token.audience, token.steps.join(", ")));
            if let Some(url) = &token.url {
                self.line(6, format_args!("GET {url} (challenge and answer)"));
            }
        }
    }

    fn list(&mut self, title: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.gap();
        self.line(0, title);
        for line in lines {
            self.line(2, line);
        }
    }

    fn outputs(&mut self, plan: &Listing) {
        if plan.outputs.is_empty() {
            return;
        }
        self.gap();
        self.line(0, "Outputs");
        let width = plan.outputs.names().map(str::len).max().unwrap_or(0);
        for (name, value) in plan.outputs.to_values() {
            let value = show_value(&value, Layout { indent: 2, heredocs: false });
            self.line(2, format_args!("{name:width$} = {value}"));
        }
    }
}

/// Returns the legend of the symbols before the steps.
fn legend(answers: Option<&ListedAnswers>) -> String {
    let offline = "< reads, ~ changes, = computes";
    match answers {
        None => offline.to_owned(),
        Some(ListedAnswers::Services) => {
            "< reads, = computes, + creates, ~ updates, -/+ replaces, ? unknown".to_owned()
        }
        Some(ListedAnswers::Run { run }) => {
            format!("{offline}\nSteps return their results of the run {run}, as far as they are known.")
        }
    }
}

fn symbol(step: &ListedStep) -> &'static str {
    match (&step.change, step.effect) {
        (Some(planned_change), _) => planned_change.symbol(),
        (None, Effect::Nothing) => "=",
        (None, Effect::Reads) => "<",
        (None, Effect::Changes) => "~",
    }
}
