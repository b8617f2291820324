//! Encodes text in encodings other than UTF-8, as Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::arguments::Arguments;
use super::super::failure::Failure;
use super::charset::Charset;
use crate::value::Value;

pub(super) fn encode(given: &Arguments<'_>) -> Result<Value, Failure> {
    let (text, name) = (given.text(0), given.text(1));
    let bytes = named(name)?.encode(text).ok_or_else(|| {
        let reason = format!("the given string contains characters that cannot be represented in {name}");
        Failure::argument(0, reason)
    })?;
    Ok(STANDARD.encode(bytes).into())
}

pub(super) fn decode(given: &Arguments<'_>) -> Result<Value, Failure> {
    let (source, name) = (given.text(0), given.text(1));
    let bytes = STANDARD.decode(source.replace(['\r', '\n'], ""));
    let bytes = bytes.map_err(|_| Failure::argument(0, "the given value is not Base64"))?;
    let text = named(name)?.decode(&bytes).ok_or_else(|| {
        let reason = format!("the given string contains symbols that are not defined for {name}");
        Failure::argument(0, reason)
    })?;
    Ok(text.into())
}

fn named(name: &str) -> Result<Charset, Failure> {
    Charset::named(name)
        .ok_or_else(|| Failure::argument(1, format!("{name:?} is not a supported name of an encoding")))
}
