//! Evaluates `templatefile` and `templatestring`.

use super::call::{Arguments, told};
use super::jinja;
use super::special::wrong_arguments;
use super::{Evaluated, Evaluator};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Resolved, Scope, functions, unknown_name};
use crate::source::{SourceFile, Sources};
use crate::syntax::{
    Call, Expression, ExpressionKind, Reference, TraversalStep, is_identifier, parse_template,
};
use crate::value::{Data, Entries, Marks, Type, Value};

/// The suffix of files with Jinja templates.
const JINJA: &str = ".j2";

impl Evaluator<'_> {
    pub(super) fn template_file(&mut self, call: &Call, expression: &Expression) -> Evaluated {
        self.template_call(call, expression, |evaluator, path| {
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
                .help("give the template a name in `locals` and refer to it, or write it as it is: `\"…${x}…\"`");
            return Err(error.into());
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
        if self.in_template_file {
            return Err(self.failed(call, 0, "a template may not render another template".into()));
        }
        let hidden = |reason: String| match call.arguments.first() {
            Some(argument) => self.without_given(reason, std::slice::from_ref(source), argument),
            None => reason,
        };
        let text = read(self, source).map_err(|reason| self.failed(call, 0, hidden(reason)))?;
        let marks = marks.union(text.marks()).union(variables.marks());
        if text.is_unknown() || variables.is_unknown() {
            let origins = text.origins().union(&variables.origins());
            let marks = marks.union(&variables.deep_marks());
            return Ok(Value::unknown(Type::Any, origins).with_marks(&marks));
        }
        let variables_marks = variables.marks();
        let text = text.as_str().ok_or_else(|| self.failed(call, 0, "this must be a text".into()))?;
        let variables = variables_in(variables).map_err(|reason| self.failed(call, 1, reason))?;
        let variables = &marked(variables, variables_marks);
        let name = source.as_str().filter(|path| !path.contains('\n') && !source.is_marked());
        let name = name.unwrap_or("template");
        let is_jinja = !is_string(call) && source.as_str().is_some_and(|path| path.ends_with(JINJA));
        let result = if is_jinja {
            jinja::render(name, text, variables)
        } else {
            self.render((name, text), variables, call)
        };
        let result = result
            .map_err(|reason| self.failed(call, 0, hidden(told(&reason, std::slice::from_ref(source)))))?;
        self.pay_for(&result, expression.span)?;
        Ok(result.with_marks(&marks))
    }

    fn failed(&self, call: &Call, at: usize, reason: String) -> Diagnostics {
        let error = Diagnostic::error("failed-call", format!("`{}` cannot do this", call.name.value));
        match call.arguments.get(at) {
            Some(argument) => self.explain(error.at(argument.span, reason), argument).into(),
            None => error.at(call.name.span, reason).into(),
        }
    }

    /// Renders a template; the error is one line, since positions in the template are not in the caller's
    /// files.
    fn render(&self, (name, text): (&str, &str), variables: &Entries, call: &Call) -> Result<Value, String> {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new(name, text.to_owned()));
        let given_by = |at: usize| call.arguments.get(at).and_then(|argument| self.given_by_any(argument));
        // A reason may cite the text of a template, and one that was given from outside may hold a secret.
        let tells_why = !is_string(call) || given_by(0).is_none();
        let wrong = |found: Diagnostics| in_one_line(&found, &sources, tells_why);
        let template = parse_template(&sources, file).map_err(wrong)?;
        let scope = Variables { values: variables, context: self.scope.functions(), given_by: given_by(1) };
        let mut inner = Evaluator::new(&scope);
        inner.in_template_file = true;
        inner.evaluate(&template).map_err(wrong)
    }
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
struct Variables<'a> {
    values: &'a Entries,
    context: functions::Context<'a>,
    /// The external source of one of the values, if any.
    given_by: Option<String>,
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
    let Some(label) = &first.primary else { return wrong };
    let at = sources.start(label.span);
    let path = sources.file(label.span.file).path().display();
    format!("{path}:{}:{}: {wrong}", at.line, at.column)
}

/// Returns true for `templatestring`, which takes the text of a template and not a file.
fn is_string(call: &Call) -> bool {
    call.name.value.ends_with("templatestring")
}

/// Marks each variable with the marks of the whole object, so that no message quotes one.
fn marked(variables: &Entries, marks: &Marks) -> Entries {
    variables.iter().map(|(name, value)| (name.clone(), value.clone().with_marks(marks))).collect()
}

fn variables_in(value: &Value) -> Result<&Entries, String> {
    let (Data::Object(entries) | Data::Map(_, entries)) = value.data() else {
        return Err("the variables must be a map or an object".to_owned());
    };
    match entries.keys().find(|name| !is_identifier(name)) {
        Some(name) => Err(format!("{name:?} cannot be the name of a variable")),
        None => Ok(entries),
    }
}
