//! Resource providers: the types that they serve, their api-versions, and their registration.

use std::collections::BTreeMap;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::id::Id;
use super::store::{Registration, State};
use super::{Arm, answer};
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;
use crate::world::{GROUP_TYPE, ResourceType};

impl Arm {
    /// Returns the declared type of a resource, if the subscription is registered for its namespace and the
    /// type has the request's api-version.
    pub(super) fn declared(
        &self,
        state: &State,
        call: &Call,
        id: &Id<'_>,
        location: &str,
    ) -> Result<&ResourceType, Refused> {
        let namespace = id.namespace;
        let types = &self.context.world.types;
        if !types.iter().any(|declared| declared.namespace().eq_ignore_ascii_case(namespace)) {
            let message = format!("The resource namespace '{namespace}' is invalid.");
            return Err(answer::refused(StatusCode::NOT_FOUND, "InvalidResourceNamespace", &message));
        }
        if state.registration(namespace) != Registration::Registered {
            return Err(not_registered(namespace));
        }
        let Some(declared) = self.context.world.resource_type(&id.type_name()) else {
            let message = format!(
                "The resource type '{}' could not be found in the namespace '{namespace}' for api version '{}'.",
                id.relative_type(),
                call.query.get("api-version").unwrap_or_default()
            );
            return Err(answer::refused(StatusCode::NOT_FOUND, "InvalidResourceType", &message));
        };
        has_version(call, declared, location)?;
        Ok(declared)
    }

    /// Lists the registrations, in the order of their namespaces.
    pub(super) fn providers(&self, call: &Call, claims: &Claims) -> Result<Answer, Refused> {
        let scope = self.context.world.subscription_scope();
        self.requires(claims, "Microsoft.Resources/subscriptions/providers/read", &scope)?;
        let names = self.served_types().map(|(name, _)| namespace_of(name));
        let namespaces: BTreeMap<String, &str> =
            names.map(|namespace| (namespace.to_ascii_lowercase(), namespace)).collect();
        let state = self.store.lock();
        let items = namespaces.values().filter_map(|namespace| self.registration(&state, namespace));
        self.page(call, items.collect())
    }

    /// Returns the registration for a namespace, and its types with their api-versions, newest first.
    pub(super) fn provider(&self, claims: &Claims, namespace: &str) -> Result<Answer, Refused> {
        let scope = self.context.world.subscription_scope();
        self.requires(claims, "Microsoft.Resources/subscriptions/providers/read", &scope)?;
        let state = &mut *self.store.lock();
        let answer = self.provider_document(state, namespace);
        state.poll_registration(namespace);
        answer
    }

    /// Registers the subscription for a namespace.
    pub(super) fn register(&self, claims: &Claims, namespace: &str) -> Result<Answer, Refused> {
        let scope = self.context.world.subscription_scope();
        self.requires(claims, &format!("{namespace}/register/action"), &scope)?;
        let mut state = self.store.lock();
        let changed = state.registration(namespace) == Registration::NotRegistered;
        if changed {
            state.register(namespace, self.context.world.registration_polls);
        }
        let answer = self.provider_document(&state, namespace)?;
        Ok(if changed { answer.changed() } else { answer })
    }

    fn provider_document(&self, state: &State, namespace: &str) -> Result<Answer, Refused> {
        let registration = self.registration(state, namespace);
        registration.map(|body| Answer::json(StatusCode::OK, &body)).ok_or_else(|| {
            let message = format!("The resource provider '{namespace}' could not be found.");
            answer::refused(StatusCode::NOT_FOUND, "InvalidResourceNamespace", &message)
        })
    }

    /// Returns the registration for a namespace; `None` if it has no types.
    fn registration(&self, state: &State, namespace: &str) -> Option<Value> {
        let mut types: Vec<(&str, Option<&ResourceType>)> = Vec::new();
        for (name, rules) in self.served_types() {
            let is_known = types.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
            if !is_known && namespace_of(name).eq_ignore_ascii_case(namespace) {
                types.push((name, rules));
            }
        }
        let namespace = namespace_of(types.first()?.0);
        Some(json!({
            "id": format!("{}/providers/{namespace}", self.context.world.subscription_scope()),
            "namespace": namespace,
            "registrationState": state.registration(namespace).word(),
            "resourceTypes": types.into_iter().map(resource_type).collect::<Vec<_>>(),
        }))
    }

    /// Returns the name of each declared type with its rules, and then that of each resource: those of a `machine`, a
    /// `key_vault` or a `storage_account` have a provider too, although no block declares their type.
    fn served_types(&self) -> impl Iterator<Item = (&str, Option<&ResourceType>)> {
        let world = &self.context.world;
        let declared = world.types.iter().map(|declared| (declared.name.as_str(), Some(declared)));
        declared.chain(world.resources.iter().map(|resource| (resource.type_name.as_str(), None)))
    }
}

/// Returns the namespace of a type.
fn namespace_of(type_name: &str) -> &str {
    type_name.split('/').next().unwrap_or_default()
}

fn resource_type((name, rules): (&str, Option<&ResourceType>)) -> Value {
    let mut versions: Vec<&String> = rules.iter().flat_map(|rules| &rules.api_versions).collect();
    versions.sort_by(|one, other| other.cmp(one));
    let locations = rules.map(|rules| rules.locations.as_slice()).unwrap_or_default();
    let name = name.split_once('/').map_or("", |(_, name)| name);
    json!({ "resourceType": name, "locations": locations, "apiVersions": versions })
}

/// Refuses an api-version that a declared type does not list.
pub(super) fn has_version(call: &Call, declared: &ResourceType, location: &str) -> Result<(), Refused> {
    let version = call.query.get("api-version").unwrap_or_default();
    let versions = &declared.api_versions;
    if versions.is_empty() || versions.iter().any(|known| known.eq_ignore_ascii_case(version)) {
        return Ok(());
    }
    let name = declared.name.split_once('/').map_or("", |(_, name)| name);
    let message = format!(
        "No registered resource provider found for location '{location}' and API version '{version}' for type '{name}'. \
         The supported api-versions are '{}'. The supported locations are '{}'.",
        versions.join(", "),
        declared.locations.join(", ")
    );
    Err(answer::refused(StatusCode::BAD_REQUEST, "NoRegisteredProviderFound", &message))
}

/// Refuses a location at which a type is not available. Groups and resources without a location have none.
pub(super) fn has_location(declared: &ResourceType, location: &str) -> Result<(), Refused> {
    let known = &declared.locations;
    if known.is_empty() || location.is_empty() || known.iter().any(|known| known == location) {
        return Ok(());
    }
    let code = if declared.name == GROUP_TYPE {
        "LocationNotAvailableForResourceGroup"
    } else {
        "LocationNotAvailableForResourceType"
    };
    let message = format!(
        "The provided location '{location}' is not available for resource type '{}'. List of available regions for the \
         resource type is '{}'.",
        declared.name,
        known.join(",")
    );
    Err(answer::refused(StatusCode::BAD_REQUEST, code, &message))
}

fn not_registered(namespace: &str) -> Refused {
    let code = "MissingSubscriptionRegistration";
    let message = format!(
        "The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how to \
         register subscriptions."
    );
    let body = json!({ "error": {
        "code": code,
        "message": message,
        "details": [{ "code": code, "target": namespace, "message": message }],
    } });
    Box::new(Answer::json(StatusCode::CONFLICT, &body))
}
