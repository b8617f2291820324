//! Renders Jinja templates, from files with the suffix `.j2`, for `templatefile`.
//!
//! `minijinja` renders them. Its variables are objects that record every access ([`variable`]), so marks and
//! unknowns propagate to the text as precisely as in native templates.

mod guard;
mod variable;

use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use crate::value::{Entries, Marks, Type, Value};
use variable::{Touched, Variable};

/// The limit of instructions of a template.
const MAX_STEPS: u64 = 2_000_000;

/// The depth limit of macros and calls.
const MAX_DEPTH: usize = 100;

/// The size limit of the rendered text, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// The stack size: enough for the recursion of `minijinja` in all templates that [`guard`] admits.
const STACK: usize = 128 << 20;

/// Renders the template with the variables: marked if it read something marked, and unknown if it read
/// something unknown.
pub(super) fn render(name: &str, template: &str, variables: &Entries) -> Result<Value, String> {
    guard::check(template).map_err(|(line, reason)| format!("{name}:{line}: {reason}"))?;
    std::thread::scope(|scope| {
        let work = || render_here(name, template, variables);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("no thread for the template: {error}"))?;
        thread.join().unwrap_or_else(|_| Err(format!("{name}: the template cannot be rendered")))
    })
}

fn render_here(name: &str, template: &str, variables: &Entries) -> Result<Value, String> {
    let touched = Touched::default();
    let context = Variable::root(variables, &touched);
    let mut out = Limited(Vec::new());
    let rendered = environment().and_then(|environment| {
        environment.template_from_named_str(name, template)?.render_captured_to(context, &mut out).map(drop)
    });
    let (marks, origins) = touched.take();
    if let Some(origins) = origins {
        // The template may read other variables once that value is known.
        let all = Value::new(crate::value::Data::Object(variables.clone().into())).deep_marks();
        return Ok(Value::unknown(Type::String, origins).not_null().with_marks(&all));
    }
    match rendered {
        Ok(()) => Ok(Value::from(String::from_utf8_lossy(&out.0).into_owned()).with_marks(&marks)),
        Err(error) => Err(message(name, template, &error, &marks)),
    }
}

fn environment<'a>() -> Result<Environment<'a>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(MAX_STEPS));
    environment.set_recursion_limit(MAX_DEPTH);
    // The debug mode gives errors a range.
    environment.set_debug(true);
    // `debug` would write values without recorded access.
    environment.add_function("debug", no_debug);
    environment.set_syntax(SyntaxConfig::builder().keep_trailing_newline(true).build()?);
    Ok(environment)
}

fn no_debug() -> Result<String, Error> {
    Err(Error::new(ErrorKind::UnknownFunction, "`debug` is not given here"))
}

fn message(name: &str, template: &str, error: &Error, marks: &Marks) -> String {
    let line = error.line().unwrap_or(1);
    let written = error.range().and_then(|range| template.get(range)).unwrap_or_default().trim();
    let reason = match error.kind() {
        ErrorKind::UndefinedError if !written.is_empty() => format!("`{written}` is not defined"),
        ErrorKind::OutOfFuel => "this template takes too long".to_owned(),
        ErrorKind::WriteFailure => format!("its text is longer than {MAX_TEXT} bytes"),
        kind => match (marks.word(), error.detail()) {
            (Some(word), _) => format!("{kind}; more is not told, since it is about something {word}"),
            (None, Some(detail)) => format!("{kind}: {detail}"),
            (None, None) => kind.to_string(),
        },
    };
    format!("{name}:{line}: {reason}")
}

/// A text with a size limit.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_TEXT {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
