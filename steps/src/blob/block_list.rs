//! Writes the list of a blob's blocks, and reads the list of those that are not committed.

use std::collections::HashMap;

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Returns the list that commits the blocks with these ids, in order.
pub(super) fn write(ids: &[String]) -> Bytes {
    let latest = ids.iter().map(|id| format!("<Latest>{id}</Latest>"));
    let list: String = latest.collect();
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{list}</BlockList>").into()
}

/// Returns the sizes of the uncommitted blocks in a list, by id; none if the list cannot be read.
pub(super) fn uncommitted(list: &[u8]) -> Option<HashMap<String, u64>> {
    let mut reader = Reader::from_str(std::str::from_utf8(list).ok()?);
    let (mut path, mut blocks) = (Vec::new(), HashMap::new());
    let (mut id, mut size) = (None, None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => path.push(tag.local_name().as_ref().to_vec()),
            Event::Text(text) => {
                let path: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
                match path.as_slice() {
                    [b"BlockList", b"UncommittedBlocks", b"Block", b"Name"] => {
                        id = Some(text.decode().ok()?.into_owned());
                    }
                    [b"BlockList", b"UncommittedBlocks", b"Block", b"Size"] => {
                        size = Some(text.decode().ok()?.trim().parse().ok()?);
                    }
                    _ => {}
                }
            }
            Event::End(tag) => {
                path.pop();
                if tag.local_name().as_ref() == b"Block"
                    && let (Some(id), Some(size)) = (id.take(), size.take())
                {
                    blocks.insert(id, size);
                }
            }
            Event::Eof => return path.is_empty().then_some(blocks),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uncommitted_blocks_are_read() {
        let block = |id: &str, size: u64| format!("<Block><Name>{id}</Name><Size>{size}</Size></Block>");
        let list = |committed: &str, uncommitted: &str| {
            format!(
                "<?xml version=\"1.0\"?>\n<BlockList><CommittedBlocks>{committed}</CommittedBlocks>\n\
                 <UncommittedBlocks>{uncommitted}</UncommittedBlocks></BlockList>"
            )
        };
        let read =
            uncommitted(list(&block("QQ==", 1), &[block("Qg==", 2), block("Qw==", 3)].concat()).as_bytes());
        let expected = [("Qg==".to_owned(), 2), ("Qw==".to_owned(), 3)];
        assert_eq!(read, Some(expected.into_iter().collect()));
        assert_eq!(uncommitted(list("", "").as_bytes()), Some(HashMap::new()));
        for wrong in
            ["<BlockList>", "<BlockList><UncommittedBlocks><Block><Size>x</Size>", "\u{1}<a", "<a></b>"]
        {
            assert_eq!(uncommitted(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(uncommitted(&[0xff]), None);
    }

    proptest::proptest! {
        #[test]
        fn any_input_is_read_or_refused(
            list in "(<BlockList>|</BlockList>|<UncommittedBlocks>|<Block>|</Block>|<Name>|<Size>|QQ==|1|&x;|<!--| ){0,12}",
        ) {
            uncommitted(list.as_bytes());
        }
    }
}
