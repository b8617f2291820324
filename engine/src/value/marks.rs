//! What a value carries beside its data: that it is sensitive, and why.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The places that made a value sensitive, such as `step.keyvault_secret.db.value` or `var.password`.
///
/// A value is sensitive when the set is not empty. The empty set takes no allocation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Marks(Option<Arc<BTreeSet<Arc<str>>>>);

impl Marks {
    /// Not sensitive.
    pub const NONE: Self = Self(None);

    /// Sensitive because of `origin`.
    pub fn sensitive(origin: impl Into<Arc<str>>) -> Self {
        Self(Some(Arc::new(BTreeSet::from([origin.into()]))))
    }

    /// Whether there is any.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.0.is_some()
    }

    /// The places, in order.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|set| set.iter().map(AsRef::as_ref))
    }

    /// Both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.add(other);
        both
    }

    /// These too. However many are added, one after another, none is looked at twice.
    pub fn add(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (_, None) => {}
            (None, _) => *self = other.clone(),
            (Some(own), Some(new)) if Arc::ptr_eq(own, new) || new.is_subset(own) => {}
            (Some(own), Some(new)) => Arc::make_mut(own).extend(new.iter().cloned()),
        }
    }
}

impl FromIterator<Self> for Marks {
    /// All of them.
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
