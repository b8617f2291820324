//! Resource lists and single resources.

use hyper::StatusCode;
use serde_json::Value;

use super::filter::Filter;
use super::render;
use super::{Arm, answer};
use crate::access::{Permission, is_within};
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;
use crate::world::Resource;

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
        let readable = self.readable(claims, |resource| is_within(&resource.id, &scope));
        if readable.is_empty() {
            self.requires(claims, action, &scope)?;
        }
        if let Some(group) = group {
            self.has_group(group)?;
        }
        let filter = filter(call)?;
        let kept = |resource: &&Resource| filter.as_ref().is_none_or(|filter| filter.matches(resource));
        let with_tags = !filter.as_ref().is_some_and(Filter::is_by_tag);
        let items =
            readable.into_iter().filter(kept).map(|resource| render::item(resource, with_tags)).collect();
        self.page(call, items)
    }

    /// Returns a resource by its id, or the collection at a path: one type, in a group or in the
    /// subscription.
    pub(super) fn by_path(&self, call: &Call, claims: &Claims, path: &str) -> Result<Answer, Refused> {
        let action = super::address::action(&call.segments(), "read");
        let after_providers = path.rsplit_once("/providers/").map_or("", |(_, tail)| tail);
        // After the namespace, types and names alternate; a path that ends in a type is a collection.
        if after_providers.split('/').count().is_multiple_of(2) {
            return self.collection(call, claims, path, &action);
        }
        self.requires(claims, &action, path)?;
        match self.context.world.resources.iter().find(|resource| resource.id.eq_ignore_ascii_case(path)) {
            Some(resource) => Ok(Answer::json(StatusCode::OK, &self.full(resource, call))),
            None => Err(self.not_found(path)),
        }
    }

    fn collection(&self, call: &Call, claims: &Claims, path: &str, action: &str) -> Result<Answer, Refused> {
        let scope = path.rsplit_once("/providers/").map_or(path, |(scope, _)| scope);
        let readable = self.readable(claims, |resource| is_in_collection(resource, path));
        if readable.is_empty() {
            self.requires(claims, action, scope)?;
        }
        if let Some(group) = scope.split('/').nth(4) {
            self.has_group(group)?;
        }
        let items = readable.into_iter().map(|resource| self.full(resource, call)).collect();
        self.page(call, items)
    }

    fn readable(&self, claims: &Claims, wanted: impl Fn(&Resource) -> bool) -> Vec<&Resource> {
        let may_read = |resource: &&Resource| {
            let action = format!("{}/read", resource.type_name);
            self.context.world.allows(claims.oid, Permission::Action(&action), &resource.id)
        };
        self.context.world.resources.iter().filter(|resource| wanted(resource)).filter(may_read).collect()
    }

    fn not_found(&self, path: &str) -> Refused {
        let group = path.split('/').nth(4).unwrap_or_default();
        if let Err(no_group) = self.has_group(group) {
            return no_group;
        }
        let tail = path.rsplit_once("/providers/").map_or(path, |(_, tail)| tail);
        let mut parts = tail.split('/');
        let namespace = parts.next().unwrap_or_default();
        let (types, names): (Vec<_>, Vec<_>) = parts.enumerate().partition(|(index, _)| index % 2 == 0);
        let join =
            |parts: Vec<(usize, &str)>| parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>().join("/");
        let message = format!(
            "The Resource '{namespace}/{}/{}' under resource group '{group}' was not found. For more details please go \
             to https://aka.ms/ARMResourceNotFoundFix",
            join(types),
            join(names)
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

/// Returns whether the collection at `path` lists `resource`: `…/providers/A.B/c` of its group or
/// subscription.
fn is_in_collection(resource: &Resource, path: &str) -> bool {
    let Some((scope, collection)) = path.rsplit_once("/providers/") else { return false };
    let Some((_, tail)) = resource.id.rsplit_once("/providers/") else { return false };
    let Some((parent, _name)) = tail.rsplit_once('/') else { return false };
    is_within(&resource.id, scope) && parent.eq_ignore_ascii_case(collection)
}
