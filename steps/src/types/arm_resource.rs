//! The step type `arm_resource`.

use std::collections::BTreeSet;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Choice, Difference, Effect, Existing, HttpRequest,
    Method, Outputs, Prior, PriorState, Receipt, Response, Safety, StepError, Text, Title,
};
use arcbook_engine::value::{Data, Value};
use bytes::Bytes;
use serde_json::Value as Json;

use super::arm_undo::{Proof, PutBack, RemoveResource, etag};
use crate::arm::{self, ApiVersion, ResourcePath};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::{differences, member_of, projected, with, without};
use crate::http::HttpResponse;
use crate::json::merge;
use crate::operation::Stage;
use crate::permission;
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::undo::{Either, Undo};
use crate::words;

/// Keeps a resource of Azure Resource Manager as declared: creates it, updates it or deletes it.
///
/// The step compares only what `body` declares with the existing resource, and changes it only if that
/// differs. Ids, types and locations ignore case. Attributes that the service never returns cannot be
/// compared: name them in `write_only`, or put them into `sensitive_body`. The step waits until the service
/// has made the change; a resumed run continues to wait and does not send it again.
///
/// An undo deletes a resource that the step created, and puts back one that it updated. It does not create a
/// deleted resource again, because the responses of the service lack what only the service knows, such as
/// secrets and the content of the resource.
#[derive(Arguments, Debug)]
pub struct ArmResource {
    /// Id of the resource: `/subscriptions/…/resourceGroups/…/providers/…`.
    id: Arg<ResourcePath>,
    /// API version of the resource provider, such as `2024-07-10`; defaults to one known to work.
    ///
    /// It is required for providers without a default version.
    api_version: Option<Arg<ApiVersion>>,
    /// Declared part of the resource, such as `{ location = "westeurope", properties = { … } }`.
    body: Option<Arg<Value>>,
    /// Secret part of the resource: it is merged over `body`, sent with every change, and never compared.
    #[argument(sensitive)]
    sensitive_body: Option<Arg<Value>>,
    /// Paths in `body` that the service never returns, such as `properties.adminKey`.
    write_only: Option<Arg<BTreeSet<String>>>,
    /// Method that changes an existing resource; defaults to `put`.
    update: Option<Arg<Update>>,
    /// If true, the resource is deleted, whatever `body` declares; defaults to false.
    absent: Option<Arg<bool>>,
}

/// Methods that change an existing resource.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// Replaces the whole resource by `body`: the service may reset what `body` leaves out.
    Put,
    /// Changes only what `body` declares, for types that support it.
    Patch,
}

/// The outputs of `arm_resource`.
#[derive(Outputs, Debug)]
pub struct Kept {
    /// Id of the resource.
    #[output(from(id), fact)]
    id: String,
    /// ETag of the resource; null if its type has none, or it does not exist.
    #[output(answer)]
    etag: Option<String>,
    /// True if this run created the resource.
    #[output(answer)]
    created: bool,
}

impl ArmResource {
    fn url(&self, azure: &Azure) -> Text {
        arm::url(azure, &self.id, self.api_version.as_ref())
    }

    fn path(&self) -> Text {
        Text::new().then_parts(&self.id, ResourcePath::encoded)
    }

    fn request(&self, azure: &Azure, method: Method) -> HttpRequest {
        HttpRequest::new(method, self.url(azure)).audience(azure.cloud().audience(Service::Arm))
    }

    pub(super) fn read(&self, azure: &Azure) -> Action {
        self.request(azure, Method::Get).action().needs(permission::arm(Method::Get, &self.path()))
    }

    fn write(&self, azure: &Azure, method: Method) -> Action {
        let request =
            self.request(azure, method).header("content-type", "application/json").body(self.sent());
        // A merge patch gives the same result when it is applied again (RFC 7396).
        let action = request.action().safety(Safety::Idempotent);
        action.needs(permission::arm(method, &self.path())).operation()
    }

    fn delete(&self, azure: &Azure) -> Action {
        let action = self.request(azure, Method::Delete).action();
        action.needs(permission::arm(Method::Delete, &self.path())).operation()
    }

    /// Returns the change of a resource that exists or not.
    pub(super) fn change(&self, azure: &Azure, exists: bool) -> Action {
        match (self.is_absent(), self.update()) {
            (Some(true), _) => self.delete(azure),
            (_, Some(Update::Patch)) if exists => self.write(azure, Method::Patch),
            _ => self.write(azure, Method::Put),
        }
    }

    /// Returns the value of `absent`; none if it is unknown.
    pub(super) fn is_absent(&self) -> Option<bool> {
        self.absent.as_ref().map_or(Some(false), |absent| absent.value().copied())
    }

    /// Returns the value of `update`; none if it is unknown.
    fn update(&self) -> Option<Update> {
        self.update.as_ref().map_or(Some(Update::Put), |update| update.value().copied())
    }

    /// Returns the declared part without the secret one.
    fn declared(&self) -> Value {
        let body = self.body.as_ref().and_then(Arg::value).cloned();
        body.unwrap_or_else(|| Value::object::<&str>([]))
    }

    /// Returns the body of a change: `body` with `sensitive_body` merged over it.
    fn sent(&self) -> Body {
        let known = |arg: &Option<Arg<Value>>| match arg {
            None => Some(Json::Object(serde_json::Map::new())),
            Some(arg) => arg.value().and_then(|value| value.to_json().ok()),
        };
        let (Some(mut body), Some(secret)) = (known(&self.body), known(&self.sensitive_body)) else {
            return Body::Unknown;
        };
        merge(&mut body, secret);
        Body::Bytes(Bytes::from(body.to_string()))
    }

    fn write_only(&self) -> BTreeSet<String> {
        self.write_only.as_ref().and_then(Arg::value).cloned().unwrap_or_default()
    }

    /// Returns the differences between the declared resource and the existing one.
    pub(super) fn differences(&self, existing: &HttpResponse) -> Result<Vec<Difference>, StepError> {
        let mut found = differences(&self.declared(), &existing.value()?, &self.write_only());
        if let Stage::Failed(state) = Stage::of_object(existing) {
            found.push(Difference::new("properties.provisioningState", state, "Succeeded"));
        }
        Ok(found)
    }

    /// Returns the state from which an undo can put the resource back; none if it holds secrets that no
    /// response contains.
    fn prior(&self, session: &Session, existing: &HttpResponse) -> Result<Option<Prior>, StepError> {
        // The existing value of a part that is declared as a secret is an older secret.
        let holds_secret = session.is_sensitive()
            || self.sensitive_body.is_some()
            || self.body.as_ref().is_some_and(Arg::is_sensitive)
            || self.declared().has_deep_marks();
        if holds_secret || !self.write_only().is_empty() {
            return Ok(None);
        }
        let state = match self.update() {
            Some(Update::Patch) => projected(&existing.value()?, &self.declared()),
            _ => existing.value()?,
        };
        Ok(Some(Prior::of(writable(&state))))
    }

    /// Returns the result for the resource as it exists now; none if it does not exist.
    fn done(
        &self,
        azure: &Azure,
        existing: Option<&HttpResponse>,
        change: Change,
    ) -> Result<Done<Kept>, StepError> {
        let id = self.id.get()?.as_str().to_owned();
        let kept = Kept { id, etag: existing.and_then(etag), created: change == Change::Created };
        let done = match change {
            Change::None => Done::unchanged(kept),
            change => Done::changed(kept, change).receipt(self.proof(azure, existing).into_value()),
        };
        match existing {
            Some(existing) if !existing.body.is_empty() => Ok(done.body(existing.value()?)),
            _ => Ok(done.body(Value::NULL)),
        }
    }

    /// Returns the proof of a change that left the resource as `existing`.
    fn proof(&self, azure: &Azure, existing: Option<&HttpResponse>) -> Proof {
        let method = if self.update() == Some(Update::Patch) { Method::Patch } else { Method::Put };
        Proof::of(self.url(azure).reveal().unwrap_or_default(), method, existing)
    }

    /// Reads the resource; none if it does not exist.
    pub(super) async fn existing(&self, session: &Session) -> Result<Option<HttpResponse>, StepError> {
        match session.send(&self.read(session.azure())).await {
            Ok(existing) => Ok(Some(existing)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl TypedStep for ArmResource {
    const TYPE: &'static str = "arm_resource";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arm_resource" "extension" {
  id          = "${step.metadata.machine.resource_id}/extensions/tools"
  api_version = "2024-07-10"

  body = {
    location = step.metadata.machine.location
    properties = {
      publisher = "Microsoft.Azure.Extensions"
      type      = "CustomScript"
      settings  = { commandToExecute = "uptime" }
    }
  }
}

output "id" {
  value = step.arm_resource.extension.id
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::Plain;
    const FINDS: bool = true;
    type Output = Kept;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let is_object = |arg: &Option<Arg<Value>>| {
            let value = arg.as_ref().and_then(Arg::value);
            value.is_none_or(|value| matches!(value.data(), Data::Object(_) | Data::Map(..)))
        };
        let mut errors: Vec<ArgumentError> =
            arm::check_version(&self.id, self.api_version.as_ref()).into_iter().collect();
        for (name, arg) in [("body", &self.body), ("sensitive_body", &self.sensitive_body)] {
            if !is_object(arg) {
                errors.push(ArgumentError::new(name, "must be an object"));
            }
        }
        if self.is_absent() == Some(false) && self.body.is_none() {
            let help = "set `body` to the declared part of the resource, or `absent = true` to delete it";
            errors.push(ArgumentError::new("body", "must be given").help(help));
        }
        errors
    }

    fn title(&self) -> Title {
        words::resource(&self.path())
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let deletes = (self.is_absent() != Some(false)).then(|| self.delete(azure));
        let puts = (self.is_absent() != Some(true)).then(|| self.write(azure, Method::Put));
        let patches = puts.is_some() && self.update() != Some(Update::Put);
        let patches = patches.then(|| self.write(azure, Method::Patch));
        [Some(self.read(azure)), puts, patches, deletes].into_iter().flatten().collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Kept>>, StepError> {
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
        let absent = self.is_absent() == Some(true);
        let Some(existing) = existing else {
            return if absent {
                self.done(session.azure(), None, removed(session)).map(Existing::AsWanted)
            } else {
                session.expect(Some(self.proof(session.azure(), None).into_value()));
                Ok(Existing::Absent)
            };
        };
        session.remember(etag(&existing));
        if absent {
            return Ok(Existing::Unwanted(None));
        }
        let found = self.differences(&existing)?;
        if found.is_empty() {
            return self.done(session.azure(), Some(&existing), made(session)).map(Existing::AsWanted);
        }
        let prior = self.prior(session, &existing)?;
        Ok(Existing::Different(found, prior))
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        Some(match (receipt.change, receipt.before) {
            (Some(Change::Created), _) => Either::One(RemoveResource::of(azure, receipt)?),
            (Some(Change::Updated), _) => Either::Other(PutBack::of(azure, receipt)?),
            (None, PriorState::Absent) if receipt.is_accepted => {
                Either::One(RemoveResource::of(azure, receipt)?)
            }
            (None | Some(Change::None | Change::Removed), _) => return None,
        })
    }

    async fn run(&self, session: &Session) -> Result<Done<Kept>, StepError> {
        let existed = session.before() != Some(PriorState::Absent);
        self.make(session, existed).await?;
        if self.is_absent() == Some(true) {
            return self.done(session.azure(), None, Change::Removed);
        }
        let change = if existed { Change::Updated } else { Change::Created };
        match self.changed(session).await {
            Ok(existing) => self.done(session.azure(), existing.as_ref(), change),
            Err(error) => Err(error),
        }
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
        Some(properties) => with(&state, "properties", without(properties, &["provisioningState"])),
        None => state,
    }
}
