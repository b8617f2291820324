//! What a search may spend.

use super::SearchError;
use crate::value::{Marks, Origins, Type, Value};

/// The steps of one search: evaluations, and values looked at or copied. Our own slower tests use them up sooner.
pub(super) const STEPS: usize = if cfg!(test) { 400_000 } else { 4_000_000 };

/// Bytes of text that count as one value.
const TEXT_STEP: usize = 8;

/// The steps that are left.
///
/// Values share what they hold, so a short query can make a result that is small in memory and endless to print. All
/// that multiplies a value therefore pays for the whole of it.
pub(super) struct Budget(usize);

/// What a value and everything in it carries.
#[derive(Clone, Default)]
pub(super) struct Traits {
    pub(super) marks: Marks,
    pub(super) origins: Origins,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self(STEPS)
    }

    /// Takes so many steps.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), SearchError> {
        self.0 = self.0.checked_sub(steps).ok_or(SearchError::Effort)?;
        Ok(())
    }

    /// Takes the steps that a text of `bytes` costs.
    pub(super) fn spend_text(&mut self, bytes: usize) -> Result<(), SearchError> {
        self.spend(bytes / TEXT_STEP)
    }

    /// Pays for all of `value`, and gives what it carries.
    pub(super) fn traits(&mut self, value: &Value) -> Result<Traits, SearchError> {
        let mut traits = Traits::default();
        self.collect(value, &mut traits)?;
        Ok(traits)
    }

    /// As [`traits`](Self::traits), of several values.
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
    /// An unknown value of type `ty` that waits for the same and is marked the same.
    pub(super) fn unknown(&self, ty: Type) -> Value {
        Value::unknown(ty, self.origins.clone()).with_marks(&self.marks)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.marks.add(&other.marks);
        self.origins.add(&other.origins);
    }
}
