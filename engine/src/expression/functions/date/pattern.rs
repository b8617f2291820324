//! Formats timestamps by a pattern.

use time::{OffsetDateTime, UtcOffset};

/// Formats `time`: runs of one letter are fields, `'…'` and characters other than letters are literal, `''` is a quote.
pub(super) fn write(pattern: &str, time: OffsetDateTime) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("''") {
            out.push('\'');
            rest = after;
            continue;
        }
        if first == '\'' {
            rest = literal(&rest[1..], &mut out)?;
            continue;
        }
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if first.is_ascii_alphabetic() {
            out.push_str(&verb(run, time)?);
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    Ok(out)
}

/// Reads up to the closing quote; two quotes are an escaped quote.
fn literal<'a>(mut rest: &'a str, out: &mut String) -> Result<&'a str, String> {
    loop {
        let Some((text, after)) = rest.split_once('\'') else {
            return Err("unterminated literal '".to_owned());
        };
        out.push_str(text);
        let Some(more) = after.strip_prefix('\'') else { return Ok(after) };
        out.push('\'');
        rest = more;
    }
}

fn verb(run: &str, time: OffsetDateTime) -> Result<String, String> {
    let (hour, year) = (time.hour(), time.year());
    let half = (hour + 11) % 12 + 1;
    let noon = if hour < 12 { "am" } else { "pm" };
    let weekday = time.weekday().to_string();
    let month = time.month().to_string();
    Ok(match run {
        "YYYY" => format!("{year:04}"),
        "YY" => format!("{:02}", year.rem_euclid(100)),
        "MMMM" => month,
        "MMM" => month[..3].to_owned(),
        "MM" => format!("{:02}", u8::from(time.month())),
        "M" => u8::from(time.month()).to_string(),
        "EEEE" => weekday,
        "EEE" => weekday[..3].to_owned(),
        "DD" => format!("{:02}", time.day()),
        "D" => time.day().to_string(),
        "hh" => format!("{hour:02}"),
        "h" => hour.to_string(),
        "HH" => format!("{half:02}"),
        "H" => half.to_string(),
        "AA" => noon.to_uppercase(),
        "aa" => noon.to_owned(),
        "mm" => format!("{:02}", time.minute()),
        "m" => time.minute().to_string(),
        "ss" => format!("{:02}", time.second()),
        "s" => time.second().to_string(),
        "ZZZ" if time.offset().is_utc() => "UTC".to_owned(),
        "Z" if time.offset().is_utc() => "Z".to_owned(),
        "ZZZZ" | "ZZZ" => offset(time.offset(), ""),
        "ZZZZZ" | "Z" => offset(time.offset(), ":"),
        _ => return Err(format!("invalid date format verb {run:?}{}", hint(run))),
    })
}

fn offset(offset: UtcOffset, separator: &str) -> String {
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}{separator}{:02}", hours.abs(), minutes.abs())
}

fn hint(run: &str) -> &'static str {
    match run.as_bytes()[0] {
        b'Y' => ": year must either be \"YY\" or \"YYYY\"",
        b'M' => ": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"",
        b'D' => ": day of month must either be \"D\" or \"DD\"",
        b'E' => ": day of week must either be \"EEE\" or \"EEEE\"",
        b'h' | b'H' => ": hour must be one or two letters",
        b'm' => ": minute must either be \"m\" or \"mm\"",
        b's' => ": second must either be \"s\" or \"ss\"",
        b'A' => ": must be \"AA\"",
        b'a' => ": must be \"aa\"",
        b'Z' => ": timezone must be Z, ZZZ, ZZZZ, or ZZZZZ",
        _ => "",
    }
}
