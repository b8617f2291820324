//! Defines exact numbers.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use dashu_int::IBig;
use dashu_int::ops::BitTest;

use super::decimal::{self, Decimal};
use super::float::{Float, MAX_EXPONENT};

/// A binary floating-point number of 512 digits, rounded half to even, as in Terraform.
///
/// Integers that fit an `i64` are stored as one, which makes ordinary arithmetic cheap. There is no infinity
/// and no NaN: operations that would return one return a [`NumberError`]. `-0` is distinct only in print; it
/// equals `0`.
///
/// Parses and prints decimal text; the printed text is the shortest that reads back as the same number.
#[derive(Clone)]
pub struct Number(Repr);

/// The representation; an integer within `i64` is always `Integer`, so that every number except zero has one
/// form.
#[derive(Clone)]
enum Repr {
    Integer(i64),
    NegativeZero,
    Float(Arc<Float>),
}

/// The reason why a number cannot be represented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is not a decimal number.
    #[error("a number is required")]
    Syntax,
    /// The magnitude is beyond 2⁶⁵⁵³⁶ or below 2⁻⁶⁵⁵³⁶.
    #[error("the number is out of range: its magnitude has more than about 19,000 digits")]
    Range,
    /// A division or remainder by zero.
    #[error("division by zero")]
    DivisionByZero,
}

impl Number {
    /// `0`.
    pub const ZERO: Self = Self(Repr::Integer(0));

    /// Returns the number equal to `value`; none for infinities and NaN.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        const FRACTION_BITS: u32 = 52;
        if !value.is_finite() {
            return None;
        }
        if value == 0.0 {
            return Some(if value.is_sign_negative() { Self(Repr::NegativeZero) } else { Self::ZERO });
        }
        let bits = value.to_bits();
        let biased = i64::try_from((bits >> FRACTION_BITS) & 0x7ff).unwrap_or(0);
        let fraction = bits & ((1 << FRACTION_BITS) - 1);
        let significand = if biased == 0 { fraction } else { fraction | (1 << FRACTION_BITS) };
        let significand = IBig::from(significand) * if value < 0.0 { -1 } else { 1 };
        Float::new(significand, biased.max(1) - 1075).ok().map(Self::from)
    }

    /// Returns the sum.
    pub fn add(&self, other: &Self) -> Result<Self, NumberError> {
        self.combine(other, i64::checked_add, Float::add)
    }

    /// Returns the difference.
    pub fn sub(&self, other: &Self) -> Result<Self, NumberError> {
        self.combine(other, i64::checked_sub, Float::sub)
    }

    /// Returns the product.
    pub fn mul(&self, other: &Self) -> Result<Self, NumberError> {
        self.combine(other, i64::checked_mul, Float::mul)
    }

    /// Returns the quotient.
    pub fn div(&self, other: &Self) -> Result<Self, NumberError> {
        let whole = |a: i64, b: i64| if a.checked_rem(b)? == 0 { a.checked_div(b) } else { None };
        self.combine(other, whole, Float::div)
    }

    /// Returns the remainder, with the sign of the dividend.
    pub fn rem(&self, other: &Self) -> Result<Self, NumberError> {
        self.combine(other, i64::checked_rem, Float::rem)
    }

    /// Raises the number to a power, rounded once.
    pub fn pow(&self, times: usize) -> Result<Self, NumberError> {
        self.float().pow(times).map(Self::from)
    }

    /// Returns the integer with these digits in a radix, the most significant first.
    pub fn from_digits(digits: impl IntoIterator<Item = u8>, radix: u8) -> Result<Self, NumberError> {
        let mut integer = IBig::ZERO;
        for digit in digits {
            integer = integer * radix + digit;
            if i64::try_from(integer.bit_len()).is_ok_and(|length| length > MAX_EXPONENT) {
                return Err(NumberError::Range);
            }
        }
        Float::new(integer, 0).map(Self::from)
    }

    fn combine(
        &self,
        other: &Self,
        integers: impl Fn(i64, i64) -> Option<i64>,
        floats: impl Fn(&Float, &Float) -> Result<Float, NumberError>,
    ) -> Result<Self, NumberError> {
        if let (Some(a), Some(b)) = (self.to_i64(), other.to_i64())
            && let Some(result) = integers(a, b)
        {
            return Ok(result.into());
        }
        floats(&self.float(), &other.float()).map(Self::from)
    }

    /// Returns the negation; that of `0` is `-0`.
    #[must_use]
    pub fn neg(&self) -> Self {
        match &self.0 {
            Repr::Integer(0) => Self(Repr::NegativeZero),
            Repr::NegativeZero => Self::ZERO,
            Repr::Integer(value) => value.checked_neg().map_or_else(|| self.float().neg().into(), Self::from),
            Repr::Float(float) => float.neg().into(),
        }
    }

    /// Returns the absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// Returns the largest integer that is not greater.
    #[must_use]
    pub fn floor(&self) -> Self {
        self.toward(-1)
    }

    /// Returns the smallest integer that is not less.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.toward(1)
    }

    /// Returns the integer part.
    #[must_use]
    pub fn truncate(&self) -> Self {
        self.toward(0)
    }

    /// Returns the next integer toward the infinity of that sign, or toward zero.
    fn toward(&self, sign: i64) -> Self {
        if self.is_integer() {
            return self.clone();
        }
        let float = self.float();
        let away = sign != 0 && float.is_negative() == (sign < 0);
        let integer = float.truncated() + IBig::from(if away { sign } else { 0 });
        // The result is nearer to zero than the number, or one away from a number with a fraction, so it
        // fits.
        Float::new(integer, 0).map_or(Self::ZERO, Self::from)
    }

    /// Returns true if the number has no fraction.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Integer(_) | Repr::NegativeZero => true,
            Repr::Float(float) => float.is_integer(),
        }
    }

    /// Returns true if the number is negative; `-0` counts.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Integer(value) => *value < 0,
            Repr::NegativeZero => true,
            Repr::Float(float) => float.is_negative(),
        }
    }

    /// Returns the number as an `i64`, if it is exactly one.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Integer(value) => Some(*value),
            Repr::NegativeZero => Some(0),
            Repr::Float(_) => None,
        }
    }

    /// Returns the number as a `usize`, if it is exactly one and within `i64`.
    #[must_use]
    pub fn to_usize(&self) -> Option<usize> {
        self.to_i64().and_then(|value| usize::try_from(value).ok())
    }

    /// Returns the nearest `f64`; an infinity if out of range.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::NegativeZero => -0.0,
            _ => self.float().to_f64(),
        }
    }

    /// Returns the digits of the integer part, in lower case, with `-` for a negative number.
    ///
    /// # Panics
    ///
    /// Panics unless the radix is from 2 to 36.
    #[must_use]
    pub fn to_radix(&self, radix: u8) -> String {
        self.float().truncated().in_radix(radix).to_string()
    }

    /// Returns all digits of the magnitude.
    pub(super) fn exact(&self) -> Decimal {
        Decimal::of(&self.float())
    }

    /// Returns the fewest digits that read back as the magnitude.
    pub(super) fn shortest(&self) -> Decimal {
        decimal::shortest(&self.float())
    }

    fn float(&self) -> Arc<Float> {
        match &self.0 {
            Repr::Integer(value) => Arc::new(Float::integer(IBig::from(*value))),
            Repr::NegativeZero => Arc::new(Float::integer(IBig::ZERO)),
            Repr::Float(float) => Arc::clone(float),
        }
    }
}

impl From<Float> for Number {
    fn from(float: Float) -> Self {
        if (0..64).contains(&float.exponent)
            && let Ok(integer) = i64::try_from(float.truncated())
        {
            return Self(Repr::Integer(integer));
        }
        Self(Repr::Float(Arc::new(float)))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Integer(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Float::integer(IBig::from(value)).into(), Self::from)
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        i64::try_from(value).map_or_else(|_| Float::integer(IBig::from(value)).into(), Self::from)
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Parses `[+-] digits [. digits] [e exponent]`; digits may be missing before or after the point, but not
    /// both.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let (negative, float) = decimal::parse(text)?;
        Ok(if negative && float.is_zero() { Self(Repr::NegativeZero) } else { float.into() })
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.to_i64(), other.to_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => self.float().cmp(&other.float()),
        }
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Float(float) => float.hash(state),
            _ => self.to_i64().hash(state),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Integer(value) => write!(f, "{value}"),
            Repr::NegativeZero => f.write_str("-0"),
            Repr::Float(float) => f.write_str(&decimal::shortest(float).text(float.is_negative())),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
