//! Resource lists and single resources.

use hyper::StatusCode;
use serde_json::Value;

use super::filter::Filter;
use super::id::{Id, group_of};
use super::resource::Resource;
use super::store::State;
use super::{Arm, answer, poll, render};
use crate::access::{Permission, is_within};
use crate::exchange::{Answer, Call, Refused};
use crate::log::OperationStep;
use crate::token::Claims;

impl Arm {
    /// Lists the resources of a group or of the whole subscription that the caller may read.
    pub(super) fn resources(
        &self,
        call: &Call,
        claims: &Claims,
        group: Option<&str>,
    ) -> Result<Answer, Refused> {
        let scope = group.map_or_else(
            || self.context.world.subscription_scope(),
            |group| self.context.world.group_scope(group),
        );
        let action = match group {
            None => "Microsoft.Resources/subscriptions/resources/read",
            Some(_) => "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
        };
        let state = self.store.lock();
        let readable = self.readable(&state, claims, |resource| {
            is_within(&resource.id, &scope) && !resource.is_lock() && !resource.is_deployment()
        });
        if readable.is_empty() {
            self.requires(claims, action, &scope)?;
        }
        if let Some(group) = group {
            self.has_group(&state, group)?;
        }
        let filter = filter(call)?;
        let kept = |resource: &&Resource| filter.as_ref().is_none_or(|filter| filter.matches(resource));
        let with_tags = !filter.as_ref().is_some_and(Filter::is_by_tag);
        let expand = call.query.get("$expand").unwrap_or_default();
        let item = |resource| render::item(resource, with_tags, expand);
        let items = readable.into_iter().filter(kept).map(item).collect();
        self.page(call, items)
    }

    /// Returns a resource by its id, or the collection at a path: one type, in a group or in the
    /// subscription.
    pub(super) fn by_path(&self, call: &Call, claims: &Claims, path: &str) -> Result<Answer, Refused> {
        let action = super::address::action(&call.segments(), "read");
        let Some(id) = Id::parse(path) else { return self.collection(call, claims, path, &action) };
        self.requires(claims, &action, path)?;
        let state = &mut *self.store.lock();
        if self.context.world.resource_type(&id.type_name()).is_some() {
            let location = state.get(path).map_or("", Resource::location).to_owned();
            self.declared(state, call, &id, &location)?;
        }
        Ok(self.read(call, state, path))
    }

    /// Returns the resource or resource group at `path`. While an operation runs on it, this is a poll.
    pub(super) fn read(&self, call: &Call, state: &mut State, path: &str) -> Answer {
        let polled = state.get(path).and_then(|resource| resource.operation);
        let operation = polled.and_then(|id| state.poll(id)).cloned();
        let running = operation.as_ref().filter(|operation| operation.is_running());
        let answer = match (state.get(path), running) {
            (Some(resource), Some(running)) => {
                poll::with_delay(self.shown(StatusCode::OK, resource, call), running)
            }
            (Some(resource), None) => self.shown(StatusCode::OK, resource, call),
            (None, _) => *self.not_found(state, path),
        };
        match polled {
            Some(id) => answer.operation(OperationStep::Polled(id)),
            None => answer,
        }
    }

    fn collection(&self, call: &Call, claims: &Claims, path: &str, action: &str) -> Result<Answer, Refused> {
        let (scope, collection) = split_at_providers(path);
        let state = self.store.lock();
        let readable =
            self.readable(&state, claims, |resource| is_in_collection(resource, scope, collection));
        self.requires(claims, action, &path[..path.rfind('/').unwrap_or(path.len())])?;
        let group = group_of(scope);
        if !group.is_empty() {
            self.has_group(&state, group)?;
        }
        let items = readable.into_iter().map(|resource| self.full(resource, call)).collect();
        self.page(call, items)
    }

    fn readable<'a>(
        &self,
        state: &'a State,
        claims: &Claims,
        wanted: impl Fn(&Resource) -> bool,
    ) -> Vec<&'a Resource> {
        let may_read = |resource: &&Resource| {
            let action = format!("{}/read", resource.type_name);
            self.context.access.allows(claims.oid, Permission::Action(&action), &resource.id)
        };
        state.resources().filter(|resource| wanted(resource)).filter(may_read).collect()
    }

    /// Builds the refusal of a request for a resource that does not exist.
    pub(super) fn not_found(&self, state: &State, path: &str) -> Refused {
        let group = group_of(path);
        if let Err(no_group) = self.has_group(state, group) {
            return no_group;
        }
        let (kind, name) = Id::parse(path).map_or_else(Default::default, |id| (id.type_name(), id.name()));
        let message = format!(
            "The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to \
             https://aka.ms/ARMResourceNotFoundFix"
        );
        answer::refused(StatusCode::NOT_FOUND, "ResourceNotFound", &message)
    }

    /// Returns one page of a list; `$top` can make it shorter.
    pub(super) fn page(&self, call: &Call, items: Vec<Value>) -> Result<Answer, Refused> {
        let size = match call.query.get("$top").map(str::parse::<usize>) {
            None => self.context.world.page_size,
            Some(Ok(top)) if top > 0 => top.min(self.context.world.page_size),
            Some(_) => {
                let message = "The value of the query parameter '$top' must be a number above 0.";
                return Err(answer::refused(StatusCode::BAD_REQUEST, "InvalidTopParameter", message));
            }
        };
        let (page, next) = self.links.page(call, &call.base(), items, size).map_err(|_| {
            let message = "The provided skip token is invalid. Follow the nextLink exactly as it was given.";
            answer::refused(StatusCode::BAD_REQUEST, "InvalidSkipToken", message)
        })?;
        Ok(answer::list(&page, next))
    }
}

fn filter(call: &Call) -> Result<Option<Filter>, Refused> {
    let Some(text) = call.query.get("$filter") else { return Ok(None) };
    Filter::parse(text).map(Some).map_err(|reason| {
        let message = format!("Invalid $filter '{text}' specified in the query string: {reason}.");
        answer::refused(StatusCode::BAD_REQUEST, "InvalidFilterInQueryString", &message)
    })
}

/// Splits a path at its last `/providers/`, in any case.
fn split_at_providers(path: &str) -> (&str, &str) {
    let at = path.to_ascii_lowercase().rfind("/providers/");
    at.map_or((path, ""), |at| (&path[..at], &path[at + "/providers/".len()..]))
}

/// Returns whether the collection `A.B/c` at `scope`, a group or a subscription, lists `resource`.
fn is_in_collection(resource: &Resource, scope: &str, collection: &str) -> bool {
    let (_, tail) = split_at_providers(&resource.id);
    let Some((parent, _name)) = tail.rsplit_once('/') else { return false };
    is_within(&resource.id, scope) && parent.eq_ignore_ascii_case(collection)
}
