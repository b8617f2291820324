//! Implements functions on timestamps in RFC 3339 format.

mod duration;
mod pattern;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::arguments::Arguments;
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::Value;

/// The name of the function that returns the time of the plan.
pub(super) const PLAN_TIME: &str = "plantimestamp";

const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        PLAN_TIME,
        "The time at which the plan was made, in UTC.",
        [r#"timecmp(plantimestamp(), "2026-01-01T00:00:00Z")"#, "1"],
        &[],
        STRING,
        |given| {
            given.context.files.note_time();
            now(given.context.clock.planned())
        },
    ),
    Function::new(
        "timestamp",
        "The time at which it is evaluated in a run, in UTC.",
        ["timecmp(timestamp(), plantimestamp()) >= 0", "true"],
        &[],
        STRING,
        |given| given.in_a_run("timestamp", || now(OffsetDateTime::now_utc())),
    ),
    Function::new(
        "formatdate",
        "A time written as a pattern says, such as \"DD MMM YYYY hh:mm ZZZ\".",
        [r#"formatdate("DD MMM YYYY hh:mm", "2026-11-22T10:15:00Z")"#, r#""22 Nov 2026 10:15""#],
        &[Parameter::new("format", Accepts::String), Parameter::new("time", Accepts::String)],
        STRING,
        |given| {
            let time = timestamp(given, 1)?;
            let written =
                pattern::write(given.text(0), time).map_err(|reason| Failure::argument(0, reason))?;
            Ok(written.into())
        },
    ),
    Function::new(
        "timeadd",
        "The time a duration later, such as \"1h30m\"; a negative one is earlier.",
        [r#"timeadd("2026-11-22T10:15:00Z", "1h30m")"#, r#""2026-11-22T11:45:00Z""#],
        &[Parameter::new("timestamp", Accepts::String), Parameter::new("duration", Accepts::String)],
        STRING,
        |given| {
            let time = timestamp(given, 0)?;
            let duration = duration::parse(given.text(1)).map_err(|reason| Failure::argument(1, reason))?;
            let later = time.checked_add(duration).and_then(|time| time.replace_nanosecond(0).ok());
            let later = later.and_then(|time| time.format(&Rfc3339).ok());
            Ok(later.ok_or_else(|| Failure::new("the result is outside the years 0 to 9999"))?.into())
        },
    ),
    Function::new(
        "timecmp",
        "-1, 0 or 1: whether a time is before, at or after another.",
        [r#"timecmp("2026-11-22T10:15:00Z", "2026-11-23T00:00:00Z")"#, "-1"],
        &[Parameter::new("timestamp_a", Accepts::String), Parameter::new("timestamp_b", Accepts::String)],
        Returns::Always(Accepts::Number),
        |given| Ok(i64::from(timestamp(given, 0)?.cmp(&timestamp(given, 1)?) as i8).into()),
    ),
];

fn now(time: OffsetDateTime) -> Result<Value, Failure> {
    let time = time.replace_nanosecond(0).ok().and_then(|time| time.format(&Rfc3339).ok());
    Ok(time.ok_or_else(|| Failure::new("the clock of this machine is wrong"))?.into())
}

/// Parses a timestamp. The standard requires capital letters and seconds up to 59, unlike the parser.
fn timestamp(given: &Arguments<'_>, index: usize) -> Result<OffsetDateTime, Failure> {
    let text = given.text(index);
    let bad = |reason: &str| Failure::argument(index, format!("not a valid RFC3339 timestamp: {reason}"));
    if text.as_bytes().get(10) != Some(&b'T') || text.ends_with('z') {
        return Err(bad("it must look like 2006-01-02T15:04:05Z"));
    }
    if text.get(17..19) == Some("60") {
        return Err(bad("second must be between 0 and 59 inclusive"));
    }
    OffsetDateTime::parse(text, &Rfc3339).map_err(|error| bad(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            (
                "formatdate",
                r#"["EEEE, DD MMM YYYY HH:mm AA ZZZ", "2018-01-02T23:12:01Z"]"#,
                r#""Tuesday, 02 Jan 2018 11:12 PM UTC""#,
            ),
            ("formatdate", r#"["H 'o''clock' é", "2018-01-02T00:12:01Z"]"#, r#""12 o'clock é""#),
            ("formatdate", r#"["YYYY''MM", "2018-01-02T00:12:01Z"]"#, r#""2018'01""#),
            ("formatdate", r#"["''", "2018-01-02T00:12:01Z"]"#, r#""'""#),
            ("formatdate", r#"["''''", "2018-01-02T00:12:01Z"]"#, r#""''""#),
            ("formatdate", r#"["''D''", "2018-01-02T00:12:01Z"]"#, r#""'2'""#),
            ("formatdate", r#"["'D'D'D'", "2018-01-02T00:12:01Z"]"#, r#""D2D""#),
            ("formatdate", r#"["'a''''b'", "2018-01-02T00:12:01Z"]"#, r#""a''b""#),
            ("formatdate", r#"["-''-'x'-", "2018-01-02T00:12:01Z"]"#, r#""-'-x-""#),
            ("formatdate", r#"["\"D\" D\\D", "2018-01-02T00:12:01Z"]"#, r#""\"2\" 2\\2""#),
            ("formatdate", r#"["", "2018-01-02T00:12:01Z"]"#, r#""""#),
            (
                "formatdate",
                r#"["ZZZZ ZZZZZ ZZZ Z", "2018-01-02T23:12:01+05:30"]"#,
                r#""+0530 +05:30 +0530 +05:30""#,
            ),
            (
                "formatdate",
                r#"["M MM MMM MMMM D YY s", "2018-09-02T23:12:01Z"]"#,
                r#""9 09 Sep September 2 18 1""#,
            ),
            ("timeadd", r#"["2017-11-22T00:00:00.25Z", "750ms"]"#, r#""2017-11-22T00:00:01Z""#),
            ("timeadd", r#"["2017-11-22T00:00:00+01:00", "-1.5h30m"]"#, r#""2017-11-21T22:00:00+01:00""#),
            ("timecmp", r#"["2017-11-22T01:00:00+01:00", "2017-11-22T00:00:00Z"]"#, "0"),
            ("timecmp", r#"["2017-11-22T00:00:00.1Z", "2017-11-22T00:00:00.2Z"]"#, "-1"),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "formatdate",
                r#"["Y", "2018-01-02T23:12:01Z"]"#,
                r#"invalid value for "format" parameter: invalid date format verb "Y": year must either be "YY" or "YYYY""#,
            ),
            (
                "formatdate",
                r#"["'x", "2018-01-02T23:12:01Z"]"#,
                r#"invalid value for "format" parameter: unterminated literal '"#,
            ),
            (
                "formatdate",
                r#"["'''", "2018-01-02T23:12:01Z"]"#,
                r#"invalid value for "format" parameter: unterminated literal '"#,
            ),
            (
                "formatdate",
                r#"["D 'x''", "2018-01-02T23:12:01Z"]"#,
                r#"invalid value for "format" parameter: unterminated literal '"#,
            ),
            (
                "timeadd",
                r#"["2017-11-22", "1h"]"#,
                r#"invalid value for "timestamp" parameter: not a valid RFC3339 timestamp: it must look like 2006-01-02T15:04:05Z"#,
            ),
            (
                "timeadd",
                r#"["2017-11-22T00:00:00Z", "10"]"#,
                r#"invalid value for "duration" parameter: missing unit in duration "10""#,
            ),
            (
                "timeadd",
                r#"["2017-11-22T00:00:00Z", "2562048h"]"#,
                r#"invalid value for "duration" parameter: invalid duration "2562048h""#,
            ),
            (
                "timeadd",
                r#"["9999-12-31T23:59:59Z", "1s"]"#,
                r#"call to function "timeadd" failed: the result is outside the years 0 to 9999"#,
            ),
        ]);
    }
}
