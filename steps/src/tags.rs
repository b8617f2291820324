//! The tags of a resource, and the requests that read and change them.

use std::collections::BTreeMap;

use arcbook_engine::step::{Action, Body, HttpRequest, Method, Safety, StepError, Text};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::azure::Azure;
use crate::cloud::Service;
use crate::http::HttpResponse;
use crate::json::or_empty;
use crate::permission;

pub(crate) type Tags = BTreeMap<String, String>;

/// The requests about the tags of one object.
pub(crate) struct TagsOf<'a> {
    azure: &'a Azure,
    path: Text,
}

/// The operation of a change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patch {
    /// Sets the given tags.
    Merge,
    /// Removes the given tags; an empty value stands for any.
    Delete,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default, deserialize_with = "or_empty")]
    properties: Properties,
}

#[derive(Default, Deserialize)]
struct Properties {
    #[serde(default, deserialize_with = "or_empty")]
    tags: Tags,
}

impl<'a> TagsOf<'a> {
    /// Returns the requests about the object at `path`, which has no leading slash.
    pub fn new(azure: &'a Azure, path: &Text) -> Self {
        Self { azure, path: path.clone().then("/providers/Microsoft.Resources/tags/default") }
    }

    fn request(&self, method: Method) -> HttpRequest {
        let url = Text::from(&*self.azure.cloud().arm()).then("/").then_text(&self.path);
        // Later versions answer with a long-running operation.
        let request = HttpRequest::new(method, url.then("?api-version=2021-04-01"));
        request.audience(self.azure.cloud().audience(Service::Arm))
    }

    pub fn read(&self) -> Action {
        self.request(Method::Get).action().needs(permission::arm(Method::Get, &self.path))
    }

    pub fn patch(&self, body: Body) -> Action {
        let request = self.request(Method::Patch).header("content-type", "application/json").body(body);
        request.action().safety(Safety::Idempotent).needs(permission::arm(Method::Patch, &self.path))
    }
}

impl Patch {
    pub fn body(self, tags: &Tags) -> Body {
        let operation = match self {
            Self::Merge => "Merge",
            Self::Delete => "Delete",
        };
        let body = json!({ "operation": operation, "properties": { "tags": tags } });
        Body::Bytes(Bytes::from(body.to_string()))
    }
}

/// Returns the tags in a response.
pub(crate) fn of(answer: &HttpResponse) -> Result<Tags, StepError> {
    Ok(answer.json::<Document>()?.properties.tags)
}
