//! Block uploads: Put Block, Put Block List and Get Block List.

use std::collections::HashMap;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::AccountRequest;
use super::answer::xml;
use super::authorize::BlobPermission;
use super::containers::stamped;
use super::store::{Blob, Container, ContentHeaders};
use super::upload::Upload;
use crate::content::Content;
use crate::exchange::{Answer, Refused};

/// Maximum length of a block id before base64, in bytes.
const MAX_ID_LENGTH: usize = 64;

/// Maximum number of uncommitted blocks of a blob, and of blocks in a list.
const MAX_BLOCKS: (usize, usize) = (100_000, 50_000);

/// The set of blocks in which a block list looks up an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Committed,
    Uncommitted,
    Latest,
}

impl AccountRequest<'_> {
    /// Put Block.
    pub(super) fn put_block(self, container: &str, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(container), BlobPermission::WriteBlob)?;
        self.has_blob_name(name)?;
        let id = self.call.query.get("blockid").unwrap_or_default().to_owned();
        let is_id = STANDARD.decode(&id).is_ok_and(|bytes| (1..=MAX_ID_LENGTH).contains(&bytes.len()));
        let md5 = self.checked_md5(&self.call.body)?;
        let content = self.stored_body()?;
        self.in_container(container, |container| {
            let waiting = container.blocks.get(name);
            let same_length =
                waiting.and_then(|blocks| blocks.keys().next()).is_none_or(|other| other.len() == id.len());
            if !is_id || !same_length {
                let message = "The specified block ID is invalid. The block ID must be Base64-encoded.";
                return Err(self.refused(StatusCode::BAD_REQUEST, "InvalidQueryParameterValue", message));
            }
            if waiting.is_some_and(|blocks| blocks.len() >= MAX_BLOCKS.0 && !blocks.contains_key(&id)) {
                let message =
                    "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks.";
                return Err(self.refused(StatusCode::CONFLICT, "BlockCountExceedsLimit", message));
            }
            container.blocks.entry(name.to_owned()).or_default().insert(id, content);
            Ok(Answer::new(StatusCode::CREATED)
                .header("content-md5", md5)
                .header("x-ms-request-server-encrypted", "true")
                .changed())
        })
    }

    /// Put Block List.
    pub(super) fn put_block_list(self, container: &str, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(container), BlobPermission::WriteBlob)?;
        self.has_blob_name(name)?;
        self.checked_md5(&self.call.body)?;
        let list = block_list(&self.call.body).ok_or_else(|| {
            let message = "The specified XML is not a block list.";
            self.refused(StatusCode::BAD_REQUEST, "InvalidXmlDocument", message)
        })?;
        if list.len() > MAX_BLOCKS.1 {
            let message = "The block list may not contain more than 50,000 blocks.";
            return Err(self.refused(StatusCode::BAD_REQUEST, "BlockListTooLong", message));
        }
        // Like the service, the lab does not check this MD5 against the content.
        let headers =
            ContentHeaders { md5: self.content_md5("x-ms-blob-content-md5")?, ..self.content_headers() };
        self.in_container(container, |container| {
            self.may_write(container, name)?;
            let (content, blocks) = assemble(container, name, &list).ok_or_else(|| {
                let message = "The specified block list is invalid.";
                self.refused(StatusCode::BAD_REQUEST, "InvalidBlockList", message)
            })?;
            Ok(self.place(container, name, Upload { content, blocks, headers }))
        })
    }

    /// Get Block List.
    pub(super) fn get_block_list(self, container: &str, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(container), BlobPermission::ReadBlob)?;
        let kind = self.call.query.get("blocklisttype").unwrap_or("committed").to_ascii_lowercase();
        let (shows_committed, shows_uncommitted) = match kind.as_str() {
            "committed" => (true, false),
            "uncommitted" => (false, true),
            "all" => (true, true),
            _ => {
                let message =
                    "Value for one of the query parameters specified in the request URI is invalid.";
                return Err(self.refused(StatusCode::BAD_REQUEST, "InvalidQueryParameterValue", message));
            }
        };
        self.in_container(container, |container| {
            let (blob, waiting) = (container.blobs.get(name), container.blocks.get(name));
            if blob.is_none() && waiting.is_none() {
                return Err(self.blob_not_found());
            }
            let committed = blob.iter().flat_map(|blob| &blob.blocks).map(|(id, size)| (id, *size));
            let waiting =
                waiting.iter().flat_map(|blocks| blocks.iter()).map(|(id, block)| (id, block.len()));
            let committed = shows_committed.then(|| section("CommittedBlocks", committed));
            let waiting = shows_uncommitted.then(|| section("UncommittedBlocks", waiting));
            let list: String = committed.into_iter().chain(waiting).collect();
            let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{list}</BlockList>");
            let answer = xml(StatusCode::OK, text);
            Ok(match blob {
                Some(blob) => stamped(answer, &blob.stamp)
                    .header("x-ms-blob-content-length", blob.content.len().to_string()),
                None => answer,
            })
        })
    }
}

/// Joins the listed blocks into the blob's content; `None` when a block does not exist.
fn assemble(
    container: &Container,
    name: &str,
    list: &[(Source, String)],
) -> Option<(Content, Vec<(String, u64)>)> {
    let blob = container.blobs.get(name);
    let ranges = blob.map(committed).unwrap_or_default();
    let committed = |id: &str| Some(blob?.content.slice(ranges.get(id)?.clone()));
    let waiting = |id: &str| container.blocks.get(name)?.get(id).cloned();
    let mut content = Content::default();
    let mut blocks = Vec::with_capacity(list.len());
    for (source, id) in list {
        let block = match source {
            Source::Uncommitted => waiting(id),
            Source::Committed => committed(id),
            Source::Latest => waiting(id).or_else(|| committed(id)),
        }?;
        blocks.push((id.clone(), block.len()));
        content.append(&block);
    }
    Some((content, blocks))
}

/// Returns the ranges of the committed blocks of a blob, by id.
fn committed(blob: &Blob) -> HashMap<&str, Range<u64>> {
    let mut ranges = HashMap::new();
    let mut start = 0;
    for (id, length) in &blob.blocks {
        ranges.insert(id.as_str(), start..start + length);
        start += length;
    }
    ranges
}

/// Writes an element of a block list.
fn section<'a>(name: &str, blocks: impl Iterator<Item = (&'a String, u64)>) -> String {
    let blocks = blocks.map(|(id, size)| format!("<Block><Name>{id}</Name><Size>{size}</Size></Block>"));
    format!("<{name}>{}</{name}>", blocks.collect::<String>())
}

/// Parses a `<BlockList>` into sources and ids.
fn block_list(xml: &[u8]) -> Option<Vec<(Source, String)>> {
    let text = std::str::from_utf8(xml).ok()?.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    reader.config_mut().trim_text(true);
    let mut list = Vec::new();
    let mut depth = 0;
    let mut source = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                source = match (depth, tag.name().as_ref()) {
                    (0, b"BlockList") => None,
                    (1, b"Committed") => Some(Source::Committed),
                    (1, b"Uncommitted") => Some(Source::Uncommitted),
                    (1, b"Latest") => Some(Source::Latest),
                    _ => return None,
                };
                depth += 1;
            }
            Event::Text(id) => list.push((source?, id.decode().ok()?.into_owned())),
            Event::End(_) => {
                depth -= 1;
                source = None;
            }
            Event::Empty(tag) if depth == 0 && tag.name().as_ref() == b"BlockList" => return Some(list),
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => return Some(list),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_list_keeps_its_order_and_sources() {
        let xml = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<BlockList>\n <Latest>QQ==</Latest>\
            <Committed>Qg==</Committed><Uncommitted>Qw==</Uncommitted></BlockList>";
        let expected = [(Source::Latest, "QQ=="), (Source::Committed, "Qg=="), (Source::Uncommitted, "Qw==")];
        let list = block_list(xml).unwrap();
        assert_eq!(list, expected.map(|(source, id)| (source, id.to_owned())));
        assert_eq!(block_list(b"<BlockList/>").unwrap(), []);
    }

    #[test]
    fn an_invalid_block_list_is_refused() {
        for xml in [
            "<Blocks/>",
            "<BlockList><Other>QQ==</Other></BlockList>",
            "<BlockList>QQ==</BlockList>",
            "<a",
            "\u{1}",
        ] {
            assert!(block_list(xml.as_bytes()).is_none(), "{xml}");
        }
        assert!(block_list(&[0xff, 0xfe]).is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_input_is_parsed_or_refused(xml in "(<BlockList>|</BlockList>|<Latest>|</Latest>|<Latest/>|QQ==|&#0;|&x;|<!--|-->|<?| ){0,10}") {
            block_list(xml.as_bytes());
        }
    }
}
