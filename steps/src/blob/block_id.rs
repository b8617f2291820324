//! Names blocks so that a resumed run recognises them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The number of digits of a digest in a name: all names are 48 characters long, whose base64 needs no escapes in a URL.
const DIGITS: usize = 42;

/// Returns the id of a block of the run chain that begins with `run`.
///
/// It contains a digest of the block's own `md5`, so a stored block with this id has the content that this run would
/// send. Ids are part of URLs, which proxies log; so the id of a secret block has no such digest: `md5` is none, and the
/// block is always sent.
pub(super) fn block_id(run: &str, index: usize, md5: Option<&str>) -> String {
    let digest = Sha256::digest(format!("{run}\0{index}\0{}", md5.unwrap_or_default()));
    let digest = format!("{digest:x}");
    STANDARD.encode(format!("{index:05}-{}", &digest[..DIGITS]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_alike_and_differ_in_run_index_and_content() {
        let ids = [
            block_id("20261122-101500.123-1a2b3c", 0, Some("a")),
            block_id("20261122-101500.123-1a2b3d", 0, Some("a")),
            block_id("20261122-101500.123-1a2b3c", 49_999, Some("a")),
            block_id("20261122-101500.123-1a2b3c", 0, Some("b")),
            block_id("20261122-101500.123-1a2b3c", 0, None),
        ];
        for (at, id) in ids.iter().enumerate() {
            assert!(id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
            assert_eq!(STANDARD.decode(id).unwrap().len(), 48);
            assert!(!ids[..at].contains(id), "{id}");
        }
    }
}
