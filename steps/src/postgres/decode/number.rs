//! Reads numbers.

use std::fmt::{LowerExp, Write as _};

use arcbook_engine::value::{Data, Number, Value};

use super::Reader;

/// The maximum number of significant digits that a value keeps exactly.
const MOST_DIGITS: usize = 150;

const NOT_A_NUMBER: u16 = 0xc000;
const INFINITY: u16 = 0xd000;
const NEGATIVE_INFINITY: u16 = 0xf000;
const NEGATIVE: u16 = 0x4000;

/// Reads a decimal number: digits in base 10000, the first of which counts 10000 to the power of the weight.
pub(super) fn numeric(bytes: &[u8]) -> Option<Value> {
    let mut rest = Reader(bytes);
    let (count, weight) = (rest.i16()?, i32::from(rest.i16()?));
    let (sign, scale) = (rest.i16()?.cast_unsigned(), usize::try_from(rest.i16()?).ok()?);
    let is_negative = match sign {
        NOT_A_NUMBER => return Some(Value::from("NaN")),
        INFINITY => return Some(Value::from("Infinity")),
        NEGATIVE_INFINITY => return Some(Value::from("-Infinity")),
        sign => sign == NEGATIVE,
    };
    let mut digits = Vec::new();
    for _ in 0..count {
        digits.push(rest.i16()?);
    }
    let digit = |place: i32| usize::try_from(weight - place).ok().and_then(|at| digits.get(at)).copied();
    let mut text = if is_negative { "-".to_owned() } else { String::new() };
    let mut whole = String::new();
    for place in (0..=weight.max(0)).rev() {
        write!(whole, "{:04}", digit(place).unwrap_or(0)).ok()?;
    }
    let whole = whole.trim_start_matches('0');
    text.push_str(if whole.is_empty() { "0" } else { whole });
    if scale > 0 {
        let places = i32::try_from(scale.div_ceil(4)).ok()?;
        let mut fraction = String::new();
        for place in 1..=places {
            write!(fraction, "{:04}", digit(-place).unwrap_or(0)).ok()?;
        }
        write!(text, ".{}", fraction.get(..scale)?).ok()?;
    }
    Some(exact(text))
}

/// Returns the number, or its text if a value would not keep all of its digits.
fn exact(text: String) -> Value {
    let significant = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    match text.parse::<Number>() {
        Ok(number) if significant <= MOST_DIGITS => Value::new(Data::Number(number)),
        _ => Value::string(text),
    }
}

pub(super) fn float4(value: f32) -> Option<Value> {
    float(value, value.into())
}

pub(super) fn float8(value: f64) -> Option<Value> {
    float(value, value)
}

/// Returns the number with the shortest text that reads back as `value`, as PostgreSQL writes it.
fn float(value: impl LowerExp, wide: f64) -> Option<Value> {
    if wide.is_finite() {
        return format!("{value:e}").parse::<Number>().ok().map(|number| Value::new(Data::Number(number)));
    }
    let word = if wide.is_nan() {
        "NaN"
    } else if wide > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    };
    Some(Value::from(word))
}
