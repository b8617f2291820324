//! Computes the digests of files in order, part by part.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::FilePart;

/// The size of a piece that is read at a time, in bytes.
const PIECE: u64 = 256 << 10;

/// The digests of the parts of a file so far, in order.
pub(crate) struct Hashing {
    md5: Md5,
    /// None if nobody needs it.
    sha256: Option<Sha256>,
}

impl Hashing {
    /// Begins with the MD5, and with the SHA-256 if it is needed.
    pub fn new(needs_sha256: bool) -> Self {
        Self { md5: Md5::new(), sha256: needs_sha256.then(Sha256::new) }
    }

    /// Adds `part`, on another thread.
    pub async fn add(self, part: FilePart) -> io::Result<Self> {
        Ok(self.add_with(part, None).await?.0)
    }

    /// Adds `part`, on another thread; returns the MD5 of the part too, in base64.
    pub async fn add_block(self, part: FilePart) -> io::Result<(Self, String)> {
        let (hashing, own) = self.add_with(part, Some(Md5::new())).await?;
        Ok((hashing, own.map(|own| STANDARD.encode(own.finalize())).unwrap_or_default()))
    }

    async fn add_with(mut self, mut part: FilePart, mut own: Option<Md5>) -> io::Result<(Self, Option<Md5>)> {
        let adding = tokio::task::spawn_blocking(move || {
            while !part.is_empty() {
                let piece = part.split(PIECE).read()?;
                self.md5.update(&piece);
                if let Some(own) = &mut own {
                    own.update(&piece);
                }
                if let Some(sha256) = &mut self.sha256 {
                    sha256.update(&piece);
                }
            }
            Ok((self, own))
        });
        adding.await.map_err(io::Error::other)?
    }

    /// Returns the MD5 in base64, and the SHA-256 in hexadecimal if it was needed.
    pub fn finish(self) -> (String, Option<String>) {
        let sha256 = self.sha256.map(|sha256| format!("{:x}", sha256.finalize()));
        (STANDARD.encode(self.md5.finalize()), sha256)
    }
}

/// Returns the MD5 of bytes, in base64.
pub(crate) fn md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}
