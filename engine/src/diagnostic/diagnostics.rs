//! Collects diagnostics.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

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

    /// Sets the address of every diagnostic that has none.
    #[must_use]
    pub fn about(mut self, address: &str) -> Self {
        for diagnostic in &mut self.0 {
            diagnostic.address.get_or_insert_with(|| address.to_owned());
        }
        self
    }

    /// Sorts the diagnostics by file and line, and merges duplicates and the same problem in several instances.
    pub fn tidy(&mut self) {
        let start = |one: &Diagnostic| one.primary.as_ref().map(|label| (label.span.file, label.span.start));
        self.0.sort_by_key(start);
        self.unite(|one| {
            let place = one.primary.as_ref().map(|label| label.span);
            (one.code, place, place.is_none().then(|| one.summary.clone()))
        });
    }

    /// Merges the errors of one cause, such as an agent that does not answer: an error without a position has the same
    /// cause as those with its summary and remedies.
    pub fn unite_causes(&mut self) {
        let causes = self.0.iter().filter(|one| one.primary.is_none());
        let causes: HashSet<_> =
            causes.map(|one| (one.code, one.summary.clone(), one.help.clone())).collect();
        self.unite(|one| {
            let cause = (one.code, one.summary.clone(), one.help.clone());
            let is_cause = causes.contains(&cause);
            let own = (!is_cause).then(|| (one.primary.as_ref().map(|label| label.span), one.reason()));
            (cause, own)
        });
    }

    /// Merges each diagnostic into an earlier one with the same key that covers it.
    fn unite<K: Eq + Hash>(&mut self, key: impl Fn(&Diagnostic) -> K) {
        let mut kept: Vec<Diagnostic> = Vec::with_capacity(self.0.len());
        let mut by_key: HashMap<K, Vec<usize>> = HashMap::new();
        for one in self.0.drain(..) {
            let same = by_key.entry(key(&one)).or_default();
            if let Some(&at) = same.iter().find(|&&at| kept[at].covers(&one)) {
                kept[at].cover(one);
            } else {
                same.push(kept.len());
                kept.push(one);
            }
        }
        self.0 = kept;
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

    /// Returns the diagnostics for changing.
    pub(crate) fn all_mut(&mut self) -> &mut [Diagnostic] {
        &mut self.0
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Sources, Span};

    fn at(start: usize, summary: &str, address: Option<&str>) -> Diagnostic {
        let file = Sources::new().add(SourceFile::new("a", String::new()));
        let error = Diagnostic::error("bad", summary).at(Span::new(file, start..start + 1), "");
        address.into_iter().fold(error, Diagnostic::about)
    }

    /// The summary of a message, and how many more it covers.
    type Left = (String, usize);

    fn left(mut found: Diagnostics, unite: impl Fn(&mut Diagnostics)) -> Vec<Left> {
        unite(&mut found);
        found.iter().map(|one| (one.summary.clone(), one.others.len())).collect()
    }

    #[test]
    fn one_place_is_told_of_once_whatever_its_instances() {
        let said = |all: &[(&str, usize)]| {
            all.iter().map(|(summary, others)| ((*summary).to_owned(), *others)).collect::<Vec<_>>()
        };
        let cases: [(Vec<Diagnostic>, Vec<Left>); 5] = [
            (vec![at(1, "x", None), at(1, "x", None)], said(&[("x", 0)])),
            (vec![at(2, "x", None), at(1, "x", None)], said(&[("x", 0), ("x", 0)])),
            // Of one step two things may be wrong at one place.
            (vec![at(1, "x", Some("step.a.b")), at(1, "y", Some("step.a.b"))], said(&[("x", 0), ("y", 0)])),
            (
                vec![at(1, "no x", Some("s[0]")), at(1, "no y", Some("s[1]")), at(1, "no z", Some("s[2]"))],
                said(&[("no x", 2)]),
            ),
            (vec![at(1, "x", None), at(1, "x", Some("s[1]"))], said(&[("x", 1)])),
        ];
        for (found, expected) in cases {
            assert_eq!(left(found.into_iter().collect(), Diagnostics::tidy), expected);
        }
    }

    #[test]
    fn one_cause_is_told_of_once() {
        let token = |name: &str, help: &str| Diagnostic::error("down", "no agent").help(help).about(name);
        let down = |mut error: Diagnostic| {
            error.code = "down";
            error
        };
        let step = down(at(1, "no agent", Some("step.a.b"))).help("start it");
        let other = down(at(2, "no", Some("step.a.c")));
        let found = vec![
            token("t1", "start it"),
            step,
            token("t2", "start it"),
            other.clone(),
            token("t3", "x"),
            other,
        ];
        let expected = [("no agent", 2), ("no", 0), ("no agent", 0)];
        let left = left(found.into_iter().collect(), Diagnostics::unite_causes);
        assert_eq!(left, expected.map(|(summary, others)| (summary.to_owned(), others)));
    }
}
