//! Reads the control settings of a step.

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::runbook::block_type::{BlockArgument, BlockType, optional, required};
use crate::runbook::{Backoff, Control, OnError, Retry, RunOn, Until};
use crate::syntax::{Block, Body, Expression};

use super::fields::{Fields, labels};
use super::quoted;

pub const WHEN: BlockArgument = optional(
    "when",
    "bool",
    "Decides whether the step runs; if it is false, the results of the step are null.",
)
.or("true");
pub const RUN_ON: BlockArgument = optional(
    "run_on",
    "text",
    "The end of what it waits for after which it is run: \"success\", \"failure\" or \"always\".",
)
.or("\"success\"");
pub const TIMEOUT: BlockArgument =
    optional("timeout", "duration", "The time limit of all attempts together, such as \"30s\".");
pub const ON_ERROR: BlockArgument = optional(
    "on_error",
    "text",
    "\"stop\": its dependents do not run; \"continue\": its failure is a warning, and its results are null.",
)
.or("\"stop\"");

pub const MAX_FAILURES: BlockArgument = optional(
    "max_failures",
    "number",
    "The number of instances that may fail as with \"continue\"; when one more fails, the run fails and no further instance starts.",
);

pub const CONCURRENCY: BlockArgument = optional(
    "concurrency",
    "number",
    "The maximum number of instances that run at once; it is known before the run.",
)
.or("the `-parallelism` of the run");
pub const LIMIT: BlockArgument = optional(
    "limit",
    "text",
    "The name of a limit in the `limits` of the `runbook` block, which the step shares with others.",
);

const MAX_DELAY: &str = "The longest wait between two attempts.";
const FACTOR: &str = "The factor by which each further wait is longer than the one before, from 1 to 100.";
const JITTER: &str = "The share of each wait that is left to chance, from 0 to 1.";

pub const RETRY: BlockType = BlockType {
    name: "retry",
    labels: &[],
    within: &["step"],
    docs: "Repeats a step after a failure.",
    arguments: &[
        optional("attempts", "number", "The total number of attempts, from 1 to 100000.").or("3"),
        optional("delay", "duration", "The delay before the second attempt.").or("\"1s\""),
        optional("max_delay", "duration", MAX_DELAY).or("\"30s\""),
        optional("factor", "number", FACTOR).or("2"),
        optional("jitter", "number", JITTER).or("0.5"),
        optional("timeout", "duration", "The time limit of one attempt."),
        optional(
            "on",
            "list of numbers and texts",
            "The failures that are tried again: statuses, \"transport\" (no answer), error codes of the service.",
        )
        .or("no connection, no answer, 408, 429 and 5xx, and a program that failed"),
        optional("condition", "bool", "A condition on `self`: while it is true, the step is repeated although it succeeded."),
    ],
    blocks: &[],
    further: None,
    example: r#"step "arm_list" "vms" {
  scope = "/subscriptions/00000000-0000-0000-0000-000000000000"

  retry {
    attempts = 5
    delay    = "2s"
    on       = [409, 503, "transport"]
  }
}

output "vms" {
  value = length(step.arm_list.vms.items)
}
"#,
};

pub const UNTIL: BlockType = BlockType {
    name: "until",
    labels: &[],
    within: &["step"],
    docs: "Repeats a step until a condition on its results is true; fails if it never is.\n\nOnly for steps that read, or whose change may be repeated.",
    arguments: &[
        required(
            "condition",
            "bool",
            "A condition on `self`, the results of the step: the step ends when it is true.",
        ),
        optional("delay", "duration", "The delay between two attempts.").or("\"5s\""),
        optional("max_delay", "duration", MAX_DELAY).or("\"1m\""),
        optional("factor", "number", FACTOR).or("1"),
        optional("jitter", "number", JITTER).or("0"),
        optional("timeout", "duration", "The time limit of all attempts together.")
            .or("\"10m\" without `attempts`"),
        optional("attempts", "number", "The maximum number of attempts."),
    ],
    blocks: &[],
    further: None,
    example: r#"step "metadata" "machine" {}

step "arm_get" "extension" {
  path        = "${step.metadata.machine.resource_id}/extensions/AzureMonitorLinuxAgent"
  api_version = "2024-07-10"

  until {
    condition = self.body.properties.provisioningState == "Succeeded"
    delay     = "10s"
    timeout   = "15m"
  }
}

output "state" {
  value = step.arm_get.extension.body.properties.provisioningState
}
"#,
};

/// Reads the control settings of the step with this body; `fields` are those of the body.
pub fn read(body: &Body, fields: &mut Fields<'_>) -> Control {
    let expression = |fields: &Fields<'_>, name| fields.attribute(name).map(|found| found.expression.clone());
    let run_on = word(
        fields,
        "run_on",
        &[("success", RunOn::Success), ("failure", RunOn::Failure), ("always", RunOn::Always)],
    );
    let on_error = word(fields, "on_error", &[("stop", OnError::Stop), ("continue", OnError::Continue)]);
    let max_failures = expression(fields, "max_failures");
    if max_failures.is_some() {
        is_alone(body, fields.found());
    }
    let on_error = if max_failures.is_some() { OnError::Continue } else { on_error };
    Control {
        when: expression(fields, "when"),
        run_on,
        timeout: expression(fields, "timeout"),
        retry: only(body, "retry", fields.found())
            .and_then(|block| retry(block, fields.found()))
            .map(Box::new),
        until: only(body, "until", fields.found())
            .and_then(|block| until(block, fields.found()))
            .map(Box::new),
        on_error,
        max_failures,
        concurrency: expression(fields, "concurrency"),
        limit: fields.text("limit"),
    }
}

/// Reports what contradicts the `max_failures` of a step.
fn is_alone(body: &Body, found: &mut Diagnostics) {
    let Some(budget) = body.attribute("max_failures") else { return };
    if let Some(on_error) = body.attribute("on_error") {
        found.push(
            Diagnostic::error("invalid-argument", "`on_error` and `max_failures` exclude each other")
                .marked(on_error.name.span, "decides for each instance alone")
                .also(budget.name.span, "decides how many may fail")
                .help("remove one of them: `on_error = \"continue\"` tolerates any number of failures"),
        );
    }
    if body.attribute("count").is_none() && body.attribute("for_each").is_none() {
        found.push(
            Diagnostic::error("invalid-argument", "`max_failures` is for a step with instances")
                .marked(budget.name.span, "this step has one instance")
                .help("give the step `count` or `for_each`, or write `on_error = \"continue\"`"),
        );
    }
}

/// Reads a keyword argument; the default if it is missing.
fn word<T: Copy + Default>(fields: &mut Fields<'_>, name: &str, words: &[(&str, T)]) -> T {
    let Some(text) = fields.text(name) else { return T::default() };
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.value) {
        return *meaning;
    }
    let known = || words.iter().map(|(word, _)| *word);
    let hint = did_you_mean(&text.value, known());
    fields.found().push(
        Diagnostic::error("invalid-argument", format!("`{name}` cannot be `{}`", text.value.escape_debug()))
            .at(text.span, "unknown word")
            .help(hint.unwrap_or_else(|| format!("it is one of {}", quoted(known())))),
    );
    T::default()
}

/// Returns the only block of that kind.
fn only<'a>(body: &'a Body, kind: &str, found: &mut Diagnostics) -> Option<&'a Block> {
    let mut blocks = body.blocks_of(kind);
    let first = blocks.next()?;
    if let Some(second) = blocks.next() {
        found.push(
            Diagnostic::error("duplicate-name", format!("there are two `{kind}` blocks"))
                .marked(second.header, "again here")
                .also(first.header, "first here")
                .help("merge them into one"),
        );
    }
    Some(first)
}

fn retry(block: &Block, found: &mut Diagnostics) -> Option<Retry> {
    labels(block, [], found)?;
    let known = RETRY.argument_names();
    let fields = Fields::new(&block.body, "a `retry` block", (&known, RETRY.blocks), found);
    let argument = |name| argument(&fields, name);
    Some(Retry {
        attempts: argument("attempts"),
        timeout: argument("timeout"),
        backoff: backoff(&fields),
        on: argument("on"),
        condition: argument("condition"),
        header: block.header,
    })
}

fn until(block: &Block, found: &mut Diagnostics) -> Option<Until> {
    labels(block, [], found)?;
    let known = UNTIL.argument_names();
    let mut fields = Fields::new(&block.body, "an `until` block", (&known, UNTIL.blocks), found);
    let condition = fields.required("condition", block).cloned();
    Some(Until {
        condition: condition?,
        attempts: argument(&fields, "attempts"),
        timeout: argument(&fields, "timeout"),
        backoff: backoff(&fields),
        header: block.header,
    })
}

fn backoff(fields: &Fields<'_>) -> Backoff {
    let argument = |name| argument(fields, name);
    Backoff {
        delay: argument("delay"),
        max_delay: argument("max_delay"),
        factor: argument("factor"),
        jitter: argument("jitter"),
    }
}

fn argument(fields: &Fields<'_>, name: &str) -> Option<Expression> {
    fields.attribute(name).map(|attribute| attribute.expression.clone())
}
