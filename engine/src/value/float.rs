//! Implements binary floating point of 512 digits, the arithmetic of [`Number`](super::Number).

use std::cmp::Ordering;

use dashu_int::ops::{Abs, BitTest, DivRem};
use dashu_int::{IBig, Sign, UBig};

use super::NumberError;

/// The number of binary digits of a result.
pub(super) const PRECISION: usize = 512;

/// The largest binary exponent: magnitudes lie between 2⁻⁶⁵⁵³⁶ and 2⁶⁵⁵³⁶, about 19,700 decimal digits.
///
/// Without a limit, a short expression could require gigabytes of digits.
pub(super) const MAX_EXPONENT: i64 = 1 << 16;

/// `significand × 2^exponent`; the significand is odd, or both are zero.
///
/// Two floats are equal exactly if their fields are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Float {
    pub(super) significand: IBig,
    pub(super) exponent: i64,
}

impl Float {
    /// Returns `significand × 2^exponent`, rounded half to even to `precision` digits.
    pub(super) fn rounded(significand: IBig, exponent: i64, precision: usize) -> Result<Self, NumberError> {
        let (sign, mut magnitude) = significand.into_parts();
        let mut exponent = exponent;
        let excess = magnitude.bit_len().saturating_sub(precision);
        if excess > 0 {
            let half = magnitude.bit(excess - 1);
            let beyond = magnitude.trailing_zeros().is_some_and(|zeros| zeros < excess - 1);
            magnitude >>= excess;
            exponent += length(excess);
            if half && (beyond || magnitude.bit(0)) {
                magnitude += 1u8;
            }
        }
        let Some(zeros) = magnitude.trailing_zeros() else {
            return Ok(Self { significand: IBig::ZERO, exponent: 0 });
        };
        magnitude >>= zeros;
        exponent += length(zeros);
        let float = Self { significand: IBig::from_parts(sign, magnitude), exponent };
        if float.magnitude().abs() > MAX_EXPONENT { Err(NumberError::Range) } else { Ok(float) }
    }

    /// Returns `significand × 2^exponent`, rounded.
    pub(super) fn new(significand: IBig, exponent: i64) -> Result<Self, NumberError> {
        Self::rounded(significand, exponent, PRECISION)
    }

    /// Returns an integer of at most 512 digits, exactly.
    pub(super) fn integer(value: IBig) -> Self {
        let zeros = value.trailing_zeros().unwrap_or(0);
        Self { significand: value >> zeros, exponent: length(zeros) }
    }

    /// Returns `numerator / denominator × 2^exponent`, correctly rounded; the denominator is not zero.
    pub(super) fn ratio(numerator: IBig, denominator: &IBig, exponent: i64) -> Result<Self, NumberError> {
        // Two extra digits, and one for a non-zero remainder, determine the rounding exactly.
        let wanted = PRECISION + 2 + denominator.bit_len();
        let shift = wanted.saturating_sub(numerator.bit_len());
        let (quotient, rest) = (numerator << shift).div_rem(denominator);
        let (sign, magnitude) = quotient.into_parts();
        let magnitude = (magnitude << 1) + UBig::from(u8::from(!rest.is_zero()));
        // A quotient of zero has lost its sign, but then the numerator was zero.
        Self::new(IBig::from_parts(sign, magnitude), exponent - length(shift) - 1)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.significand.is_zero()
    }

    pub(super) fn is_negative(&self) -> bool {
        self.significand.sign() == Sign::Negative
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    pub(super) fn add(&self, other: &Self) -> Result<Self, NumberError> {
        let exponent = self.exponent.min(other.exponent);
        Self::new(self.scaled(exponent) + other.scaled(exponent), exponent)
    }

    pub(super) fn sub(&self, other: &Self) -> Result<Self, NumberError> {
        self.add(&other.neg())
    }

    pub(super) fn mul(&self, other: &Self) -> Result<Self, NumberError> {
        Self::new(&self.significand * &other.significand, self.exponent + other.exponent)
    }

    pub(super) fn div(&self, other: &Self) -> Result<Self, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DivisionByZero);
        }
        Self::ratio(self.significand.clone(), &other.significand, self.exponent - other.exponent)
    }

    /// Returns the remainder after subtracting `other` times the rounded quotient, as Terraform's `%` does.
    pub(super) fn rem(&self, other: &Self) -> Result<Self, NumberError> {
        let times = Self::new(self.div(other)?.truncated(), 0)?;
        self.sub(&other.mul(&times)?)
    }

    /// Raises it to a power, rounded once.
    pub(super) fn pow(&self, times: usize) -> Result<Self, NumberError> {
        if times == 0 {
            return Ok(Self::integer(IBig::ONE));
        }
        let digits = (&self.significand).abs().bit_len();
        // The powers of 0, 1 and -1 depend on the parity only, so any exponent is valid.
        let factors = if digits > 1 { times } else { 2 - times % 2 };
        // The power has at least this many digits; the check avoids computing them.
        if digits.saturating_sub(1).saturating_mul(factors) > amount(MAX_EXPONENT) {
            return Err(NumberError::Range);
        }
        // Beyond the bounds, the exponent is out of range in any case.
        let exponent = self.exponent.saturating_mul(length(times)).clamp(-(1 << 40), 1 << 40);
        Self::new(self.significand.pow(factors), exponent)
    }

    pub(super) fn neg(&self) -> Self {
        Self { significand: -self.significand.clone(), exponent: self.exponent }
    }

    /// Returns the integer part.
    pub(super) fn truncated(&self) -> IBig {
        if self.exponent >= 0 {
            return self.scaled(0);
        }
        let (sign, magnitude) = self.significand.clone().into_parts();
        IBig::from_parts(sign, magnitude >> amount(-self.exponent))
    }

    /// Returns the nearest `f64`; an infinity if out of range.
    pub(super) fn to_f64(&self) -> f64 {
        let Ok(short) = Self::rounded(self.significand.clone(), self.exponent, 53) else {
            return 0.0;
        };
        // In two steps, since the power alone may be out of range for an `f64`.
        let exponent = i32::try_from(short.exponent).unwrap_or(0);
        let half = exponent / 2;
        short.significand.to_f64().value() * 2f64.powi(half) * 2f64.powi(exponent - half)
    }

    /// Returns the significand at a smaller exponent.
    fn scaled(&self, exponent: i64) -> IBig {
        self.significand.clone() << amount(self.exponent - exponent)
    }

    /// Returns the exponent of the leading digit.
    fn magnitude(&self) -> i64 {
        length((&self.significand).abs().bit_len()) + self.exponent
    }
}

impl PartialOrd for Float {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Float {
    fn cmp(&self, other: &Self) -> Ordering {
        let exponent = self.exponent.min(other.exponent);
        self.scaled(exponent).cmp(&other.scaled(exponent))
    }
}

/// Converts a number of digits to an exponent; both are far below 2⁶³.
fn length(digits: usize) -> i64 {
    i64::try_from(digits).unwrap_or(i64::MAX)
}

/// Converts a difference of exponents, which is never negative, to a number of digits.
fn amount(distance: i64) -> usize {
    usize::try_from(distance).unwrap_or(0)
}
