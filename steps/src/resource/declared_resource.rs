//! A declared resource of Azure Resource Manager: its requests, and its comparison with the existing one.

use std::collections::BTreeSet;

use arcbook_engine::step::{
    Action, Body, Change, Difference, Existing, HttpRequest, Method, Permission, Prior, PriorState, Receipt,
    Safety, StepError, Text,
};
use arcbook_engine::value::Value;
use bytes::Bytes;

use super::kept::KeptResource;
use super::undo::{Proof, PutBack, RemoveResource, etag};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::{differences, member_of, projected, with, without};
use crate::http::HttpResponse;
use crate::operation::Stage;
use crate::permission;
use crate::session::Session;
use crate::undo::{Either, Undo};

/// A resource that a step keeps as declared: it creates it, updates it or deletes it.
///
/// A step type makes it from its arguments, and delegates [`Self::actions`], [`Self::find`], [`Self::keep`] and
/// [`Self::undo`] to it.
pub(crate) struct DeclaredResource {
    /// The URL, up to and including the API version.
    pub url: Text,
    /// The path, without the leading slash.
    pub path: Text,
    /// Returns the permission for a request with a method, to this path.
    pub permission: fn(Method, &Text) -> Permission,
    /// The part that is compared with the existing resource.
    pub declared: Value,
    /// The body of a change, as far as it is known when the step declares its actions.
    pub body: Body,
    /// The body of a change, if it becomes known only during the run; takes the place of `body`.
    pub late_body: Option<Bytes>,
    /// The paths in `declared` that the service never returns.
    pub write_only: BTreeSet<String>,
    /// The method that changes an existing resource, PUT or PATCH; none if it is not known yet.
    pub update: Option<Method>,
    /// True if the resource must not exist; none if that is not known yet.
    pub absent: Option<bool>,
    /// True if a part of the resource is a secret, so that no record may hold its earlier state.
    pub holds_secret: bool,
    /// Returns true for a difference that means nothing to the service.
    pub is_noise: fn(&Difference) -> bool,
}

impl DeclaredResource {
    /// Returns a resource that must exist, without any declared part.
    pub fn new(url: Text, path: Text) -> Self {
        Self {
            url,
            path,
            permission: permission::arm,
            declared: Value::object::<&str>([]),
            body: Body::Unknown,
            late_body: None,
            write_only: BTreeSet::new(),
            update: Some(Method::Put),
            absent: Some(false),
            holds_secret: false,
            is_noise: |_| false,
        }
    }

    fn request(&self, azure: &Azure, method: Method) -> HttpRequest {
        HttpRequest::new(method, self.url.clone()).audience(azure.cloud().audience(Service::Arm))
    }

    /// Returns the request that reads the resource.
    pub fn read(&self, azure: &Azure) -> Action {
        self.request(azure, Method::Get).action().needs((self.permission)(Method::Get, &self.path))
    }

    fn write(&self, azure: &Azure, method: Method) -> Action {
        let request = self.request(azure, method).header("content-type", "application/json");
        // A merge patch gives the same result when it is applied again (RFC 7396).
        let action = request.body(self.body.clone()).action().safety(Safety::Idempotent);
        let need = (self.permission)(method, &self.path);
        action.needs_more(permission::deploys(&need)).needs(need).operation()
    }

    fn delete(&self, azure: &Azure) -> Action {
        let action = self.request(azure, Method::Delete).action();
        action.needs((self.permission)(Method::Delete, &self.path)).operation()
    }

    /// Returns the change of a resource that exists or not.
    pub(super) fn change(&self, azure: &Azure, exists: bool) -> Action {
        match (self.absent, self.update) {
            (Some(true), _) => self.delete(azure),
            (_, Some(Method::Patch)) if exists => self.write(azure, Method::Patch),
            _ => self.write(azure, Method::Put),
        }
    }

    /// Returns true if the resource must not exist.
    pub(super) fn is_absent(&self) -> bool {
        self.absent == Some(true)
    }

    /// Returns the actions of the step; an argument that is not known yet counts as each of its values.
    pub fn actions(&self, azure: &Azure) -> Vec<Action> {
        let deletes = (self.absent != Some(false)).then(|| self.delete(azure));
        let puts = (self.absent != Some(true)).then(|| self.write(azure, Method::Put));
        let patches = puts.is_some() && self.update != Some(Method::Put);
        let patches = patches.then(|| self.write(azure, Method::Patch));
        [Some(self.read(azure)), puts, patches, deletes].into_iter().flatten().collect()
    }

    /// Returns the differences between the declared resource and the existing one.
    pub(super) fn differences(&self, existing: &HttpResponse) -> Result<Vec<Difference>, StepError> {
        let mut found = differences(&self.declared, &existing.value()?, &self.write_only);
        found.retain(|difference| !(self.is_noise)(difference));
        if let Stage::Failed(state) = Stage::of_object(existing) {
            found.push(Difference::new("properties.provisioningState", state, "Succeeded"));
        }
        Ok(found)
    }

    /// Returns the state from which an undo can put the resource back; none if it holds secrets that no
    /// response contains.
    fn prior(&self, session: &Session, existing: &HttpResponse) -> Result<Option<Prior>, StepError> {
        // The existing value of a part that is declared as a secret is an older secret.
        let holds_secret = session.is_sensitive() || self.holds_secret || self.declared.has_deep_marks();
        if holds_secret || !self.write_only.is_empty() {
            return Ok(None);
        }
        let state = match self.update {
            Some(Method::Patch) => projected(&existing.value()?, &self.declared),
            _ => existing.value()?,
        };
        Ok(Some(Prior::of(writable(&state))))
    }

    /// Returns the result for the resource as it exists now; none if it does not exist.
    fn kept(&self, existing: Option<&HttpResponse>, change: Change) -> Result<KeptResource, StepError> {
        let body = match existing {
            Some(existing) if !existing.body.is_empty() => existing.value()?,
            _ => Value::NULL,
        };
        let receipt = self.proof(existing).into_value();
        Ok(KeptResource { body, etag: existing.and_then(etag), change, receipt })
    }

    /// Returns the proof of a change that left the resource as `existing`.
    fn proof(&self, existing: Option<&HttpResponse>) -> Proof {
        let method = if self.update == Some(Method::Patch) { Method::Patch } else { Method::Put };
        Proof::of(self.url.reveal().unwrap_or_default(), method, existing)
    }

    /// Reads the resource; none if it does not exist.
    pub async fn existing(&self, session: &Session) -> Result<Option<HttpResponse>, StepError> {
        match session.send(&self.read(session.azure())).await {
            Ok(existing) => Ok(Some(existing)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Compares the existing resource with the declared one.
    pub async fn find(&self, session: &Session) -> Result<Existing<KeptResource>, StepError> {
        let existing = match self.existing(session).await {
            Ok(existing) => existing,
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        // An earlier attempt may have sent the change, and the service may still work on it.
        let existing = match existing {
            Some(existing) if session.before().is_some() => {
                session.at_rest(&self.read(session.azure()), existing).await?
            }
            existing => existing,
        };
        let Some(existing) = existing else {
            return if self.is_absent() {
                self.kept(None, removed(session)).map(Existing::AsWanted)
            } else {
                session.expect(Some(self.proof(None).into_value()));
                Ok(Existing::Absent)
            };
        };
        session.remember(etag(&existing));
        if self.is_absent() {
            return Ok(Existing::Unwanted(None));
        }
        let found = self.differences(&existing)?;
        if found.is_empty() {
            return self.kept(Some(&existing), made(session)).map(Existing::AsWanted);
        }
        let prior = self.prior(session, &existing)?;
        Ok(Existing::Different(found, prior))
    }

    /// Makes the change after [`Self::find`], or continues to wait for the change that an earlier run sent.
    pub async fn keep(&self, session: &Session) -> Result<KeptResource, StepError> {
        let existed = session.before() != Some(PriorState::Absent);
        self.make(session, existed).await?;
        if self.is_absent() {
            return self.kept(None, Change::Removed);
        }
        let change = if existed { Change::Updated } else { Change::Created };
        let existing = self.changed(session).await?;
        self.kept(existing.as_ref(), change)
    }

    /// Returns the undo of a change: it deletes a created resource, and puts back an updated one if the record holds
    /// its earlier state.
    pub fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo + use<>> {
        Some(match (receipt.change, receipt.before) {
            (Some(Change::Created), _) => Either::One(RemoveResource::of(azure, receipt)?),
            (Some(Change::Updated), _) => Either::Other(PutBack::of(azure, receipt)?),
            (None, PriorState::Absent) if receipt.is_accepted => {
                Either::One(RemoveResource::of(azure, receipt)?)
            }
            (None | Some(Change::None | Change::Removed), _) => return None,
        })
    }
}

/// Returns the change that an earlier attempt made, if the resource is as wanted now.
fn made(session: &Session) -> Change {
    match session.before() {
        None => Change::None,
        Some(PriorState::Absent) => Change::Created,
        Some(PriorState::Present | PriorState::Unknown) => Change::Updated,
    }
}

/// Returns the change that an earlier attempt made, if the resource no longer exists.
fn removed(session: &Session) -> Change {
    if session.before().is_some() { Change::Removed } else { Change::None }
}

/// Returns a resource without the members that only the service sets.
fn writable(state: &Value) -> Value {
    const OWN: [&str; 5] = ["id", "name", "type", "systemData", "etag"];
    let state = without(state, &OWN);
    match member_of(&state, "properties") {
        Some(properties) => {
            with(&state, "properties", without(properties, &["provisioningState", "instanceView"]))
        }
        None => state,
    }
}
