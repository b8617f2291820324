//! The step type `metadata`.

use std::collections::BTreeMap;

use arcbook_engine::step::{
    Action, Arg, Arguments, Effect, ErrorKind, Flow, HttpRequest, Method, Outputs, Response, Script,
    ScriptResult, Shape, StepError, Text, Title,
};
use serde::Deserialize;

use crate::agent_help::not_connected;
use crate::arm::ApiVersion;
use crate::azure::Azure;
use crate::identity::Issuer;
use crate::json::or_empty;
use crate::names::is_loopback;
use crate::os::Os;
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Reads the machine's own metadata: its name, its location and resource in Azure, and its tags.
///
/// It calls the Azure Arc agent on this machine, at `http://127.0.0.1:40342` unless the environment names
/// another address of this machine. Without an agent, an Azure virtual machine calls its metadata service, at
/// `http://169.254.169.254`. The plan shows the address. Any user of the machine may read it, without a token. Tags are
/// those of the agent's last contact with Azure.
#[derive(Arguments, Debug, Default)]
pub struct Metadata {
    /// API version of the service; defaults to `2020-06-01`.
    api_version: Option<Arg<ApiVersion>>,
    /// Service to call; without it, the Arc agent if it is on this machine.
    from: Option<Arg<Issuer>>,
}

/// The outputs of `metadata`.
#[derive(Outputs, Debug)]
pub struct Machine {
    /// Name of the machine's resource.
    #[output(answer)]
    name: String,
    /// Azure region of the resource, such as `westeurope`.
    #[output(answer)]
    location: String,
    /// Operating system: `linux` or `windows`.
    #[output(answer)]
    os: String,
    /// Id of the resource's subscription: a GUID.
    #[output(answer)]
    subscription_id: String,
    /// Name of the resource's resource group.
    #[output(answer)]
    resource_group: String,
    /// Id of that resource group: `/subscriptions/…/resourceGroups/…`.
    #[output(answer, arm_id)]
    resource_group_id: String,
    /// Id of the resource.
    #[output(answer, arm_id)]
    resource_id: String,
    /// Tags of the resource.
    #[output(answer)]
    tags: BTreeMap<String, String>,
}

impl Machine {
    pub(crate) fn into_subscription(self) -> String {
        self.subscription_id
    }
}

/// The agent's response, as far as it is used.
#[derive(Deserialize)]
struct Instance {
    compute: Compute,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Compute {
    #[serde(default, deserialize_with = "or_empty")]
    name: String,
    #[serde(default, deserialize_with = "or_empty")]
    location: String,
    #[serde(default, deserialize_with = "or_empty")]
    os_type: String,
    #[serde(default, deserialize_with = "or_empty")]
    subscription_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    resource_group_name: String,
    /// The resource id: none if the response omits it, which means nothing; empty if there is no resource.
    resource_id: Option<String>,
    tags_list: Option<Vec<Option<Tag>>>,
    /// The tags in one text, `name:value;name:value`, the only form of older agents.
    #[serde(default)]
    tags: serde_json::Value,
}

/// A tag; a missing value is empty, and a tag without a name is ignored.
#[derive(Deserialize)]
struct Tag {
    name: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    value: String,
}

impl Metadata {
    /// Returns the service to call.
    fn service(&self, azure: &Azure) -> Issuer {
        self.from.as_ref().and_then(Arg::value).copied().unwrap_or_else(|| azure.machine_service())
    }

    fn instance(&self, azure: &Azure) -> Action {
        let base = match self.service(azure) {
            Issuer::Arc => azure.agent_url(),
            Issuer::Vm => azure.metadata_service().ok(),
        };
        let url = Text::from(base.map_or("", |url| url.as_str().trim_end_matches('/')))
            .then("/metadata/instance?api-version=");
        let url = match &self.api_version {
            Some(version) => url.then_parts(version, |ApiVersion(version)| version.clone()),
            None => url.then("2020-06-01"),
        };
        let request = HttpRequest::new(Method::Get, url).header("metadata", "true");
        // The service of a virtual machine is at an address of its link, where there is no TLS.
        let is_linked = base.is_some_and(|base| !is_loopback(base));
        if is_linked { request.in_the_clear().action() } else { request.action() }
    }
}

impl TypedStep for Metadata {
    const TYPE: &'static str = "metadata";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

output "machine" {
  value = step.metadata.machine.name
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Plain;
    const SCRIPT: Option<Script> = Some(Script {
        flow: Flow::Send,
        results: &[
            ScriptResult::query("name", "compute.name"),
            ScriptResult::query("location", "compute.location"),
            ScriptResult::query("os", "lower(compute.osType)"),
            ScriptResult::query("subscription_id", "compute.subscriptionId"),
            ScriptResult::query("resource_group", "compute.resourceGroupName"),
            ScriptResult::query(
                "resource_group_id",
                "join('/', ['/subscriptions', compute.subscriptionId, 'resourceGroups', compute.resourceGroupName])",
            )
            .of(Shape::ResourceGroup),
            ScriptResult::query("resource_id", "compute.resourceId").of(Shape::Resource),
            ScriptResult::query("tags", "from_items((compute.tagsList || `[]`)[].[name, value])"),
        ],
    });
    type Output = Machine;

    fn title(&self) -> Title {
        Title::new("this machine")
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.instance(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Machine>, StepError> {
        let service = self.service(session.azure());
        match service {
            Issuer::Arc => session.azure().require_agent()?,
            Issuer::Vm => drop(session.azure().metadata_service()?),
        }
        let response = session.send(&self.instance(session.azure())).await?;
        let Instance { compute } = response.json()?;
        compute
            .check_resource(service, Os::HERE)
            .map_err(|error| error.answer(response.status, None, response.request_id()))?;
        Ok(Done::unchanged(compute.into()).body(response.value()?))
    }
}

impl Compute {
    /// Returns an error if the service reports no resource for the machine, which runs `os`: without one, a machine with an
    /// agent is not connected to Azure.
    fn check_resource(&self, service: Issuer, os: Os) -> Result<(), StepError> {
        let ids = [
            ("resourceId", self.resource_id.as_deref().unwrap_or("not told")),
            ("subscriptionId", &self.subscription_id),
            ("resourceGroupName", &self.resource_group_name),
        ];
        let empty: Vec<_> =
            ids.into_iter().filter(|(_, id)| id.trim().is_empty()).map(|(name, _)| name).collect();
        if empty.is_empty() {
            return Ok(());
        }
        if service == Issuer::Vm {
            let detail = format!("It reports no {} for the machine.", empty.join(", no "));
            return Err(StepError::new(ErrorKind::Answer, "the metadata service does not know the machine")
                .detail(detail)
                .help("check that the address is that of the metadata service of this machine"));
        }
        let detail = format!("The agent responds, but reports no {} for the machine.", empty.join(", no "));
        Err(not_connected(os, detail))
    }
}

/// Parses tags written as `name:value;name:value`. A part without a colon belongs to the value before it.
fn tags_of(text: &str) -> BTreeMap<String, String> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for piece in text.split(';').filter(|piece| !piece.trim().is_empty()) {
        match (piece.split_once(':'), tags.last_mut()) {
            (Some((name, value)), _) => tags.push((name.trim().to_owned(), value.to_owned())),
            (None, Some((_, before))) => *before = format!("{before};{piece}"),
            (None, None) => tags.push((piece.trim().to_owned(), String::new())),
        }
    }
    tags.into_iter().collect()
}

impl From<Compute> for Machine {
    fn from(compute: Compute) -> Self {
        let Compute { subscription_id, resource_group_name: resource_group, .. } = compute;
        Self {
            resource_group_id: format!("/subscriptions/{subscription_id}/resourceGroups/{resource_group}"),
            name: compute.name,
            location: compute.location,
            os: compute.os_type.to_lowercase(),
            subscription_id,
            resource_group,
            resource_id: compute.resource_id.unwrap_or_default(),
            tags: match compute.tags_list {
                Some(tags) => {
                    let tags = tags.into_iter().flatten();
                    tags.filter_map(|Tag { name, value }| Some((name?, value))).collect()
                }
                None => compute.tags.as_str().map(tags_of).unwrap_or_default(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_in_either_form() {
        for (fields, expected) in [
            ("", ""),
            (r#""tags":null"#, ""),
            (r#""tags":"""#, ""),
            (r#""tags":"a:b;c:d""#, "a=b c=d"),
            (r#""tagsList":null,"tags":"a:b""#, "a=b"),
            (r#""tags":"a:http://x:1/;b:;""#, "a=http://x:1/ b="),
            (r#""tags":"a:1;2;b:3""#, "a=1;2 b=3"),
            (r#""tags":"a""#, "a="),
            (r#""tagsList":[],"tags":"a:b""#, ""),
            (r#""tagsList":[{"name":"x","value":"y"}],"tags":"a:b""#, "x=y"),
            (r#""tagsList":[{"name":null,"value":"y"},null,{"name":"a"},{"value":"z"}]"#, "a="),
        ] {
            let compute: Compute = serde_json::from_str(&format!("{{{fields}}}")).expect(fields);
            let tags = Machine::from(compute).tags;
            let tags: Vec<String> = tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(tags.join(" "), expected, "{fields}");
        }
    }
}
