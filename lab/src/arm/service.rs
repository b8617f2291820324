//! ARM's routes, and the checks that they share.

use std::sync::Arc;

use hyper::{Method, StatusCode};
use uuid::Uuid;

use super::address::Address;
use super::store::Store;
use super::{answer, change, cloud};
use crate::context::Context;
use crate::exchange::{Answer, Call, Refused};
use crate::fault::Faults;
use crate::names;
use crate::paging::Links;

/// The ARM service: `management.localhost`.
pub(crate) struct Arm {
    pub(super) context: Arc<Context>,
    pub(super) links: Links,
    pub(crate) store: Arc<Store>,
    pub(super) faults: Arc<Faults>,
}

impl Arm {
    pub(crate) fn new(context: &Arc<Context>, store: &Arc<Store>, faults: &Arc<Faults>) -> Self {
        Self {
            context: Arc::clone(context),
            links: Links::default(),
            store: Arc::clone(store),
            faults: Arc::clone(faults),
        }
    }

    pub(crate) fn handle(&self, call: &Call) -> Answer {
        let mut answer = self.route(call).unwrap_or_else(|refused| *refused);
        if call.method == Method::HEAD && answer.status == StatusCode::OK {
            // A HEAD request asks only whether the resource exists.
            answer = Answer { operation: answer.operation, ..Answer::new(StatusCode::NO_CONTENT) };
        }
        answer::with_ids(answer, call)
    }

    fn route(&self, call: &Call) -> Result<Answer, Refused> {
        let segments = call.segments();
        if cloud::is_document(&segments) {
            let document = cloud::document(has_version(call)?, &self.context.azure);
            return Ok(Answer::json(StatusCode::OK, &document));
        }
        let claims = self.caller(call)?;
        has_version(call)?;
        let address = Address::of(&segments);
        if let Some(subscription) = address.subscription() {
            self.has_subscription(subscription)?;
        }
        match &address {
            Address::RoleAssignment { scope, name } => {
                return self.one_role_assignment(call, &claims, scope, name);
            }
            Address::RoleDefinition { scope, name } => {
                return self.one_role_definition(call, &claims, scope, name);
            }
            Address::ResourceGraph => return self.resource_graph(call, &claims),
            Address::Tags { scope } => return self.tags(call, &claims, scope),
            _ => {}
        }
        if !matches!(call.method, Method::GET | Method::HEAD) {
            return self.change(call, &claims, &address);
        }
        match address {
            Address::Subscriptions => Ok(self.subscriptions(&claims)),
            Address::Subscription { .. } => self.subscription(&claims),
            Address::TagNames { .. } => self.tag_names(&claims),
            Address::Groups { .. } => self.groups(call, &claims),
            Address::Group { group, .. } => self.group(call, &claims, group),
            Address::Resources { group, .. } => self.resources(call, &claims, group),
            Address::RoleAssignments { scope } => self.role_assignments(call, &claims, &scope),
            Address::RoleDefinitions { scope } => self.role_definitions(call, &claims, &scope),
            Address::DenyAssignments { scope } => self.deny_assignments(call, &claims, &scope),
            Address::Permissions { scope } => self.permissions(call, &claims, &scope),
            Address::Path { path, .. } => self.by_path(call, &claims, &path),
            Address::Operation { view, id, .. } => self.operation(call, view, id),
            Address::Providers { .. } => self.providers(call, &claims),
            Address::Provider { namespace, .. } => self.provider(&claims, namespace),
            Address::Registration { .. } => Err(change::not_supported(call)),
            Address::ResourceGraph
            | Address::RoleAssignment { .. }
            | Address::RoleDefinition { .. }
            | Address::Tags { .. }
            | Address::Unknown => Err(answer::refused(
                StatusCode::NOT_FOUND,
                "InvalidResourceType",
                &format!("The resource type could not be found at '{}'.", call.path),
            )),
        }
    }

    fn has_subscription(&self, subscription: &str) -> Result<(), Refused> {
        if subscription.eq_ignore_ascii_case(&self.context.world.subscription_id.to_string()) {
            return Ok(());
        }
        if subscription.parse::<Uuid>().is_ok() {
            let message = format!("The subscription '{subscription}' could not be found.");
            return Err(answer::refused(StatusCode::NOT_FOUND, "SubscriptionNotFound", &message));
        }
        let message =
            format!("The provided subscription identifier '{subscription}' is malformed or invalid.");
        Err(answer::refused(StatusCode::BAD_REQUEST, "InvalidSubscriptionId", &message))
    }
}

/// Returns the api-version, which every request has.
fn has_version(call: &Call) -> Result<&str, Refused> {
    let version = call.query.get("api-version").unwrap_or_default();
    if version.is_empty() {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(answer::refused(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message));
    }
    if !names::is_api_version(version) {
        let message =
            format!("The api-version '{version}' is invalid. Expected is yyyy-MM-dd, or that with -preview.");
        return Err(answer::refused(StatusCode::BAD_REQUEST, "InvalidApiVersionParameter", &message));
    }
    Ok(version)
}
