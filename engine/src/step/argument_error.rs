//! Defines the errors of arguments.

use crate::value::PathStep;

/// An invalid argument, or an invalid part of one.
///
/// A message never quotes a value: the value may come from outside the runbook. Text that depends on the value
/// belongs into [`ArgumentError::hint`], which the engine shows only for values of the runbook itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError {
    /// The path from the arguments to the invalid part; its first step is the name of the argument.
    pub path: Vec<PathStep>,
    /// The message, as a fragment such as `must be 3 to 63 characters long`.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
    /// A remedy made from the value, shown in place of `help`.
    pub hint: Option<String>,
    /// True if the value is a secret where others would see it or a record would keep it: only a run is refused, and the
    /// step can be described none the less.
    pub is_secret: bool,
}

impl ArgumentError {
    /// Returns an error of an argument, without a remedy.
    pub fn new(argument: &'static str, message: impl Into<String>) -> Self {
        Self::value(message).inside(PathStep::Attribute(argument.into()))
    }

    /// Returns an error of a whole value, whose place [`ArgumentError::inside`] adds.
    pub fn value(message: impl Into<String>) -> Self {
        Self { path: Vec::new(), message: message.into(), help: None, hint: None, is_secret: false }
    }

    /// Adds the step that leads to the invalid value.
    #[must_use]
    pub fn inside(mut self, step: PathStep) -> Self {
        self.path.insert(0, step);
        self
    }

    /// Sets the remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the remedy that is made from the value.
    #[must_use]
    pub fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// Makes the error one about a secret; see [`ArgumentError::is_secret`].
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// Returns the name of the argument.
    #[must_use]
    pub fn argument(&self) -> &str {
        match self.path.first() {
            Some(PathStep::Attribute(name)) => name,
            _ => "",
        }
    }

    /// Returns the path as text, such as `rule[1].port`; with `hide_keys`, without the keys of maps.
    #[must_use]
    pub fn shown_path(&self, hide_keys: bool) -> String {
        shown_path(&self.path, hide_keys)
    }
}

/// Returns a path as text, such as `rule[1].port`; with `hide_keys`, without the keys of maps.
#[must_use]
pub fn shown_path(path: &[PathStep], hide_keys: bool) -> String {
    let step = |step: &PathStep| if hide_keys { step.discreet() } else { step.to_string() };
    let shown: String = path.iter().map(step).collect();
    shown.trim_start_matches('.').to_owned()
}

impl From<ArgumentError> for Vec<ArgumentError> {
    fn from(error: ArgumentError) -> Self {
        vec![error]
    }
}
