//! Changes of resources and resource groups: PUT, PATCH and DELETE.

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::address::{self, Address};
use super::content::content;
use super::id::Id;
use super::resource::{Resource, Stamp};
use super::store::State;
use super::target::Target;
use super::{Arm, answer, conditions, denial, deployment, document, extension, provider, run_command};
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;
use crate::world::{ChangeMethod, DEPLOYMENT_TYPE, GROUP_TYPE, ResourceType};

impl Arm {
    /// Answers a request that changes something. As in ARM, a caller without permission gets 403 first.
    pub(super) fn change(
        &self,
        call: &Call,
        claims: &Claims,
        address: &Address<'_>,
    ) -> Result<Answer, Refused> {
        let verb = verb(&call.method);
        if let (&Method::POST, Address::Registration { namespace, .. }) = (&call.method, address) {
            return self.register(claims, namespace);
        }
        let scope = call.path.trim_end_matches('/');
        self.requires(claims, &address::action(&call.segments(), verb), scope)?;
        if let Some(answer) = self.change_policies(call) {
            return answer;
        }
        let state = &mut *self.store.lock();
        if let (&Method::POST, Address::Path { path, .. }) = (&call.method, address) {
            let (deployment, question) = path.rsplit_once('/').unwrap_or_default();
            let Some(id) = Id::parse(deployment).filter(|_| deployment::is_of_deployment(deployment)) else {
                return self.action(call, state, path);
            };
            let target = self.resource_target(state, call, deployment, &id)?;
            return match question.to_ascii_lowercase().as_str() {
                "whatif" => self.what_if(call, claims, state, &target),
                "validate" => self.validate(call, claims, state, &target),
                _ => self.action(call, state, path),
            };
        }
        let Some(target) = self.target(state, call, address)? else { return Err(not_supported(call)) };
        match call.method {
            Method::PUT if target.declared.name == DEPLOYMENT_TYPE => {
                self.deploy(call, claims, state, &target)
            }
            Method::PUT => self.put(call, claims, state, &target),
            Method::PATCH => self.patch(call, claims, state, &target),
            Method::DELETE => self.delete(call, state, &target),
            _ => Err(not_supported(call)),
        }
    }

    /// Replaces the whole resource, or creates it.
    fn put(
        &self,
        call: &Call,
        claims: &Claims,
        state: &mut State,
        target: &Target<'_>,
    ) -> Result<Answer, Refused> {
        self.may_change(call, state, target)?;
        let mut body = content(call, false)?;
        let current = state.get(&target.id);
        has_place(target, current, &body)?;
        complete(&mut body, target.declared);
        run_command::prepare(target, &mut body)?;
        extension::is_single(state, target, &body)?;
        let created = current.is_none();
        let stamp = Some(Stamp::next(current.and_then(|current| current.stamp), claims.oid));
        let detail = match current {
            Some(current) => current.detail,
            None => self.kind_of_new(state, target, &body)?,
        };
        let resource = Resource {
            id: target.id.clone(),
            name: target.name.clone(),
            type_name: target.declared.name.clone(),
            body,
            detail,
            stamp,
            etag: Uuid::new_v4(),
            operation: None,
        };
        state.put(resource);
        self.accept(call, state, target, ChangeMethod::Put, created)
    }

    /// Merges the body into the resource.
    fn patch(
        &self,
        call: &Call,
        claims: &Claims,
        state: &mut State,
        target: &Target<'_>,
    ) -> Result<Answer, Refused> {
        let Some(current) = state.get(&target.id) else { return Err(self.not_found(state, &target.id)) };
        self.may_change(call, state, target)?;
        let patch = content(call, true)?;
        has_place(target, Some(current), &patch)?;
        let mut resource = current.clone();
        if target.declared.replaces_tags && patch.contains_key("tags") {
            resource.body.shift_remove("tags");
        }
        document::merge(&mut resource.body, patch);
        lower(&mut resource.body, target.declared);
        resource.stamp = Some(Stamp::next(resource.stamp, claims.oid));
        state.put(resource);
        self.accept(call, state, target, ChangeMethod::Patch, false)
    }

    fn delete(&self, call: &Call, state: &mut State, target: &Target<'_>) -> Result<Answer, Refused> {
        if state.get(&target.id).is_none() {
            let is_group = target.declared.name == GROUP_TYPE;
            let absent = if is_group { self.has_group(state, &target.name).err() } else { None };
            return absent.map_or_else(|| Ok(Answer::new(StatusCode::NO_CONTENT)), Err);
        }
        self.may_change(call, state, target)?;
        self.accept(call, state, target, ChangeMethod::Delete, false)
    }

    /// Refuses a change that a lock, a policy, a running operation or a condition excludes.
    pub(super) fn may_change(&self, call: &Call, state: &State, target: &Target<'_>) -> Result<(), Refused> {
        self.is_not_denied(call, state, target)?;
        if call.method != Method::DELETE {
            self.is_allowed_by_policy(target)?;
        }
        extension::is_free(state, target)?;
        let current = state.get(&target.id);
        if current.is_some_and(|current| current.operation.is_some()) {
            return Err(denial::another_operation());
        }
        if target.declared.etag { conditions::are_met(call, current) } else { Ok(()) }
    }

    pub(super) fn is_not_denied(
        &self,
        call: &Call,
        state: &State,
        target: &Target<'_>,
    ) -> Result<(), Refused> {
        if let Some(denial) = self.faults.denial(call.method.as_str(), &call.target) {
            return Err(denial::denied(denial, &target.id, verb(&call.method)));
        }
        if let Some(scope) = state.locked_scope(&target.id, &call.method) {
            return Err(denial::locked(&target.id, verb(&call.method), &scope));
        }
        let group = target.group.as_ref().and_then(|id| state.get(id));
        match group.filter(|group| state.is_being_deleted(group)) {
            Some(group) => Err(denial::group_is_going(&group.name)),
            None => Ok(()),
        }
    }
}

fn verb(method: &Method) -> &'static str {
    match *method {
        Method::DELETE => "delete",
        Method::POST => "action",
        _ => "write",
    }
}

/// Refuses a location that the type does not have, one that differs from that of the existing resource, and
/// a group without one.
fn has_place(
    target: &Target<'_>,
    current: Option<&Resource>,
    body: &Map<String, Value>,
) -> Result<(), Refused> {
    let wanted = body.get("location").and_then(Value::as_str).unwrap_or_default();
    if wanted.is_empty() && current.is_none() && target.declared.name == GROUP_TYPE {
        let message = "The location property is required for this definition.";
        return Err(answer::refused(StatusCode::BAD_REQUEST, "LocationRequired", message));
    }
    provider::has_location(target.declared, wanted)?;
    let own = current.map_or("", Resource::location);
    if wanted.is_empty() || own.is_empty() || crate::names::location(own) == wanted {
        return Ok(());
    }
    let message = format!(
        "The resource '{}' already exists in location '{own}'. A resource with the same name cannot be created in \
         location '{wanted}'. Please select a new resource name.",
        target.name
    );
    Err(denial::conflict("InvalidResourceLocation", &message))
}

/// Adds the defaults of the type to a new body, and normalises it.
pub(super) fn complete(body: &mut Map<String, Value>, declared: &ResourceType) {
    let properties = body.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(properties) = properties {
        document::add_missing(properties, &declared.defaults);
    }
    lower(body, declared);
}

fn lower(body: &mut Map<String, Value>, declared: &ResourceType) {
    for path in &declared.lower_case {
        document::lower(body, path);
    }
}

pub(super) fn not_supported(call: &Call) -> Refused {
    let scope = call.path.trim_end_matches('/');
    let message =
        format!("The HTTP method '{}' is not supported at scope '{scope}' by this lab.", call.method);
    answer::refused(StatusCode::METHOD_NOT_ALLOWED, "HttpMethodNotSupported", &message)
}
