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
        if other.0.is_subset(&self.0) {
            self.clone()
        } else if self.0.is_empty() {
            other.clone()
        } else {
            Self(Arc::new(self.0.union(&other.0).cloned().collect()))
        }
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
