//! Assigns values to the variables of a runbook.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, closest, did_you_mean};
use crate::source::{FileSystem, SourceFile, Sources, Span};
use crate::syntax::{self, Expression, read_given_source, read_source};
use crate::value::{Origins, Type, Value};

use super::confidential::quote_nothing;
use super::{Variables, json_file};
use crate::runbook::constant::constant;
use crate::runbook::{Given, Runbook, Variable};

/// The prefix of environment variables that set variables.
const PREFIX: &str = "ARCBOOK_VAR_";

/// A value given to a variable.
#[derive(Clone, Debug)]
pub enum Input {
    /// A text, parsed according to the type of the variable, and its source, such as `-var region`.
    Text(String, String),
    /// A value from a file, and its position.
    Value(Value, Span),
    /// A value from a file, and the expression that it is written as there.
    Written(Value, Arc<Expression>),
}

impl Input {
    /// Describes the source briefly: an option, an environment variable, or a position in a file.
    fn origin(&self, sources: &Sources) -> Arc<str> {
        match self {
            Self::Text(_, origin) => origin.as_str().into(),
            Self::Value(..) | Self::Written(..) => {
                let place =
                    self.place().map(|span| (sources.file(span.file).path(), sources.start(span).line));
                place.map_or_else(Arc::default, |(path, line)| format!("{}:{line}", path.display()).into())
            }
        }
    }

    /// The place in a file.
    fn place(&self) -> Option<Span> {
        match self {
            Self::Text(..) => None,
            Self::Value(_, span) => Some(*span),
            Self::Written(_, expression) => Some(expression.span),
        }
    }
}

/// All given values, in the order of precedence: a later one replaces an earlier one of the same name.
#[derive(Default)]
pub struct Inputs {
    given: Vec<(String, Input, Strictness)>,
    /// True if some could not be read.
    is_incomplete: bool,
}

/// The treatment of values without a variable.
#[derive(Clone, Copy, PartialEq)]
enum Strictness {
    Ignore,
    Warn,
    Refuse,
}

impl Inputs {
    /// Returns an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the values of environment variables: `ARCBOOK_VAR_name`.
    pub fn environment(&mut self, environment: impl IntoIterator<Item = (String, String)>) {
        for (key, text) in environment {
            if let Some(name) = key.strip_prefix(PREFIX) {
                self.given.push((name.to_owned(), Input::Text(text, key.clone()), Strictness::Ignore));
            }
        }
    }

    /// Adds a value from a plan file, at `span`.
    pub fn planned(&mut self, name: &str, value: Value, span: Span) {
        self.given.push((name.to_owned(), Input::Value(value, span), Strictness::Ignore));
    }

    /// Adds a value from the command line: `-var name=text`.
    pub fn argument(&mut self, name: &str, text: &str) {
        let input = Input::Text(text.to_owned(), format!("-var {name}"));
        self.given.push((name.to_owned(), input, Strictness::Refuse));
    }

    /// Adds the values in a file: HCL arguments, or a JSON object if its name ends in `.json`.
    pub fn file(
        &mut self,
        path: &Path,
        file_system: &dyn FileSystem,
        sources: &mut Sources,
    ) -> Result<(), Diagnostics> {
        self.noted(|inputs| inputs.source(read_source(path, file_system)?, path, sources))
    }

    /// Adds the values in a file that the user names, which may be a pipe.
    pub fn given_file(
        &mut self,
        path: &Path,
        file_system: &dyn FileSystem,
        sources: &mut Sources,
    ) -> Result<(), Diagnostics> {
        self.noted(|inputs| inputs.source(read_given_source(path, file_system)?, path, sources))
    }

    /// Notes that some could not be read, so that no variable is reported as missing.
    pub fn note_unread(&mut self) {
        self.is_incomplete = true;
    }

    fn noted(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Diagnostics>) -> Result<(), Diagnostics> {
        read(self).inspect_err(|_| self.note_unread())
    }

    fn source(&mut self, source: SourceFile, path: &Path, sources: &mut Sources) -> Result<(), Diagnostics> {
        let file = sources.add(source.confidential());
        if path.extension().is_some_and(|ending| ending == "json") {
            for (name, value, span) in json_file::members(file, sources)? {
                self.given.push((name, Input::Value(value, span), Strictness::Warn));
            }
            return Ok(());
        }
        let subject = format!("the variable file {}", path.display());
        let body =
            syntax::parse(sources, file).whole().map_err(|found| quote_nothing(&found, &subject, sources))?;
        let mut found = Diagnostics::new();
        for block in &body.blocks {
            found.push(
                Diagnostic::error("unexpected-block", "a variable file holds arguments, no blocks")
                    .at(block.header, "unexpected block")
                    .help("variables are declared in the runbook; here write `name = value`"),
            );
        }
        let directory = path.parent().unwrap_or(Path::new("."));
        for attribute in body.attributes {
            let subject = format!("the value of `{}`", attribute.name.value);
            let value = constant(&attribute.expression, directory);
            if let Some(value) = found.take(value.map_err(|found| quote_nothing(&found, &subject, sources))) {
                let input = Input::Written(value, Arc::new(attribute.expression));
                self.given.push((attribute.name.value.to_string(), input, Strictness::Warn));
            }
        }
        found.or(())
    }

    /// Returns the values of all variables of `runbook`, in its order, each of the variable's type and with
    /// its marks.
    ///
    /// `missing` decides about a required variable without a value: an error, or unknown.
    pub fn resolve(
        &self,
        runbook: &Runbook,
        sources: &mut Sources,
        missing: Missing,
        found: &mut Diagnostics,
    ) -> Variables {
        self.undeclared(runbook, sources, found);
        let mut variables = Variables::default();
        for variable in &runbook.variables {
            let value = self.value(variable, runbook, sources, missing, found);
            let value = value.with_marks(&variable.secrecy.marks(|| address(variable).to_string()));
            variables.push(value, self.given(variable).map(|input| input.origin(sources)));
        }
        variables
    }

    /// Returns the effective value of a variable: the one given last.
    fn given(&self, variable: &Variable) -> Option<&Input> {
        self.given.iter().rev().find(|(name, ..)| **name == *variable.name.value).map(|(_, input, _)| input)
    }

    fn value(
        &self,
        variable: &Variable,
        runbook: &Runbook,
        sources: &mut Sources,
        missing: Missing,
        found: &mut Diagnostics,
    ) -> Value {
        let unknown = || Value::unknown(variable.constraint.ty(), Origins::of(address(variable)));
        let Some(input) = self.given(variable) else {
            return match (&variable.default, missing) {
                (Some(value), _) => value.clone(),
                (None, Missing::Unknown) => unknown(),
                (None, Missing::Refuse) => {
                    if !self.is_incomplete && !self.is_meant(variable, runbook) {
                        found.push(not_given(variable));
                    }
                    unknown()
                }
            };
        };
        match read(input, variable, runbook, sources, found) {
            Ok(value) => value,
            Err(errors) => {
                found.append(errors.about(&address(variable)));
                unknown()
            }
        }
    }

    /// Returns true if a value was set under a similar name, which is an error of its own.
    fn is_meant(&self, variable: &Variable, runbook: &Runbook) -> bool {
        let names = || runbook.variables.iter().map(|variable| &*variable.name.value);
        let refused = self.given.iter().filter(|(.., strictness)| *strictness == Strictness::Refuse);
        let mut unknown = refused.filter(|(name, ..)| runbook.names.variable(name).is_none());
        unknown.any(|(name, ..)| closest(name, names()) == Some(&*variable.name.value))
    }

    fn undeclared(&self, runbook: &Runbook, sources: &Sources, found: &mut Diagnostics) {
        for (name, input, strictness) in &self.given {
            if *strictness == Strictness::Ignore || runbook.names.variable(name).is_some() {
                continue;
            }
            let summary = format!("a value is given for `{name}`, but the runbook has no such variable");
            let hint = did_you_mean(name, runbook.variables.iter().map(|variable| &*variable.name.value));
            let diagnostic = match strictness {
                Strictness::Refuse => Diagnostic::error("undeclared-variable", summary),
                _ => Diagnostic::warning("undeclared-variable", summary),
            };
            let diagnostic = match (input.place(), input) {
                (Some(place), _) => diagnostic.marked(place, "given here"),
                (None, input) => diagnostic.detail(format!("It was given by {}.", input.origin(sources))),
            };
            found.push(
                diagnostic.help(hint.unwrap_or_else(|| format!("declare it: `variable \"{name}\" {{}}`"))),
            );
        }
    }
}

/// The treatment of a required variable without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The variable is an error.
    Refuse,
    /// The variable is unknown.
    Unknown,
}

fn address(variable: &Variable) -> Arc<str> {
    format!("var.{}", variable.name.value).into()
}

fn not_given(variable: &Variable) -> Diagnostic {
    let name = &variable.name.value;
    let what = variable.description.as_ref().map(|description| format!("It is: {description}"));
    Diagnostic::error("missing-variable", format!("the variable `{name}` has no value"))
        .at(variable.name.span, "it has no default")
        .maybe_detail(what)
        .about(&*address(variable))
        .help(format!("give it with `-var {name}=…`, in a file with `-var-file FILE`, or as {PREFIX}{name}"))
}

fn read(
    input: &Input,
    variable: &Variable,
    runbook: &Runbook,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Result<Value, Diagnostics> {
    let mut written = None;
    let value = match input {
        Input::Value(value, _) => value.clone(),
        Input::Written(value, expression) => {
            written = Some(Arc::clone(expression));
            value.clone()
        }
        Input::Text(text, _) if is_literal(variable) => Value::string(text.as_str()),
        Input::Text(text, origin) => {
            let file = sources.add(SourceFile::new(origin.as_str(), text.clone()).confidential());
            let value = syntax::parse_expression(sources, file);
            let value = value.and_then(|expression| {
                let value = constant(&expression, &runbook.directory);
                written = Some(Arc::new(expression));
                value
            });
            let subject = format!("the value of `{}`", variable.name.value);
            value.map_err(|found| quote_nothing(&found, &subject, sources))?
        }
    };
    if value.is_null() {
        return null(variable);
    }
    found.extend(unknown_attributes(&value, input, written.as_deref(), variable));
    variable.constraint.apply(&value).map_err(|error| {
        let summary = format!("the value for the variable `{}` is of the wrong type", variable.name.value);
        let error = error.discreet();
        let diagnostic = Diagnostic::error("wrong-type", summary).detail(format!("{error}."));
        let diagnostic = match (input.place(), input) {
            (Some(place), _) => {
                diagnostic.marked(place, "given here").also(variable.name.span, "declared here")
            }
            (None, input) => diagnostic
                .marked(variable.name.span, "declared here")
                .detail(format!("{error}; it was given by {}.", input.origin(sources))),
        };
        Diagnostics::from(diagnostic)
    })
}

/// Returns the messages about attributes that the type of the variable does not have.
fn unknown_attributes(
    value: &Value,
    input: &Input,
    written: Option<&Expression>,
    variable: &Variable,
) -> Vec<Diagnostic> {
    let subject = format!("the value for the variable `{}`", variable.name.value);
    let origin = match input {
        Input::Text(_, origin) => Some(origin.as_str()),
        Input::Value(..) | Input::Written(..) => None,
    };
    let given = Given { subject: &subject, value, written, place: input.place(), origin };
    let declared = |found: Diagnostic| found.also(variable.name.span, "declared here");
    given.check(&variable.constraint.ty(), variable.strict).into_iter().map(declared).collect()
}

fn null(variable: &Variable) -> Result<Value, Diagnostics> {
    match (&variable.default, variable.nullable) {
        (_, true) => Ok(Value::null(variable.constraint.ty())),
        (Some(default), false) => Ok(default.clone()),
        (None, false) => Err(Diagnostic::error(
            "missing-variable",
            format!("the variable `{}` must not be null", variable.name.value),
        )
        .at(variable.name.span, "it is `nullable = false` and has no default")
        .into()),
    }
}

/// Returns true if text for the variable is taken literally, as Terraform does for primitive types and
/// without a type.
fn is_literal(variable: &Variable) -> bool {
    !variable.typed || matches!(variable.constraint.ty(), Type::String | Type::Number | Type::Bool)
}
