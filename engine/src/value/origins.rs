//! Defines the origins of unknown values.

use std::collections::BTreeSet;
use std::sync::Arc;

/// An event that makes a value known, such as the end of `step.metadata.machine`.
pub type Origin = Arc<str>;

/// The origin of values derived from the name of the run.
pub const RUN: &str = "run";

/// The origins of an unknown value; shared, ordered and distinct.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origins(Repr);

/// The representation: most unknown values have one origin, which is never stored in a set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Repr {
    #[default]
    None,
    One(Origin),
    Many(Arc<BTreeSet<Origin>>),
}

impl Origins {
    /// Returns a single origin.
    pub fn of(origin: impl Into<Origin>) -> Self {
        Self(Repr::One(origin.into()))
    }

    /// Returns the origins in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all().map(AsRef::as_ref)
    }

    fn all(&self) -> impl Iterator<Item = &Origin> {
        let (one, many) = match &self.0 {
            Repr::None => (None, None),
            Repr::One(origin) => (Some(origin), None),
            Repr::Many(origins) => (None, Some(&**origins)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Returns true if all origins are the run itself or functions that return another value each time, such
    /// as `timestamp()`.
    #[must_use]
    pub fn differ_in_every_run(&self) -> bool {
        self.iter().all(|origin| origin == RUN || origin.ends_with("()"))
    }

    /// Returns the union.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.add(other);
        both
    }

    /// Adds other origins. Adding many one after another takes linear time, since a shared set is not copied.
    pub fn add(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (_, Repr::None) => {}
            (Repr::None, _) => *self = other.clone(),
            (Repr::One(own), _) => {
                let both: BTreeSet<_> = other.all().chain([&*own]).cloned().collect();
                if both.len() > 1 {
                    self.0 = Repr::Many(Arc::new(both));
                }
            }
            (Repr::Many(own), Repr::One(new)) => {
                if !own.contains(new) {
                    Arc::make_mut(own).insert(new.clone());
                }
            }
            (Repr::Many(own), Repr::Many(new)) => {
                if !Arc::ptr_eq(own, new) && !new.is_subset(own) {
                    Arc::make_mut(own).extend(new.iter().cloned());
                }
            }
        }
    }
}

impl FromIterator<Self> for Origins {
    /// Returns the union of all origins.
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
        if self.0 == Repr::None {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_one_by_one_copies_nothing_and_leaves_what_is_shared_alone() {
        let one = Origins::of("a");
        let mut all = one.clone();
        all.add(&Origins::of("b"));
        let place = |all: &Origins| match &all.0 {
            Repr::Many(origins) => Arc::as_ptr(origins),
            other => panic!("{other:?}"),
        };
        let before = place(&all);
        all.add(&one);
        all.add(&Origins::of("c"));
        assert_eq!((place(&all), all.iter().count()), (before, 3));
        let mut alone = one.clone();
        alone.add(&one);
        assert_eq!(alone, one);
        assert_eq!(one, Origins::of("a"));
        assert_eq!(
            [one, Origins::default(), Origins::of("b")].into_iter().collect::<Origins>().iter().count(),
            2
        );
    }
}
