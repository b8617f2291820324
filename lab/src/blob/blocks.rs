//! Block uploads: Put Block and Put Block List.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use hyper::StatusCode;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::authorize::BlobPermission;
use super::store::{Blob, Container, ContentHeaders};
use super::upload::Upload;
use super::{AccountRequest, BODY_LIMIT};
use crate::exchange::{Answer, Refused};

/// Maximum length of a block id before base64, in bytes.
const MAX_ID_LENGTH: usize = 64;

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
        self.requires(BlobPermission::WriteBlob)?;
        self.has_blob_name(name)?;
        let id = self.call.query.get("blockid").unwrap_or_default().to_owned();
        let is_id = STANDARD.decode(&id).is_ok_and(|bytes| (1..=MAX_ID_LENGTH).contains(&bytes.len()));
        let md5 = self.checked_md5(&self.call.body)?;
        self.in_container(container, |container| {
            let waiting = container.blocks.get(name);
            let same_length =
                waiting.and_then(|blocks| blocks.keys().next()).is_none_or(|other| other.len() == id.len());
            if !is_id || !same_length {
                let message = "The specified block ID is invalid. The block ID must be Base64-encoded.";
                return Err(self.refused(StatusCode::BAD_REQUEST, "InvalidQueryParameterValue", message));
            }
            if held(container) + self.call.body.len() > BODY_LIMIT {
                let message = "The uncommitted blocks of this container are more than the lab keeps.";
                return Err(self.refused(StatusCode::CONFLICT, "BlockCountExceedsLimit", message));
            }
            container.blocks.entry(name.to_owned()).or_default().insert(id, self.call.body.clone());
            Ok(Answer::new(StatusCode::CREATED)
                .header("content-md5", md5)
                .header("x-ms-request-server-encrypted", "true")
                .changed())
        })
    }

    /// Put Block List.
    pub(super) fn put_block_list(self, container: &str, name: &str) -> Result<Answer, Refused> {
        self.requires(BlobPermission::WriteBlob)?;
        self.has_blob_name(name)?;
        self.checked_md5(&self.call.body)?;
        let list = block_list(&self.call.body).ok_or_else(|| {
            let message = "The specified XML is not a block list.";
            self.refused(StatusCode::BAD_REQUEST, "InvalidXmlDocument", message)
        })?;
        // Like the service, the lab does not check this MD5 against the content.
        let headers =
            ContentHeaders { md5: self.content_md5("x-ms-blob-content-md5")?, ..self.content_headers() };
        self.in_container(container, |container| {
            self.may_change(container.blobs.get(name))?;
            let (content, blocks) = assemble(container, name, &list).ok_or_else(|| {
                let message = "The specified block list is invalid.";
                self.refused(StatusCode::BAD_REQUEST, "InvalidBlockList", message)
            })?;
            Ok(self.place(container, name, Upload { content, blocks, headers }))
        })
    }
}

/// Returns the total size of a container's uncommitted blocks, in bytes.
fn held(container: &Container) -> usize {
    container.blocks.values().flat_map(|blocks| blocks.values()).map(Bytes::len).sum()
}

/// Joins the listed blocks into the blob's content; `None` when a block does not exist.
fn assemble(
    container: &Container,
    name: &str,
    list: &[(Source, String)],
) -> Option<(Bytes, Vec<(String, usize)>)> {
    let blob = container.blobs.get(name);
    let waiting = |id: &str| container.blocks.get(name)?.get(id).cloned();
    let mut content = BytesMut::new();
    let mut blocks = Vec::with_capacity(list.len());
    for (source, id) in list {
        let block = match source {
            Source::Uncommitted => waiting(id),
            Source::Committed => blob.and_then(|blob| committed(blob, id)),
            Source::Latest => waiting(id).or_else(|| committed(blob?, id)),
        }?;
        blocks.push((id.clone(), block.len()));
        content.extend_from_slice(&block);
        if content.len() > 4 * BODY_LIMIT {
            return None;
        }
    }
    Some((content.freeze(), blocks))
}

fn committed(blob: &Blob, id: &str) -> Option<Bytes> {
    let mut start = 0;
    for (own, length) in &blob.blocks {
        if own == id {
            return Some(blob.content.slice(start..start + length));
        }
        start += length;
    }
    None
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
