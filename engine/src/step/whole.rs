//! Defines whole numbers in a range.

use std::fmt;

use crate::value::{Data, Type, Value};

use super::{Accepts, ArgumentError, ArgumentType};

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Whole<const LEAST: i64, const MOST: i64>(i64);

impl<const LEAST: i64, const MOST: i64> Whole<LEAST, MOST> {
    /// Returns the number; none if it is out of range.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        (LEAST..=MOST).contains(&number).then_some(Self(number))
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<const LEAST: i64, const MOST: i64> fmt::Display for Whole<LEAST, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const LEAST: i64, const MOST: i64> ArgumentType for Whole<LEAST, MOST> {
    fn ty() -> Type {
        Type::Number
    }

    fn accepts() -> Accepts {
        Accepts::Range(LEAST, MOST)
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let number = match value.data() {
            Data::Number(number) if number.is_integer() => number.to_i64(),
            _ => None,
        };
        let error = || ArgumentError::value(format!("must be a whole number from {LEAST} to {MOST}"));
        number.and_then(Self::new).ok_or_else(|| error().into())
    }
}
