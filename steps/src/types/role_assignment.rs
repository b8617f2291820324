//! The step type `role_assignment`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Effect, ErrorKind, Existing, Form, HttpRequest,
    Method, Outputs, Power, Receipt, Response, StepError, Text, Title,
};
use arcbook_engine::value::{Origins, Value};
use bytes::Bytes;
use uuid::{Uuid, uuid};

use super::role_probe::Probe;
use super::role_undo::Unassign;
use crate::arm::ResourcePath;
use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::member_of;
use crate::directory::{ObjectId, PrincipalType, RoleId};
use crate::http::Late;
use crate::percent::component;
use crate::permission;
use crate::resource::{DeclaredResource, KeptResource};
use crate::session::{ListAdvice, Session};
use crate::step::{Done, TypedStep};
use crate::undo::Undo;
use crate::words;

/// The namespace of the names that ARM's own function `guid` makes.
const NAMES: Uuid = uuid!("11fb06fb-712d-4ddd-98c7-e71bbd588830");

const VERSION: &str = "2022-04-01";

/// Keeps a role assigned to a principal at a scope.
///
/// The name of the assignment follows from scope, principal and role, so a second run finds it; an assignment of the
/// same role under any other name counts as well, and is an error if `absent` is true. A new role takes effect after minutes: until then, this run repeats
/// requests of that principal which are refused for a missing right, for at most ten minutes.
///
/// Many identities need few assignments: assign the role to a group, and make them members with `entra_group_member`.
/// An undo removes an assignment that the step made.
#[derive(Arguments, Debug)]
pub struct RoleAssignment {
    /// Id of the subscription, resource group or resource at which the principal holds the role.
    scope: Arg<ResourcePath>,
    /// Name of a built-in role, such as `Key Vault Secrets User`, or the id of any role.
    role: Arg<RoleId>,
    /// Object id of the identity or group that holds the role, not its application (client) id.
    principal_id: Arg<ObjectId>,
    /// Type of the principal; defaults to `service_principal`, which managed identities are.
    principal_type: Option<Arg<PrincipalType>>,
    /// Reason for the assignment, which Azure shows beside it.
    #[argument(sink = "setting")]
    reason: Option<Arg<String>>,
    /// If true, the assignment is removed; defaults to false. An assignment under another name is an error, which names it.
    absent: Option<Arg<bool>>,
    /// URL that the identity of this step reads after it made the assignment, until Azure no longer refuses that.
    ///
    /// It waits for at most ten minutes. Its host must be known before the run. Use it if the identity of the step gets
    /// the role, and something outside of the run uses it next.
    wait_until_effective: Option<Arg<String>>,
}

/// The outputs of `role_assignment`.
#[derive(Outputs, Debug)]
pub struct Assigned {
    /// Id of the assignment.
    #[output(from(scope, role, principal_id))]
    id: String,
    /// Object id of the principal.
    #[output(from(principal_id), fact)]
    principal_id: String,
    /// Id of the role definition.
    #[output(from(scope, role), fact)]
    role_definition_id: String,
    /// True if this run made the assignment.
    #[output(answer)]
    created: bool,
}

impl RoleAssignment {
    fn scope(&self) -> Text {
        Text::new().then_parts(&self.scope, ResourcePath::encoded)
    }

    /// Returns the path of the scope's role assignments, without the leading slash.
    fn collection(&self) -> Text {
        self.scope().then("/providers/Microsoft.Authorization/roleAssignments")
    }

    /// Returns the name of the assignment: the UUID that `guid(scope, principal, role)` is in a template.
    fn name(&self) -> Text {
        let known = (self.scope.value(), self.principal_id.value(), self.role.value());
        let (Some(scope), Some(ObjectId(principal)), Some(RoleId(role))) = known else {
            return Text::new().then_unknown(self.origins(), Form::Segment);
        };
        let words = [scope.as_str().to_lowercase(), principal.to_string(), role.to_string()];
        let name = Uuid::new_v5(&NAMES, words.join("-").as_bytes()).to_string();
        let sensitive =
            self.scope.is_sensitive() || self.principal_id.is_sensitive() || self.role.is_sensitive();
        Text::new().then_arg(&Arg::Known { value: name, sensitive }, Clone::clone)
    }

    fn origins(&self) -> Origins {
        let principal = Text::new().then_arg(&self.principal_id, |ObjectId(id)| id.to_string());
        let role = Text::new().then_arg(&self.role, |RoleId(id)| id.to_string());
        self.scope().then_text(&principal).then_text(&role).origins()
    }

    fn resource(&self, azure: &Azure) -> DeclaredResource {
        let path = self.collection().then("/").then_text(&self.name());
        let url =
            Text::from(&*azure.cloud().arm()).then("/").then_text(&path).then("?api-version=").then(VERSION);
        let declared = self.declared();
        let body = declared.as_ref().and_then(|declared| self.sent(declared));
        DeclaredResource {
            declared: declared.unwrap_or_else(|| Value::object::<&str>([])),
            body: body.map_or(Body::Unknown, Body::Bytes),
            absent: self.absent.as_ref().map_or(Some(false), |absent| absent.value().copied()),
            ..DeclaredResource::new(url, path)
        }
    }

    /// Returns the part of the assignment that is compared with the existing one; none if it is not known yet.
    fn declared(&self) -> Option<Value> {
        let (scope, ObjectId(principal)) = (self.scope.value()?, self.principal_id.value()?);
        let role = self.role.value()?.definition(scope.as_str());
        let mut properties = vec![
            ("roleDefinitionId", Value::string(role)),
            ("principalId", Value::string(principal.to_string())),
        ];
        if let Some(reason) = &self.reason {
            properties.push(("description", Value::string(reason.value()?.clone())));
        }
        Some(Value::object([("properties", Value::object(properties))]))
    }

    fn sent(&self, declared: &Value) -> Option<Bytes> {
        let mut body = declared.to_json().ok()?;
        body["properties"]["principalType"] = self.principal_type()?.of_arm().into();
        Some(Bytes::from(body.to_string()))
    }

    /// Returns the type of the principal; none if it is not known yet.
    fn principal_type(&self) -> Option<PrincipalType> {
        let given = self.principal_type.as_ref();
        given.map_or(Some(PrincipalType::ServicePrincipal), |given| given.value().copied())
    }

    /// Returns the request that lists the assignments of the principal at, above and below the scope.
    fn list(&self, azure: &Azure) -> Action {
        let filter = |ObjectId(id): &ObjectId| component(&format!("principalId eq '{id}'"));
        let url = Text::from(&*azure.cloud().arm()).then("/").then_text(&self.collection());
        let url =
            url.then("?api-version=").then(VERSION).then("&$filter=").then_arg(&self.principal_id, filter);
        let request = HttpRequest::new(Method::Get, url).audience(azure.cloud().audience(Service::Arm));
        request.action().needs(permission::arm(Method::Get, &self.collection())).paged()
    }

    /// Returns the id of an assignment of the same role under another name.
    async fn under_other_name(&self, session: &Session) -> Result<Option<String>, StepError> {
        let (RoleId(role), scope) = (self.role.get()?, self.scope.get()?.as_str());
        let advice = ListAdvice { narrower: "assign the role at another scope", unlisted: None };
        let of = |item: &serde_json::Value| Ok(item.clone());
        let items = session.list(&self.list(session.azure()), advice, of).await?;
        let is_same = |item: &serde_json::Value| {
            let text = |name: &str| item["properties"][name].as_str().unwrap_or_default();
            let definition = text("roleDefinitionId").rsplit('/').next().unwrap_or_default();
            text("scope").trim_end_matches('/').eq_ignore_ascii_case(scope)
                && definition.eq_ignore_ascii_case(&role.to_string())
        };
        let found = items.into_iter().find(|item| is_same(item));
        Ok(found.and_then(|item| item["id"].as_str().map(str::to_owned)))
    }

    /// Returns an error if the principal still holds the role that the step removes.
    async fn check_absent(&self, session: &Session) -> Result<(), StepError> {
        if self.absent.as_ref().and_then(Arg::value) != Some(&true) {
            return Ok(());
        }
        let Some(id) = self.under_other_name(session).await? else { return Ok(()) };
        let error =
            StepError::new(ErrorKind::Refused, "the principal still holds the role, by another assignment")
                .detail(format!("It was not made by a step of this type: {id}."));
        Err(error.help("delete it with a step `arm_delete` that has this id as its path"))
    }

    fn probe(&self, azure: &Azure) -> Option<Action> {
        Probe::of(azure, self.wait_until_effective.as_ref()?).ok().map(Probe::action)
    }

    /// Returns the result, after the assignment is effective if this run made it.
    async fn done(&self, session: &Session, kept: KeptResource) -> Result<Done<Assigned>, StepError> {
        let created = kept.change == Change::Created;
        if created {
            let is_group = self.principal_type() == Some(PrincipalType::Group);
            session.granted(&self.principal_id.get()?.0.to_string(), is_group);
            if let Some(probe) = self.probe(session.azure()) {
                session
                    .send_late(&probe, Late { right: true, object: false })
                    .await
                    .map_err(StepError::uncertain)?;
            }
        }
        let own = member_of(&kept.body, "id").and_then(|id| id.as_str().map(str::to_owned));
        let id = match own {
            Some(id) => id,
            None => format!("/{}", self.resource(session.azure()).path.reveal().unwrap_or_default()),
        };
        Ok(kept.done(self.assigned(id, created)?))
    }

    fn assigned(&self, id: String, created: bool) -> Result<Assigned, StepError> {
        let principal_id = self.principal_id.get()?.0.to_string();
        let role_definition_id = self.role.get()?.definition(self.scope.get()?.as_str());
        Ok(Assigned { id, principal_id, role_definition_id, created })
    }
}

impl TypedStep for RoleAssignment {
    const TYPE: &'static str = "role_assignment";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arm_get" "machine" {
  path    = step.metadata.machine.resource_id
  extract = { principal = "identity.principalId" }
}

step "role_assignment" "secrets" {
  scope        = "/subscriptions/${step.metadata.machine.subscription_id}/resourceGroups/sandbox"
  role         = "Key Vault Secrets User"
  principal_id = step.arm_get.machine.extract.principal
  reason       = "reads its own secrets"
}

output "assignment" {
  value = step.role_assignment.secrets.id
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Rights;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::Plain;
    const FINDS: bool = true;
    type Output = Assigned;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        let probe = self.wait_until_effective.as_ref().and_then(|url| Probe::of(azure, url).err());
        probe.into_iter().collect()
    }

    fn title(&self) -> Title {
        let role = Text::new().then_arg(&self.role, |role| role.name());
        let principal = Text::new().then_arg(&self.principal_id, |ObjectId(id)| id.to_string());
        let given = self.principal_type.as_ref().and_then(Arg::value);
        let noun = given.map_or("principal", |given| given.noun());
        let place = format!("{} on {}", words::holder(noun, &principal), words::scope(&self.scope()));
        Title::new("role").named(&role).placed(place)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let mut actions = self.resource(azure).actions(azure);
        actions.push(self.list(azure));
        actions.extend(self.probe(azure));
        actions
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Assigned>>, StepError> {
        let resource = self.resource(session.azure());
        match resource.find(session).await? {
            Existing::Absent => match self.under_other_name(session).await? {
                Some(id) => Ok(Existing::AsWanted(Done::unchanged(self.assigned(id, false)?))),
                None => Ok(Existing::Absent),
            },
            Existing::AsWanted(kept) => {
                self.check_absent(session).await?;
                self.done(session, kept).await.map(Existing::AsWanted)
            }
            found => found.try_map(|kept| Ok(kept.done(self.assigned(String::new(), false)?))),
        }
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        Unassign::of(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Assigned>, StepError> {
        match self.resource(session.azure()).keep(session).await {
            Ok(kept) => self.done(session, kept).await,
            // Another client made the same assignment under another name since the lookup.
            Err(error) if error.code() == Some("RoleAssignmentExists") => {
                match self.under_other_name(session).await? {
                    Some(id) => Ok(Done::unchanged(self.assigned(id, false)?)),
                    None => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }
}
