//! The kind of identity `environment`.

use arcbook_engine::step::{Action, Arg, ArgumentType, Arguments, Audience, ErrorKind, StepError};
use arcbook_engine::value::Value;

use super::super::kind::Kind;
use super::super::source::Source;
use super::super::tools::Tools;
use super::{ClientCertificate, ClientSecret, Workload};
use crate::entra::{ClientId, Tenant};

/// Acts as the application that the `AZURE_…` variables of Microsoft's clients name.
///
/// `AZURE_TENANT_ID` and `AZURE_CLIENT_ID` name the application. It proves itself by the first of these that is set:
/// `AZURE_CLIENT_SECRET`; `AZURE_CLIENT_CERTIFICATE_PATH`, with `AZURE_CLIENT_CERTIFICATE_PASSWORD` and
/// `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN`; `AZURE_FEDERATED_TOKEN_FILE`. `AZURE_AUTHORITY_HOST` must be the login host of
/// the cloud if it is set.
#[derive(Arguments)]
pub(crate) struct Environment {}

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
const SEND_CHAIN: &str = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN";
const TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";

/// The kind of identity that the variables stand for.
enum Named {
    Secret(ClientSecret),
    Certificate(ClientCertificate),
    Workload(Workload),
}

impl Named {
    /// Reads the variables; no message quotes the value of one.
    fn of(tools: &Tools) -> Result<Self, StepError> {
        let get = |name| tools.environment.get(name);
        if get(AUTHORITY).is_some_and(|host| !tools.cloud.is_login(host)) {
            return Err(unusable(&format!(
                "{AUTHORITY} is not the login host of the cloud {}",
                tools.cloud.name
            ))
            .help(format!("unset {AUTHORITY}, or select its cloud: ARCBOOK_CLOUD")));
        }
        let (tenant, client_id) =
            (parsed::<Tenant>(TENANT, get(TENANT))?, parsed::<ClientId>(CLIENT, get(CLIENT))?);
        let secret = |text: &str| Arg::Known { value: text.to_owned(), sensitive: true };
        let text = |text: &str| Arg::known(text.to_owned());
        if let Some(value) = get(SECRET) {
            return Ok(Self::Secret(ClientSecret { tenant, client_id, secret: secret(value) }));
        }
        if let Some(path) = get(CERTIFICATE) {
            return Ok(Self::Certificate(ClientCertificate {
                tenant,
                client_id,
                certificate: None,
                certificate_path: Some(text(path)),
                password: get(PASSWORD).map(secret),
                send_certificate_chain: get(SEND_CHAIN).map(|word| Arg::known(is_true(word))),
            }));
        }
        if let Some(path) = get(TOKEN_FILE) {
            return Ok(Self::Workload(Workload { tenant, client_id, token_file: text(path) }));
        }
        Err(unusable(&format!("none of {SECRET}, {CERTIFICATE} and {TOKEN_FILE} is set"))
            .help(format!("set one of them beside {TENANT} and {CLIENT}"))
            .help("a user name and a password are not supported: Microsoft Entra requires a second factor"))
    }

    fn describe(&self, tools: &Tools) -> String {
        match self {
            Self::Secret(kind) => kind.describe(tools),
            Self::Certificate(kind) => kind.describe(tools),
            Self::Workload(kind) => kind.describe(tools),
        }
    }

    /// Returns the variable by which the application proves itself.
    fn variable(&self) -> &'static str {
        match self {
            Self::Secret(_) => SECRET,
            Self::Certificate(_) => CERTIFICATE,
            Self::Workload(_) => TOKEN_FILE,
        }
    }
}

fn parsed<T: ArgumentType>(name: &str, value: Option<&str>) -> Result<Arg<T>, StepError> {
    let Some(value) = value else {
        return Err(unusable(&format!("{name} is not set")).help(format!("set {TENANT} and {CLIENT}")));
    };
    let parsed = T::from_value(&Value::string(value));
    parsed
        .map(Arg::known)
        .map_err(|_| unusable(&format!("{name} is malformed")).help("its value is not shown"))
}

/// Returns whether a word means yes, as Microsoft's clients read it.
fn is_true(word: &str) -> bool {
    word == "1" || word.eq_ignore_ascii_case("true")
}

fn unusable(reason: &str) -> StepError {
    StepError::new(ErrorKind::Local, "the environment names no identity").detail(format!("{reason}."))
}

impl Kind for Environment {
    const KIND: &'static str = "environment";
    const EXAMPLE: &'static str = r#"identity "environment" "pipeline" {}

step "arm_get" "subscriptions" {
  path     = "/subscriptions"
  identity = identity.environment.pipeline
}

output "subscriptions" {
  value = length(step.arm_get.subscriptions.body.value)
}
"#;

    fn actions(&self, tools: &Tools, audience: &Audience) -> Vec<Action> {
        match Named::of(tools) {
            Ok(Named::Secret(kind)) => kind.actions(tools, audience),
            Ok(Named::Certificate(kind)) => kind.actions(tools, audience),
            Ok(Named::Workload(kind)) => kind.actions(tools, audience),
            Err(_) => Vec::new(),
        }
    }

    fn describe(&self, tools: &Tools) -> String {
        match Named::of(tools) {
            Ok(named) => format!("{} (from the environment: {})", named.describe(tools), named.variable()),
            Err(error) => {
                format!("none: {error}, since {}", error.why().unwrap_or_default().trim_end_matches('.'))
            }
        }
    }

    fn source(&self, tools: &Tools) -> Result<Source, StepError> {
        match Named::of(tools)? {
            Named::Secret(kind) => kind.source(tools),
            Named::Certificate(kind) => kind.source(tools),
            Named::Workload(kind) => kind.source(tools),
        }
    }
}
