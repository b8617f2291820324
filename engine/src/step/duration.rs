//! Parses durations.

use std::time::Duration;

use crate::diagnostic::odd_character;

/// Parses a duration such as `30d`, `1h30m`, `90s` or `250ms`; none for an invalid or zero duration. A day has
/// 24 hours.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|next: char| !next.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let end = after.find(|next: char| next.is_ascii_digit()).unwrap_or(after.len());
        let unit = match &after[..end] {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            "d" => Duration::from_hours(24),
            _ => return None,
        };
        total = total.checked_add(unit.checked_mul(u32::try_from(number).ok()?)?)?;
        rest = &after[end..];
    }
    (!total.is_zero()).then_some(total)
}

/// The remedy for any text that is not a duration.
pub const DURATION_FORM: &str = "write it as `30s`, `5m`, `1h30m` or `30d`";

/// The remedy for a number in place of a duration.
pub const NUMBER_AS_DURATION: &str = "a number has no unit: write a string such as \"30s\" or \"5m\"";

/// Returns the remedy for this text, which is not a duration.
#[must_use]
pub fn duration_help(text: &str) -> String {
    odd_character(text, '"').map_or_else(|| DURATION_FORM.to_owned(), |odd| format!("{DURATION_FORM}; {odd}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_only_looks_like_one_of_a_length_is_named() {
        assert_eq!(duration_help("30"), "write it as `30s`, `5m`, `1h30m` or `30d`");
        let help = duration_help("30\u{a0}s");
        assert!(
            help.ends_with("; character 3 of it is U+00A0 NO-BREAK SPACE: write a plain space in its place"),
            "{help}"
        );
    }

    #[test]
    fn lengths_of_time_are_read() {
        let cases = [
            ("30s", Some(30_000)),
            ("1h30m", Some(5_400_000)),
            ("250ms", Some(250)),
            ("0s", None),
            ("30", None),
            ("s", None),
            ("", None),
            ("99999999999999999999s", None),
            ("4294967295h4294967295h", Some(4_294_967_295 * 2 * 3_600_000)),
            ("30d", Some(30 * 86_400_000)),
            ("1w", None),
        ];
        for (text, millis) in cases {
            assert_eq!(duration(text), millis.map(Duration::from_millis), "{text}");
        }
    }
}
