//! Deployments of templates.

use hyper::{Method, StatusCode};
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::id::Id;
use super::operation::Operation;
use super::resource::{Resource, Stamp};
use super::store::State;
use super::target::Target;
use super::{Arm, answer, denial, document, lenient};
use crate::access::{Permission, is_within};
use crate::clock;
use crate::exchange::{Answer, Call, Refused};
use crate::log::OperationStep;
use crate::names;
use crate::template::{Declared, Parameter, Place, Template};
use crate::token::Claims;
use crate::world::{ChangeMethod, DEPLOYMENT_TYPE, GROUP_TYPE, Kind, OperationRule, World};

/// A deployment that may be made: the caller has every permission, and no policy denies it.
pub(super) struct Deployment<'a> {
    pub template: Template,
    /// The resources, each after those that it depends on.
    pub resources: Vec<Wanted<'a>>,
    pub place: Place,
    /// If true, the resources of the group that the template does not declare are deleted.
    pub is_complete: bool,
    hash: String,
}

/// A resource as the template declares it.
pub(super) struct Wanted<'a> {
    pub target: Target<'a>,
    pub body: Map<String, Value>,
}

impl Resource {
    pub(super) fn is_deployment(&self) -> bool {
        self.type_name.eq_ignore_ascii_case(DEPLOYMENT_TYPE)
    }
}

/// Returns whether the request at `path` is about a deployment itself.
pub(super) fn is_of_deployment(path: &str) -> bool {
    Id::parse(path).is_some_and(|id| id.type_name().eq_ignore_ascii_case(DEPLOYMENT_TYPE))
}

fn invalid_template(reason: &str) -> Refused {
    let message = format!("Deployment template validation failed: '{}'.", reason.trim_end_matches('.'));
    answer::refused(StatusCode::BAD_REQUEST, "InvalidTemplate", &message)
}

/// Returns the template of a deployment, which may be the text of one.
fn template(properties: &Map<String, Value>) -> Result<Value, Refused> {
    match properties.get("template") {
        Some(Value::String(text)) => {
            lenient::parse(text).map_err(|_| invalid_template("The template is not a JSON object."))
        }
        given => Ok(given.cloned().unwrap_or_default()),
    }
}

/// Builds the refusal of a template because of the error of one of its resources.
fn refused_resource(status: StatusCode, cause: &Value) -> Refused {
    Box::new(Answer::json(
        status,
        &json!({ "error": {
            "code": "InvalidTemplateDeployment",
            "message": "The template deployment failed because of the errors in 'details'.",
            "details": [cause],
        } }),
    ))
}

impl Arm {
    /// Reads the deployment in the body of a request about the deployment `target`.
    pub(super) fn deployment(
        &self,
        call: &Call,
        claims: &Claims,
        state: &State,
        target: &Target<'_>,
    ) -> Result<Deployment<'_>, Refused> {
        let bad = |message: &str| answer::refused(StatusCode::BAD_REQUEST, "InvalidRequestContent", message);
        let body = super::content::deployment_content(call)?;
        let Some(Value::Object(properties)) = body.get("properties") else {
            return Err(bad("The request content has no 'properties'."));
        };
        let is_complete = match properties.get("mode").and_then(Value::as_str).map(str::to_ascii_lowercase) {
            Some(mode) if mode == "incremental" => false,
            Some(mode) if mode == "complete" && target.group.is_some() => true,
            _ => return Err(bad("'mode' must be 'Incremental' or, in a resource group, 'Complete'.")),
        };
        if target.group.is_none() && !body.contains_key("location") {
            let message = "The 'location' property must be specified for a deployment in a subscription.";
            return Err(answer::refused(StatusCode::BAD_REQUEST, "LocationRequired", message));
        }
        let group = target.group.as_ref().and_then(|id| state.get(id));
        let place = Place {
            scope: group.map_or_else(|| self.context.world.subscription_scope(), |group| group.id.clone()),
            group: group.map(|group| (group.name.clone(), group.location().to_owned())),
        };
        let none = Value::Null;
        let template = template(properties)?;
        let parameters = properties.get("parameters").unwrap_or(&none);
        let hash = format!("{:x}", Md5::digest(template.to_string()));
        let template = Template::read(place.clone(), &template, parameters)
            .map_err(|reason| invalid_template(&reason))?;
        let declared = template.resources().map_err(|reason| invalid_template(&reason))?;
        let resources = declared.into_iter().map(|declared| self.wanted(claims, state, &place, declared));
        Ok(Deployment { resources: resources.collect::<Result<_, _>>()?, template, place, is_complete, hash })
    }

    /// Checks a resource of a template as ARM does before it deploys anything.
    fn wanted(
        &self,
        claims: &Claims,
        state: &State,
        place: &Place,
        declared: Declared,
    ) -> Result<Wanted<'_>, Refused> {
        let Declared { type_name, api_version, name, mut body, .. } = declared;
        let Some(resource_type) = self.context.world.resource_type(&type_name) else {
            let message = format!("The resource type '{type_name}' could not be found.");
            let cause = json!({ "code": "InvalidResourceType", "message": message });
            return Err(refused_resource(StatusCode::BAD_REQUEST, &cause));
        };
        let versions = &resource_type.api_versions;
        if !versions.is_empty() && !versions.contains(&api_version) {
            let message = format!(
                "No registered resource provider found for API version '{api_version}' for type '{type_name}'. The \
                 supported api-versions are '{}'.",
                versions.join(", ")
            );
            let cause = json!({ "code": "NoRegisteredProviderFound", "message": message });
            return Err(refused_resource(StatusCode::BAD_REQUEST, &cause));
        }
        let is_group = resource_type.name == GROUP_TYPE;
        let id = if is_group {
            Some(self.context.world.group_scope(&name))
        } else {
            tail(place, &type_name, &name)
        };
        let id = id.ok_or_else(|| {
            invalid_template(&format!("The type '{type_name}' does not fit the name '{name}'."))
        })?;
        let action = format!(
            "{}/write",
            if is_group { "Microsoft.Resources/subscriptions/resourceGroups" } else { &resource_type.name }
        );
        if !self.context.access.allows(claims.oid, Permission::Action(&action), &id) {
            let message = format!(
                "Authorization failed for template resource '{name}' of type '{type_name}'. The client '{}' with object \
                 id '{}' does not have permission to perform action '{action}' at scope '{id}'.",
                claims.appid, claims.oid
            );
            let cause = json!({ "code": "AuthorizationFailed", "message": message });
            return Err(refused_resource(StatusCode::FORBIDDEN, &cause));
        }
        if let Some(Value::String(location)) = body.get_mut("location") {
            *location = names::location(location);
        }
        super::change::complete(&mut body, resource_type);
        let id = state.get(&id).map_or(id, |existing| existing.id.clone());
        let group = place.group.is_some().then(|| place.scope.clone());
        let location = body.get("location").and_then(Value::as_str).unwrap_or_default().to_owned();
        let target = Target { declared: resource_type, id, name, group, location };
        if let Some(policy) = self.denying_policy(&target) {
            let denied = denial::policy_error(&target.id, policy);
            return Err(refused_resource(StatusCode::BAD_REQUEST, &denied));
        }
        Ok(Wanted { target, body })
    }

    /// Deploys a template: its resources are there at once, and the deployment ends later.
    pub(super) fn deploy(
        &self,
        call: &Call,
        claims: &Claims,
        state: &mut State,
        target: &Target<'_>,
    ) -> Result<Answer, Refused> {
        self.may_change(call, state, target)?;
        let deployment = self.deployment(call, claims, state, target)?;
        let failure = deployment
            .resources
            .iter()
            .find_map(|wanted| wanted.put(claims, state, &self.context.world).err());
        if deployment.is_complete && failure.is_none() {
            deployment.others(state).iter().for_each(|id| state.remove(id));
        }
        let reference = |name: &str| {
            let wanted = deployment.resources.iter().find(|wanted| wanted.is_named(name))?;
            state.get(&wanted.target.id)?.body.get("properties").cloned()
        };
        let (outputs, failure) = match failure {
            None => match deployment.template.outputs(&reference) {
                Ok(outputs) => (outputs, None),
                Err(reason) => (Value::Null, Some(without_outputs(&reason))),
            },
            failure => (Value::Null, failure),
        };
        let error = failure.map(|cause| failed(&target.id, &cause));
        let created = state.get(&target.id).is_none();
        let stamp = Some(Stamp::next(state.get(&target.id).and_then(|current| current.stamp), claims.oid));
        state.put(Resource {
            id: target.id.clone(),
            name: target.name.clone(),
            type_name: DEPLOYMENT_TYPE.to_owned(),
            body: deployment.body(&outputs, error.as_ref()),
            detail: Kind::Other,
            stamp,
            etag: Uuid::new_v4(),
            operation: None,
        });
        let usual = OperationRule::of_deployment();
        let rule = target.declared.operation(ChangeMethod::Put).unwrap_or(&usual);
        let faults = self.faults.of_operation(call.method.as_str(), &call.target);
        let operation = Operation::new(ChangeMethod::Put, &target.id, rule, faults)
            .creating(created)
            .at(self.operations_path(target))
            .failing(error);
        let step = OperationStep::Started(operation.id());
        state.start(operation.clone());
        let status = if created { StatusCode::CREATED } else { StatusCode::OK };
        let Some(resource) = state.get(&target.id) else { return Err(self.not_found(state, &target.id)) };
        let answer = self.shown(status, resource, call);
        Ok(self.with_links(answer, call, &operation).changed().operation(step))
    }
}

fn tail(place: &Place, type_name: &str, name: &str) -> Option<String> {
    Some(format!("{}/providers/{}", place.scope, names::id_tail(type_name, name)?))
}

fn without_outputs(reason: &str) -> Value {
    let message = format!("Unable to evaluate template outputs: {reason}");
    json!({ "code": "DeploymentOutputEvaluationFailed", "message": message })
}

/// Returns the error of a deployment of which one resource failed.
fn failed(id: &str, cause: &Value) -> Value {
    json!({
        "code": "DeploymentFailed",
        "target": id,
        "message": "At least one resource deployment operation failed. Please list deployment operations for details. \
                    Please see https://aka.ms/arm-deployment-operations for usage details.",
        "details": [cause],
    })
}

impl Wanted<'_> {
    /// Returns whether `text`, the name or the id of a resource, is that of this one.
    fn is_named(&self, text: &str) -> bool {
        text.eq_ignore_ascii_case(&self.target.id) || text.eq_ignore_ascii_case(&self.target.name)
    }

    /// Puts the resource; fails with the error of its provider.
    fn put(&self, claims: &Claims, state: &mut State, world: &World) -> Result<(), Value> {
        let Target { declared, id, name, .. } = &self.target;
        if let Some(scope) = state.locked_scope(id, &Method::PUT) {
            return Err(
                json!({ "code": "ScopeLocked", "message": denial::locked_message(id, "write", &scope) }),
            );
        }
        let current = state.get(id);
        state.put(Resource {
            id: id.clone(),
            name: name.clone(),
            type_name: declared.name.clone(),
            body: self.body.clone(),
            detail: current.map_or_else(|| world.kind_at(id), |current| current.detail),
            stamp: Some(Stamp::next(current.and_then(|current| current.stamp), claims.oid)),
            etag: Uuid::new_v4(),
            operation: None,
        });
        let failure = declared.operation(ChangeMethod::Put).and_then(|rule| rule.fails.as_ref());
        let Some(failure) = failure else {
            state.succeed(id);
            return Ok(());
        };
        let error = super::operation::failure(failure);
        state.fail(id, &error);
        Err(error)
    }
}

impl Deployment<'_> {
    /// Returns the ids of the other resources of the group.
    pub fn others(&self, state: &State) -> Vec<String> {
        let is_own = |id: &str| {
            let mut wanted = self.resources.iter().map(|wanted| wanted.target.id.as_str());
            wanted.any(|wanted| is_within(id, wanted) || is_within(wanted, id))
        };
        let others = state.resources().filter(|other| is_within(&other.id, &self.place.scope));
        let others = others.filter(|other| !other.is_lock() && !other.is_deployment() && !is_own(&other.id));
        others.map(|other| other.id.clone()).collect()
    }

    /// Returns the members of the deployment as a resource.
    pub(super) fn body(&self, outputs: &Value, error: Option<&Value>) -> Map<String, Value> {
        let parameter = |parameter: &Parameter| {
            let Parameter { name, kind, value } = parameter;
            let shown = if parameter.is_secure() {
                json!({ "type": kind })
            } else {
                json!({ "type": kind, "value": value })
            };
            (name.clone(), shown)
        };
        let parameters: Map<String, Value> = self.template.parameters.iter().map(parameter).collect();
        let ids: Vec<Value> = self.resources.iter().map(|wanted| json!({ "id": wanted.target.id })).collect();
        let mut properties = json!({
            "mode": if self.is_complete { "Complete" } else { "Incremental" },
            "templateHash": self.hash,
            "parameters": parameters,
            "timestamp": clock::iso(clock::now()),
            "duration": "PT1S",
            "correlationId": Uuid::new_v4(),
            "outputs": outputs,
            "outputResources": ids,
        });
        if let Some(error) = error {
            properties["error"] = error.clone();
        }
        document::object([("properties", properties)])
    }
}
