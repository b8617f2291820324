//! The time of events.

use time::OffsetDateTime;
use time::macros::format_description;

/// Now, in UTC, as RFC 3339 with milliseconds.
pub fn now() -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::now_utc().format(format).unwrap_or_default()
}
