//! The step type `arm_deployment`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Choice, Difference, Effect, Existing, HttpRequest,
    Method, Outputs, Permission, Power, PriorState, Response, Safety, StepError, Text, Title,
};
use arcbook_engine::value::{Data, Entries, Value};
use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::arm_prediction::{agrees, differences};
use super::arm_template::Template;
use crate::arm;
use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::member_of;
use crate::http::HttpResponse;
use crate::names::ResourceName;
use crate::operation::Stage;
use crate::permission;
use crate::scope::Scope;
use crate::session::{Operation, Session};
use crate::step::{Done, TypedStep};
use crate::words;

const VERSION: &str = "2022-09-01";

/// Deploys a template of Azure Resource Manager in a resource group or a subscription, and waits for its end.
///
/// Before it deploys, the step asks Azure for a prediction (what-if) and compares the last deployment of this name: it has
/// nothing to do if neither its resources, its parameters nor the names of its outputs differ. `plan -live` shows the
/// predicted differences. Azure predicts without the values that only the deployment computes, and arcbook leaves out
/// properties that Azure would reset to defaults.
///
/// The identity needs a role for every resource in the template, for the prediction too; the plan lists the types that the
/// template names literally. Mode `complete` needs the right to delete anything in the group. Azure never returns the values
/// of secure parameters and, mostly, of secure outputs.
#[derive(Arguments, Debug)]
pub struct ArmDeployment {
    /// Name of the deployment, under which Azure keeps its history.
    name: Arg<ResourceName>,
    /// Id of the resource group or of the subscription; the id of any other resource selects its resource group.
    scope: Arg<Scope>,
    /// Template: an object, or the JSON text of one, such as `file("main.json")`.
    #[argument(sink = "setting")]
    template: Arg<Template>,
    /// Values of the template's parameters by name.
    #[argument(sink = "setting")]
    parameters: Option<Arg<Value>>,
    /// Values of its secure parameters by name, which are merged over `parameters` and never compared.
    #[argument(sensitive, sink = "setting")]
    sensitive_parameters: Option<Arg<Value>>,
    /// Treatment of the other resources of the group; defaults to `incremental`.
    mode: Option<Arg<Mode>>,
    /// Azure region of the deployment's own record: required for a deployment in a subscription.
    #[argument(sink = "setting")]
    location: Option<Arg<String>>,
}

/// The treatment of resources that the template does not declare.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They stay.
    Incremental,
    /// They are deleted: every resource of the group that the template does not declare.
    Complete,
}

/// The outputs of `arm_deployment`.
#[derive(Outputs)]
pub struct Deployed {
    /// Id of the deployment.
    #[output(from(scope, name), arm_id)]
    id: String,
    /// Values of the template's outputs by name, without those of secure types.
    #[output(from(template, parameters))]
    outputs: Value,
    /// Values of its outputs of secure types, as far as Azure returns them; null if there are none.
    #[output(sensitive)]
    secure_outputs: Option<Value>,
}

impl ArmDeployment {
    fn scope(&self) -> Text {
        Text::new().then_parts(&self.scope, |Scope(path)| path.clone())
    }

    fn path(&self) -> Text {
        let path = self.scope().then("/providers/Microsoft.Resources/deployments/");
        path.then_parts(&self.name, |ResourceName(name)| name.clone())
    }

    fn request(azure: &Azure, method: Method, path: &Text) -> HttpRequest {
        let url = arm::versioned(azure, path, &VERSION.into());
        HttpRequest::new(method, url).audience(azure.cloud().audience(Service::Arm))
    }

    /// Returns the parameters as a deployment has them; none if one is not known yet.
    fn parameters(&self) -> Option<Map<String, Json>> {
        let mut parameters = Map::new();
        for arg in [&self.parameters, &self.sensitive_parameters].into_iter().flatten() {
            let Json::Object(values) = arg.value()?.to_json().ok()? else { continue };
            parameters.extend(values.into_iter().map(|(name, value)| (name, json!({ "value": value }))));
        }
        Some(parameters)
    }

    /// Returns the body of a request; none if an argument is not known yet.
    fn body(&self, predicts: bool) -> Option<Bytes> {
        let mode = match &self.mode {
            None => Mode::Incremental,
            Some(mode) => *mode.value()?,
        };
        let mut body = json!({ "properties": {
            "mode": if mode == Mode::Complete { "Complete" } else { "Incremental" },
            "template": self.template.value()?.value().to_json().ok()?,
            "parameters": self.parameters()?,
        } });
        if let Some(location) = &self.location {
            body["location"] = location.value()?.as_str().into();
        }
        if predicts {
            body["properties"]["whatIfSettings"] = json!({ "resultFormat": "FullResourcePayloads" });
        }
        Some(Bytes::from(body.to_string()))
    }

    /// Returns true if the deployment may delete resources that the template does not declare: an unknown mode counts as the
    /// worst case.
    fn may_delete(&self) -> bool {
        self.mode.as_ref().is_some_and(|mode| mode.value() != Some(&Mode::Incremental))
    }

    /// Returns the permissions for the resources that the template names literally.
    fn needs(&self) -> Vec<Permission> {
        let types = self.template.value().map(Template::types).unwrap_or_default();
        let scope = permission::scope(&self.scope());
        types.into_iter().map(|name| Permission::control(format!("{name}/write"), scope.clone())).collect()
    }

    fn sent(&self, azure: &Azure, method: Method, path: &Text) -> Action {
        let body = self.body(method == Method::Post).map_or(Body::Unknown, Body::Bytes);
        let request =
            Self::request(azure, method, path).header("content-type", "application/json").body(body);
        let action = request.action().needs(permission::arm(method, path)).operation();
        let action = action.needs_more(self.template.value().is_none_or(Template::is_open));
        self.needs().into_iter().fold(action, Action::needs)
    }

    fn read(&self, azure: &Azure) -> Action {
        let path = self.path();
        Self::request(azure, Method::Get, &path).action().needs(permission::arm(Method::Get, &path))
    }

    fn predict(&self, azure: &Azure) -> Action {
        self.sent(azure, Method::Post, &self.path().then("/whatIf")).safety(Safety::Reads)
    }

    fn deploy(&self, azure: &Azure) -> Action {
        let statuses = self.path().then("/operationStatuses");
        let action = self.sent(azure, Method::Put, &self.path()).safety(Safety::Idempotent);
        let action = action.needs(permission::arm(Method::Get, &statuses));
        // Whatever is in the group: no template tells its types.
        let deletes =
            Permission::control(format!("{}/delete", permission::ANY), permission::scope(&self.scope()));
        if self.may_delete() { action.needs(deletes) } else { action }
    }

    /// Returns true if a value of the deployment is a secret, which the prediction may repeat.
    fn holds_secret(&self) -> bool {
        self.sensitive_parameters.is_some()
            || self.parameters.as_ref().is_some_and(Arg::is_sensitive)
            || self.template.is_sensitive()
    }

    /// Reads the last deployment of this name; none if there is none.
    async fn existing(&self, session: &Session) -> Result<Option<HttpResponse>, StepError> {
        match session.send(&self.read(session.azure())).await {
            Ok(existing) => Ok(Some(existing)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the differences from the last deployment that the prediction does not tell.
    fn outdated(&self, existing: &HttpResponse) -> Result<Vec<Difference>, StepError> {
        let body = existing.value()?;
        let property =
            |name| member_of(&body, "properties").and_then(|properties| member_of(properties, name));
        let mut found = Vec::new();
        if let Stage::Failed(state) = Stage::of_object(existing) {
            found.push(Difference::new("deployment.provisioningState", state, "Succeeded"));
            return Ok(found);
        }
        let deployed = property("parameters").cloned().unwrap_or(Value::NULL);
        if let Some(given) = self.parameters.as_ref().and_then(Arg::value)
            && !agrees(&deployed, given)
        {
            found.push(Difference::new("deployment.parameters", "others", "those of the step"));
        }
        let names = |value: Option<&Value>| match value.map(Value::data) {
            Some(Data::Object(outputs) | Data::Map(_, outputs)) => {
                outputs.iter().map(|(name, _)| name.to_ascii_lowercase()).collect()
            }
            _ => std::collections::BTreeSet::new(),
        };
        if names(property("outputs")) != self.template.get()?.outputs() {
            found.push(Difference::new("deployment.outputs", "others", "those of the template"));
        }
        Ok(found)
    }

    fn done(&self, existing: &HttpResponse, change: Change) -> Result<Done<Deployed>, StepError> {
        let body = existing.value()?;
        let outputs = member_of(&body, "properties").and_then(|properties| member_of(properties, "outputs"));
        let (public, secure) = outputs.map(outputs_of).unwrap_or_default();
        let id = format!("/{}", self.path().reveal().unwrap_or_default());
        let secure_outputs = (!secure.is_empty()).then(|| Value::object(secure));
        let output = Deployed { id, outputs: Value::object(public), secure_outputs };
        Ok(Done::changed(output, change))
    }

    /// Sends the deployment and waits for its end, or continues to wait for that of an earlier run.
    async fn deployed(&self, session: &Session) -> Result<(), StepError> {
        let (change, read) = (self.deploy(session.azure()), self.read(session.azure()));
        let operation = Operation { change: &change, read: Some(&read) };
        if let Some(place) = session.operation() {
            return session.resume(operation, place).await.map(drop);
        }
        match session.send(&change).await {
            Ok(answer) => session.finish(operation, &answer).await.map(drop),
            // The first of several attempts may have got through, and its answer was lost.
            Err(error) if error.is_uncertain() && error.status() == Some(409) => {
                match self.find(session).await.map_err(StepError::uncertain)? {
                    Existing::AsWanted(_) => Ok(()),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }
}

/// Splits the outputs of a deployment into those that are public and those of secure types.
fn outputs_of(outputs: &Value) -> (Entries, Entries) {
    let (mut public, mut secure) = (Entries::new(), Entries::new());
    if let Data::Object(outputs) | Data::Map(_, outputs) = outputs.data() {
        for (name, output) in outputs.iter() {
            let kind = member_of(output, "type").and_then(Value::as_str).unwrap_or_default();
            let is_secure = kind.to_ascii_lowercase().starts_with("secure");
            match member_of(output, "value") {
                Some(value) if is_secure => secure.insert(name.clone(), value.clone()),
                Some(value) => public.insert(name.clone(), value.clone()),
                None => None,
            };
        }
    }
    (public, secure)
}

impl TypedStep for ArmDeployment {
    const TYPE: &'static str = "arm_deployment";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arm_deployment" "logs" {
  name  = "logs"
  scope = "/subscriptions/${step.metadata.machine.subscription_id}/resourceGroups/sandbox"

  template = {
    parameters = { name = { type = "string" } }
    resources = [{
      type       = "Microsoft.OperationalInsights/workspaces"
      apiVersion = "2023-09-01"
      name       = "[parameters('name')]"
      location   = "[resourceGroup().location]"
    }]
    outputs = {
      id = {
        type  = "string"
        value = "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('name'))]"
      }
    }
  }

  parameters = { name = "team-logs" }
}

output "workspace" {
  value = step.arm_deployment.logs.outputs.id
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Rights;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    const LASTING: Option<&'static str> =
        Some("Azure keeps no state from before a deployment: delete its resources yourself");
    type Output = Deployed;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let is_object = |arg: &Option<Arg<Value>>| {
            let value = arg.as_ref().and_then(Arg::value);
            value.is_none_or(|value| matches!(value.data(), Data::Object(_) | Data::Map(..)))
        };
        let parameters =
            [("parameters", &self.parameters), ("sensitive_parameters", &self.sensitive_parameters)];
        let odd = parameters.into_iter().filter(|(_, arg)| !is_object(arg));
        let mut errors: Vec<ArgumentError> =
            odd.map(|(name, _)| ArgumentError::new(name, "must be an object")).collect();
        let in_subscription = self.scope.value().is_some_and(|Scope(path)| path.matches('/').count() == 1);
        if in_subscription && self.location.is_none() {
            errors.push(ArgumentError::new("location", "must be given for a deployment in a subscription"));
        }
        if in_subscription && self.mode.as_ref().and_then(Arg::value) == Some(&Mode::Complete) {
            errors.push(ArgumentError::new("mode", "must be `incremental` in a subscription"));
        }
        errors
    }

    fn title(&self) -> Title {
        words::resource(&self.path())
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.read(azure), self.predict(azure), self.deploy(azure)]
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Deployed>>, StepError> {
        let read = self.read(session.azure());
        let existing = match self.existing(session).await {
            Ok(existing) => existing,
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        let existing = match existing {
            Some(existing) if session.before().is_some() => session.at_rest(&read, existing).await?,
            existing => existing,
        };
        let predict = self.predict(session.azure());
        let answer = match session.send(&predict).await {
            Ok(answer) => session.finish_action(&predict, answer).await?,
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        let mut found = differences(&answer)?;
        let Some(existing) = existing else {
            return Ok(if found.is_empty() {
                Existing::Absent
            } else {
                Existing::Different(self.hidden(found), None)
            });
        };
        found.extend(self.outdated(&existing)?);
        if !found.is_empty() {
            return Ok(Existing::Different(self.hidden(found), None));
        }
        let change = match session.before() {
            None => Change::None,
            Some(PriorState::Absent) => Change::Created,
            Some(PriorState::Present | PriorState::Unknown) => Change::Updated,
        };
        self.done(&existing, change).map(Existing::AsWanted)
    }

    async fn run(&self, session: &Session) -> Result<Done<Deployed>, StepError> {
        self.deployed(session).await?;
        let read = self.read(session.azure());
        let existing = session.send(&read).await.map_err(StepError::uncertain)?;
        let change =
            if session.before() == Some(PriorState::Absent) { Change::Created } else { Change::Updated };
        self.done(&existing, change)
    }
}

impl ArmDeployment {
    /// Hides the values of differences that may repeat a secret.
    fn hidden(&self, found: Vec<Difference>) -> Vec<Difference> {
        let is_secret = self.holds_secret();
        found.into_iter().map(|difference| difference.hidden(is_secret)).collect()
    }
}
