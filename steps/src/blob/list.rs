//! A list of the blobs in a container, parsed only to tell whether it is empty.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Returns whether `list` proves that the container holds no blob.
///
/// An empty page is not the last one if its `NextMarker` has a value.
pub(super) fn is_empty(list: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(list) else { return false };
    let mut reader = Reader::from_str(text);
    let (mut is_list, mut depth, mut in_marker) = (false, 0_usize, false);
    loop {
        let event = reader.read_event();
        if let Ok(Event::Start(tag) | Event::Empty(tag)) = &event {
            match tag.local_name().as_ref() {
                b"EnumerationResults" => is_list = depth == 0,
                b"Blob" | b"BlobPrefix" => return false,
                name => in_marker = name == b"NextMarker",
            }
        }
        match event {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => (depth, in_marker) = (depth.saturating_sub(1), false),
            Ok(Event::Empty(_)) => in_marker = false,
            Ok(Event::Text(text)) if in_marker && !text.trim_ascii().is_empty() => return false,
            Ok(Event::CData(_) | Event::GeneralRef(_)) if in_marker => return false,
            Ok(Event::Eof) => return is_list && depth == 0,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_list_without_blobs_is_of_an_empty_container() {
        let list = |blobs: &str, marker: &str| {
            format!(
                "<?xml version=\"1.0\"?><EnumerationResults ContainerName=\"c\"><Prefix />{blobs}{marker}</EnumerationResults>"
            )
        };
        for (text, expected) in [
            (list("<Blobs />", "<NextMarker />"), true),
            (list("<Blobs></Blobs>", "<NextMarker></NextMarker>"), true),
            (list("<Blobs>\n</Blobs>", ""), true),
            (list("<Blobs />", "<NextMarker>2!76!MDAwMDA</NextMarker>"), false),
            (list("<Blobs />", "<NextMarker><![CDATA[x]]></NextMarker>"), false),
            (list("<Blobs />", "<NextMarker>&amp;</NextMarker>"), false),
            (list("<Blobs><Blob><Name>a</Name></Blob></Blobs>", "<NextMarker />"), false),
            (list("<Blobs><Blob Deleted=\"true\"/></Blobs>", ""), false),
            (list("<Blobs><BlobPrefix><Name>a/</Name></BlobPrefix></Blobs>", ""), false),
            ("<EnumerationResults><Blobs>".to_owned(), false),
            ("<Error><Code>EnumerationResults</Code></Error>".to_owned(), false),
            ("{}".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_empty(text.as_bytes()), expected, "{text}");
        }
    }
}
