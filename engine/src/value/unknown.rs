//! Values that are not known yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Type;

/// What must happen before a value is known, such as `step.metadata.machine`.
pub type Origin = Arc<str>;

/// The origin of what is made from the name of the run.
pub const RUN: &str = "run";

/// The origins of an unknown value; shared, in order, without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origins(Repr);

/// Most unknown values have one origin. One alone is never in a set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Repr {
    #[default]
    None,
    One(Origin),
    Many(Arc<BTreeSet<Origin>>),
}

impl Origins {
    /// One origin.
    pub fn of(origin: impl Into<Origin>) -> Self {
        Self(Repr::One(origin.into()))
    }

    /// The origins, in order.
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

    /// Whether all of them are functions that give something else each time, such as `timestamp()`, or the run itself.
    #[must_use]
    pub fn differ_in_every_run(&self) -> bool {
        self.iter().all(|origin| origin == RUN || origin.ends_with("()"))
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
