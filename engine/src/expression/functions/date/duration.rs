//! Parses durations such as `1h30m`.

use time::Duration;

use crate::value::Number;

/// Parses `[+-]` followed by numbers with units, of `h`, `m`, `s`, `ms`, `us`, `µs` and `ns`; or `0`.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let invalid = || format!("invalid duration {text:?}");
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "0" {
        return Ok(Duration::ZERO);
    }
    if unsigned.is_empty() {
        return Err(invalid());
    }
    let mut total = Number::ZERO;
    let mut rest = unsigned;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let number: Number = number.parse().map_err(|_| invalid())?;
        if unit.is_empty() {
            return Err(format!("missing unit in duration {text:?}"));
        }
        let unit = nanoseconds(unit).ok_or_else(|| format!("unknown unit {unit:?} in duration {text:?}"))?;
        let part = number.mul(&unit.into()).map_err(|_| invalid())?;
        total = total.add(&part).map_err(|_| invalid())?;
        rest = after;
    }
    let total = total.truncate().to_i64().ok_or_else(invalid)?;
    Ok(Duration::nanoseconds(if text.starts_with('-') { -total } else { total }))
}

fn nanoseconds(unit: &str) -> Option<i64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}
