//! A page of a list of blobs.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// One page.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ListPage {
    pub blobs: Vec<Listed>,
    /// The number of common prefixes, which stand for blobs.
    prefixes: usize,
    /// The start of the next page; none on the last one.
    pub marker: Option<String>,
}

/// A blob in a list.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Listed {
    pub name: String,
    pub size: Option<u64>,
    /// In quotes, as headers write it.
    pub etag: Option<String>,
    /// As RFC 3339 writes it.
    pub last_modified: Option<String>,
    pub content_type: Option<String>,
    pub md5: Option<String>,
    /// None if the list was not asked for it.
    pub metadata: Option<BTreeMap<String, String>>,
}

impl ListPage {
    /// Returns whether `list` proves that the container holds no blob.
    ///
    /// An empty page is not the last one if its `NextMarker` has a value.
    pub fn is_empty(list: &[u8]) -> bool {
        Self::read(list)
            .is_ok_and(|page| page.blobs.is_empty() && page.prefixes == 0 && page.marker.is_none())
    }

    /// Parses a page; the error is a fragment that quotes nothing.
    pub fn read(list: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(list).map_err(|_| "it is not UTF-8".to_owned())?;
        let mut reader = Reader::from_str(text);
        let (mut page, mut path, mut value) = (Self::default(), Vec::<Tag>::new(), String::new());
        let mut is_list = false;
        loop {
            match reader.read_event().map_err(|_| "it is not XML".to_owned())? {
                Event::Start(tag) => {
                    let tag = Tag::of(&tag);
                    is_list |= path.is_empty() && tag.name == "EnumerationResults";
                    page.begin(&tag);
                    path.push(tag);
                    value.clear();
                }
                Event::Empty(tag) => {
                    let tag = Tag::of(&tag);
                    page.begin(&tag);
                    path.push(tag);
                    page.end(&path, "");
                    path.pop();
                }
                Event::Text(text) => {
                    value.push_str(&text.decode().map_err(|_| "it is not UTF-8".to_owned())?);
                }
                Event::CData(text) => {
                    value.push_str(&text.decode().map_err(|_| "it is not UTF-8".to_owned())?);
                }
                Event::GeneralRef(reference) => {
                    let known = reference.resolve_char_ref().ok().flatten();
                    let named = || {
                        let name = reference.decode().ok()?;
                        quick_xml::escape::resolve_predefined_entity(&name)?.chars().next()
                    };
                    value.push(known.or_else(named).ok_or("it has an unknown reference")?);
                }
                Event::End(_) => {
                    page.end(&path, &value);
                    path.pop();
                    value.clear();
                }
                Event::Eof if is_list && path.is_empty() => return Ok(page),
                Event::Eof => return Err("it is not a whole list of blobs".to_owned()),
                _ => {}
            }
        }
    }

    fn begin(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "Blob" => self.blobs.push(Listed::default()),
            "BlobPrefix" => self.prefixes += 1,
            "Metadata" => {
                if let Some(blob) = self.blobs.last_mut() {
                    blob.metadata = Some(BTreeMap::new());
                }
            }
            _ => {}
        }
    }

    /// Takes in the element at the end of `path` with this text.
    fn end(&mut self, path: &[Tag], value: &str) {
        let Some((tag, outer)) = path.split_last() else { return };
        let outer = outer.last().map(|outer| outer.name.as_str()).unwrap_or_default();
        let given = || Some(value.to_owned()).filter(|value| !value.is_empty());
        if (outer, tag.name.as_str()) == ("EnumerationResults", "NextMarker") {
            self.marker = given();
            return;
        }
        let Some(blob) = self.blobs.last_mut() else { return };
        match (outer, tag.name.as_str()) {
            // A name that XML cannot contain is percent-encoded.
            ("Blob", "Name") if tag.is_encoded => {
                blob.name = percent_decode_str(value).decode_utf8_lossy().into_owned();
            }
            ("Blob", "Name") => value.clone_into(&mut blob.name),
            ("Properties", "Content-Length") => blob.size = value.parse().ok(),
            ("Properties", "Content-Type") => blob.content_type = given(),
            ("Properties", "Content-MD5") => blob.md5 = given(),
            ("Properties", "Etag") => {
                blob.etag = given().map(|etag| format!("\"{}\"", etag.trim_matches('"')));
            }
            ("Properties", "Last-Modified") => blob.last_modified = time(value),
            ("Metadata", name) => {
                if let Some(metadata) = &mut blob.metadata {
                    metadata.insert(name.to_owned(), value.to_owned());
                }
            }
            _ => {}
        }
    }
}

/// The name of an element.
struct Tag {
    name: String,
    is_encoded: bool,
}

impl Tag {
    fn of(tag: &BytesStart<'_>) -> Self {
        let is_true = |value: &[u8]| value.eq_ignore_ascii_case(b"true");
        let encoded = tag.try_get_attribute("Encoded").ok().flatten();
        Self {
            name: String::from_utf8_lossy(tag.local_name().as_ref()).into_owned(),
            is_encoded: encoded.is_some_and(|encoded| is_true(&encoded.value)),
        }
    }
}

fn time(text: &str) -> Option<String> {
    let time = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    time.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_whole_or_not_at_all() {
        let list = |inner: &str| {
            format!(
                "<?xml version=\"1.0\"?><EnumerationResults ContainerName=\"c\">{inner}</EnumerationResults>"
            )
        };
        let properties = "<Properties><Last-Modified>Sat, 31 Jan 2026 12:00:00 GMT</Last-Modified><Etag>0x1</Etag>\
                          <Content-Length>5</Content-Length><Content-Type>a/b</Content-Type><Content-MD5 /></Properties>";
        let whole = list(&format!(
            "<Blobs><Blob><Name>a &amp; &#xfc;/b</Name>{properties}<Metadata><k>v</k></Metadata></Blob>\
             <BlobPrefix><Name>p/</Name></BlobPrefix><Blob><Name Encoded=\"true\">x%EF%BF%BE</Name></Blob></Blobs>\
             <NextMarker>2!8&lt;</NextMarker>"
        ));
        let page = ListPage::read(whole.as_bytes()).unwrap();
        let first = Listed {
            name: "a & ü/b".to_owned(),
            size: Some(5),
            etag: Some("\"0x1\"".to_owned()),
            last_modified: Some("2026-01-31T12:00:00Z".to_owned()),
            content_type: Some("a/b".to_owned()),
            md5: None,
            metadata: Some(BTreeMap::from([("k".to_owned(), "v".to_owned())])),
        };
        let second = Listed { name: "x\u{fffe}".to_owned(), ..Listed::default() };
        assert_eq!(
            page,
            ListPage { blobs: vec![first, second], prefixes: 1, marker: Some("2!8<".to_owned()) }
        );
        assert_eq!(ListPage::read(list("<Blobs /><NextMarker />").as_bytes()), Ok(ListPage::default()));
        for text in [
            &whole[..whole.len() - 3],
            "<Error />",
            "",
            "{}",
            "<EnumerationResults>&what;</EnumerationResults>",
        ] {
            assert!(ListPage::read(text.as_bytes()).is_err(), "{text}");
        }
    }

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
            assert_eq!(ListPage::is_empty(text.as_bytes()), expected, "{text}");
        }
    }
}
