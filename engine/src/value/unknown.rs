//! Values that are not known yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Type;

/// What must happen before a value is known, such as `step.metadata.machine`.
pub type Origin = Arc<str>;

/// The origins of an unknown value; shared, in order, without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origins(Arc<BTreeSet<Origin>>);

impl Origins {
    /// One origin.
    pub fn of(origin: impl Into<Origin>) -> Self {
        Self(Arc::new(BTreeSet::from([origin.into()])))
    }

    /// The origins, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
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
        if self.0.is_empty() {
            *self = other.clone();
        } else if !Arc::ptr_eq(&self.0, &other.0) && !other.0.is_subset(&self.0) {
            Arc::make_mut(&mut self.0).extend(other.0.iter().cloned());
        }
    }
}

impl FromIterator<Self> for Origins {
    /// All of them.
    fn from_iter<I: IntoIterator<Item = Self>>(each: I) -> Self {
        each.into_iter().fold(Self::default(), |mut all, one| {
            all.add(&one);
            all
        })
    }
}

impl std::fmt::Display for Origins {
    /// Writes `known after step.a.b, step.c.d`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("known after run");
        }
        f.write_str("known after ")?;
        for (at, origin) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            f.write_str(origin)?;
        }
        Ok(())
    }
}

/// A value that is not known yet: its type as far as it is known, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The type it will have; `Any` when that is not known either.
    pub ty: Type,
    /// What it waits for.
    pub origins: Origins,
    /// Whether it is certain not to be null.
    pub not_null: bool,
}

impl Unknown {
    /// Unknown, of type `ty`, until `origins` are done.
    #[must_use]
    pub fn new(ty: Type, origins: Origins) -> Self {
        Self { ty, origins, not_null: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_one_by_one_copies_nothing_and_leaves_what_is_shared_alone() {
        let one = Origins::of("a");
        let mut all = one.clone();
        all.add(&Origins::of("b"));
        let before = Arc::as_ptr(&all.0);
        all.add(&one);
        all.add(&Origins::of("c"));
        assert_eq!((Arc::as_ptr(&all.0), all.iter().count()), (before, 3));
        assert_eq!(one, Origins::of("a"));
        assert_eq!(
            [one, Origins::default(), Origins::of("b")].into_iter().collect::<Origins>().iter().count(),
            2
        );
    }
}
