//! Marks values as sensitive or ephemeral, with the reasons.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The origins that make a value sensitive or ephemeral, such as `step.keyvault_secret.db.value` or
/// `var.password`.
///
/// A marked value is never shown. An empty set allocates nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Marks(Option<Arc<BTreeSet<Mark>>>);

/// A reason to hide a value. Sensitive marks sort first, which [`Marks::is_sensitive`] relies on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Sensitive(Arc<str>),
    Ephemeral(Arc<str>),
}

impl Marks {
    /// No marks: the value may be shown and recorded.
    pub const NONE: Self = Self(None);

    /// Returns a sensitive mark with `origin`: the value must not be shown.
    pub fn sensitive(origin: impl Into<Arc<str>>) -> Self {
        [Mark::Sensitive(origin.into())].into_iter().collect()
    }

    /// Returns an ephemeral mark with `origin`: the value must not be shown or recorded.
    pub fn ephemeral(origin: impl Into<Arc<str>>) -> Self {
        [Mark::Ephemeral(origin.into())].into_iter().collect()
    }

    /// Returns true if there are no marks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns true if the value is sensitive.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        matches!(self.all().next(), Some(Mark::Sensitive(_)))
    }

    /// Returns true if the value is ephemeral.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        matches!(self.all().next_back(), Some(Mark::Ephemeral(_)))
    }

    /// Returns the reason to hide the value, `sensitive` before `ephemeral`; none if it may be shown.
    #[must_use]
    pub fn word(&self) -> Option<&'static str> {
        self.all().next().map(|mark| match mark {
            Mark::Sensitive(_) => "sensitive",
            Mark::Ephemeral(_) => "ephemeral",
        })
    }

    /// Returns the distinct origins in order.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        let origin = |mark| match mark {
            &Mark::Sensitive(ref origin) | &Mark::Ephemeral(ref origin) => &**origin,
        };
        self.all().map(origin).collect::<BTreeSet<_>>().into_iter()
    }

    /// Returns the union.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.add(other);
        both
    }

    /// Adds other marks. Adding many one after another takes linear time, since a shared set is not copied.
    pub fn add(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (_, None) => {}
            (None, _) => *self = other.clone(),
            (Some(own), Some(new)) if Arc::ptr_eq(own, new) || new.is_subset(own) => {}
            (Some(own), Some(new)) => Arc::make_mut(own).extend(new.iter().cloned()),
        }
    }

    /// Returns the marks other than sensitive ones.
    #[must_use]
    pub fn without_sensitive(&self) -> Self {
        self.all().filter(|mark| matches!(mark, Mark::Ephemeral(_))).cloned().collect()
    }

    /// Returns the marks other than ephemeral ones.
    #[must_use]
    pub fn without_ephemeral(&self) -> Self {
        self.all().filter(|mark| matches!(mark, Mark::Sensitive(_))).cloned().collect()
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = &Mark> {
        self.0.iter().flat_map(|set| set.iter())
    }
}

impl FromIterator<Mark> for Marks {
    fn from_iter<T: IntoIterator<Item = Mark>>(marks: T) -> Self {
        let set: BTreeSet<_> = marks.into_iter().collect();
        Self((!set.is_empty()).then(|| Arc::new(set)))
    }
}

impl FromIterator<Self> for Marks {
    /// Returns the union of all marks.
    fn from_iter<I: IntoIterator<Item = Self>>(each: I) -> Self {
        each.into_iter().fold(Self::default(), |mut all, one| {
            all.add(&one);
            all
        })
    }
}

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.origins()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_is_told_from_the_other() {
        let sensitive = Marks::sensitive("var.s");
        let ephemeral = Marks::ephemeral("var.e");
        let both = ephemeral.union(&sensitive).union(&Marks::ephemeral("var.s"));
        let cases = [
            (&Marks::NONE, (false, false), None, vec![]),
            (&sensitive, (true, false), Some("sensitive"), vec!["var.s"]),
            (&ephemeral, (false, true), Some("ephemeral"), vec!["var.e"]),
            (&both, (true, true), Some("sensitive"), vec!["var.e", "var.s"]),
        ];
        for (marks, is, word, origins) in cases {
            assert_eq!((marks.is_sensitive(), marks.is_ephemeral()), is, "{marks:?}");
            assert_eq!(marks.word(), word, "{marks:?}");
            assert_eq!(marks.origins().collect::<Vec<_>>(), origins);
            assert_eq!(marks.is_empty(), origins.is_empty());
        }
        assert_eq!(both.without_ephemeral(), sensitive);
        assert_eq!(both.without_sensitive().without_ephemeral(), Marks::NONE);
    }

    #[test]
    fn adding_leaves_what_is_shared_alone() {
        let one = Marks::sensitive("a");
        let mut both = one.clone();
        both.add(&Marks::sensitive("b"));
        both.add(&Marks::NONE);
        both.add(&one);
        assert_eq!(both.origins().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(one.origins().collect::<Vec<_>>(), ["a"]);
        assert_eq!([Marks::NONE, one.clone(), both.clone()].into_iter().collect::<Marks>(), both);
        assert!(!Marks::from_iter([Marks::NONE]).is_sensitive());
    }

    #[test]
    fn adding_one_by_one_copies_nothing() {
        let mut all = Marks::sensitive("");
        let place = |marks: &Marks| marks.0.as_ref().map(Arc::as_ptr);
        let before = place(&all);
        (0..100).for_each(|at| all.add(&Marks::sensitive(at.to_string())));
        assert_eq!((place(&all), all.origins().count()), (before, 101));
    }
}
