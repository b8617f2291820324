//! A subscription whose resources change, and a caller who may change them.

use arcbook_lab::Lab;
use serde_json::Value;

use crate::client::{Answer, Request, token};
use crate::{SUBSCRIPTION, started, world};

/// The version that every type of [`TYPES`] has.
const VERSION: &str = "2024-06-01";

/// Resource types with one property each that a table needs.
pub const TYPES: &str = r#"
    role_assignment { role = "Contributor" }
    resource_type "Lab.Sync/things" {
        api_versions = ["2024-01-01", "2024-06-01"]
        locations    = ["West Europe", "northeurope"]
        write_only   = ["properties.password", "properties.users.key"]
        lower_case   = ["properties.workspaceId"]
        defaults     = { mode = "auto", network = { public = true, ports = [1] } }
        etag         = true
    }
    resource_type "Lab.Sync/things/parts" { patch_tags = "replace" }
    resource_type "Lab.Async/things" {
        operation {
            kind  = "azure-async-operation"
            polls = 2
        }
        action "restart" {
            result = { uptime = 0 }
            operation { kind = "location" }
        }
        action "listKeys" { result = { keys = ["k"] } }
        action "stop" {
            operation { kind = "azure-async-operation" }
        }
    }
    resource_type "Lab.Location/things" {
        operation {
            kind  = "location"
            polls = 2
        }
    }
    resource_type "Lab.State/things" {
        operation {
            kind    = "provisioning-state"
            methods = ["PUT", "PATCH", "DELETE"]
            polls   = 2
            running = "Accepted"
        }
    }
    resource_type "Lab.Timed/things" {
        operation {
            kind         = "azure-async-operation"
            methods      = ["PUT"]
            milliseconds = 20
            retry_after  = 7
            accepted     = true
        }
    }
    resource_type "Lab.Absent/things" { registered = false }
"#;

/// A lab, and the token of its machine for ARM.
pub struct Subscription {
    pub lab: Lab,
    token: String,
}

impl Subscription {
    /// Starts a lab with [`TYPES`] and `more`.
    pub async fn new(more: &str) -> Self {
        Self::of(&format!("{TYPES}{more}")).await
    }

    /// Starts a lab with one group, one machine and `more`.
    pub async fn of(more: &str) -> Self {
        let lab = started(world(more)).await;
        let token = token(&lab, "https://management.azure.com").await;
        Self { lab, token }
    }

    /// Builds a request for a path without a query, at the usual version.
    pub fn request(&self, method: &str, path: &str) -> Request {
        self.at(method, &format!("{path}?api-version={VERSION}"))
    }

    /// Builds a request for an absolute URL, or for a path and query. Its content is JSON.
    pub fn at(&self, method: &str, target: &str) -> Request {
        let arm = &self.lab.azure().arm;
        let url = if target.starts_with('/') { format!("{arm}{target}") } else { target.to_owned() };
        let request = Request::to_azure(&self.lab, method, &url).bearer(&self.token);
        request.header("Content-Type", "application/json")
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.request(method, path).body(body).send().await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    /// Polls a URL of the lab.
    pub async fn poll(&self, url: &str) -> Answer {
        self.at("GET", url).send().await
    }

    /// Returns the number of requests that changed something.
    pub fn changes(&self) -> usize {
        self.lab.requests().iter().filter(|request| request.changed).count()
    }
}

/// Returns the id of `name`, such as `Lab.Sync/things/x`, in the group `rg`.
pub fn in_group(name: &str) -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg/providers/{name}")
}

/// Asserts the status and the error code of a response.
pub fn assert_refused(answer: &Answer, status: u16, code: &str, case: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{case}: {}", answer.text());
}
