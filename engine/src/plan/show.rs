//! A plan for people and for tools.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use serde_json::{Value as Json, json};

use crate::runbook::{OnError, RunOn, Runbook};
use crate::step::{Call, Effect, Platform, Text, Touch};
use crate::value::{Layout, Value, show as show_value};

use super::count::{Actions, Count};
use super::selection::grouped;
use super::shown::shown;
use super::{Address, Answered, Plan, PlannedStep, Prospect, Source, When};

/// Writes `plan` for people: what each step would do, in the order of the runbook, then tokens, hosts and outputs.
#[must_use]
pub fn show(plan: &Plan, runbook: &Runbook, platform: &dyn Platform) -> String {
    let mut page = Page::default();
    page.line(0, format_args!("Runbook {}", runbook.name));
    if let Some(description) = &runbook.settings.description {
        page.line(0, description);
    }
    page.line(0, format_args!("It acts as {}.", platform.identity()));
    page.line(0, legend(&plan.source));
    for step in &plan.steps {
        page.gap();
        page.step(plan, step);
    }
    page.tokens(plan, platform);
    page.list("Hosts", &hosts(plan, platform));
    page.list("Files read", &plan.files);
    page.outputs(plan);
    page.list("Left out", &grouped(&plan.left_out));
    page.gap();
    if let Source::Run(run) = &plan.source {
        let count = |is: fn(&Answered) -> bool| plan.steps.iter().filter(|step| is(&step.answered)).count();
        let used = count(|answered| *answered == Answered::Yes);
        let asked = count(|answered| *answered != Answered::NotAsked);
        page.line(0, format_args!("{used} of {asked} answers are known from the run {run}."));
    }
    page.line(0, Count(plan));
    page.text
}

/// A page that is written line by line.
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

    fn step(&mut self, plan: &Plan, step: &PlannedStep) {
        self.line(0, format_args!("{} {}", symbol(step), step.address));
        if let Some(later) = &step.each_of {
            self.line(4, format_args!("one for each of ({later})"));
        }
        let (only, but) = plan.extent.limits(plan.view(), step.node);
        for (what, addresses) in [("of these only", only), ("but not", but)] {
            if !addresses.is_empty() {
                self.line(4, format_args!("{what} {}", addresses.join(", ")));
            }
        }
        if let Some(description) = &step.description {
            self.line(4, description);
        }
        self.control(step);
        self.answered(plan, step);
        let width = step.arguments.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &step.arguments {
            let value = show_value(value, Layout { indent: 4, heredocs: false });
            self.line(4, format_args!("{name:width$} = {value}"));
        }
        for (name, value) in &step.arguments {
            self.flow(name, value);
        }
        for call in &step.calls {
            self.call(call);
        }
        for Touch::Reads(path) in &step.touches {
            self.line(4, format_args!("reads the file {}", path.display()));
        }
        let waits: Vec<String> = plan.waits(step).into_iter().collect();
        if !waits.is_empty() {
            self.line(4, format_args!("after {}", waits.join(", ")));
        }
    }

    /// Says when it is done, and what its failure does.
    fn control(&mut self, step: &PlannedStep) {
        match &step.when {
            When::Yes => {}
            When::No => self.line(4, "not run: `when` is false"),
            When::Later(origins) => self.line(4, format_args!("only when ({origins})")),
        }
        match step.run_on {
            RunOn::Success => {}
            RunOn::Failure => self.line(4, "only when something that it comes after fails"),
            RunOn::Always => self.line(4, "whatever becomes of what it comes after"),
        }
        if step.on_error == OnError::Continue {
            self.line(4, "when it fails, the run goes on without what it gives");
        }
    }

    /// Says what is known of it already, and what it would change.
    fn answered(&mut self, plan: &Plan, step: &PlannedStep) {
        if let Some(prospect) = &step.prospect {
            prospect.lines().iter().for_each(|line| self.line(4, line));
        }
        match (&plan.source, &step.answered) {
            (Source::Run(_), Answered::Yes) => self.line(4, "gives what it gave then"),
            (Source::Run(_), Answered::No(why)) => {
                self.line(4, format_args!("what it gives is not known: {why}"));
            }
            // A step that changes something has said so.
            (Source::Services, Answered::No(why)) if step.prospect.is_none() => {
                self.line(4, format_args!("what it gives is not known: {why}"));
            }
            _ => {}
        }
    }

    /// Says when a secret goes into an argument, which is how it leaves the machine.
    fn flow(&mut self, name: &str, value: &Value) {
        let marks = value.deep_marks();
        let origins: Vec<&str> = marks.origins().collect();
        if !origins.is_empty() {
            self.line(4, format_args!("a secret goes into {name}: {}", origins.join(", ")));
        }
    }

    fn call(&mut self, call: &Call) {
        let pages = if call.pages { " (and its further pages)" } else { "" };
        self.line(4, format_args!("{} {}{pages}", call.method, call.url));
        if let Some(audience) = &call.audience {
            self.line(8, format_args!("token for {audience}"));
        }
        if let Some(permission) = &call.permission {
            self.line(8, format_args!("needs {} ({})", permission.action, permission.role));
        }
    }

    fn tokens(&mut self, plan: &Plan, platform: &dyn Platform) {
        if plan.tokens.is_empty() {
            return;
        }
        self.gap();
        self.line(0, "Tokens");
        for token in &plan.tokens {
            self.line(2, format_args!("{} for {}", token.audience, token.steps.join(", ")));
            if let Some(url) = platform.token_url(&token.audience) {
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

    fn outputs(&mut self, plan: &Plan) {
        if plan.outputs.is_empty() {
            return;
        }
        self.gap();
        self.line(0, "Outputs");
        let width = plan.outputs.iter().map(|output| output.name.len()).max().unwrap_or(0);
        for output in &plan.outputs {
            let value = show_value(&output.value, Layout { indent: 2, heredocs: false });
            self.line(2, format_args!("{:width$} = {value}", output.name));
        }
    }
}

/// What the symbols before the steps mean.
fn legend(source: &Source) -> String {
    let offline = "< reads, ~ changes something, = computes";
    match source {
        Source::Nobody => offline.to_owned(),
        Source::Services => "< reads, = computes, + creates, ~ updates, -/+ replaces, ? not known".to_owned(),
        Source::Run(run) => {
            format!("{offline}\nSteps give what they gave in the run {run}, where that can be told.")
        }
    }
}

/// What stands before a step.
fn symbol(step: &PlannedStep) -> &'static str {
    match (&step.prospect, step.effect) {
        (Some(prospect), _) => prospect.symbol(),
        (None, Effect::Nothing) => "=",
        (None, Effect::Reads) => "<",
        (None, Effect::Changes) => "~",
    }
}

/// The hosts that would be spoken to, as far as they are known.
fn hosts(plan: &Plan, platform: &dyn Platform) -> Vec<String> {
    let calls = plan.steps.iter().flat_map(|step| &step.calls).map(|call| host(&call.url));
    let tokens = plan.tokens.iter().filter_map(|token| platform.token_url(&token.audience));
    let hosts: BTreeSet<String> = calls.chain(tokens.map(|url| host(&url.into()))).collect();
    hosts.into_iter().collect()
}

/// `https://(known after …).vault.azure.net/secrets` → `(known after …).vault.azure.net`.
fn host(url: &Text) -> String {
    let url = url.to_string();
    let authority = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    // Phrases in parentheses may hold slashes; a host may not.
    let mut depth = 0_u32;
    let end = authority.find(|next| {
        match next {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(next, '/' | '?' | '#')
    });
    authority[..end.unwrap_or(authority.len())].to_owned()
}

/// `plan` for tools: one object with `format` 1, which stays readable for whoever reads it today.
#[must_use]
pub fn to_json(plan: &Plan, runbook: &Runbook, platform: &dyn Platform) -> Json {
    let variables = runbook.variables.iter().zip(&plan.variables);
    json!({
        "format": 1,
        "runbook": runbook.name,
        "description": runbook.settings.description,
        "identity": platform.identity(),
        "variables": variables.map(|(variable, value)| (variable.name.value.to_string(), shown(value)))
            .collect::<serde_json::Map<_, _>>(),
        "steps": plan.steps.iter().map(|planned| step(plan, planned)).collect::<Json>(),
        "tokens": plan.tokens.iter()
            .map(|token| json!({
                "audience": token.audience.as_str(),
                "steps": token.steps,
                "url": platform.token_url(&token.audience),
            }))
            .collect::<Json>(),
        "hosts": hosts(plan, platform),
        "files": plan.files,
        "outputs": plan.outputs.iter().map(|output| (output.name.clone(), shown(&output.value)))
            .collect::<serde_json::Map<_, _>>(),
        "changes": plan.changes().count(),
        "actions": (plan.source == Source::Services).then(|| Actions::of(plan).to_json()),
        "answers": match &plan.source {
            Source::Nobody => Json::Null,
            Source::Services => json!({ "from": "services" }),
            Source::Run(run) => json!({ "from": "run", "run": run }),
        },
        "selection": {
            "targets": plan.selection.targets.iter().map(Address::to_string).collect::<Json>(),
            "excludes": plan.selection.excludes.iter().map(Address::to_string).collect::<Json>(),
        },
        "left_out": plan.left_out.iter()
            .map(|left| json!({ "address": left.address, "because": left.because }))
            .collect::<Json>(),
    })
}

fn step(plan: &Plan, step: &PlannedStep) -> Json {
    let arguments = step.arguments.iter().map(|(name, value)| (name.clone(), shown(value)));
    let secrets = step.arguments.iter().filter_map(|(name, value)| {
        let marks = value.deep_marks();
        (!marks.is_empty()).then(|| (name.clone(), marks.origins().collect::<Json>()))
    });
    json!({
        "address": step.address,
        "effect": step.effect.as_str(),
        "description": step.description,
        "arguments": arguments.collect::<serde_json::Map<_, _>>(),
        "secrets": secrets.collect::<serde_json::Map<_, _>>(),
        "calls": step.calls.iter().map(call).collect::<Json>(),
        "reads_files": step.touches.iter().map(|Touch::Reads(path)| path.display().to_string()).collect::<Json>(),
        "after": plan.waits(step),
        "each_of": step.each_of,
        "when": match &step.when {
            When::Yes => Json::Bool(true),
            When::No => Json::Bool(false),
            When::Later(origins) => format!("({origins})").into(),
        },
        "run_on": step.run_on.as_str(),
        "on_error": match step.on_error {
            OnError::Stop => "stop",
            OnError::Continue => "continue",
        },
        "answered": match &step.answered {
            Answered::NotAsked => Json::Null,
            Answered::Yes => true.into(),
            Answered::No(_) => false.into(),
        },
        "unanswered": match &step.answered {
            Answered::No(why) => Some(why),
            _ => None,
        },
        "change": step.prospect.as_ref().map(Prospect::to_json),
    })
}

fn call(call: &Call) -> Json {
    json!({
        "method": call.method.as_str(),
        "url": call.url.to_string(),
        "host": host(&call.url),
        "audience": call.audience.as_ref().map(ToString::to_string),
        "pages": call.pages,
        "permission": call.permission.map(|permission| json!({
            "action": permission.action,
            "data": permission.data,
            "role": permission.role,
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Arg;
    use crate::value::Origins;

    #[test]
    fn the_host_of_a_url_may_not_be_known() {
        let vault: Arg<String> = Arg::Unknown(Origins::of("step.a.b[\"x/y\"]"));
        let url = Text::from("https://").then_arg(&vault, Clone::clone).then(".vault.azure.net/secrets/x?y");
        assert_eq!(host(&url), "(known after step.a.b[\"x/y\"]).vault.azure.net");
        assert_eq!(host(&"https://a.test:8443?x".into()), "a.test:8443");
    }
}
