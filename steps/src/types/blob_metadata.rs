//! The metadata of a blob: its argument type, headers and comparison.

use std::collections::{BTreeMap, BTreeSet};

use arcbook_engine::step::{Arg, ArgumentError, ArgumentType, Difference, Text};
use arcbook_engine::value::{PathStep, Type, Value};

use crate::http::HttpResponse;
use crate::names::argument;

/// Text that an HTTP header can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderText(pub(super) String);

impl HeaderText {
    fn parse(text: &str) -> Result<Self, String> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        (plain && text.trim() == text && (1..=8192).contains(&text.len()))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "must be plain ASCII text without line breaks".to_owned())
    }
}

/// Metadata of a blob by name.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobMetadata(BTreeMap<String, String>);

impl std::fmt::Debug for BlobMetadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl ArgumentType for BlobMetadata {
    fn ty() -> Type {
        BTreeMap::<String, String>::ty()
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let entries = BTreeMap::<String, HeaderText>::from_value(value)?;
        let is_bad = |name: &&String| {
            !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let error = |name: &String| {
            ArgumentError::value("has an invalid name")
                .inside(PathStep::Key(name.as_str().into()))
                .help("use letters, digits and underscores, and no leading digit")
        };
        let errors: Vec<_> = entries.keys().filter(is_bad).map(error).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self(entries.into_iter().map(|(name, HeaderText(text))| (name, text)).collect()))
    }
}

impl BlobMetadata {
    /// Returns whether it has an entry `arcbook_run`.
    pub(super) fn names_a_run(&self) -> bool {
        self.0.keys().any(|name| name.eq_ignore_ascii_case(RUN))
    }
}

/// The metadata entry that names the run that created the blob.
const RUN: &str = "arcbook_run";

argument!(HeaderText);

/// Returns the differences between the metadata of `blob` and the wanted metadata.
pub(super) fn metadata_differences(
    metadata: Option<&Arg<BlobMetadata>>,
    blob: &HttpResponse,
) -> Vec<Difference> {
    let wanted = metadata.and_then(Arg::value);
    let wanted = wanted.iter().flat_map(|BlobMetadata(entries)| entries);
    let wanted: BTreeMap<String, &str> =
        wanted.map(|(name, text)| (name.to_ascii_lowercase(), text.as_str())).collect();
    // Header names are in lower case here.
    let kept = blob.headers.iter().filter_map(|(name, text)| {
        let name = name.as_str().strip_prefix("x-ms-meta-")?;
        // The entry only names the creator; the runbook does not want it.
        if name == RUN && !wanted.contains_key(RUN) {
            return None;
        }
        Some((name.to_owned(), text.to_str().unwrap_or_default()))
    });
    let kept: BTreeMap<String, &str> = kept.collect();
    let names: BTreeSet<&String> = kept.keys().chain(wanted.keys()).collect();
    let side = |entries: &BTreeMap<String, &str>, name| text(entries.get(name).copied());
    let secret = is_sensitive(metadata);
    names
        .into_iter()
        .map(|name| {
            // A name can be as secret as its value.
            let attribute = if secret { "metadata".to_owned() } else { format!("metadata.{name}") };
            Difference::new(attribute, side(&kept, name), side(&wanted, name)).hidden(secret)
        })
        .collect()
}

pub(super) fn is_sensitive<T>(argument: Option<&Arg<T>>) -> bool {
    argument.is_some_and(Arg::is_sensitive)
}

pub(super) fn text(text: Option<&str>) -> Value {
    text.map_or(Value::NULL, Value::from)
}

/// Returns one header per name, or a single placeholder while the names are unknown.
pub(super) fn metadata_headers(metadata: &Arg<BlobMetadata>) -> Vec<(String, Text)> {
    match metadata {
        Arg::Unknown(_) => {
            vec![("x-ms-meta-*".to_owned(), Text::new().then_arg(metadata, |_| String::new()))]
        }
        Arg::Known { value: BlobMetadata(entries), .. } => {
            let header = |(name, text): (&String, &String)| {
                (
                    format!("x-ms-meta-{name}"),
                    Text::new().then_arg(&metadata.map(|_| text.clone()), Clone::clone),
                )
            };
            entries.iter().map(header).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_names_are_names_of_headers() {
        let take =
            |name: &str, text: &str| BlobMetadata::from_value(&Value::string_map([(name, text)])).is_ok();
        assert!(take("machine_1", "a b") && take("_x", "y"));
        for (name, text) in
            [("", "x"), ("1a", "x"), ("a-b", "x"), ("a:b", "x"), ("a", "x\r\ny: z"), ("a", "ü"), ("a", " x")]
        {
            assert!(!take(name, text), "{name} {text:?}");
        }
    }
}
