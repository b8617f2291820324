//! Evaluates `templatefile` and `templatestring`.

use super::budget::Budget;
use super::call::{Arguments, told};
use super::jinja;
use super::special::wrong_arguments;
use super::template_release::releases;
use super::{Evaluated, Evaluator};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Resolved, Scope, functions, unknown_name};
use crate::source::{SourceFile, Sources, text_without_mark};
use crate::syntax::{
    Call, Expression, ExpressionKind, Reference, TraversalStep, is_identifier, parse_template,
};
use crate::value::{Data, Entries, Marks, Origins, Type, Value};

/// Returns true if a template file with this name is a Jinja template.
#[must_use]
pub fn is_jinja(name: &str) -> bool {
    name.ends_with(JINJA)
}

/// The suffix of files with Jinja templates.
const JINJA: &str = ".j2";

/// The depth limit of templates that render each other.
const MAX_NESTING: usize = 16;

/// The stack of the thread that evaluates a nested template.
const STACK: usize = 16 << 20;

/// A template that is being rendered.
#[derive(Clone)]
pub(super) struct Around {
    /// The normalized path of the file; none for a template that is not a file.
    pub name: Option<String>,
    /// The name in messages.
    pub shown: String,
}

impl Evaluator<'_> {
    pub(super) fn template_file(&mut self, call: &Call, expression: &Expression) -> Evaluated {
        self.template_call(call, expression, |evaluator, path| {
            let files = evaluator.scope.functions().files;
            let leads_out = |path: &str| !evaluator.around.is_empty() && files.locate_inside(path).is_none();
            if let Some(path) = path.as_str().filter(|path| leads_out(path)) {
                let reason = format!("{path:?} leads out of the runbook's directory");
                return Err(told(&reason, &[Value::from(path)]));
            }
            functions::call("file", std::slice::from_ref(path), &evaluator.context("templatefile", call))
                .map_err(|error| told(&error.to_string(), std::slice::from_ref(path)))
        })
    }

    pub(super) fn template_string(&mut self, call: &Call, expression: &Expression) -> Evaluated {
        if let [template, _] = call.arguments.as_slice()
            && !is_reference(template)
        {
            let error = Diagnostic::error("failed-call", "`templatestring` takes a reference to a template")
                .at(template.span, "this is written out here")
                .help("define the template in `locals` and refer to it, or write it as a template: `\"…${x}…\"`");
            return Err(error.into());
        }
        if !self.around.is_empty() {
            return Err(self.failed(call, 0, "a template may not render a text as another one".into()));
        }
        let result = self.template_call(call, expression, |_, text| Ok(text.clone()))?;
        self.convert(&result, &Type::String, "the result of `templatestring` must be a text", expression)
    }

    /// Renders the template that `read` returns for the first argument with the variables in the second.
    fn template_call(
        &mut self,
        call: &Call,
        expression: &Expression,
        read: impl Fn(&Self, &Value) -> Result<Value, String>,
    ) -> Evaluated {
        let (values, marks) = match self.arguments(call)? {
            Arguments::Known { values, marks } => (values, marks),
            Arguments::Unknown(result) => return Ok(result),
        };
        let [source, variables] = values.as_slice() else {
            let name = &call.name.value;
            return Err(wrong_arguments(call, &format!("`{name}` takes a template and its variables")).into());
        };
        let template = self.begin(call, source)?;
        let text =
            read(self, source).map_err(|reason| self.failed(call, 0, self.hidden(reason, &values, call)))?;
        let marks = marks.union(text.marks()).union(variables.marks());
        if text.is_unknown() || variables.is_unknown() {
            let origins = text.origins().union(&variables.origins());
            let marks = marks.union(&variables.deep_marks());
            return Ok(Value::unknown(Type::Any, origins).with_marks(&marks));
        }
        let variables_marks = variables.marks();
        let text = text.as_str().ok_or_else(|| self.failed(call, 0, "this must be a text".into()))?;
        let text = text_without_mark(text);
        let entries = variables_in(variables).map_err(|reason| self.failed(call, 1, reason))?;
        let entries = &marked(entries, variables_marks);
        let result = match &template.name {
            Some(name) if is_jinja(name) => {
                let functions::Context { files, clock, .. } = self.scope.functions();
                let is_review = clock.is_review();
                let template = jinja::Template { name, shown: &template.shown, text, is_review };
                jinja::render(template, entries, files)
            }
            _ => self.render(template, text, entries, call),
        };
        let result = result.map_err(|reason| {
            let reason = told(&reason, std::slice::from_ref(source));
            self.failed(call, 0, self.hidden(reason, &values, call))
        })?;
        self.pay_for(&result, expression.span)?;
        Ok(result.with_marks(&marks))
    }

    /// Checks the nesting, and returns the template that the call renders.
    fn begin(&self, call: &Call, source: &Value) -> Result<Around, Diagnostics> {
        let path = source.as_str().filter(|_| !is_string(call));
        let is_shown = if self.around.is_empty() { !source.is_marked() } else { is_written(call) };
        let shown = path.filter(|path| is_shown && !path.contains('\n')).unwrap_or("template").to_owned();
        let name = path.map(|path| self.scope.functions().files.name_of(path));
        if let Some(at) = self.around.iter().position(|one| one.name.is_some() && one.name == name) {
            let chain = self.around[at..].iter().map(|one| &*one.shown).chain([&*shown]);
            let chain = chain.collect::<Vec<_>>().join(" → ");
            return Err(self.failed(call, 0, format!("a template renders itself: {chain}")));
        }
        if self.around.len() == MAX_NESTING {
            return Err(self.failed(
                call,
                0,
                format!("templates render each other more than {MAX_NESTING} levels deep"),
            ));
        }
        Ok(Around { name, shown })
    }

    /// Removes the texts of arguments from outside the runbook from the reason.
    fn hidden(&self, reason: String, values: &[Value], call: &Call) -> String {
        call.arguments.iter().zip(values).fold(reason, |reason, (argument, value)| {
            self.without_given(reason, std::slice::from_ref(value), argument)
        })
    }

    fn failed(&self, call: &Call, at: usize, reason: String) -> Diagnostics {
        let error = Diagnostic::error("failed-call", format!("`{}` failed", call.name.value));
        match call.arguments.get(at) {
            Some(argument) => self.explain(error.at(argument.span, reason), argument).into(),
            None => error.at(call.name.span, reason).into(),
        }
    }

    /// Renders a template; the error is one line, since positions in the template are not in the caller's
    /// files.
    fn render(
        &mut self,
        template: Around,
        text: &str,
        variables: &Entries,
        call: &Call,
    ) -> Result<Value, String> {
        let given_by = |at: usize| call.arguments.get(at).and_then(|argument| self.given_by_any(argument));
        // A reason may cite the text of a template, and one that was given from outside may hold a secret.
        let tells_why = !is_string(call) || given_by(0).is_none();
        let scope = Variables { values: variables, context: self.scope.functions(), given_by: given_by(1) };
        let is_nested = !self.around.is_empty();
        let around: Vec<_> = self.around.iter().cloned().chain([template]).collect();
        let carried = Carried { budget: std::mem::take(&mut self.budget), open: self.open.take() };
        let work = || render_with(around, carried, text, &scope, tells_why);
        let (result, carried) = if is_nested { on_a_thread(work)? } else { work() };
        (self.budget, self.open) = (carried.budget, carried.open);
        result
    }
}

/// The parts of an evaluator that go through the templates that it renders.
#[derive(Default)]
pub(super) struct Carried {
    budget: Budget,
    open: Option<Vec<Origins>>,
}

/// Renders the innermost template; also returns what it carried.
pub(super) fn render_with(
    around: Vec<Around>,
    carried: Carried,
    text: &str,
    variables: &Variables<'_>,
    tells_why: bool,
) -> (Result<Value, String>, Carried) {
    let mut sources = Sources::new();
    let name = around.last().map_or("template", |template| &template.shown);
    let file = sources.add(SourceFile::new(name, text.to_owned()));
    let mut inner = Evaluator::new(variables);
    inner.around = around;
    (inner.budget, inner.open) = (carried.budget, carried.open);
    let parsed = parse_template(&sources, file).and_then(|template| {
        let found = releases(&template);
        if found.has_errors() { Err(found) } else { Ok(template) }
    });
    let result = parsed.and_then(|template| inner.evaluate(&template));
    let carried = Carried { budget: inner.budget, open: inner.open };
    (result.map_err(|found| in_one_line(&found, &sources, tells_why)), carried)
}

pub(super) fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("no thread for the template: {error}"))?;
        thread.join().map_err(|_| "the template cannot be rendered".to_owned())
    })
}

/// Returns true if the path of a call is a literal, so no part of it comes from a value.
fn is_written(call: &Call) -> bool {
    call.arguments.first().is_some_and(|argument| matches!(argument.kind, ExpressionKind::Literal(_)))
}

/// Returns true if the expression is a name with steps; then `${` belongs to the template, not to the
/// expression.
fn is_reference(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Variable(_) => true,
        ExpressionKind::Traversal(traversal) => {
            is_reference(&traversal.base)
                && !traversal.steps.iter().any(|step| matches!(step.value, TraversalStep::Splat(_)))
        }
        _ => false,
    }
}

/// The scope of a template: its variables, and nothing else.
pub(super) struct Variables<'a> {
    pub values: &'a Entries,
    pub context: functions::Context<'a>,
    /// The external source of one of the values, if any.
    pub given_by: Option<String>,
}

impl Scope for Variables<'_> {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        let name = &reference.root;
        let value = self.values.get(&name.value).ok_or_else(|| unknown_name(name, self.values.keys()))?;
        Ok(Resolved::one(value.clone(), 0))
    }

    fn given_by(&self, _: &Reference) -> Option<String> {
        self.given_by.clone()
    }

    fn functions(&self) -> functions::Context<'_> {
        self.context
    }
}

fn in_one_line(found: &Diagnostics, sources: &Sources, tells_why: bool) -> String {
    let Some(first) = found.iter().next() else { return String::new() };
    let wrong = if tells_why { first.in_one_line() } else { first.summary.clone() };
    let wrong = match first.help.iter().find(|help| tells_why && help.starts_with("did you mean")) {
        Some(hint) => format!("{wrong}; {hint}"),
        None => wrong,
    };
    let Some(label) = &first.primary else { return wrong };
    let at = sources.start(label.span);
    let path = sources.file(label.span.file).path().display();
    format!("{path}:{}:{}: {wrong}", at.line, at.column)
}

/// Returns true for `templatestring`, which takes the text of a template and not a file.
fn is_string(call: &Call) -> bool {
    call.function() == "templatestring"
}

/// Marks each variable with the marks of the whole object, so that no message quotes one.
pub(super) fn marked(variables: &Entries, marks: &Marks) -> Entries {
    variables.iter().map(|(name, value)| (name.clone(), value.clone().with_marks(marks))).collect()
}

pub(super) fn variables_in(value: &Value) -> Result<&Entries, String> {
    let (Data::Object(entries) | Data::Map(_, entries)) = value.data() else {
        return Err("the variables must be a map or an object".to_owned());
    };
    match entries.keys().find(|name| !is_identifier(name)) {
        Some(name) => Err(format!("{name:?} cannot be the name of a variable")),
        None => Ok(entries),
    }
}
