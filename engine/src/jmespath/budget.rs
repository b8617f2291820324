//! Limits the cost of a search.

use super::SearchError;
use crate::value::{Marks, Origins, Type, Value};

/// The limit of steps: evaluations, and values visited or copied; lower in tests, which run slower.
pub(super) const STEPS: usize = if cfg!(test) { 400_000 } else { 4_000_000 };

/// The number of bytes of text that cost as much as one value.
const TEXT_STEP: usize = 8;

/// The remaining steps.
///
/// Since values share their contents, a short query can make a result that is small in memory and endless to
/// print. Every operation that multiplies a value therefore spends steps for its full size.
pub(super) struct Budget(usize);

/// The marks and origins of a value and its contents.
#[derive(Clone, Default)]
pub(super) struct Traits {
    pub(super) marks: Marks,
    pub(super) origins: Origins,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self(STEPS)
    }

    /// Spends steps; fails if fewer remain.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), SearchError> {
        self.0 = self.0.checked_sub(steps).ok_or(SearchError::Effort)?;
        Ok(())
    }

    /// Spends the steps for `bytes` of text.
    pub(super) fn spend_text(&mut self, bytes: usize) -> Result<(), SearchError> {
        self.spend(bytes / TEXT_STEP)
    }

    /// Spends steps for all of `value`, and returns its traits.
    pub(super) fn traits(&mut self, value: &Value) -> Result<Traits, SearchError> {
        let mut traits = Traits::default();
        self.collect(value, &mut traits)?;
        Ok(traits)
    }

    /// Spends steps for several values as [`traits`](Self::traits) does, and returns their common traits.
    pub(super) fn traits_of<'a>(
        &mut self,
        values: impl IntoIterator<Item = &'a Value>,
    ) -> Result<Traits, SearchError> {
        let mut traits = Traits::default();
        for value in values {
            self.collect(value, &mut traits)?;
        }
        Ok(traits)
    }

    fn collect(&mut self, value: &Value, traits: &mut Traits) -> Result<(), SearchError> {
        self.spend(1)?;
        self.spend_text(value.as_str().map_or(0, str::len))?;
        if value.is_marked() {
            traits.marks.add(value.marks());
        }
        if value.is_unknown() {
            traits.origins.add(&value.origins());
        }
        for child in value.children() {
            self.collect(child, traits)?;
        }
        Ok(())
    }
}

impl Traits {
    pub(super) fn unknown(&self, ty: Type) -> Value {
        Value::unknown(ty, self.origins.clone()).with_marks(&self.marks)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.marks.add(&other.marks);
        self.origins.add(&other.origins);
    }
}
