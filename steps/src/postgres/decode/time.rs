//! Reads dates and times, and writes them as ISO 8601, in UTC.

use std::fmt::Write as _;

use arcbook_engine::value::Value;

use super::Reader;

/// The days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const EPOCH: i64 = 10_957;
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

pub(super) fn date(bytes: &[u8]) -> Option<Value> {
    let text = match Reader(bytes).i32()? {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        days => {
            let (date, era) = day(days.into());
            format!("{date}{era}")
        }
    };
    Some(Value::string(text))
}

pub(super) fn time(bytes: &[u8]) -> Option<Value> {
    Some(Value::string(clock(Reader(bytes).i64()?)))
}

pub(super) fn time_with_zone(bytes: &[u8]) -> Option<Value> {
    let mut rest = Reader(bytes);
    let (time, west) = (rest.i64()?, rest.i32()?);
    let (sign, seconds) = (if west > 0 { '-' } else { '+' }, west.abs());
    let mut zone = format!("{sign}{:02}", seconds / 3600);
    if seconds % 3600 != 0 {
        write!(zone, ":{:02}", seconds / 60 % 60).ok()?;
    }
    if seconds % 60 != 0 {
        write!(zone, ":{:02}", seconds % 60).ok()?;
    }
    Some(Value::string(format!("{}{zone}", clock(time))))
}

pub(super) fn timestamp(bytes: &[u8]) -> Option<Value> {
    Some(Value::string(moment(Reader(bytes).i64()?, "")))
}

pub(super) fn timestamp_with_zone(bytes: &[u8]) -> Option<Value> {
    Some(Value::string(moment(Reader(bytes).i64()?, "+00:00")))
}

fn moment(microseconds: i64, zone: &str) -> String {
    match microseconds {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        _ => {
            let (date, era) = day(microseconds.div_euclid(DAY));
            format!("{date}T{}{zone}{era}", clock(microseconds.rem_euclid(DAY)))
        }
    }
}

/// Writes a time of day, without zeros at the end of its fraction.
fn clock(microseconds: i64) -> String {
    let seconds = microseconds / SECOND;
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    time + &fraction(microseconds % SECOND)
}

fn fraction(microseconds: i64) -> String {
    if microseconds == 0 {
        return String::new();
    }
    format!(".{microseconds:06}").trim_end_matches('0').to_owned()
}

/// Writes the day with this distance from 2000-01-01, and the era if it is before the year 1.
///
/// The proleptic Gregorian calendar, in eras of 400 years that begin on the first of March.
fn day(distance: i64) -> (String, &'static str) {
    let days = distance + EPOCH + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if year > 0 {
        (format!("{year:04}-{month:02}-{date:02}"), "")
    } else {
        (format!("{:04}-{month:02}-{date:02}", 1 - year), " BC")
    }
}

/// Writes an interval as PostgreSQL does by default: `1 year 2 mons 3 days 04:05:06.7`.
pub(super) fn interval(bytes: &[u8]) -> Option<Value> {
    let mut rest = Reader(bytes);
    let (time, days, months) = (rest.i64()?, rest.i32()?, rest.i32()?);
    if (time, days, months) == (i64::MAX, i32::MAX, i32::MAX) {
        return Some(Value::from("infinity"));
    }
    if (time, days, months) == (i64::MIN, i32::MIN, i32::MIN) {
        return Some(Value::from("-infinity"));
    }
    let (mut text, mut is_after_negative) = (String::new(), false);
    for (count, unit) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if count == 0 {
            continue;
        }
        let space = if text.is_empty() { "" } else { " " };
        let plus = if is_after_negative && count > 0 { "+" } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        write!(text, "{space}{plus}{count} {unit}{plural}").ok()?;
        is_after_negative = count < 0;
    }
    if text.is_empty() || time != 0 {
        let space = if text.is_empty() { "" } else { " " };
        let sign = match (time < 0, is_after_negative) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        write!(text, "{space}{sign}{}", long_clock(time.unsigned_abs())).ok()?;
    }
    Some(Value::string(text))
}

/// Writes a time that may have more than 24 hours.
fn long_clock(microseconds: u64) -> String {
    let (seconds, rest) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    time + &fraction(i64::try_from(rest).unwrap_or_default())
}
