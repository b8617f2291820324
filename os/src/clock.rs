//! Tells times in the time zone of this machine.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// Returns the local time at `seconds` since 1970, such as `2026-01-31 08:30:00`; none if the time zone is unknown.
#[must_use]
pub fn local(seconds: i64) -> Option<String> {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let offset = UtcOffset::local_offset_at(time).ok()?;
    time.to_offset(offset).format(FORMAT).ok()
}
