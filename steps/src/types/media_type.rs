//! The media types of blobs.

/// Returns the media type for the extension of a name.
pub(super) fn content_type_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("json") => "application/json",
        Some("html") => "text/html; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("xml") => "application/xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_gives_the_media_type() {
        for (name, expected) in [
            ("hosts.txt", "text/plain; charset=utf-8"),
            ("a/b.JSON", "application/json"),
            ("json", "application/octet-stream"),
            ("a.tar.gz", "application/octet-stream"),
        ] {
            assert_eq!(content_type_of(name), expected, "{name}");
        }
    }
}
