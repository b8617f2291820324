//! Converts numbers to and from decimal text.

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::NumberError;
use super::float::{Float, MAX_EXPONENT, PRECISION};

/// The size limit of the text of a number; no number in range has more digits.
const MAX_TEXT: usize = 1 << 16;

/// Parses `[+-] digits [. digits] [e exponent]`, or with `p` a power of two; at least one digit before the
/// exponent.
///
/// Returns the sign separately, to distinguish `-0` from `0`.
pub(super) fn parse(text: &str) -> Result<(bool, Float), NumberError> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if unsigned.len() > MAX_TEXT {
        return Err(NumberError::Range);
    }
    let (mantissa, base, exponent) = match unsigned.find(['e', 'E', 'p']) {
        Some(at) if unsigned.as_bytes()[at] == b'p' => {
            (&unsigned[..at], 2, parse_exponent(&unsigned[at + 1..])?)
        }
        Some(at) => (&unsigned[..at], 10, parse_exponent(&unsigned[at + 1..])?),
        None => (unsigned, 10, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::Syntax);
    }
    let significand = UBig::from_str_radix(&digits, 10).map_err(|_| NumberError::Syntax)?;
    if significand.is_zero() {
        return Ok((negative, Float { significand: IBig::ZERO, exponent: 0 }));
    }
    let significand = if negative { -IBig::from(significand) } else { IBig::from(significand) };
    // An exponent out of range even for the longest text is refused before its power is computed.
    let bound = i64::try_from(MAX_TEXT).unwrap_or(i64::MAX) + MAX_EXPONENT;
    if exponent.abs() > bound {
        return Err(NumberError::Range);
    }
    let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let float = if base == 2 {
        Float::ratio(significand, &power_of_ten(places), exponent)
    } else if exponent >= places {
        Float::new(significand * power_of_ten(exponent - places), 0)
    } else {
        Float::ratio(significand, &power_of_ten(places - exponent), 0)
    }?;
    Ok((negative, float))
}

fn power_of_ten(exponent: i64) -> IBig {
    IBig::from(10).pow(usize::try_from(exponent).unwrap_or(0))
}

/// Parses `[+-] digits`; values out of range saturate.
fn parse_exponent(text: &str) -> Result<i64, NumberError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::Syntax);
    }
    let magnitude = digits.parse().unwrap_or(i64::MAX);
    Ok(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// Decimal digits without leading or trailing zeros, and the number of digits before the point.
pub(super) struct Decimal {
    pub(super) digits: Vec<u8>,
    pub(super) point: i64,
}

impl Decimal {
    pub(super) fn zero() -> Self {
        Self { digits: Vec::new(), point: 0 }
    }

    /// Returns the exact magnitude of `float`.
    pub(super) fn of(float: &Float) -> Self {
        if float.is_zero() {
            Self::zero()
        } else {
            Self::exact((&float.significand).unsigned_abs(), float.exponent)
        }
    }

    /// Returns `magnitude × 2^exponent`, exactly.
    fn exact(magnitude: UBig, exponent: i64) -> Self {
        let shift = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
        let (integer, places) = if exponent >= 0 {
            (magnitude << shift, 0)
        } else {
            (magnitude * UBig::from(5u8).pow(shift), exponent.unsigned_abs())
        };
        let digits = integer.to_string().into_bytes();
        let point =
            i64::try_from(digits.len()).unwrap_or(i64::MAX) - i64::try_from(places).unwrap_or(i64::MAX);
        let mut decimal = Self { digits, point };
        decimal.trim();
        decimal
    }

    pub(super) fn digit(&self, at: usize) -> u8 {
        self.digits.get(at).copied().unwrap_or(b'0')
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
    }

    fn cut(&mut self, count: usize) {
        self.digits.truncate(count);
        self.trim();
    }

    /// Keeps `count` digits and adds one to the last.
    fn cut_up(&mut self, count: usize) {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        if let Some(last) = self.digits.last_mut() {
            *last += 1;
        } else {
            self.digits.push(b'1');
            self.point += 1;
        }
    }

    /// Rounds to `count` digits, half to even.
    pub(super) fn cut_nearest(&mut self, count: usize) {
        if count >= self.digits.len() {
            return;
        }
        let next = self.digit(count);
        let half = next == b'5' && count + 1 == self.digits.len();
        let up = if half { count > 0 && self.digits[count - 1] % 2 == 1 } else { next >= b'5' };
        if up { self.cut_up(count) } else { self.cut(count) }
    }

    pub(super) fn text(&self, negative: bool) -> String {
        let before = usize::try_from(self.point).unwrap_or(0);
        let zeros = usize::try_from(-self.point).unwrap_or(0);
        let mut text = String::from(if negative { "-" } else { "" });
        text.extend((0..before).map(|at| char::from(self.digit(at))));
        if before == 0 {
            text.push('0');
        }
        if self.digits.len() > before {
            text.push('.');
            text.extend(std::iter::repeat_n('0', zeros));
            text.extend(self.digits[before..].iter().copied().map(char::from));
        }
        text
    }
}

/// Returns the shortest decimal that reads back as the magnitude of `float`.
///
/// Digits are taken one by one until the rest of the exact decimal lies within half a unit in the last binary
/// place. Go's `big.Float` prints in the same way, so the last digit agrees with Terraform's.
pub(super) fn shortest(float: &Float) -> Decimal {
    if float.is_zero() {
        return Decimal::zero();
    }
    let magnitude = (&float.significand).unsigned_abs();
    // One digit more than the precision, so that 1 is half a unit in the last place.
    let shift = PRECISION + 1 - magnitude.bit_len();
    let exponent = float.exponent - i64::try_from(shift).unwrap_or(0);
    let scaled = magnitude << shift;
    let inclusive = !scaled.bit(1);
    let lower = Decimal::exact(scaled.clone() - 1u8, exponent);
    let upper = Decimal::exact(scaled.clone() + 1u8, exponent);
    let mut decimal = Decimal::exact(scaled, exponent);
    for at in 0..decimal.digits.len() {
        let (low, digit, high) = (lower.digit(at), decimal.digit(at), upper.digit(at));
        let down = low != digit || inclusive && at + 1 == lower.digits.len();
        let up = digit != high && (inclusive || digit + 1 < high || at + 1 < upper.digits.len());
        match (down, up) {
            (true, true) => decimal.cut_nearest(at + 1),
            (true, false) => decimal.cut(at + 1),
            (false, true) => decimal.cut_up(at + 1),
            (false, false) => continue,
        }
        break;
    }
    decimal
}
