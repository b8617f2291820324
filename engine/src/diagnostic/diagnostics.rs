//! Collects diagnostics.

use std::collections::HashSet;

use super::{Diagnostic, Severity};

/// Diagnostics in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Returns an empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all diagnostics of another list.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the diagnostic added last.
    pub(crate) fn last_mut(&mut self) -> Option<&mut Diagnostic> {
        self.0.last_mut()
    }

    /// Sorts the diagnostics by file and line, and removes duplicates.
    pub fn tidy(&mut self) {
        let start = |one: &Diagnostic| one.primary.as_ref().map(|label| (label.span.file, label.span.start));
        self.0.sort_by_key(start);
        let mut said = HashSet::new();
        self.0.retain(|one| {
            let place = one.primary.as_ref().map(|label| (label.span.file, label.span.start, label.span.end));
            said.insert((one.code, one.summary.clone(), place))
        });
    }

    /// Returns true if there is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Returns true if there are no diagnostics.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the numbers of diagnostics, such as `2 errors, 1 warning`.
    #[must_use]
    pub fn tally(&self) -> String {
        let errors = self.0.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        let counts = [(errors, "error"), (self.0.len() - errors, "warning")];
        let phrase = |&(count, noun): &(usize, &str)| match count {
            0 => None,
            1 => Some(format!("1 {noun}")),
            _ => Some(format!("{count} {noun}s")),
        };
        counts.iter().filter_map(phrase).collect::<Vec<_>>().join(", ")
    }

    /// Returns an iterator over the diagnostics.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Returns the value of a result, or adds its diagnostics.
    pub fn take<T>(&mut self, result: Result<T, impl Into<Self>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(found) => {
                self.append(found.into());
                None
            }
        }
    }

    /// Returns all diagnostics if one is an error, and otherwise appends them to `found`.
    pub fn or_warn(self, found: &mut Self) -> Result<(), Self> {
        if self.has_errors() {
            return Err(self);
        }
        found.append(self);
        Ok(())
    }

    /// Returns `value` if there are no errors, otherwise the diagnostics.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.has_errors() { Err(self) } else { Ok(value) }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl From<Box<Diagnostic>> for Diagnostics {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        Self::from(*diagnostic)
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        self.0.extend(iter);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
