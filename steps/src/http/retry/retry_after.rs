//! The delay that a service asks for.

use std::time::{Duration, SystemTime};

use http::header::HeaderMap;

/// Returns the delay that a service asks for, in any of the headers that Azure uses.
pub(crate) fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let milliseconds = |name| text(name)?.parse().ok().map(Duration::from_millis);
    let until =
        |date| httpdate::parse_http_date(date).ok()?.duration_since(now).ok().or(Some(Duration::ZERO));
    milliseconds("retry-after-ms").or_else(|| milliseconds("x-ms-retry-after-ms")).or_else(|| {
        let Some(value) = text("retry-after") else { return quota_reset(headers) };
        value.parse().ok().map(Duration::from_secs).or_else(|| until(value))
    })
}

/// Returns the time until Resource Graph grants further queries, if the quota is spent.
pub(crate) fn quota_reset(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if text("x-ms-user-quota-remaining")? != "0" {
        return None;
    }
    let mut parts = text("x-ms-user-quota-resets-after")?.split(':').map(str::parse::<u64>);
    let (Some(Ok(hours)), Some(Ok(minutes)), Some(Ok(seconds)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let seconds = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderName, HeaderValue};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn every_spelling_of_retry_after_is_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        for (pairs, expected) in [
            (&[("retry-after", "7")][..], Some(7 * SECOND)),
            (&[("retry-after", " 0 ")], Some(Duration::ZERO)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], Some(7 * SECOND)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], Some(Duration::ZERO)),
            (&[("retry-after-ms", "250"), ("retry-after", "9")], Some(SECOND / 4)),
            (&[("x-ms-retry-after-ms", "1500")], Some(SECOND * 3 / 2)),
            (&[("retry-after", "18446744073709551615")], Some(Duration::from_secs(u64::MAX))),
            (
                &[("x-ms-user-quota-remaining", "0"), ("x-ms-user-quota-resets-after", "00:01:05")],
                Some(65 * SECOND),
            ),
            (&[("x-ms-user-quota-remaining", "3"), ("x-ms-user-quota-resets-after", "00:00:05")], None),
            (&[("x-ms-user-quota-remaining", "0"), ("x-ms-user-quota-resets-after", "5")], None),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-1")], None),
            (&[], None),
        ] {
            assert_eq!(asked(&headers(pairs), now), expected, "{pairs:?}");
        }
    }
}
