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
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> HttpResponse {
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
        });
        HttpResponse { status, headers: headers.collect(), body: bytes::Bytes::from(body.to_owned()) }
    }

    fn read(body: &str) -> Result<(usize, Option<String>), String> {
        Page::read(&answer(200, &[], body)).map(|page| (page.items.len(), page.next))
    }

    #[test]
    fn a_status_or_a_header_may_tell_of_more() {
        let (list, whole) = (r#"{"value":[1],"nextLink":"/x"}"#, r#"{"value":[1]}"#);
        for (status, headers, body, is_read) in [
            (200, &[][..], whole, true),
            (206, &[][..], whole, false),
            (206, &[][..], list, false),
            (200, &[("link", "</x>; rel=\"next\"")][..], whole, false),
            (200, &[("link", "</x>; rel=\"next\"")][..], list, true),
            (200, &[("link", "</a>; rel=prev, </x>; title=\"a\"; REL=Next")][..], whole, false),
            (200, &[("link", "</x>; rel=\"last next\", </y>; rel=first")][..], whole, false),
            (200, &[("link", "</a>; rel=first"), ("link", "</x>;rel=next")][..], whole, false),
            (204, &[("link", "</x>; rel=next")][..], "", false),
            (200, &[("link", "</x>; rel=prev, </y?rel=next>")][..], whole, true),
            (200, &[("link", "</next>; rel=\"nextish\"")][..], whole, true),
            (200, &[("x-ms-continuation", "abc")][..], whole, false),
            (200, &[("x-ms-continuation-token", "")][..], whole, true),
        ] {
            let page = Page::read(&answer(status, headers, body));
            assert_eq!(page.is_ok(), is_read, "{status} {headers:?} {body}: {page:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_list_is_said_as_it_is() {
        for (body, reason) in [
            (r#"{"value":null,"id":"/a","type":"b"}"#, "its `value` is null, but it also has `id`"),
            (r#"{"id":"/a","value":null}"#, "its `value` is null, but it also has `id`"),
            (r#"{"id":"/a","type":"b"}"#, "it has `id` instead of a `value`"),
            (r#"{"value":{},"id":"/a"}"#, "its `value` is not a list"),
            (r#"{"value":null,"count":2}"#, "it counts items but lists none"),
        ] {
            assert_eq!(read(body), Err(reason.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_list_goes_on_under_any_of_its_names() {
        for name in [
            "nextLink",
            "NextLink",
            "nextlink",
            "@nextLink",
            "odata.nextLink",
            "@odata.nextLink",
            "nextPageLink",
        ] {
            let body = format!(r#"{{"value":[1,2],"{name}":"/x?$skiptoken=1"}}"#);
            assert_eq!(read(&body), Ok((2, Some("/x?$skiptoken=1".to_owned()))), "{name}");
            for nothing in ["null", r#""""#] {
                assert_eq!(read(&format!(r#"{{"{name}":{nothing},"value":[1]}}"#)), Ok((1, None)), "{name}");
            }
            for odd in ["1", "true", "{}", r#"["/x"]"#, r#"{"href":"/x"}"#] {
                assert!(read(&format!(r#"{{"value":[1],"{name}":{odd}}}"#)).is_err(), "{name} {odd}");
            }
        }
        let twice = r#"{"value":[],"nextLink":"/a","@odata.nextLink":"/a"}"#;
        assert_eq!(read(twice), Ok((0, Some("/a".to_owned()))));
    }

    #[test]
    fn nothing_in_place_of_a_list_is_an_empty_one() {
        for body in [
            "{}",
            "null",
            r#"{"value":null}"#,
            r#"{"value":null,"nextLink":null}"#,
            r#"{"@odata.context":"x","odata.count":0}"#,
            r#"{"value":null,"continuationToken":"","resultTruncated":"false"}"#,
        ] {
            assert_eq!(read(body), Ok((0, None)), "{body}");
        }
        assert_eq!(Page::read(&answer(204, &[], "")), Ok(Page::default()));
        assert_eq!(
            read(r#"{"nextLink":"/x"}"#),
            Ok((0, Some("/x".to_owned()))),
            "an empty page, and not the last"
        );
    }

    #[test]
    fn what_may_hold_more_is_no_end() {
        for body in [
            "",
            "[]",
            r#"[{"id":"a"}]"#,
            "1",
            r#""x""#,
            r#"{"value":{}}"#,
            r#"{"value":"x"}"#,
            r#"{"items":[1]}"#,
            r#"{"properties":{"value":[1]}}"#,
            r#"{"value":null,"data":[1]}"#,
            r#"{"error":{"code":"X"}}"#,
            r#"{"value":null,"count":3}"#,
            r#"{"value":[1],"value":[2]}"#,
            r#"{"value":[1],"Value":[2]}"#,
            r#"{"value":[1],"nextLink":"/a","NextLink":"/b"}"#,
            r#"{"value":[1],"$skipToken":"abc"}"#,
            r#"{"value":[1],"continuationToken":"abc"}"#,
            r#"{"value":[1],"nextMarker":{"a":1}}"#,
            r#"{"value":[1],"hasMore":true}"#,
            r#"{"value":[1],"resultTruncated":"true"}"#,
            r#"{"value":[1],"next":"/x"}"#,
            r#"{"value":[1]"#,
        ] {
            assert!(read(body).is_err(), "{body}: {:?}", read(body));
        }
        assert!(Page::read(&answer(200, &[], "")).is_err(), "only a 204 has no body");
    }

    #[test]
    fn a_relative_link_starts_at_its_page() {
        let page =
            Url::parse("https://management.azure.com/subscriptions/s/resources?api-version=1").unwrap();
        let host = "https://management.azure.com";
        for (next, expected) in [
            (
                "/subscriptions/s/resources?$skiptoken=a%2Fb+c",
                format!("{host}/subscriptions/s/resources?$skiptoken=a%2Fb+c"),
            ),
            ("?$skiptoken=a", format!("{host}/subscriptions/s/resources?$skiptoken=a")),
            ("resources?$skiptoken=a", format!("{host}/subscriptions/s/resources?$skiptoken=a")),
            ("//evil.example/x", "https://evil.example/x".to_owned()),
            ("https://evil.example/x", "https://evil.example/x".to_owned()),
            ("/s/CPU #1 > 80%?$skiptoken=#", format!("{host}/s/CPU%20%231%20%3E%2080%25?$skiptoken=%23")),
        ] {
            assert_eq!(resolve(&page, next), Ok(expected), "{next}");
        }
        for next in ["/\\evil.example", "\\\\evil.example/x", "/x\r\nHost: y", "http://"] {
            assert!(resolve(&page, next).is_err(), "{next}");
        }
    }

    #[test]
    fn a_path_is_the_same_in_another_spelling() {
        let url = |path: &str| Url::parse(&format!("https://h{path}")).unwrap();
        for (a, b, same) in [
            ("/subscriptions/S/resourceGroups/g", "/subscriptions/s/resourcegroups/G", true),
            ("/a/b", "/a/b/?x=1", true),
            ("/a/CPU%20%3e%2080%25", "/a/CPU > 80%25", true),
            ("/a/%C3%9C", "/a/ü", true),
            ("/a/b", "/a/b/c", false),
            ("/a/b", "/a", false),
            ("/a/b%2Fc", "/a/b/c", false),
            ("/subscriptions/s", "/subscriptions/t", false),
        ] {
            assert_eq!(is_same_path(&url(a), &url(b)), same, "{a} {b}");
        }
    }
}
