//! The step type `arm_resource`.

use std::collections::BTreeSet;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Choice, Effect, Existing, Method, Outputs, Power,
    Receipt, RemoteScript, Response, StepError, Text, Title,
};
use arcbook_engine::value::{Data, Value};
use bytes::Bytes;
use serde_json::Value as Json;

use crate::arc::scripts_in;
use crate::arm::{self, ApiVersion, ResourcePath};
use crate::azure::Azure;
use crate::json::merge;
use crate::resource::{DeclaredResource, KeptResource};
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::undo::Undo;
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
    #[argument(sink = "setting")]
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
    /// Returns the resource that the step keeps.
    fn resource(&self, azure: &Azure) -> DeclaredResource {
        let is_sensitive = self.body.as_ref().is_some_and(Arg::is_sensitive);
        let update = self.update.as_ref().map_or(Some(Update::Put), |update| update.value().copied());
        DeclaredResource {
            declared: self.declared(),
            body: self.sent(),
            write_only: self.write_only.as_ref().and_then(Arg::value).cloned().unwrap_or_default(),
            update: update.map(Update::method),
            absent: self.is_absent(),
            holds_secret: self.sensitive_body.is_some() || is_sensitive,
            ..DeclaredResource::new(arm::url(azure, &self.id, self.api_version.as_ref()), self.path())
        }
    }

    fn path(&self) -> Text {
        Text::new().then_parts(&self.id, ResourcePath::encoded)
    }

    /// Returns the value of `absent`; none if it is unknown.
    fn is_absent(&self) -> Option<bool> {
        self.absent.as_ref().map_or(Some(false), |absent| absent.value().copied())
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

    fn done(&self, kept: KeptResource) -> Result<Done<Kept>, StepError> {
        let id = self.id.get()?.as_str().to_owned();
        let output = Kept { id, etag: kept.etag.clone(), created: kept.change == Change::Created };
        Ok(kept.done(output))
    }
}

impl Update {
    fn method(self) -> Method {
        match self {
            Self::Put => Method::Put,
            Self::Patch => Method::Patch,
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
    const POWER: Power = Power::Rights;
    const REMOTE_SCRIPTS: &'static [RemoteScript] = scripts_in!("body", "sensitive_body");
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
        // A body that is a secret is not shown.
        let body = self.body.as_ref().filter(|body| !body.is_sensitive()).and_then(Arg::value);
        words::declared(&self.path(), body)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        self.resource(azure).actions(azure)
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Kept>>, StepError> {
        let found = self.resource(session.azure()).find(session).await?;
        found.try_map(|kept| self.done(kept))
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        DeclaredResource::undo(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Kept>, StepError> {
        self.done(self.resource(session.azure()).keep(session).await?)
    }
}
