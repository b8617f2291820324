//! The state of an operation that Azure Resource Manager works on.
//!
//! Sources: Azure Resource Manager, "Track asynchronous Azure operations"; the pollers of Microsoft's SDKs.

use serde::Deserialize;
use url::Url;

use crate::http::HttpResponse;

/// The header that names the operation itself.
const OPERATION: &str = "azure-asyncoperation";
/// The header that names the place of its result.
const LOCATION: &str = "location";

/// The way in which an operation is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// The change is complete.
    Nowhere,
    /// The operation is polled at this URL, as the service wrote it.
    At(String),
    /// The object itself is polled.
    AtObject,
}

/// The state of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The service still works on it.
    Running {
        /// The service's word for the state; empty if it gives none.
        status: String,
        /// The share that is done, in percent.
        percent: Option<u32>,
    },
    /// It is complete.
    Succeeded,
    /// It failed or was canceled, in the service's word.
    Failed(String),
}

impl Followed {
    /// Returns how the operation is followed that `answer` reports, the response to a change at `url`.
    pub fn of(answer: &HttpResponse, url: &Url) -> Self {
        let named = |name| answer.header(name).map(str::trim).filter(|place| !place.is_empty());
        // A `Location` beside another status is that of the object.
        let place = named(OPERATION).or_else(|| named(LOCATION).filter(|_| answer.status == 202));
        match place {
            Some(place) if is_of_object(place, url) => Self::AtObject,
            Some(place) => Self::At(place.to_owned()),
            None if answer.status == 204 => Self::Nowhere,
            None if answer.status == 202 => Self::AtObject,
            None => match Stage::of_object(answer) {
                Stage::Running { .. } => Self::AtObject,
                Stage::Succeeded | Stage::Failed(_) => Self::Nowhere,
            },
        }
    }
}

/// Returns true if an operation is polled at the object's own URL, which says nothing about the operation.
fn is_of_object(place: &str, url: &Url) -> bool {
    url.join(place).is_ok_and(|place| {
        place.host_str() == url.host_str() && place.path().eq_ignore_ascii_case(url.path())
    })
}

impl Stage {
    /// The state of an operation that the service has only just accepted.
    pub const ACCEPTED: Self = Self::Running { status: String::new(), percent: None };

    /// Returns the state that the response of the operation's URL reports.
    pub fn of_operation(answer: &HttpResponse) -> Self {
        let told = Told::read(answer);
        let status = told.status.or(told.properties.provisioning_state);
        match status {
            Some(status) => Self::named(status, told.percent_complete),
            None if answer.status == 202 => Self::Running { status: String::new(), percent: None },
            None => Self::Succeeded,
        }
    }

    /// Returns the state that the response of the object's own URL reports.
    pub fn of_object(answer: &HttpResponse) -> Self {
        match Told::read(answer).properties.provisioning_state {
            Some(status) => Self::named(status, None),
            None => Self::Succeeded,
        }
    }

    /// Returns the state with this name. The names are an open set: every other one means that the service
    /// still works on it.
    fn named(status: String, percent: Option<f64>) -> Self {
        match status.to_ascii_lowercase().as_str() {
            "succeeded" => Self::Succeeded,
            "failed" | "canceled" | "cancelled" => Self::Failed(status),
            _ => Self::Running { status: crate::http::clean(&status), percent: percent.map(whole_percent) },
        }
    }
}

fn whole_percent(percent: f64) -> u32 {
    (0..=100).rev().find(|whole| f64::from(*whole) <= percent).unwrap_or(0)
}

/// The members of a response that tell the state of an operation or of an object.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Told {
    #[serde(deserialize_with = "lenient")]
    status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    percent_complete: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Properties {
    #[serde(deserialize_with = "lenient")]
    provisioning_state: Option<String>,
}

impl Told {
    fn read(answer: &HttpResponse) -> Self {
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }
}

/// Reads a member of another type as a missing one: an object may use the name for something else.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::de::DeserializeOwned,
{
    let json = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(json).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    const OBJECT: &str = "https://management.azure.com/subscriptions/s/providers/A.B/c/d?api-version=1";

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().expect("a name"), value.parse::<HeaderValue>().expect("a value"))
        };
        let headers: HeaderMap = headers.iter().map(pair).collect();
        HttpResponse { status, headers, body: Bytes::from(body.to_owned()) }
    }

    #[test]
    fn an_operation_is_followed_where_the_service_says() {
        let elsewhere = "https://management.azure.com/subscriptions/s/operations/1?api-version=2";
        let at = || Followed::At(elsewhere.to_owned());
        let creating = r#"{"properties":{"provisioningState":"Creating"}}"#;
        for (status, headers, body, expected) in [
            (201, &[("Azure-AsyncOperation", elsewhere)][..], creating, at()),
            (200, &[("azure-asyncoperation", elsewhere)], "", at()),
            (202, &[("Location", elsewhere)], "", at()),
            (202, &[("Location", "https://b.test/x"), ("Azure-AsyncOperation", elsewhere)], "", at()),
            (201, &[("Location", elsewhere)], "{}", Followed::Nowhere),
            (202, &[("Azure-AsyncOperation", OBJECT)], "", Followed::AtObject),
            (202, &[("Location", "/subscriptions/s/providers/a.b/c/D?x=1")], "", Followed::AtObject),
            (202, &[("Azure-AsyncOperation", "")], "", Followed::AtObject),
            (202, &[], "", Followed::AtObject),
            (201, &[], creating, Followed::AtObject),
            (200, &[], r#"{"properties":{"provisioningState":"succeeded"}}"#, Followed::Nowhere),
            (200, &[], r#"{"properties":{"provisioningState":"Failed"}}"#, Followed::Nowhere),
            (200, &[], "{}", Followed::Nowhere),
            (200, &[], "not JSON", Followed::Nowhere),
            (204, &[], "", Followed::Nowhere),
        ] {
            let url = OBJECT.parse().expect("a URL");
            assert_eq!(
                Followed::of(&answer(status, headers, body), &url),
                expected,
                "{status} {headers:?} {body}"
            );
        }
    }

    #[test]
    fn the_states_of_an_operation_are_an_open_set() {
        let running = |status: &str, percent| Stage::Running { status: status.to_owned(), percent };
        for (status, body, expected) in [
            (200, r#"{"status":"Succeeded"}"#, Stage::Succeeded),
            (200, r#"{"status":"SUCCEEDED"}"#, Stage::Succeeded),
            (200, r#"{"status":"Failed"}"#, Stage::Failed("Failed".to_owned())),
            (200, r#"{"status":"Cancelled"}"#, Stage::Failed("Cancelled".to_owned())),
            (200, r#"{"status":"Warming up","percentComplete":12.7}"#, running("Warming up", Some(12))),
            (200, r#"{"status":"x","percentComplete":1e9}"#, running("x", Some(100))),
            (200, r#"{"status":"x","percentComplete":"soon"}"#, running("x", None)),
            (200, r#"{"properties":{"provisioningState":"Updating"}}"#, running("Updating", None)),
            (202, "", running("", None)),
            (202, "<html>", running("", None)),
            (200, "", Stage::Succeeded),
            (204, "", Stage::Succeeded),
            (200, r#"{"status":7,"properties":[]}"#, Stage::Succeeded),
        ] {
            assert_eq!(Stage::of_operation(&answer(status, &[], body)), expected, "{status} {body}");
        }
    }

    #[test]
    fn an_object_without_a_state_is_complete() {
        for (body, complete) in [
            ("{}", true),
            (r#"{"status":"Running"}"#, true),
            (r#"{"properties":{"provisioningState":"Accepted"}}"#, false),
            (r#"{"properties":null}"#, true),
        ] {
            assert_eq!(Stage::of_object(&answer(200, &[], body)) == Stage::Succeeded, complete, "{body}");
        }
    }
}
