//! Resolves YAML scalars.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{ScalarStyle, Tag};

use super::timestamp;
use crate::value::{Number, Value};

/// Returns the value of a scalar by its tag or, for an untagged plain scalar, by its form.
pub(super) fn resolve(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let is_quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    let tag = match tag {
        None if style != ScalarStyle::Plain => return Ok(text.into()),
        None => "",
        Some(tag) if tag.is_yaml_core_schema() => tag.suffix.as_str(),
        // A lone exclamation mark makes it a string.
        Some(tag) if tag.suffix.is_empty() => return Ok(text.into()),
        Some(tag) => return Err(format!("unsupported tag \"{}{}\"", tag.handle, tag.suffix)),
    };
    match tag {
        "" | "bool" | "int" | "float" | "null" | "timestamp" => {}
        "binary" if STANDARD.decode(text).is_err() => return Err("!!binary is not Base64".to_owned()),
        "str" | "binary" => return Ok(text.into()),
        _ => return Err(format!("cannot interpret a scalar as tag:yaml.org,2002:{tag}")),
    }
    let has_form =
        text.is_empty() || text.starts_with(|first: char| "+-.0123456789yYnNtTfFoO~".contains(first));
    if has_form && is_quoted {
        return Ok(text.into());
    }
    if has_form && let Some(value) = by_form(text, tag)? {
        return Ok(value);
    }
    match tag {
        "null" => Ok(Value::NULL),
        "int" | "float" => number(text),
        "" => Ok(text.into()),
        _ => Err(format!("cannot read the text of !!{tag}")),
    }
}

/// Returns the value of a scalar with a form of its own, such as `true` or `1`.
fn by_form(text: &str, tag: &str) -> Result<Option<Value>, String> {
    Ok(Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::NULL,
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => true.into(),
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => false.into(),
        ".nan" | ".NaN" | ".NAN" => return Err("not a number cannot be held".to_owned()),
        _ if is_infinity(text) => return Err("infinity cannot be held".to_owned()),
        _ if matches!(tag, "" | "timestamp")
            && let Some(time) = timestamp::rfc_3339(text) =>
        {
            time.into()
        }
        _ if is_integer(text) || is_float(text) => number(text)?,
        _ => return Ok(None),
    }))
}

fn is_infinity(text: &str) -> bool {
    matches!(text.strip_prefix(['+', '-']).unwrap_or(text), ".inf" | ".Inf" | ".INF")
}

/// Returns true for decimal digits with an optional sign, and for `0o…` and `0x…` without one. `0b…` and `_` between
/// digits are YAML 1.1 only.
fn is_integer(text: &str) -> bool {
    let all = |digits: &str, is_digit: fn(&u8) -> bool| {
        !digits.is_empty() && digits.as_bytes().iter().all(is_digit)
    };
    match text.get(..2) {
        Some("0o") => all(&text[2..], |digit| (b'0'..=b'7').contains(digit)),
        Some("0x") => all(&text[2..], u8::is_ascii_hexdigit),
        _ => all(text.strip_prefix(['+', '-']).unwrap_or(text), u8::is_ascii_digit),
    }
}

/// Returns true for decimal digits with an optional sign, point and exponent.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        && text.parse::<Number>().is_ok()
}

fn number(text: &str) -> Result<Value, String> {
    let radix = |digits: &str, radix: u32| u64::from_str_radix(digits, radix).ok().map(Number::from);
    let number = match text.get(..2) {
        Some("0o") => radix(&text[2..], 8),
        Some("0x") => radix(&text[2..], 16),
        _ => text.parse().ok(),
    };
    number.map(Value::from).ok_or_else(|| "a number cannot be read or held".to_owned())
}
