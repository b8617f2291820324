//! Time formats of the services.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const HTTP: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
const COMPACT: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z");

const PLAIN: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");

pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Returns the current time in Unix seconds.
pub(crate) fn seconds() -> i64 {
    now().unix_timestamp()
}

/// Formats as in HTTP headers: `Sat, 21 Nov 2026 23:53:58 GMT`.
pub(crate) fn http(time: OffsetDateTime) -> String {
    time.format(HTTP).unwrap_or_default()
}

/// Formats without separators: `20261121T235358Z`.
pub(crate) fn compact(time: OffsetDateTime) -> String {
    time.format(COMPACT).unwrap_or_default()
}

/// Formats as ISO 8601 with seven decimals: `2026-11-21T23:53:58.1234567Z`.
pub(crate) fn iso(time: OffsetDateTime) -> String {
    time.format(ISO).unwrap_or_default()
}

/// Formats with a space: `2026-11-21 23:53:58Z`.
pub(crate) fn plain(time: OffsetDateTime) -> String {
    time.format(PLAIN).unwrap_or_default()
}

/// Times in a saved state: RFC 3339.
pub(crate) mod saved {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    pub(crate) fn serialize<S: Serializer>(time: &OffsetDateTime, to: S) -> Result<S::Ok, S::Error> {
        time.format(&Rfc3339).map_err(serde::ser::Error::custom)?.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<OffsetDateTime, D::Error> {
        OffsetDateTime::parse(&String::deserialize(from)?, &Rfc3339).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_format() {
        let time = OffsetDateTime::from_unix_timestamp(784_111_777).unwrap();
        assert_eq!(http(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(compact(time), "19941106T084937Z");
        assert_eq!(iso(time), "1994-11-06T08:49:37.0000000Z");
        assert_eq!(plain(time), "1994-11-06 08:49:37Z");
    }
}
