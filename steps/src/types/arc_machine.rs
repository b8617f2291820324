//! The step type `arc_machine`.

use std::collections::BTreeMap;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Effect, Method, Outputs, Response, StepError, Text, Title,
};
use arcbook_engine::value::Value;
use serde::Deserialize;

use crate::arc::{self, MACHINES};
use crate::arm::ResourcePath;
use crate::azure::Azure;
use crate::declared::member_of;
use crate::json::or_empty;
use crate::names::ResourceName;
use crate::scope::Scope;
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::words;

/// Reads an Arc-enabled server in Azure: its state, its agent, its identity, its tags and its extensions.
///
/// Azure knows a server by the last contact of its agent: a server that is off stays `Connected` for up to half an hour.
/// `metadata` reads the same about the machine that arcbook runs on, from its agent and without a token.
#[derive(Arguments, Debug)]
#[arguments(exactly_one(id, name), together(name, resource_group))]
pub struct ArcMachine {
    /// Id of the server: `/subscriptions/…/providers/Microsoft.HybridCompute/machines/NAME`.
    id: Option<Arg<ResourcePath>>,
    /// Name of the server, in `resource_group`.
    name: Option<Arg<ResourceName>>,
    /// Id of the server's resource group; the id of any other resource selects its resource group.
    resource_group: Option<Arg<Scope>>,
    /// False to leave out the extensions, which need a right of their own; defaults to true.
    extensions: Option<Arg<bool>>,
}

/// The outputs of `arc_machine`.
#[derive(Outputs, Debug)]
pub struct Server {
    /// Id of the server.
    #[output(from(id, name, resource_group), arm_id)]
    id: String,
    /// Name of the server.
    #[output(from(id, name))]
    name: String,
    /// Azure region of the server's resource, such as `westeurope`.
    #[output(answer)]
    location: String,
    /// Operating system: `linux` or `windows`.
    #[output(answer)]
    os: String,
    /// Fully qualified domain name of the server; null if the agent has not told it.
    #[output(answer)]
    fqdn: Option<String>,
    /// State of the connection: `Connected`, `Disconnected`, `Expired`, `Error`, or any other word of the service.
    #[output(answer)]
    status: String,
    /// Time of the last change of the state (RFC 3339); null if the service does not tell it.
    #[output(answer)]
    last_status_change: Option<String>,
    /// Version of the agent; null if the service does not tell it.
    #[output(answer)]
    agent_version: Option<String>,
    /// Object id of the server's system-assigned identity; null if it has none.
    #[output(answer)]
    principal_id: Option<String>,
    /// Tags of the server.
    #[output(answer)]
    tags: BTreeMap<String, String>,
    /// Extensions, in the service's order; null if `extensions` is false.
    ///
    /// Each is an object with `name`, `publisher`, `type`, `version`, `state` (of its provisioning) and `message`.
    #[output(answer)]
    extensions: Option<Value>,
}

/// The service's answer, as far as it is used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Machine {
    id: String,
    name: String,
    #[serde(default, deserialize_with = "or_empty")]
    location: String,
    #[serde(default, deserialize_with = "or_empty")]
    tags: BTreeMap<String, Option<String>>,
    #[serde(default, deserialize_with = "or_empty")]
    identity: Identity,
    #[serde(default, deserialize_with = "or_empty")]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    principal_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default, deserialize_with = "or_empty")]
    status: String,
    #[serde(default, deserialize_with = "or_empty")]
    os_type: String,
    #[serde(default, deserialize_with = "or_empty")]
    os_name: String,
    last_status_change: Option<String>,
    agent_version: Option<String>,
    machine_fqdn: Option<String>,
}

impl ArcMachine {
    fn path(&self) -> Text {
        match (&self.id, &self.resource_group, &self.name) {
            (Some(id), ..) => arc::path(id),
            (None, Some(group), Some(name)) => Text::new()
                .then_parts(group, |Scope(path)| path.clone())
                .then(format!("/providers/{MACHINES}/"))
                .then_parts(name, |ResourceName(name)| name.clone()),
            _ => Text::new(),
        }
    }

    fn read(&self, azure: &Azure) -> Action {
        let url = arc::url(azure, &self.path()).then("&$expand=instanceView");
        let mut request = arc::request(azure, Method::Get, &self.path());
        request.url = url;
        request.action().needs(arc::permission(Method::Get, None, &self.path()))
    }

    fn list(&self, azure: &Azure) -> Action {
        let path = self.path().then("/extensions");
        let action = arc::request(azure, Method::Get, &path).action();
        action.needs(arc::permission(Method::Get, Some("extensions"), &self.path())).paged()
    }

    fn lists(&self) -> bool {
        self.extensions.as_ref().and_then(Arg::value) != Some(&false)
    }
}

/// Returns the facts about an extension from its resource.
fn extension(resource: &Value) -> Value {
    let of = |path: &[&str]| {
        let found = path.iter().try_fold(resource, |value, name| member_of(value, name));
        found.cloned().unwrap_or(Value::NULL)
    };
    let version = match of(&["properties", "instanceView", "typeHandlerVersion"]) {
        version if version.is_null() => of(&["properties", "typeHandlerVersion"]),
        version => version,
    };
    Value::object([
        ("name", of(&["name"])),
        ("publisher", of(&["properties", "publisher"])),
        ("type", of(&["properties", "type"])),
        ("version", version),
        ("state", of(&["properties", "provisioningState"])),
        ("message", of(&["properties", "instanceView", "status", "message"])),
    ])
}

impl TypedStep for ArcMachine {
    const TYPE: &'static str = "arc_machine";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arc_machine" "windows" {
  resource_group = step.metadata.machine.resource_group_id
  name           = "ArcBox-Win2K22"
}

output "extensions" {
  value = [for extension in step.arc_machine.windows.extensions : extension.name]
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Plain;
    const LISTS: bool = true;
    type Output = Server;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        self.id.iter().filter_map(|id| arc::check("id", id)).collect()
    }

    fn title(&self) -> Title {
        words::resource(&self.path())
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let list = self.lists().then(|| self.list(azure));
        [self.read(azure)].into_iter().chain(list).collect()
    }

    async fn run(&self, session: &Session) -> Result<Done<Server>, StepError> {
        let response = session.send(&self.read(session.azure())).await?;
        let machine: Machine = response.json()?;
        let extensions =
            if self.lists() { Some(session.all_pages(&self.list(session.azure())).await?) } else { None };
        let Machine { id, name, location, tags, identity, properties } = machine;
        let os = if properties.os_type.is_empty() { properties.os_name } else { properties.os_type };
        let server = Server {
            id,
            name,
            location,
            os: os.to_lowercase(),
            fqdn: properties.machine_fqdn,
            status: properties.status,
            last_status_change: properties.last_status_change,
            agent_version: properties.agent_version,
            principal_id: identity.principal_id,
            tags: tags.into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect(),
            extensions: extensions.map(|all| Value::tuple(all.iter().map(extension))),
        };
        Ok(Done::unchanged(server).body(response.value()?))
    }
}
