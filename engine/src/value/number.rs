//! Exact numbers.

use std::fmt;

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;

/// A number, exact to 512 binary digits, as in Terraform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(FBig<HalfEven, 2>);

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(FBig::from(value).with_precision(512).value())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_decimal().value())
    }
}
