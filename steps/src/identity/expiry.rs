//! The expiry of a token, in all formats that issuers use.
//!
//! The agent writes seconds as text. App Service and similar gateways have written numbers, fractions, ISO
//! 8601, and .NET dates (`11/25/2026 11:30:00 PM +00:00`).

use serde_json::Value;
use time::format_description::well_known::Iso8601;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// The end of the year 9999, in Unix seconds: a later time is invalid.
const LAST: f64 = 253_402_300_800.0;

/// Returns the expiry of the token in `document`, which arrived at `now`, in Unix seconds.
///
/// It is the earlier of `expires_on` and `now` plus `expires_in`, because clock skew makes one of them too
/// late. Returns none if neither can be parsed.
pub(super) fn of(document: &Value, now: i64) -> Option<i64> {
    let on = document.get("expires_on").and_then(moment);
    let after = document.get("expires_in").and_then(seconds).and_then(|life| now.checked_add(life));
    on.into_iter().chain(after).min()
}

/// Parses a time into Unix seconds.
fn moment(value: &Value) -> Option<i64> {
    match seconds(value) {
        Some(seconds) => (seconds > 0).then_some(seconds),
        None => value.as_str().map(str::trim).and_then(|text| iso(text).or_else(|| us(text))),
    }
}

/// Parses a number of seconds, rounded down.
fn seconds(value: &Value) -> Option<i64> {
    let number: f64 = match value {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => number.as_f64()?,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "it is within bounds, and the fraction is to go")]
    (number.abs() < LAST).then(|| number.floor() as i64)
}

/// Parses `2026-11-25T23:30:00Z`, optionally with an offset, a fraction or a space instead of the `T`; UTC
/// without an offset.
fn iso(text: &str) -> Option<i64> {
    let text = text.to_ascii_uppercase().replacen(' ', "T", 1).replace(' ', "");
    let with_offset = OffsetDateTime::parse(&text, &Iso8601::PARSING);
    let moment = with_offset
        .or_else(|_| PrimitiveDateTime::parse(&text, &Iso8601::PARSING).map(PrimitiveDateTime::assume_utc));
    moment.ok().map(OffsetDateTime::unix_timestamp)
}

/// Parses `11/25/2026 11:30:00 PM +00:00`, or a 24-hour time; UTC without an offset.
fn us(text: &str) -> Option<i64> {
    let mut parts = text.split_whitespace();
    let (date, clock) = (date(parts.next()?)?, parts.next()?);
    let mut rest = parts.next();
    let half = rest.filter(|half| half.eq_ignore_ascii_case("AM") || half.eq_ignore_ascii_case("PM"));
    if half.is_some() {
        rest = parts.next();
    }
    let offset = rest.map_or(Some(UtcOffset::UTC), offset)?;
    let moment = PrimitiveDateTime::new(date, time(clock, half)?).assume_offset(offset);
    parts.next().is_none().then_some(moment.unix_timestamp())
}

/// Parses `11/25/2026`.
fn date(text: &str) -> Option<Date> {
    let [month, day, year] = three(text, '/')?;
    Date::from_calendar_date(
        year.parse().ok()?,
        Month::try_from(month.parse::<u8>().ok()?).ok()?,
        day.parse().ok()?,
    )
    .ok()
}

/// Parses `11:30:00` or `11:30:00.5`, in this `half` of the day if there is one.
fn time(text: &str, half: Option<&str>) -> Option<Time> {
    let [hour, minute, second] = three(text, ':')?;
    let hour: u8 = hour.parse().ok()?;
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + if half.eq_ignore_ascii_case("PM") { 12 } else { 0 },
    };
    let second = second.split('.').next()?;
    Time::from_hms(hour, minute.parse().ok()?, second.parse().ok()?).ok()
}

/// Parses `+01:30`, `Z`, `UTC` or `GMT`.
fn offset(text: &str) -> Option<UtcOffset> {
    if ["Z", "UTC", "GMT"].iter().any(|name| name.eq_ignore_ascii_case(text)) {
        return Some(UtcOffset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    UtcOffset::from_hms(sign * hours.parse::<i8>().ok()?, sign * minutes.parse::<i8>().ok()?, 0).ok()
}

fn three(text: &str, separator: char) -> Option<[&str; 3]> {
    text.split(separator).collect::<Vec<_>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 2026-11-25T23:30:00Z.
    const THEN: i64 = 1_795_649_400;

    #[test]
    fn every_form_of_a_moment_is_read() {
        for value in [
            json!(THEN),
            json!(1_795_649_400.75),
            json!("1795649400"),
            json!(" 1795649400.9 "),
            json!("1.7956494e9"),
            json!("2026-11-25T23:30:00Z"),
            json!("2026-11-25t23:30:00z"),
            json!("2026-11-25T23:30:00.1234567Z"),
            json!("2026-11-26T00:30:00+01:00"),
            json!("2026-11-25 23:30:00 +00:00"),
            json!("2026-11-25T23:30:00"),
            json!("11/25/2026 11:30:00 PM +00:00"),
            json!("11/25/2026 11:30:00 pm"),
            json!("11/25/2026 23:30:00 +00:00"),
            json!("11/25/2026 23:30:00.99 Z"),
            json!("11/25/2026 6:30:00 PM -05:00"),
            json!("11/26/2026 12:30:00 AM +01:00"),
        ] {
            assert_eq!(moment(&value), Some(THEN), "{value}");
        }
        let early = json!("1/2/2026 3:04:05 AM +00:00");
        assert_eq!(moment(&early), moment(&json!("2026-01-02T03:04:05Z")));
    }

    #[test]
    fn the_earlier_moment_counts_and_what_cannot_be_read_does_not() {
        let now = THEN - 3600;
        for (document, expected) in [
            (json!({ "expires_on": THEN, "expires_in": 7200 }), Some(THEN)),
            (json!({ "expires_on": "11/25/2026 11:30:00 PM +00:00", "expires_in": "60" }), Some(now + 60)),
            (json!({ "expires_in": "3599.9" }), Some(now + 3599)),
            (json!({ "expires_in": 60.5 }), Some(now + 60)),
            (json!({ "expires_on": "soon", "expires_in": 60 }), Some(now + 60)),
            (json!({ "expires_on": THEN * 1000, "expires_in": 60 }), Some(now + 60)),
            (json!({ "expires_on": 0, "expires_in": 60 }), Some(now + 60)),
            (json!({ "expires_on": "NaN", "expires_in": "inf" }), None),
            (json!({ "expires_on": "13/25/2026 11:30:00 PM" }), None),
            (json!({ "expires_on": "11/25/2026 13:30:00 PM" }), None),
            (json!({ "expires_on": "11/25/2026 11:30:00 PM +00:00 x" }), None),
            (json!({ "expires_on": "2026-02-30T00:00:00Z" }), None),
            (json!({ "expires_on": THEN, "expires_in": null }), Some(THEN)),
            (json!({ "expires_on": THEN, "expires_in": [1] }), Some(THEN)),
            (json!({ "expires_on": "99999999999999999999" }), None),
            (json!({ "expires_on": "" }), None),
            (json!({}), None),
        ] {
            assert_eq!(of(&document, now), expected, "{document}");
        }
    }
}
