//! A point in time as an argument.

use arcbook_engine::step::{ArgumentError, ArgumentType};
use arcbook_engine::value::{Type, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::names::argument;

/// A point in time, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub i64);

impl Moment {
    /// Parses RFC 3339, or the seconds since 1970.
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(seconds) = text.parse() {
            return Ok(Self(seconds));
        }
        let moment = OffsetDateTime::parse(text, &Rfc3339);
        moment.map(|moment| Self(moment.unix_timestamp())).map_err(|_| Self::SHAPE.to_owned())
    }

    const SHAPE: &str = "must be a time such as `2030-01-31T12:00:00Z`, or the seconds since 1970";

    /// Returns the time as RFC 3339 writes it, or the seconds if it cannot.
    #[must_use]
    pub fn shown(self) -> String {
        let moment = OffsetDateTime::from_unix_timestamp(self.0).ok();
        moment.and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_else(|| self.0.to_string())
    }
}

argument!(Moment);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_both_forms() {
        for (text, expected) in [
            ("2030-01-31T12:00:00Z", Ok(1_896_091_200)),
            ("2030-01-31T13:00:00+01:00", Ok(1_896_091_200)),
            ("1896091200", Ok(1_896_091_200)),
            ("2030-01-31", Err(())),
            ("soon", Err(())),
        ] {
            assert_eq!(Moment::parse(text).map(|Moment(seconds)| seconds).map_err(drop), expected, "{text}");
        }
        assert_eq!(Moment(1_896_091_200).shown(), "2030-01-31T12:00:00Z");
    }
}
