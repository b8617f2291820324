//! Encodes text in encodings other than UTF-8, as Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::super::arguments::Arguments;
use super::super::call::Failure;
use crate::value::Value;

pub(super) fn encode(given: &Arguments<'_>) -> Result<Value, Failure> {
    let (text, name) = (given.text(0), given.text(1));
    // An encoding name without a byte order requires a byte-order mark.
    if name.eq_ignore_ascii_case("utf-16") {
        let marked = format!("\u{feff}{text}");
        return Ok(STANDARD.encode(utf_16(&marked, u16::to_be_bytes)).into());
    }
    let encoding = named(name)?;
    let bytes = if encoding == UTF_16LE {
        utf_16(text, u16::to_le_bytes)
    } else if encoding == UTF_16BE {
        utf_16(text, u16::to_be_bytes)
    } else {
        let (bytes, _, unmappable) = encoding.encode(text);
        if unmappable {
            let reason = format!("the given string contains characters that cannot be represented in {name}");
            return Err(Failure::argument(0, reason));
        }
        bytes.into_owned()
    };
    Ok(STANDARD.encode(bytes).into())
}

pub(super) fn decode(given: &Arguments<'_>) -> Result<Value, Failure> {
    let (source, name) = (given.text(0), given.text(1));
    let bytes = STANDARD.decode(source.replace(['\r', '\n'], ""));
    let bytes = bytes.map_err(|_| Failure::argument(0, "the given value is not Base64"))?;
    let (text, _, malformed) = named(name)?.decode(&bytes);
    if malformed {
        let reason = format!("the given string contains symbols that are not defined for {name}");
        return Err(Failure::argument(0, reason));
    }
    Ok(text.into_owned().into())
}

fn named(name: &str) -> Result<&'static Encoding, Failure> {
    Encoding::for_label_no_replacement(name.as_bytes())
        .ok_or_else(|| Failure::argument(1, format!("{name:?} is not a supported name of an encoding")))
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}
