//! Renders Jinja templates, from files with the suffix `.j2`, for `templatefile`.
//!
//! `minijinja` renders them. Its variables are objects that record every access ([`variable`]), so marks and
//! unknowns propagate to the text as precisely as in native templates. A [`library`] loads included files.

mod check;
mod guard;
mod library;
mod variable;

pub(super) use check::check;

use std::error::Error as _;
use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use crate::diagnostic::{Lookalike, did_you_mean};
use crate::expression::functions::Files;
use crate::value::{Entries, Marks, Type, Value};
use library::Library;
use variable::{Touched, Variable};

/// The limit of instructions of a template.
const MAX_STEPS: u64 = 2_000_000;

/// The depth limit of macros and calls; an included file counts as ten of them.
const MAX_DEPTH: usize = 100 + 10 * library::MAX_NESTING;

/// The size limit of the rendered text, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// The stack size: enough for the recursion of `minijinja` in all templates that [`guard`] admits.
const STACK: usize = 128 << 20;

/// A template file.
#[derive(Clone, Copy)]
pub(super) struct Template<'a> {
    /// The normalized path of the file.
    pub name: &'a str,
    /// The name in messages.
    pub shown: &'a str,
    /// The text.
    pub text: &'a str,
    /// True in a review, which does not know a file that does not exist.
    pub is_review: bool,
}

/// Renders the template with the variables: marked if it read something marked, and unknown if it read
/// something unknown. It may include `files`.
pub(super) fn render(template: Template<'_>, variables: &Entries, files: &Files) -> Result<Value, String> {
    let shown = template.shown;
    guard::check(template.text).map_err(|(line, reason)| format!("{shown}:{line}: {reason}"))?;
    std::thread::scope(|scope| {
        let work = || render_here(template, variables, files);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("no thread for the template: {error}"))?;
        thread.join().unwrap_or_else(|_| Err(format!("{shown}: the template cannot be rendered")))
    })
}

fn render_here(template: Template<'_>, variables: &Entries, files: &Files) -> Result<Value, String> {
    let Template { name, text, .. } = template;
    let touched = Touched::default();
    let library = Library::new(files, &touched, template);
    let context = Variable::root(variables, &touched);
    let mut out = Limited(Vec::new());
    let rendered = environment().and_then(|mut environment| {
        library.serve(&mut environment);
        environment.template_from_named_str(name, text)?.render_captured_to(context, &mut out).map(drop)
    });
    let (marks, origins) = touched.take();
    if let Some(origins) = origins {
        // The template may read other variables once that value is known.
        let all = Value::new(crate::value::Data::Object(variables.clone().into())).deep_marks();
        return Ok(Value::unknown(Type::String, origins).not_null().with_marks(&all));
    }
    match rendered {
        Ok(()) => Ok(Value::from(String::from_utf8_lossy(&out.0).into_owned()).with_marks(&marks)),
        Err(error) => Err(message(&library, &error, (&marks, variables))),
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

/// Formats the innermost error, with the places that included its file.
fn message(library: &Library, error: &Error, seen: (&Marks, &Entries)) -> String {
    let mut error = error;
    let mut around = String::new();
    while let Some(inner) = error.source().and_then(|inner| inner.downcast_ref::<Error>()) {
        let (shown, _) = library.template(error);
        around = format!("; included at {shown}:{}{around}", error.line().unwrap_or(1));
        error = inner;
    }
    let (shown, text) = library.template(error);
    if let Some(stray) = stray(&text, error) {
        return format!("{shown}:{stray}{around}");
    }
    format!("{shown}:{}: {}{around}", error.line().unwrap_or(1), reason(library, error, &text, seen))
}

fn reason(library: &Library, error: &Error, text: &str, (marks, variables): (&Marks, &Entries)) -> String {
    let written = error.range().and_then(|range| text.get(range)).unwrap_or_default().trim();
    match error.kind() {
        ErrorKind::TemplateNotFound => library.missing(),
        ErrorKind::UndefinedError if !written.is_empty() => {
            let hint = did_you_mean(written, variables.keys().map(AsRef::as_ref));
            let hint = hint.map_or_else(String::new, |hint| format!(": {hint}"));
            format!("`{written}` is not defined{hint}")
        }
        ErrorKind::OutOfFuel => "this template takes too long".to_owned(),
        ErrorKind::WriteFailure => format!("its text is longer than {MAX_TEXT} bytes"),
        kind => match (marks.word(), error.detail()) {
            (Some(word), _) => {
                format!("{kind}; the details are hidden because they concern something {word}")
            }
            (None, Some(detail)) => format!("{kind}: {detail}"),
            (None, None) => kind.to_string(),
        },
    }
}

/// The place and the reason, where a template cannot be read for a character that only looks like one of the language.
fn stray(template: &str, error: &Error) -> Option<String> {
    let start = error.range().filter(|_| error.kind() == ErrorKind::SyntaxError)?.start;
    let lookalike = Lookalike::of(template.get(start..)?.chars().next()?)?;
    let before = &template[..start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some(format!("{line}:{column}: {lookalike} has no meaning outside of a text: {}", lookalike.remedy('"')))
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
