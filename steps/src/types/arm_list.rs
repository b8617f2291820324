//! The step type `arm_list`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentType, Arguments, Effect, Flow, Form, HttpRequest, Method, Outputs,
    Response, Script, ScriptResult, StepError, Text, Title,
};
use arcbook_engine::value::{Type, Value};

use crate::arm::{self, ApiVersion, ResourcePath};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::names::argument;
use crate::percent::component;
use crate::permission;
use crate::scope::Scope;
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::words;

/// Lists resources, or any other list of Azure Resource Manager, across all pages.
///
/// The list contains only resources that the machine's identity may read. All pages must have the path of the
/// first one. A response that may contain unread items is an error, never the end of the list.
#[derive(Arguments, Debug)]
#[arguments(exactly_one(scope, path), requires(resource_type, scope))]
pub struct ArmList {
    /// Id of the subscription or resource group whose resources are listed.
    ///
    /// The id of any other resource selects its resource group.
    scope: Option<Arg<Scope>>,
    /// Path of any other list, such as `/subscriptions/…/providers/Microsoft.KeyVault/vaults`.
    path: Option<Arg<ResourcePath>>,
    /// Type of the listed resources, such as `Microsoft.KeyVault/vaults`; a list at `path` contains a single type.
    resource_type: Option<Arg<ResourceType>>,
    /// ARM filter expression, such as `tagName eq 'env' and tagValue eq 'prod'`.
    filter: Option<Arg<String>>,
    /// API version of the resource provider, such as `2021-04-01`; defaults to one known to work.
    ///
    /// It is required for providers without a default version.
    api_version: Option<Arg<ApiVersion>>,
}

/// The outputs of `arm_list`.
#[derive(Outputs, Debug)]
pub struct Listed {
    /// Items of the list, in the service's order.
    ///
    /// Each is an object as ARM returns it, with `id`, `name`, `type` and so on.
    #[output(from(scope, path, resource_type, filter), body = "value")]
    items: Value,
}

/// A resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType(String);

impl ResourceType {
    fn parse(text: &str) -> Result<Self, String> {
        let plain = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        };
        (text.contains('/') && text.split('/').all(plain))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "must be a provider and a type like Microsoft.KeyVault/vaults".to_owned())
    }
}

argument!(ResourceType);

impl Listed {
    pub(crate) fn into_items(self) -> Value {
        self.items
    }
}

impl ArmList {
    /// Lists the subscriptions.
    pub(crate) fn of_subscriptions() -> Self {
        let path = Some(Arg::known(ResourcePath::subscriptions()));
        Self { scope: None, path, resource_type: None, filter: None, api_version: None }
    }

    fn list(&self, azure: &Azure) -> Action {
        let version = self.api_version.as_ref();
        let (list, mut url) = match (&self.scope, &self.path) {
            (None, Some(path)) => {
                (Text::new().then_parts(path, ResourcePath::encoded), arm::url(azure, path, version))
            }
            (Some(scope), _) => {
                let list = Text::new().then_parts(scope, |Scope(path)| path.clone()).then("/resources");
                let url = arm::resources(azure, &list, version);
                (list, url)
            }
            (None, None) => Default::default(),
        };
        let by_type = |ResourceType(name): &ResourceType| component(&format!("resourceType eq '{name}'"));
        url = match (&self.resource_type, &self.filter) {
            (None, None) => url,
            (Some(ty), None) => url.then("&$filter=").then_arg(ty, by_type),
            (None, Some(filter)) => url.then("&$filter=").then_text(&encoded(filter)),
            (Some(ty), Some(filter)) => url
                .then("&$filter=")
                .then_arg(ty, by_type)
                .then(component(" and "))
                .then_arg(filter, |filter| component(&operand(filter))),
        };
        let request = HttpRequest::new(Method::Get, url).audience(azure.cloud().audience(Service::Arm));
        request.action().needs(permission::arm(Method::Get, &list)).paged()
    }
}

impl TypedStep for ArmList {
    const TYPE: &'static str = "arm_list";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arm_list" "vaults" {
  scope         = step.metadata.machine.resource_group_id
  resource_type = "Microsoft.KeyVault/vaults"
  extract       = { names = "value[].name" }
}

output "vaults" {
  value = step.arm_list.vaults.extract.names
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Plain;
    const LISTS: bool = true;
    const SCRIPT: Option<Script> =
        Some(Script { flow: Flow::Send, results: &[ScriptResult::query("items", "value")] });
    type Output = Listed;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let path = self.path.iter();
        path.filter_map(|path| arm::check_version(path, self.api_version.as_ref())).collect()
    }

    fn title(&self) -> Title {
        let scope = |scope| Text::new().then_parts(scope, |Scope(path)| path.clone());
        match (&self.scope, &self.path) {
            (None, Some(path)) => words::resource(&Text::new().then_parts(path, ResourcePath::encoded)),
            (Some(id), _) => Title::new("resources").placed(format!("of {}", words::scope(&scope(id)))),
            (None, None) => Title::new("resources"),
        }
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.list(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Listed>, StepError> {
        let items = session.all_pages(&self.list(session.azure())).await?;
        let items = Value::tuple(items);
        let body = Value::object([("value", items.clone())]);
        Ok(Done::unchanged(Listed { items }).body(body))
    }
}

/// Returns a filter as the value of a query parameter, with the parts that are known.
fn encoded(filter: &Arg<String>) -> Text {
    match filter {
        Arg::Partial(filter) => filter.encoded(component, Form::Component),
        filter => Text::new().then_arg(filter, |filter| component(filter)),
    }
}

/// Returns a filter as an operand of `and`. ARM accepts parentheses in few places, so they are added only
/// where needed.
fn operand(filter: &str) -> String {
    if filter.to_ascii_lowercase().contains(" or ") { format!("({filter})") } else { filter.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_type_cannot_break_out_of_the_filter() {
        assert!(ResourceType::parse("Microsoft.KeyVault/vaults").is_ok());
        for text in ["", "vaults", "A.B/c' or 1 eq 1", "A.B/", "/c"] {
            assert!(ResourceType::parse(text).is_err(), "{text}");
        }
    }
}
