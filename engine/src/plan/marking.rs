//! Marks the outputs of a step.

use std::collections::BTreeMap;

use crate::runbook::Step;
use crate::step::{ArgumentValues, Field, Response};
use crate::value::{Marks, Value};

/// The marks of the arguments of one instance of a step, by name; arguments without marks are left out.
///
/// Few steps have marked arguments, and an empty map allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct ArgumentMarks(BTreeMap<String, Marks>);

impl ArgumentMarks {
    /// Collects the marks of `arguments`, including those of nested values.
    pub fn of<'a>(arguments: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Self {
        let marked = arguments.into_iter().filter(|(_, value)| value.has_deep_marks());
        Self(marked.map(|(name, value)| (name.to_owned(), value.deep_marks())).collect())
    }

    /// Collects the marks of all arguments named in `names`.
    fn among(&self, names: &[&str]) -> Marks {
        names.iter().filter_map(|name| self.0.get(*name).cloned()).collect()
    }

    /// Returns true if an argument is made from a result that each run makes anew.
    #[must_use]
    pub fn differ_in_every_run(&self) -> bool {
        let is_result = |origin: &str| origin.starts_with("step.") || origin.contains(".step.");
        self.0.values().any(|marks| marks.without_sensitive().origins().any(is_result))
    }

    /// Collects the marks of all arguments.
    fn all(&self) -> Marks {
        self.0.values().cloned().collect()
    }
}

impl From<&ArgumentValues> for ArgumentMarks {
    fn from(arguments: &ArgumentValues) -> Self {
        Self::of(arguments.iter().map(|(name, value)| (&**name, value)))
    }
}

/// Puts the marks on the outputs of one instance of a step.
///
/// An output is sensitive when its field or the whole step is declared so, and it inherits the marks of the
/// arguments that its field is made from. The response inherits those of every argument, because a service may repeat
/// whatever it was sent, unless its type names the arguments that it can contain.
#[derive(Clone, Copy)]
pub struct Marking<'a> {
    /// The step.
    pub step: &'a Step,
    /// The address of the instance.
    pub address: &'a str,
    /// The marks of its arguments.
    pub arguments: &'a ArgumentMarks,
}

impl<'a> Marking<'a> {
    /// Marks `value`, the output of that name.
    #[must_use]
    pub fn output(self, name: &str, value: Value) -> Value {
        self.inherited(name, self.declared(name, value))
    }

    /// Marks `value`, the output of that name, when it is declared sensitive.
    ///
    /// Such a text is a secret itself. One that only inherits a mark may be mostly public, as a URL with a
    /// secret in it is; the secret was known before.
    #[must_use]
    pub fn declared(self, name: &str, value: Value) -> Value {
        let field = self.field(name);
        // Null is no secret, so a record may hold it, and a resumed run can take it from there.
        let sensitive = field.is_some_and(|field| field.sensitive) && !value.is_null();
        let value = match field {
            Some(field) if field.ephemeral => {
                value.with_marks(&Marks::ephemeral(format!("{}.{name}", self.address)))
            }
            _ => value,
        };
        self.mark(name, value, sensitive)
    }

    /// Returns true if the output of that name is no secret by itself, even in a sensitive step.
    #[must_use]
    pub fn is_fact(self, name: &str) -> bool {
        self.field(name).is_some_and(|field| field.is_fact)
    }

    /// Adds to `value`, the output of that name, the marks of the arguments that it is made from.
    #[must_use]
    pub fn inherited(self, name: &str, value: Value) -> Value {
        let marks = self.field(name).map(|field| self.arguments.among(field.from));
        value.with_marks(&marks.unwrap_or_default())
    }

    /// Marks `value`, the response.
    #[must_use]
    pub fn body(self, value: Value) -> Value {
        let response = self.step.step_type.schema().response;
        let inherited = match response {
            Response::Echoed => Marks::NONE,
            Response::Of(names) => self.arguments.among(names),
            Response::None | Response::Plain | Response::Sensitive => self.arguments.all(),
        };
        self.mark("body", value.with_marks(&inherited), response == Response::Sensitive)
    }

    fn field(self, name: &str) -> Option<&'a Field> {
        self.step.step_type.schema().output(name)
    }

    fn mark(self, name: &str, value: Value, sensitive: bool) -> Value {
        if sensitive || self.step.sensitive {
            value.with_marks(&Marks::sensitive(format!("{}.{name}", self.address)))
        } else {
            value
        }
    }
}
