//! Finds text encodings by their IANA names.

use encoding_rs::{Encoding, GBK, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1254};

/// An encoding.
pub(super) enum Charset {
    /// An encoding of the WHATWG standard.
    Common(&'static Encoding),
    /// UTF-16 with a byte-order mark; big-endian without one.
    Utf16,
    /// A part of ISO 8859. It equals this Windows code page from 0xA0 on; below, each byte is the code point of the same
    /// number, where Windows replaces control characters.
    Iso(&'static Encoding),
    Ascii,
}

/// The names of GBK that the WHATWG standard lacks.
const GBK_NAMES: [&str; 4] = ["cp936", "ms936", "windows-936", "csgbk"];

impl Charset {
    /// Finds an encoding by name, case-insensitively.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if name == "utf-16" {
            return Some(Self::Utf16);
        }
        if GBK_NAMES.contains(&name.as_str()) {
            return Some(Self::Common(GBK));
        }
        // The WHATWG standard ignores spaces around a name.
        let is_plain = !name.contains(|character: char| character.is_ascii_whitespace());
        let encoding = Encoding::for_label_no_replacement(name.as_bytes()).filter(|_| is_plain)?;
        // In the WHATWG standard, ISO names are labels of Windows code pages.
        let is_of_windows = name.contains("125");
        Some(match name.as_str() {
            "ascii" | "us-ascii" | "ansi_x3.4-1968" => Self::Ascii,
            _ if !is_of_windows && [WINDOWS_1252, WINDOWS_1254].contains(&encoding) => Self::Iso(encoding),
            _ => Self::Common(encoding),
        })
    }

    /// Encodes a text; none if the encoding lacks one of its characters.
    pub(super) fn encode(&self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Common(encoding) if *encoding == UTF_16LE => Some(utf_16(text, u16::to_le_bytes)),
            Self::Common(encoding) if *encoding == UTF_16BE => Some(utf_16(text, u16::to_be_bytes)),
            Self::Common(encoding) => {
                let (bytes, _, is_unmappable) = encoding.encode(text);
                (!is_unmappable).then(|| bytes.into_owned())
            }
            Self::Utf16 => Some(utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
            Self::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Self::Iso(encoding) => text.chars().map(|character| iso_byte(character, encoding)).collect(),
        }
    }

    /// Decodes bytes; none if some are invalid.
    pub(super) fn decode(&self, bytes: &[u8]) -> Option<String> {
        let decode = |encoding: &'static Encoding, bytes: &[u8]| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
            text.map(std::borrow::Cow::into_owned)
        };
        match (self, bytes) {
            (Self::Common(encoding), _) => decode(encoding, bytes),
            (Self::Utf16, [0xff, 0xfe, bytes @ ..]) => decode(UTF_16LE, bytes),
            (Self::Utf16, [0xfe, 0xff, bytes @ ..] | bytes) => decode(UTF_16BE, bytes),
            (Self::Ascii, _) => String::from_utf8(bytes.to_vec()).ok().filter(|text| text.is_ascii()),
            (Self::Iso(encoding), _) => bytes
                .iter()
                .map(|byte| match byte {
                    0..0xa0 => Some(char::from(*byte).to_string()),
                    _ => decode(encoding, &[*byte]),
                })
                .collect(),
        }
    }
}

fn iso_byte(character: char, encoding: &'static Encoding) -> Option<u8> {
    match u8::try_from(character) {
        Ok(byte @ 0..0xa0) => Some(byte),
        _ => match encoding.encode(character.encode_utf8(&mut [0; 4])) {
            (bytes, _, false) => bytes.first().copied().filter(|byte| *byte >= 0xa0),
            _ => None,
        },
    }
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_there_and_back() {
        let cases: [(&str, &str, &[u8]); 18] = [
            ("UTF-8", "é", b"\xc3\xa9"),
            ("utf-8", "\u{feff}a", b"\xef\xbb\xbfa"),
            ("UTF-16", "ab", b"\xfe\xff\0a\0b"),
            ("UTF-16LE", "\u{feff}👍", b"\xff\xfe\x3d\xd8\x4d\xdc"),
            ("UTF-16BE", "ab", b"\0a\0b"),
            ("GBK", "中€", b"\xd6\xd0\x80"),
            ("CP936", "中", b"\xd6\xd0"),
            ("MS936", "中", b"\xd6\xd0"),
            ("windows-936", "中", b"\xd6\xd0"),
            ("ISO-8859-1", "é\u{80}", b"\xe9\x80"),
            ("latin1", "ÿ", b"\xff"),
            ("ISO-8859-9", "ğ\u{9f}", b"\xf0\x9f"),
            ("ISO-8859-2", "ż", b"\xbf"),
            ("windows-1252", "€é", b"\x80\xe9"),
            ("CP1252", "€", b"\x80"),
            ("windows-1254", "€ğ", b"\x80\xf0"),
            ("US-ASCII", "a\u{7f}", b"a\x7f"),
            ("Shift_JIS", "日", b"\x93\xfa"),
        ];
        for (name, text, bytes) in cases {
            let charset = Charset::named(name).unwrap();
            assert_eq!(charset.encode(text).as_deref(), Some(bytes), "{name}");
            assert_eq!(charset.decode(bytes).as_deref(), Some(text), "{name}");
        }
        let utf_16 = Charset::named("utf-16").unwrap();
        assert_eq!(utf_16.decode(b"\xff\xfea\0").as_deref(), Some("a"));
        assert_eq!(utf_16.decode(b"\0a").as_deref(), Some("a"));
    }

    #[test]
    fn what_has_no_place_in_an_encoding_is_refused() {
        for (name, text) in
            [("ISO-8859-1", "€"), ("latin1", "ğ"), ("ISO-8859-9", "€"), ("US-ASCII", "é"), ("GBK", "👍")]
        {
            assert_eq!(Charset::named(name).unwrap().encode(text), None, "{name}");
        }
        let bytes: [(&str, &[u8]); 4] =
            [("UTF-8", b"\xff"), ("US-ASCII", b"\x80"), ("UTF-16LE", b"\x00\xd8"), ("GBK", b"\xff")];
        for (name, bytes) in bytes {
            assert_eq!(Charset::named(name).unwrap().decode(bytes), None, "{name}");
        }
        for name in ["", "nope", " utf-8", "utf-8 ", "936", "replacement"] {
            assert!(Charset::named(name).is_none(), "{name}");
        }
    }
}
