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
        match (&self.0, &other.0) {
            (None, _) => other.clone(),
            (_, None) => self.clone(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) || b.is_subset(a) => self.clone(),
            (Some(a), Some(b)) => Self(Some(Arc::new(a.union(b).cloned().collect()))),
        }
    }
}

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.origins()).finish()
    }
}
