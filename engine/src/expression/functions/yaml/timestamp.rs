//! Parses YAML timestamps.

use time::{Date, Month};

/// Converts a timestamp to RFC 3339, the form that the date functions take.
///
/// A timestamp is a date, a date and a time with `T` and an offset, or a date and a time with a space and no offset.
/// Leading zeros are optional except in the year.
pub(super) fn rfc_3339(text: &str) -> Option<String> {
    let (year, rest) = text.split_at_checked(4)?;
    let year = year.bytes().all(|digit| digit.is_ascii_digit()).then(|| year.parse().ok())??;
    let (month, rest) = number(rest.strip_prefix('-')?)?;
    let (day, rest) = number(rest.strip_prefix('-')?)?;
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let (time, offset) = match rest.chars().next() {
        None => ([0; 3], "Z".to_owned()),
        Some(' ') => {
            let (time, rest) = time(&rest[1..])?;
            rest.is_empty().then(|| (time, "Z".to_owned()))?
        }
        Some('T' | 't') => {
            let (time, rest) = time(&rest[1..])?;
            (time, offset(rest)?)
        }
        Some(_) => return None,
    };
    let [hour, minute, second] = time;
    let (month, day) = (u8::from(date.month()), date.day());
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}"))
}

/// Parses one or two digits.
fn number(text: &str) -> Option<(u8, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// Parses hour, minute and second; a fraction of the second is dropped.
fn time(text: &str) -> Option<([u8; 3], &str)> {
    let (hour, rest) = number(text)?;
    let (minute, rest) = number(rest.strip_prefix(':')?)?;
    let (second, mut rest) = number(rest.strip_prefix(':')?)?;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        rest = if end > 0 { &fraction[end..] } else { rest };
    }
    (hour < 24 && minute < 60 && second < 60).then_some(([hour, minute, second], rest))
}

/// Parses `Z` or `+hh:mm`; an offset of zero is `Z`.
fn offset(text: &str) -> Option<String> {
    let digits = |at: std::ops::Range<usize>| text.get(at)?.parse::<u8>().ok();
    match text.as_bytes() {
        b"Z" => Some("Z".to_owned()),
        [b'+' | b'-', h1, h2, b':', m1, m2]
            if [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()) =>
        {
            let (hours, minutes) = (digits(1..3)?, digits(4..6)?);
            let is_utc = hours == 0 && minutes == 0;
            (hours <= 24 && minutes < 60).then(|| if is_utc { "Z" } else { text }.to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_that_terraform_reads() {
        let cases = [
            ("2021-01-02", Some("2021-01-02T00:00:00Z")),
            ("2021-1-2", Some("2021-01-02T00:00:00Z")),
            ("2021-01-02T10:20:30Z", Some("2021-01-02T10:20:30Z")),
            ("2021-1-2t1:2:3.45+02:00", Some("2021-01-02T01:02:03+02:00")),
            ("2021-01-02T10:20:30,5-00:30", Some("2021-01-02T10:20:30-00:30")),
            ("2021-01-02T10:20:30+00:00", Some("2021-01-02T10:20:30Z")),
            ("2021-01-02 10:20:30", Some("2021-01-02T10:20:30Z")),
            ("2021-01-02 1:2:3.999999999999", Some("2021-01-02T01:02:03Z")),
            ("2020-02-29", Some("2020-02-29T00:00:00Z")),
            ("2021-02-29", None),
            ("2021-13-01", None),
            ("2021-00-01", None),
            ("2021-01-00", None),
            ("2021-001-01", None),
            ("2021-01", None),
            ("021-01-01", None),
            ("+021-01-01", None),
            ("2021-01-02T10:20:30", None),
            ("2021-01-02T10:20Z", None),
            ("2021-01-02T24:00:00Z", None),
            ("2021-01-02T10:60:00Z", None),
            ("2021-01-02T10:20:30.Z", None),
            ("2021-01-02T10:20:30z", None),
            ("2021-01-02T10:20:30+0200", None),
            ("2021-01-02 10:20:30 Z", None),
            ("2021-01-02 10:20:30 +2", None),
            ("2021-01-02x", None),
            ("ü", None),
            ("202é-01-01", None),
        ];
        for (text, time) in cases {
            assert_eq!(rfc_3339(text).as_deref(), time, "{text}");
        }
    }
}
