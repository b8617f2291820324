//! Digests files of any size, with and without the secrets in them.

use std::io::{self, Read, Write as _};

use sha2::{Digest as _, Sha256};

use super::{RedactingWriter, Secrets};

/// The size of a piece that is read at a time, in bytes.
const PIECE: usize = 256 << 10;

/// The digests of a file, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The SHA-256 of its bytes with `(sensitive)` in place of every secret.
    pub redacted: String,
}

impl Secrets {
    /// Reads to the end and returns the digests, without holding more than a piece in memory.
    pub fn digests(&self, mut reader: impl Read) -> io::Result<Digests> {
        let mut sha = Sha256::new();
        let mut redacted = (!self.is_empty()).then(|| RedactingWriter::new(Sha256::new(), self.clone()));
        let mut piece = vec![0; PIECE];
        loop {
            let read = match reader.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => &piece[..read],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            sha.update(read);
            if let Some(redacted) = &mut redacted {
                redacted.write_all(read)?;
            }
        }
        let sha256 = format!("{:x}", sha.finalize());
        let redacted = match redacted {
            Some(redacted) => format!("{:x}", redacted.finish()?.finalize()),
            None => sha256.clone(),
        };
        Ok(Digests { sha256, redacted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_across_two_pieces_is_found() {
        let secrets = Secrets::new();
        secrets.add("canary-secret");
        let sha = |bytes: &[u8]| format!("{:x}", Sha256::digest(bytes));
        for (at, holds) in [(0, true), (PIECE - 6, true), (PIECE, true), (3 * PIECE, true), (0, false)] {
            let secret = if holds { "canary-secret" } else { "canary-public" };
            let bytes = [&vec![b'x'; at][..], secret.as_bytes(), b"yz"].concat();
            let digests = secrets.digests(&bytes[..]).unwrap();
            assert_eq!(digests.sha256, sha(&bytes));
            assert_eq!(digests.redacted, sha(&secrets.redact_bytes(&bytes)), "{at}");
            assert_eq!(digests.redacted != digests.sha256, holds, "{at}");
        }
    }
}
