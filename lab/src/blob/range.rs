//! Byte ranges.

/// A byte range: the first byte and the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub start: u64,
    pub end: u64,
}

/// A range that lies outside the content.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unsatisfiable;

/// Parses a `Range` header for content of `length` bytes. `None` means all of it, also for an unreadable
/// header.
pub(super) fn parse(header: &str, length: u64) -> Result<Option<Range>, Unsatisfiable> {
    let Some((first, last)) = header.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Ok(None);
    };
    let Ok(start) = first.trim().parse::<u64>() else { return Ok(None) };
    let end = match last.trim() {
        "" => length,
        last => match last.parse::<u64>() {
            Ok(last) if last >= start => last.saturating_add(1).min(length),
            _ => return Ok(None),
        },
    };
    if start >= length { Err(Unsatisfiable) } else { Ok(Some(Range { start, end })) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_clipped_to_the_content() {
        let some = |start, end| Ok(Some(Range { start, end }));
        for (header, expected) in [
            ("bytes=0-3", some(0, 4)),
            ("bytes=5-", some(5, 10)),
            ("bytes=5-999999999999", some(5, 10)),
            ("bytes=0-18446744073709551615", some(0, 10)),
            ("bytes=10-", Err(Unsatisfiable)),
            ("bytes=3-2", Ok(None)),
            ("bytes=-3", Ok(None)),
            ("lines=1-2", Ok(None)),
        ] {
            assert_eq!(parse(header, 10), expected, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), Err(Unsatisfiable));
    }

    proptest::proptest! {
        #[test]
        fn a_range_lies_in_the_content(header in "(bytes=)?[0-9]{0,25}-?[0-9]{0,25}", length in 0_u64..100) {
            if let Ok(Some(range)) = parse(&header, length) {
                proptest::prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
