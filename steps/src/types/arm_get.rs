//! The step type `arm_get`.

use std::collections::BTreeMap;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Effect, Flow, HttpRequest, Method, Outputs, Response, Script,
    StepError, Text, Title,
};
use arcbook_engine::value::Value;

use crate::arm::{self, ApiVersion, ResourcePath};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::percent::component;
use crate::permission;
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::words;

/// Reads any resource of Azure Resource Manager.
///
/// It sends one GET request and returns the response unchanged. To read all pages of a list, use `arm_list`.
#[derive(Arguments, Debug)]
pub struct ArmGet {
    /// Path to read, such as a resource id: `/subscriptions/…`.
    path: Arg<ResourcePath>,
    /// API version of the resource provider, such as `2021-04-01`; defaults to one known to work.
    ///
    /// It is required for providers without a default version.
    api_version: Option<Arg<ApiVersion>>,
    /// Additional query parameters, such as `{ "$expand" = "instanceView" }`.
    query: Option<Arg<BTreeMap<String, String>>>,
}

/// The outputs of `arm_get`.
#[derive(Outputs, Debug)]
pub struct Got {
    /// HTTP status of the response, such as `200`.
    #[output(answer)]
    status: i64,
}

impl ArmGet {
    fn get(&self, azure: &Azure) -> Action {
        let mut url = arm::url(azure, &self.path, self.api_version.as_ref());
        if let Some(query) = &self.query {
            url = url.then_arg(query, |query| {
                query.iter().fold(String::new(), |query, (name, value)| {
                    query + "&" + &component(name) + "=" + &component(value)
                })
            });
        }
        let path = Text::new().then_parts(&self.path, ResourcePath::encoded);
        let request = HttpRequest::new(Method::Get, url).audience(azure.cloud().audience(Service::Arm));
        request.action().needs(permission::arm(Method::Get, &path))
    }
}

impl TypedStep for ArmGet {
    const TYPE: &'static str = "arm_get";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arm_get" "machine" {
  path    = step.metadata.machine.resource_id
  extract = { status = "properties.status" }
}

output "status" {
  value = step.arm_get.machine.extract.status
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Plain;
    const SCRIPT: Option<Script> = Some(Script { flow: Flow::Send, results: &[] });
    type Output = Got;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let query = self.query.as_ref().and_then(Arg::value);
        let version =
            query.is_some_and(|query| query.keys().any(|name| name.eq_ignore_ascii_case("api-version")));
        let twice = version.then(|| {
            ArgumentError::new("query", "must not contain an api-version")
                .help("set the argument `api_version`")
        });
        twice.into_iter().chain(arm::check_version(&self.path, self.api_version.as_ref())).collect()
    }

    fn title(&self) -> Title {
        words::resource(&Text::new().then_parts(&self.path, ResourcePath::encoded))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.get(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Got>, StepError> {
        let response = session.send(&self.get(session.azure())).await?;
        let body = if response.body.is_empty() { Value::NULL } else { response.value()? };
        Ok(Done::unchanged(Got { status: response.status.into() }).body(body))
    }
}
