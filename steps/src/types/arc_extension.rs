//! The step type `arc_extension`.

use std::collections::BTreeMap;
use std::time::Duration;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Difference, Effect, ErrorKind, Existing, Outputs,
    Power, Receipt, RemoteCode, RemoteScript, Response, StepError, Text, Title,
};
use arcbook_engine::value::{Data, Value};
use bytes::Bytes;

use super::arc_extension_trouble::{Trouble, advised, is_longer, is_upgrade};
use crate::arc::{self, text_at};
use crate::arm::ResourcePath;
use crate::azure::Azure;
use crate::names::ResourceName;
use crate::resource::{DeclaredResource, KeptResource};
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::undo::Undo;
use crate::words;

/// The maximum time for the change of an extension, unless `provisioning_timeout` sets another.
const LONGEST: Duration = Duration::from_hours(1);

/// Keeps an extension of an Arc-enabled server as declared: installs it, or changes its settings.
///
/// The step compares the arguments that are given, except `protected_settings`, which Azure never returns: a new value of
/// them alone changes nothing, unless `force_update_tag` changes too. The service upgrades a version within its major
/// version by itself, so a newer one is no difference, unless `auto_upgrade_minor_version` is false.
///
/// A server has one extension of each type, and its agent works on one at a time: the step waits for its turn, and for
/// the end of its own change. If that fails, the error has the extension's own message. An undo removes an extension that
/// the step installed, and puts back the settings that it changed if none of them is a secret.
#[derive(Arguments, Debug)]
pub struct ArcExtension {
    /// Id of the server: `/subscriptions/…/providers/Microsoft.HybridCompute/machines/NAME`.
    machine: Arg<ResourcePath>,
    /// Name of the extension's resource; defaults to `type`.
    name: Option<Arg<ResourceName>>,
    /// Publisher, such as `Microsoft.Azure.Monitor`.
    publisher: Arg<String>,
    /// Type, such as `AzureMonitorLinuxAgent`.
    r#type: Arg<ResourceName>,
    /// Version, such as `2.1`; defaults to the latest one.
    version: Option<Arg<String>>,
    /// Public settings: an object.
    #[argument(sink = "setting")]
    settings: Option<Arg<Value>>,
    /// Secret settings, an object: the agent gets them encrypted, and they are never compared.
    #[argument(sensitive)]
    protected_settings: Option<Arg<Value>>,
    /// True if the service may install a newer minor version with a change; defaults to the service's own default, true.
    auto_upgrade_minor_version: Option<Arg<bool>>,
    /// True if the service upgrades the extension when a version appears; defaults to the service's own default.
    automatic_upgrade: Option<Arg<bool>>,
    /// Any text: a new one runs the extension again, also with the same settings.
    #[argument(sink = "setting")]
    force_update_tag: Option<Arg<String>>,
    /// Azure region; defaults to that of the server.
    #[argument(sink = "setting")]
    location: Option<Arg<String>>,
    /// Tags of the extension's resource.
    #[argument(sink = "setting")]
    tags: Option<Arg<BTreeMap<String, String>>>,
    /// Maximum time for the service to make the change; defaults to `60m`.
    ///
    /// An extension may stay in the state `Creating` for hours, without an end.
    provisioning_timeout: Option<Arg<Duration>>,
}

/// The outputs of `arc_extension`.
#[derive(Outputs, Debug)]
pub struct Extension {
    /// Id of the extension.
    #[output(from(machine, name, r#type), fact)]
    id: String,
    /// True if this run installed the extension.
    #[output(answer)]
    created: bool,
    /// Version that the server has; null if the service does not tell it.
    #[output(answer)]
    version: Option<String>,
    /// Message of the extension about its last change; null if it has none.
    #[output(from(settings, protected_settings))]
    message: Option<String>,
}

/// Returns the value of an argument as a member of a body; none if it is not known yet.
fn member<T>(arg: Option<&Arg<T>>, write: impl FnOnce(&T) -> Value) -> Option<Value> {
    match arg {
        None => Some(Value::NULL),
        Some(arg) => arg.value().map(write),
    }
}

/// Returns an object of the members that are given; none if one of them is not known yet.
fn object<const N: usize>(members: [(&'static str, Option<Value>); N]) -> Option<Value> {
    let members = members.into_iter().map(|(name, value)| Some((name, value?)));
    let members: Vec<_> = members.collect::<Option<_>>()?;
    Some(Value::object(members.into_iter().filter(|(_, value)| !value.is_null())))
}

impl ArcExtension {
    fn path(&self) -> Text {
        let name = self.name.as_ref().unwrap_or(&self.r#type);
        let path = arc::path(&self.machine).then("/extensions/");
        path.then_parts(name, |ResourceName(name)| name.clone())
    }

    /// Returns the part that is compared; none if an argument is not known yet.
    fn declared(&self) -> Option<Value> {
        let text = |text: &String| Value::string(text.clone());
        let flag = |flag: &bool| Value::from(*flag);
        let properties = object([
            ("publisher", member(Some(&self.publisher), text)),
            ("type", member(Some(&self.r#type), |ResourceName(name)| Value::string(name.clone()))),
            ("typeHandlerVersion", member(self.version.as_ref(), text)),
            ("autoUpgradeMinorVersion", member(self.auto_upgrade_minor_version.as_ref(), flag)),
            ("enableAutomaticUpgrade", member(self.automatic_upgrade.as_ref(), flag)),
            ("forceUpdateTag", member(self.force_update_tag.as_ref(), text)),
            ("settings", member(self.settings.as_ref(), Clone::clone)),
        ])?;
        object([
            ("location", member(self.location.as_ref(), text)),
            ("tags", member(self.tags.as_ref(), |tags| Value::string_map(tags.clone()))),
            ("properties", Some(properties)),
        ])
    }

    /// Returns the body of a change, at the server's `location` unless the argument is given; none if a part is not known
    /// yet.
    fn sent(&self, location: Option<&str>) -> Option<Bytes> {
        let mut body = self.declared()?.to_json().ok()?;
        if let Some(location) = location {
            body["location"] = location.into();
        }
        if let Some(secret) = &self.protected_settings {
            body["properties"]["protectedSettings"] = secret.value()?.to_json().ok()?;
        }
        body["location"].is_string().then(|| Bytes::from(body.to_string()))
    }

    fn resource(&self, azure: &Azure) -> DeclaredResource {
        let upgrades = self.auto_upgrade_minor_version.as_ref().and_then(Arg::value) != Some(&false);
        let is_noise: fn(&Difference) -> bool = if upgrades { is_upgrade } else { is_longer };
        DeclaredResource {
            declared: self.declared().unwrap_or_else(|| Value::object::<&str>([])),
            body: self.sent(None).map_or(Body::Unknown, Body::Bytes),
            holds_secret: self.protected_settings.is_some()
                || self.settings.as_ref().is_some_and(Arg::is_sensitive),
            is_noise,
            permission: |method, path| arc::permission(method, Some("extensions"), &arc::machine_of(path)),
            ..DeclaredResource::new(arc::url(azure, &self.path()), self.path())
        }
    }

    /// Returns the resource with the location of the server, which this reads if it is not given.
    async fn placed(&self, session: &Session) -> Result<DeclaredResource, StepError> {
        let resource = self.resource(session.azure());
        if self.location.is_some() || session.operation().is_some() {
            return Ok(resource);
        }
        let location = arc::location(session, &arc::read_machine(session.azure(), &self.machine)).await?;
        let late_body = self.sent(Some(&location));
        let late_body = late_body.ok_or_else(|| StepError::internal("an argument is not known yet"))?;
        Ok(DeclaredResource { late_body: Some(late_body), ..resource })
    }

    fn done(&self, kept: KeptResource) -> Result<Done<Extension>, StepError> {
        let name = self.name.as_ref().unwrap_or(&self.r#type).get()?;
        let view = ["properties", "instanceView"];
        let version = text_at(&kept.body, &[view[0], view[1], "typeHandlerVersion"])
            .or_else(|| text_at(&kept.body, &["properties", "typeHandlerVersion"]));
        let output = Extension {
            id: format!("{}/extensions/{}", self.machine.get()?.as_str(), name.0),
            created: kept.change == Change::Created,
            version,
            message: text_at(&kept.body, &[view[0], view[1], "status", "message"]),
        };
        Ok(kept.done(output))
    }

    fn longest(&self) -> Duration {
        self.provisioning_timeout.as_ref().and_then(Arg::value).copied().unwrap_or(LONGEST)
    }
}

impl TypedStep for ArcExtension {
    const TYPE: &'static str = "arc_extension";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arc_extension" "tools" {
  machine            = step.metadata.machine.resource_id
  name               = "tools"
  publisher          = "Microsoft.Azure.Extensions"
  type               = "CustomScript"
  version            = "2.1"
  protected_settings = { commandToExecute = "apt-get install -y jq" }
}

output "message" {
  value = nonsensitive(step.arc_extension.tools.message)
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Code;
    const REMOTE_SCRIPTS: &'static [RemoteScript] = &[
        RemoteScript { path: &["settings", "commandToExecute"], given: &[] },
        RemoteScript { path: &["settings", "script"], given: &[] },
        RemoteScript { path: &["protected_settings", "commandToExecute"], given: &[] },
        RemoteScript { path: &["protected_settings", "script"], given: &[] },
    ];
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::Plain;
    const FINDS: bool = true;
    type Output = Extension;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let is_object = |arg: &Option<Arg<Value>>| {
            let value = arg.as_ref().and_then(Arg::value);
            value.is_none_or(|value| matches!(value.data(), Data::Object(_) | Data::Map(..)))
        };
        let objects = [("settings", &self.settings), ("protected_settings", &self.protected_settings)];
        let odd = objects.into_iter().filter(|(_, arg)| !is_object(arg));
        let odd = odd.map(|(name, _)| ArgumentError::new(name, "must be an object"));
        arc::check("machine", &self.machine).into_iter().chain(odd).collect()
    }

    fn title(&self) -> Title {
        words::resource(&self.path())
    }

    fn remote_code(&self) -> Option<RemoteCode> {
        let publisher = Text::new().then_parts(&self.publisher, Clone::clone);
        let name = Text::new().then_parts(&self.r#type, |ResourceName(name)| name.clone());
        Some(arc::code(format!("extension {name} of {publisher}"), &self.machine, "settings"))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let read = self.location.is_none().then(|| arc::read_machine(azure, &self.machine));
        read.into_iter().chain(self.resource(azure).actions(azure)).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Extension>>, StepError> {
        let found = self.resource(session.azure()).find(session).await?;
        found.try_map(|kept| self.done(kept))
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        DeclaredResource::undo(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Extension>, StepError> {
        let resource = self.placed(session).await?;
        let trouble = Trouble { resource: &resource, session };
        let kept = match tokio::time::timeout(self.longest(), resource.keep(session)).await {
            Ok(Ok(kept)) => kept,
            Ok(Err(error)) if error.is_uncertain() && error.kind() == ErrorKind::Refused => {
                return Err(trouble.explained(error).await);
            }
            Ok(Err(error)) => return Err(advised(error)),
            Err(_) => return Err(trouble.stuck(self.longest()).await),
        };
        self.done(kept)
    }
}
