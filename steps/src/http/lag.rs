//! The changes of this run that services may not show everywhere yet.
//!
//! ARM and the directory are consistent only after a while: a resource that a run created is unknown to other replicas
//! for seconds, and a role that it assigned takes effect after minutes. A refusal that such a change of this run
//! explains is repeated for a bounded time; any other refusal is final at once.
//!
//! Sources: `role-based-access-control/troubleshooting.md` ("Role assignment changes are not being detected", up to ten
//! minutes) and `azure-resource-manager/troubleshooting/error-not-found.md` of the Azure documentation.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arcbook_engine::step::Method;
use url::Url;

use super::HttpResponse;
use super::envelope::Envelope;

/// The error codes of a missing right. A lock, a policy or a firewall answers 403 with other codes, which no time heals.
const UNAUTHORIZED: [&str; 8] = [
    "AccessDenied",
    "AuthorizationFailed",
    "AuthorizationPermissionMismatch",
    "LinkedAuthorizationFailed",
    "Authorization_RequestDenied",
    "ForbiddenByRbac",
    "ForbiddenByPolicy",
    "Forbidden",
];

/// The changes that this run made.
#[derive(Debug, Default)]
pub(crate) struct Lag(Mutex<Made>);

#[derive(Debug, Default)]
struct Made {
    /// The created objects, by host and path in lower case.
    objects: HashSet<String>,
    /// The object ids of the principals that were given a right, in lower case.
    holders: HashSet<String>,
    /// True if a group was given a right: its members are not known.
    has_group: bool,
}

/// The refusals of one request that a change of this run explains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Late {
    /// True if the object of the request, or one that it lies in, was created.
    pub object: bool,
    /// True if the caller was given a right.
    pub right: bool,
}

impl Lag {
    /// Notes a response to a change: an object that the request created, or removed.
    pub fn note(&self, method: Method, url: &Url, status: u16) {
        match (method, status) {
            (Method::Put, 201 | 202) => self.create(url),
            (Method::Delete, 200..=299) => {
                let gone = place(url);
                self.lock().objects.retain(|object| !is_within(object, &gone));
            }
            _ => {}
        }
    }

    /// Notes an object that this run created.
    pub fn create(&self, url: &Url) {
        self.lock().objects.insert(place(url));
    }

    /// Notes that a principal was given a right.
    pub fn grant(&self, holder: &str) {
        self.lock().holders.insert(holder.to_ascii_lowercase());
    }

    /// Notes that a group was given a right, of whose members any may be the caller.
    pub fn grant_group(&self) {
        self.lock().has_group = true;
    }

    /// Returns the refusals of a request that the changes so far explain. `caller` is the object id of the principal
    /// that sends it, if the token tells.
    pub fn of(&self, method: Method, url: &Url, caller: Option<&str>) -> Late {
        let made = self.lock();
        let place = place(url);
        // The absence of an object in a created one is an answer; a change in it needs the created one.
        let object = match method {
            Method::Get | Method::Head => made.objects.contains(&place),
            _ => made.objects.iter().any(|object| place != *object && is_within(&place, object)),
        };
        let is_holder = |caller: &str| made.holders.contains(&caller.to_ascii_lowercase());
        Late { object, right: made.has_group || caller.is_some_and(is_holder) }
    }

    fn lock(&self) -> MutexGuard<'_, Made> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Late {
    /// Returns the refusals that either explains.
    pub fn or(self, other: Self) -> Self {
        Self { object: self.object || other.object, right: self.right || other.right }
    }

    /// Returns whether the change explains this refusal.
    pub fn explains(self, response: &HttpResponse) -> bool {
        let is_about_right = || {
            let envelope = Envelope::read(response);
            let is = |code: &str| UNAUTHORIZED.iter().any(|own| own.eq_ignore_ascii_case(code));
            envelope.exact().is_some_and(is)
        };
        match response.status {
            404 => self.object,
            403 => (self.object || self.right) && is_about_right(),
            _ => false,
        }
    }
}

/// Returns the host and path of a URL, as objects are compared.
fn place(url: &Url) -> String {
    format!("{}{}", url.authority(), url.path().trim_end_matches('/')).to_ascii_lowercase()
}

fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::HeaderMap;

    use super::*;

    fn url(path: &str) -> Url {
        Url::parse(&format!("https://management.azure.com{path}?api-version=1")).unwrap()
    }

    fn refusal(status: u16, code: &str) -> HttpResponse {
        let body = Bytes::from(format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#));
        HttpResponse { status, headers: HeaderMap::new(), body }
    }

    #[test]
    fn only_what_this_run_made_may_be_late() {
        let lag = Lag::default();
        lag.note(Method::Put, &url("/s/A/x"), 201);
        lag.note(Method::Put, &url("/s/a/updated"), 200);
        lag.note(Method::Put, &url("/s/a/gone/b/c"), 202);
        lag.note(Method::Delete, &url("/s/a/gone"), 204);
        for (method, path, late) in [
            (Method::Get, "/S/a/X", true),
            (Method::Get, "/s/a/x/", true),
            (Method::Get, "/s/a/x/b/y", false),
            (Method::Put, "/s/a/x/b/y", true),
            (Method::Post, "/s/a/x/start", true),
            (Method::Put, "/s/a/x", false),
            (Method::Put, "/s/a/xx", false),
            (Method::Get, "/s/a/updated", false),
            (Method::Get, "/s/a/gone/b/c", false),
        ] {
            assert_eq!(lag.of(method, &url(path), None).object, late, "{method} {path}");
        }
    }

    #[test]
    fn a_right_is_late_for_its_holder_alone() {
        let lag = Lag::default();
        let right = |caller| lag.of(Method::Get, &url("/s"), caller).right;
        assert!(!right(Some("me")) && !right(None));
        lag.grant("ME");
        assert!(right(Some("me")) && !right(Some("you")) && !right(None));
        lag.grant_group();
        assert!(right(Some("you")), "who is in a group is not known");
    }

    #[test]
    fn a_refusal_that_no_time_heals_is_not_explained() {
        let (none, object) = (Late::default(), Late { object: true, right: false });
        let right = Late { object: false, right: true };
        for (late, status, code, explained) in [
            (object, 404, "ResourceNotFound", true),
            (object, 403, "AuthorizationFailed", true),
            (right, 403, "AuthorizationFailed", true),
            (right, 403, "Forbidden", true),
            (right, 403, "RequestDisallowedByPolicy", false),
            (right, 403, "ScopeLocked", false),
            (right, 404, "ResourceNotFound", false),
            (right, 401, "AuthorizationFailed", false),
            (none, 404, "ResourceNotFound", false),
            (none, 403, "AuthorizationFailed", false),
        ] {
            assert_eq!(late.explains(&refusal(status, code)), explained, "{late:?} {status} {code}");
        }
    }
}
