//! Finds the digests that conditions compare.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use crate::audit::Subject;
use crate::audit::subject::StepView;
use crate::graph::ModuleId;
use crate::runbook::{Runbook, Step, Target};
use crate::source::{Span, relative, whole};
use crate::step::Sink;
use crate::syntax::{BinaryOperator, Expression, ExpressionKind, Reference, TemplatePart};

use super::scripts::scripted;
use super::values::{meant, with_locals};

/// The functions that compute a digest of a text.
const OF_TEXT: [&str; 4] = ["sha256", "sha512", "base64sha256", "base64sha512"];

/// The functions that compute the digest of a file.
const OF_FILE: [&str; 5] = ["filesha256", "filesha512", "filebase64sha256", "filebase64sha512", "filesha1"];

/// The outputs of a step that are what it loaded.
const CONTENT: [&str; 5] = ["body", "content_base64", "stdout", "stdout_base64", "content"];

/// The outputs of a step that are digests of the file that it wrote.
const OWN_DIGEST: [&str; 2] = ["sha256", "sha512"];

/// The steps and the files whose digests a condition compares.
pub(super) struct Compared<'a> {
    directory: &'a Path,
    /// The steps whose response or output is compared.
    results: HashSet<*const Step>,
    /// The steps whose file is compared, by the output with its path or its digest.
    files: HashSet<*const Step>,
    /// The files that are compared by their paths.
    paths: HashSet<String>,
}

/// The place of an expression: its runbook, and the step that `self` stands for.
#[derive(Clone, Copy)]
struct Scope<'a> {
    runbook: &'a Runbook,
    this: Option<&'a Step>,
}

impl<'a> Compared<'a> {
    /// Finds them in the conditions of a runbook and of its modules.
    pub fn of(subject: &Subject<'a>) -> Self {
        let directory = subject.plan.state.runbook(ModuleId::ROOT).directory.as_path();
        let mut compared =
            Self { directory, results: HashSet::new(), files: HashSet::new(), paths: HashSet::new() };
        for runbook in subject.runbooks() {
            for step in &runbook.steps {
                let rules = step.preconditions.iter().chain(&step.postconditions).map(|rule| &rule.condition);
                let scope = Scope { runbook, this: Some(step) };
                rules
                    .chain(&step.control.when)
                    .chain(step.control.conditions())
                    .for_each(|condition| compared.condition(scope, condition));
            }
            let checks = runbook.checks.iter().flat_map(|check| &check.rules);
            let outputs = runbook.outputs.iter().flat_map(|output| &output.preconditions);
            let scope = Scope { runbook, this: None };
            checks.chain(outputs).for_each(|rule| compared.condition(scope, &rule.condition));
        }
        compared
    }

    fn condition(&mut self, scope: Scope<'a>, condition: &'a Expression) {
        let mut comparisons = Vec::new();
        for expression in with_locals(scope.runbook, condition) {
            let mut open: Vec<Span> = Vec::new();
            expression.walk(&mut |part| {
                let is_open = open.iter().any(|or| or.contains(part.span));
                if is_or(part) {
                    open.push(part.span);
                } else if !is_open && is_comparison(part) {
                    comparisons.push(part);
                }
            });
        }
        for expression in comparisons.into_iter().flat_map(|one| with_locals(scope.runbook, one)) {
            let mut calls = Vec::new();
            expression.walk(&mut |part| {
                if let ExpressionKind::Call(call) = &part.kind {
                    calls.push(&**call);
                }
            });
            for call in calls {
                let Some(argument) = call.arguments.first() else { continue };
                if OF_FILE.contains(&call.function()) {
                    self.file(scope, argument);
                } else if OF_TEXT.contains(&call.function()) {
                    self.results.extend(steps(scope, argument, &CONTENT));
                }
            }
            for reference in expression.references() {
                if let Some((step, Some(output))) = result(scope, &reference)
                    && OWN_DIGEST.contains(&&*output)
                {
                    self.files.insert(step);
                }
            }
        }
    }

    /// Adds the file at a path.
    fn file(&mut self, scope: Scope<'a>, path: &'a Expression) {
        self.files.extend(steps(scope, path, &["path", "save_to"]));
        let mut parts = Vec::new();
        path.walk(&mut |part| parts.push(part));
        self.paths.extend(
            parts.into_iter().filter_map(|part| key((self.directory, self.directory), scope.runbook, part)),
        );
    }

    /// Returns true if the digest of the response of a step is compared.
    pub fn has_result(&self, step: &Step) -> bool {
        self.results.contains(&std::ptr::from_ref::<Step>(step))
    }

    /// Returns true if the digest of the file that a step writes is compared.
    pub fn has_file(&self, subject: &Subject<'a>, view: &StepView<'a>) -> bool {
        if self.files.contains(&std::ptr::from_ref::<Step>(view.step)) {
            return true;
        }
        let runbook = subject.runbook_of(view);
        let typed = view.step.typed();
        let paths = typed.fields.iter().filter(|field| field.sink == Sink::Path);
        let mut written: Vec<&Expression> = paths.filter_map(|field| view.written(field.name)).collect();
        if let Some(ExpressionKind::Tuple(elements)) = view.written("argv").map(|argv| &argv.kind) {
            written.extend(elements);
        }
        let is_known = |key: String| self.paths.contains(&key);
        let directory = self.directory.join(view.text("directory").unwrap_or_default());
        written.into_iter().filter_map(|one| key((self.directory, &directory), runbook, one)).any(is_known)
            || scripted(view).iter().any(|script| {
                let text = script.text();
                let words = text.split(|next: char| next.is_whitespace() || "\"'=<>;|&".contains(next));
                words.filter(|word| !word.is_empty()).any(|word| is_known(plain(&directory, word)))
            })
    }
}

/// Returns the steps whose outputs with these names are in an expression.
fn steps<'a>(
    scope: Scope<'a>,
    expression: &'a Expression,
    names: &'static [&'static str],
) -> impl Iterator<Item = *const Step> + use<'a> {
    let all = with_locals(scope.runbook, expression).into_iter();
    let results = all.flat_map(Expression::references).filter_map(move |reference| result(scope, &reference));
    let is_named =
        move |output: &Option<Arc<str>>| output.as_ref().is_none_or(|output| names.contains(&&**output));
    results.filter(move |(_, output)| is_named(output)).map(|(step, _)| std::ptr::from_ref(step))
}

/// Returns true for an expression that may be true whatever one of its sides is.
fn is_or(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Binary(binary) => binary.operator.value == BinaryOperator::Or,
        ExpressionKind::Unary(_) => true,
        _ => false,
    }
}

fn is_comparison(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Binary(binary) => binary.operator.value == BinaryOperator::Equal,
        ExpressionKind::Call(call) => matches!(call.function(), "contains" | "lookup"),
        _ => false,
    }
}

/// Returns the step that a reference names, with its output; none as the output for all of them.
fn result<'a>(scope: Scope<'a>, reference: &Reference) -> Option<(&'a Step, Option<Arc<str>>)> {
    let (target, named) = scope.runbook.names.resolve(reference).ok()?;
    let step = match target {
        Target::Step(index) => &scope.runbook.steps[index],
        Target::This => scope.this?,
        _ => return None,
    };
    // A key of `for_each` or an index may stand in front of the output.
    let is_repeated = matches!(target, Target::Step(_)) && step.repetition.is_some();
    let rest = reference.path.get(named..).unwrap_or_default();
    let rest = if is_repeated { rest.get(1..).unwrap_or_default() } else { rest };
    Some((step, rest.first().and_then(|segment| segment.name().cloned())))
}

/// Returns a path as one text, the same for each spelling; none for an expression that is no path.
fn key((root, directory): (&Path, &Path), runbook: &Runbook, expression: &Expression) -> Option<String> {
    let expression = meant(runbook, expression);
    match &expression.kind {
        ExpressionKind::Literal(value) => Some(plain(directory, value.as_str()?)),
        ExpressionKind::Template(template) => {
            let mut text = String::new();
            for part in &template.parts {
                match part {
                    TemplatePart::Text(part) => text.push_str(part),
                    TemplatePart::Interpolation(inner) => text.push_str(&open(root, runbook, inner)?),
                    TemplatePart::If(_) | TemplatePart::For(_) => return None,
                }
            }
            Some(plain(directory, &text))
        }
        _ => open(root, runbook, expression).map(|key| plain(directory, &key)),
    }
}

/// Returns a part of a path that is a reference, under a name that only its runbook has.
fn open(root: &Path, runbook: &Runbook, expression: &Expression) -> Option<String> {
    let expression = meant(runbook, expression);
    if let ExpressionKind::Literal(value) = &expression.kind {
        return value.as_str().map(str::to_owned);
    }
    let reference = expression.as_reference()?.to_string();
    Some(match reference.as_str() {
        "path.module" => relative(root, &runbook.directory),
        "path.root" => ".".to_owned(),
        _ => format!("${{{reference} {:p}}}", std::ptr::from_ref(runbook)),
    })
}

fn plain(directory: &Path, path: &str) -> String {
    whole(&directory.join(path)).to_string_lossy().into_owned()
}
