//! Reads PEM: texts that hold binary documents, each between two lines that name its kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A document in a PEM text; it may be a private key, so it has no `Debug`.
pub struct Section {
    /// The kind, such as `CERTIFICATE`.
    pub kind: String,
    /// True if lines before the content say that it is encrypted, as OpenSSL did before PKCS#8.
    pub is_legacy: bool,
    /// The document.
    pub content: Vec<u8>,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Returns a document as PEM.
#[must_use]
pub fn written(kind: &str, content: &[u8]) -> String {
    let encoded = STANDARD.encode(content);
    let mut text = format!("{BEGIN}{kind}{DASHES}\n");
    for line in encoded.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + &format!("{END}{kind}{DASHES}\n")
}

/// Returns true if `text` looks like PEM.
#[must_use]
pub fn is_pem(text: &[u8]) -> bool {
    text.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes())
}

/// Returns the documents of a text; none if one of them is malformed.
#[must_use]
pub fn sections(text: &str) -> Option<Vec<Section>> {
    let mut sections = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES)) else {
            continue;
        };
        let (mut encoded, mut is_legacy) = (String::new(), false);
        loop {
            let line = lines.next()?;
            if line.starts_with(END) {
                break;
            }
            // A header has a colon, which base64 never has.
            if line.contains(':') {
                is_legacy |= line.contains("ENCRYPTED");
            } else if !is_legacy || !line.contains(',') {
                encoded.push_str(line);
            }
        }
        let content = STANDARD.decode(encoded).ok()?;
        sections.push(Section { kind: kind.to_owned(), is_legacy, content });
    }
    Some(sections)
}
