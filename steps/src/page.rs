//! One page of a paginated list.
//!
//! Azure's services agree on `value` and `nextLink`, but differ in their spelling. All spellings are
//! supported; a response that may contain further items in an unknown form is an error, never the end of the
//! list.

use std::fmt;

use http::header::HeaderMap;
use percent_encoding::percent_decode_str;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use url::Url;

use crate::http::{HttpResponse, clean};
use crate::percent;

/// One page.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Page {
    /// The items, in the service's order.
    pub items: Vec<Value>,
    /// The link to the next page, as written; none on the last one.
    pub next: Option<String>,
}

impl Page {
    /// Parses a response; the error is a fragment.
    pub fn read(response: &HttpResponse) -> Result<Self, String> {
        if response.status == 206 {
            return Err("its status 206 says that it is only a part of the list".to_owned());
        }
        let page = Self::of_body(response)?;
        match header_of_more(&response.headers) {
            Some(name) if page.next.is_none() => {
                Err(format!("the list continues in an unsupported way, with the header `{name}`"))
            }
            _ => Ok(page),
        }
    }

    fn of_body(response: &HttpResponse) -> Result<Self, String> {
        if response.status == 204 && response.body.is_empty() {
            return Ok(Self::default());
        }
        let document = serde_json::from_slice::<Document>(&response.body);
        match document.map_err(|error| crate::json::position(&error))? {
            Document::Nothing => Ok(Self::default()),
            Document::Members(members) => Self::of(members),
            Document::Other => Err("it is not an object with a `value`".to_owned()),
        }
    }

    fn of(members: Vec<(String, Value)>) -> Result<Self, String> {
        let (mut items, mut next, mut counted, mut other) = (None, None, false, None::<String>);
        for (name, value) in members {
            match Member::named(&name) {
                Member::Items if items.is_some() => return Err("it has two lists".to_owned()),
                Member::Items => items = Some(list(value)?),
                Member::Link => {
                    let link = link(&name, value)?;
                    if next.is_some() && link.is_some() && link != next {
                        return Err("it has two links to a next page".to_owned());
                    }
                    next = next.or(link);
                }
                Member::Continuation if !is_nothing(&value) => {
                    return Err(format!("the list continues in an unsupported way, with `{}`", clean(&name)));
                }
                Member::Count => counted |= value.as_f64().is_some_and(|count| count > 0.0),
                Member::Continuation | Member::Note => {}
                Member::Other => other = other.or(Some(name)),
            }
        }
        match (items, other) {
            (Some(Some(items)), _) => Ok(Self { items, next }),
            (Some(None), Some(name)) => {
                Err(format!("its `value` is null, but it also has `{}`", clean(&name)))
            }
            (None, Some(name)) => Err(format!("it has `{}` instead of a `value`", clean(&name))),
            (_, None) if counted => Err("it counts items but lists none".to_owned()),
            (_, None) => Ok(Self { items: Vec::new(), next }),
        }
    }
}

/// The purpose of a member, by its name without regard to case and punctuation.
enum Member {
    /// The items.
    Items,
    /// The link to the next page.
    Link,
    /// A marker of further items other than a link.
    Continuation,
    /// The number of items.
    Count,
    /// An annotation of the response itself.
    Note,
    /// Any other member.
    Other,
}

impl Member {
    fn named(name: &str) -> Self {
        let plain: String = name.chars().filter(|character| character.is_alphanumeric()).collect();
        let plain = plain.to_lowercase();
        match plain.strip_prefix("odata").unwrap_or(&plain) {
            "value" => Self::Items,
            "nextlink" | "nextpagelink" => Self::Link,
            "count" | "totalcount" | "totalrecords" => Self::Count,
            own if own.starts_with("next")
                || own.ends_with("skiptoken")
                || own.starts_with("continuation")
                || ["marker", "hasmore", "resulttruncated", "istruncated", "truncated"].contains(&own) =>
            {
                Self::Continuation
            }
            _ if name.starts_with('@') || name.starts_with("odata.") => Self::Note,
            _ => Self::Other,
        }
    }
}

/// Returns the header that announces further items: a `Link` with the relation `next`, or a continuation
/// token.
fn header_of_more(headers: &HeaderMap) -> Option<&str> {
    let more = headers.iter().find(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        match name.as_str() {
            "link" => links_to_next(&text),
            name => name.starts_with("x-ms-continuation") && !text.trim().is_empty(),
        }
    });
    more.map(|(name, _)| name.as_str())
}

/// Returns whether a `Link` header has the relation `next` as in RFC 8288: possibly one of several, with or
/// without quotes.
fn links_to_next(text: &str) -> bool {
    let relation = |parameter: &str| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.split(',').next()?.trim().trim_matches('"').to_ascii_lowercase();
        name.trim().eq_ignore_ascii_case("rel").then_some(value)
    };
    let mut relations = text.split(';').filter_map(relation);
    relations.any(|relations| relations.split_whitespace().any(|relation| relation == "next"))
}

/// Returns the items; none for null.
fn list(value: Value) -> Result<Option<Vec<Value>>, String> {
    match value {
        Value::Array(items) => Ok(Some(items)),
        Value::Null => Ok(None),
        _ => Err("its `value` is not a list".to_owned()),
    }
}

/// Returns the link; none for null and empty text.
fn link(name: &str, value: Value) -> Result<Option<String>, String> {
    match value {
        Value::String(link) => Ok(Some(link).filter(|link| !link.is_empty())),
        Value::Null => Ok(None),
        _ => Err(format!("its `{}` is not a string", clean(name))),
    }
}

fn is_nothing(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || matches!(value.as_str(), Some("" | "false"))
}

/// A response, parsed only as far as needed here; duplicate members are kept.
enum Document {
    Nothing,
    Members(Vec<(String, Value)>),
    Other,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Document;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_unit<E>(self) -> Result<Document, E> {
                Ok(Document::Nothing)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Document::Members(members))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Document, A::Error> {
                while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                Ok(Document::Other)
            }
        }

        deserializer.deserialize_any(Members)
    }
}

/// Resolves `next`, a link on the page at `page`, to an absolute address.
///
/// The address is not yet checked: it may name any host. The error is a fragment.
pub(crate) fn resolve(page: &Url, next: &str) -> Result<String, String> {
    // A request has no fragment: a `#` is part of an id.
    let next = percent::stray(&next.replace('#', "%23"));
    match Url::parse(&next) {
        Ok(_) => Ok(next),
        Err(url::ParseError::RelativeUrlWithoutBase)
            if next.contains('\\') || next.contains(char::is_control) =>
        {
            Err("it contains a control character or a backslash".to_owned())
        }
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            page.join(&next).map(Into::into).map_err(|error| format!("it is not a URL: {error}"))
        }
        Err(error) => Err(format!("it is not a URL: {error}")),
    }
}

/// Returns whether two URLs have the same path apart from case and percent-encoding, both of which ARM
/// changes in links.
pub(crate) fn is_same_path(a: &Url, b: &Url) -> bool {
    let segments = |url: &Url| -> Vec<String> {
        let path = url.path().trim_end_matches('/').to_owned();
        let plain = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().to_lowercase();
        path.split('/').map(plain).collect()
    };
    segments(a) == segments(b)
}

#[cfg(test)]
mod tests;
