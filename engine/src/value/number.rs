//! Exact numbers.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use dashu_int::IBig;

use super::decimal;
use super::float::Float;

/// A number: binary floating point of 512 digits, rounded half to even, as in Terraform.
///
/// Integers that fit an `i64` are kept as one, which makes ordinary arithmetic cheap. There is no infinity and no
/// NaN: what would give one is a [`NumberError`]. `-0` is kept apart for printing only; it equals `0`.
///
/// Reads and prints decimal text; the text printed is the shortest that reads back as the same number.
#[derive(Clone)]
pub struct Number(Repr);

/// An integer within `i64` is always `Integer`, so that every number but zero has one form.
#[derive(Clone)]
enum Repr {
    Integer(i64),
    NegativeZero,
    Float(Arc<Float>),
}

/// Why there is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is not a decimal number.
    #[error("a number is required")]
    Syntax,
    /// The magnitude is beyond 2⁶⁵⁵³⁶ or below 2⁻⁶⁵⁵³⁶.
    #[error("the number is out of range: its magnitude has more than about 19,000 digits")]
    Range,
    /// Division or remainder by zero.
    #[error("division by zero")]
    DivisionByZero,
}

impl Number {
    /// `0`.
    pub const ZERO: Self = Self(Repr::Integer(0));

    /// The number that `value` is exactly; none for infinities and NaN.
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

    /// The sum.
    pub fn add(&self, other: &Self) -> Result<Self, NumberError> {
        self.combine(other, i64::checked_add, Float::add)
    }

    /// The difference.
    pub fn sub(&self, other: &Self) -> Result<Self, NumberError> {
        self.combine(other, i64::checked_sub, Float::sub)
    }

    /// The product.
    pub fn mul(&self, other: &Self) -> Result<Self, NumberError> {
        self.combine(other, i64::checked_mul, Float::mul)
    }

    /// The quotient.
    pub fn div(&self, other: &Self) -> Result<Self, NumberError> {
        let whole = |a: i64, b: i64| if a.checked_rem(b)? == 0 { a.checked_div(b) } else { None };
        self.combine(other, whole, Float::div)
    }

    /// The remainder, with the sign of the dividend.
    pub fn rem(&self, other: &Self) -> Result<Self, NumberError> {
        self.combine(other, i64::checked_rem, Float::rem)
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

    /// The negation; that of `0` is `-0`.
    #[must_use]
    pub fn neg(&self) -> Self {
        match &self.0 {
            Repr::Integer(0) => Self(Repr::NegativeZero),
            Repr::NegativeZero => Self::ZERO,
            Repr::Integer(value) => value.checked_neg().map_or_else(|| self.float().neg().into(), Self::from),
            Repr::Float(float) => float.neg().into(),
        }
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// The largest integer not above it.
    #[must_use]
    pub fn floor(&self) -> Self {
        self.toward(-1)
    }

    /// The smallest integer not below it.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.toward(1)
    }

    /// Without the digits after the point.
    #[must_use]
    pub fn truncate(&self) -> Self {
        self.toward(0)
    }

    /// The next integer toward the infinity of that sign, or toward zero.
    fn toward(&self, sign: i64) -> Self {
        if self.is_integer() {
            return self.clone();
        }
        let float = self.float();
        let away = sign != 0 && float.is_negative() == (sign < 0);
        let integer = float.truncated() + IBig::from(if away { sign } else { 0 });
        // Nearer to zero than the number, or one away from a number with a fraction: it always fits.
        Float::new(integer, 0).map_or(Self::ZERO, Self::from)
    }

    /// Whether nothing stands after the point.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Integer(_) | Repr::NegativeZero => true,
            Repr::Float(float) => float.is_integer(),
        }
    }

    /// Whether it is below zero; `-0` counts.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Integer(value) => *value < 0,
            Repr::NegativeZero => true,
            Repr::Float(float) => float.is_negative(),
        }
    }

    /// The same as an `i64`, when it is one exactly.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Integer(value) => Some(*value),
            Repr::NegativeZero => Some(0),
            Repr::Float(_) => None,
        }
    }

    /// The same as a `usize`, when it is one exactly and within `i64`.
    #[must_use]
    pub fn to_usize(&self) -> Option<usize> {
        self.to_i64().and_then(|value| usize::try_from(value).ok())
    }

    /// The nearest `f64`; an infinity when it is out of range.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::NegativeZero => -0.0,
            _ => self.float().to_f64(),
        }
    }

    /// The digits of its whole part, lower case, with `-` when below zero.
    ///
    /// # Panics
    /// Unless the radix is 2 to 36.
    #[must_use]
    pub fn to_radix(&self, radix: u8) -> String {
        self.float().truncated().in_radix(radix).to_string()
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

    /// Reads `[+-] digits [. digits] [e exponent]`; digits may miss before or after the point, not both.
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
            Repr::Float(float) => f.write_str(&decimal::print(float)),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn prints_what_terraform_prints() {
        let third = format!("0.{}5", "3".repeat(154));
        let cases = [
            ("007", "7"),
            ("1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0", "-0"),
            ("-0.0e5", "-0"),
            ("1e30", "1000000000000000000000000000000"),
            ("1e-10", "0.0000000001"),
            ("-1e-3", "-0.001"),
            ("1p4", "16"),
            ("0.1", "0.1"),
            ("9223372036854775808", "9223372036854775808"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("3.14159265358979323846264338327950288", "3.14159265358979323846264338327950288"),
        ];
        for (text, printed) in cases {
            assert_eq!(number(text).to_string(), printed, "{text}");
        }
        assert_eq!(number("1").div(&number("3")).unwrap().to_string(), third);
        assert_eq!(number("1e-400").to_string().len(), 402);
    }

    #[test]
    fn calculates_with_512_digits() {
        type Operation = fn(&Number, &Number) -> Result<Number, NumberError>;
        let cases: [(&str, Operation, &str, &str); 12] = [
            ("0.1", Number::add, "0.2", "0.3"),
            ("1e100", Number::add, "1", &format!("1{}1", "0".repeat(99))),
            ("9223372036854775807", Number::add, "1", "9223372036854775808"),
            ("-9223372036854775808", Number::sub, "1", "-9223372036854775809"),
            ("1", Number::sub, "0.9", &format!("0.1{}3", "0".repeat(153))),
            ("1.15", Number::mul, "100", "115"),
            (
                "99999999999999999999",
                Number::mul,
                "99999999999999999999",
                "9999999999999999999800000000000000000001",
            ),
            ("7", Number::div, "2", "3.5"),
            ("1", Number::div, "7", &format!("0.{}14285", "142857".repeat(25))),
            ("10", Number::rem, "3.3", &format!("0.1{}48", "0".repeat(152))),
            ("-5.5", Number::rem, "2", "-1.5"),
            ("1e30", Number::rem, "7", "1"),
        ];
        for (a, operation, b, result) in cases {
            assert_eq!(operation(&number(a), &number(b)).unwrap().to_string(), result, "{a} and {b}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let cases = [
            ("", NumberError::Syntax),
            (".", NumberError::Syntax),
            ("-", NumberError::Syntax),
            ("1e", NumberError::Syntax),
            ("0x10", NumberError::Syntax),
            ("1_000", NumberError::Syntax),
            ("5 ", NumberError::Syntax),
            ("Inf", NumberError::Syntax),
            ("1e999999999", NumberError::Range),
            ("1e-99999999999999999999", NumberError::Range),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Number>(), Err(error), "{text}");
        }
        assert_eq!(number("1").div(&Number::ZERO), Err(NumberError::DivisionByZero));
        assert_eq!(number("1").rem(&number("-0")), Err(NumberError::DivisionByZero));
        let large = number("1e19000");
        assert_eq!(large.mul(&large), Err(NumberError::Range));
    }

    #[test]
    fn rounds_to_integers() {
        let cases = [("1.1", "1", "2"), ("-1.1", "-2", "-1"), ("-0.5", "-1", "0"), ("3", "3", "3")];
        for (text, floor, ceil) in cases {
            assert_eq!(number(text).floor().to_string(), floor, "floor {text}");
            assert_eq!(number(text).ceil().to_string(), ceil, "ceil {text}");
        }
    }

    proptest! {
        #[test]
        fn every_f64_survives(bits: u64) {
            let value = f64::from_bits(bits);
            if let Some(number) = Number::from_f64(value) {
                prop_assert_eq!(number.to_f64().to_bits(), bits);
            } else {
                prop_assert!(!value.is_finite());
            }
        }

        #[test]
        fn text_reads_back(digits in "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,3})?", divisor in 1i64..1_000_000) {
            let value = number(&digits).div(&divisor.into()).unwrap();
            prop_assert_eq!(number(&value.to_string()), value);
        }

        #[test]
        fn integers_agree_with_i128(a: i64, b: i64) {
            let (x, y) = (Number::from(a), Number::from(b));
            let (wide_a, wide_b) = (i128::from(a), i128::from(b));
            prop_assert_eq!(x.add(&y).unwrap().to_string(), (wide_a + wide_b).to_string());
            prop_assert_eq!(x.mul(&y).unwrap().to_string(), (wide_a * wide_b).to_string());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }
}
