//! The environment variables that the clients read.

use std::collections::BTreeMap;
use std::fmt;

/// A snapshot of environment variables by name, so that no code below reads the process's own.
///
/// `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Reads the variables of this process, without those that are not Unicode.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// Sets a variable.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Removes a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// Returns the value of `name`, or none if it is unset or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.exact(name).filter(|value| !value.is_empty())
    }

    /// Returns the value of `name` in any mixture of capitals, as Windows compares names; none if it is unset or empty.
    #[must_use]
    pub fn get_ignoring_case(&self, name: &str) -> Option<&str> {
        let same = |(known, _): &(&String, &String)| known.eq_ignore_ascii_case(name);
        self.get(name).or_else(|| self.0.iter().find(same).and_then(|(known, _)| self.get(known)))
    }

    /// Returns the value of `name`, which may be empty, or none if it is unset.
    #[must_use]
    pub fn exact(&self, name: &str) -> Option<&str> {
        let value = if cfg!(windows) {
            self.0.iter().find(|(other, _)| is_same_name(other, name)).map(|(_, value)| value)
        } else {
            self.0.get(name)
        };
        value.map(String::as_str)
    }

    /// Returns the value of `name`, or of its lower-case spelling, as is usual for proxy variables.
    #[must_use]
    pub fn get_any_case(&self, name: &str) -> Option<&str> {
        self.get(name).or_else(|| self.get(&name.to_ascii_lowercase()))
    }
}

/// Returns true if two names mean the same variable: on Windows their case does not matter, as in `Path`.
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    if cfg!(windows) { one.eq_ignore_ascii_case(other) } else { one == other }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
