//! Arc-enabled servers: their ids, and the resources under them.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, HttpRequest, Method, Permission, RemoteCode, StepError, Text,
};
use arcbook_engine::value::Value;
use serde::Deserialize;

use crate::arm::{self, ResourcePath};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::member_of;
use crate::json::or_empty;
use crate::permission::{self, Path};
use crate::session::Session;
use crate::words;

/// The API version of every request about a server.
pub(crate) const VERSION: &str = "2024-07-10";

/// The provider and the type of servers.
pub(crate) const MACHINES: &str = "Microsoft.HybridCompute/machines";

/// Returns the path of a server, without its leading slash.
pub(crate) fn path(machine: &Arg<ResourcePath>) -> Text {
    Text::new().then_parts(machine, ResourcePath::encoded)
}

/// Lists the scripts in the body of a request to ARM, which is an argument: those of run commands and of extensions.
macro_rules! scripts_in {
    ($($argument:literal),+) => {
        &[$(
            RemoteScript { path: &[$argument, "properties", "source", "script"], given: &[] },
            RemoteScript { path: &[$argument, "properties", "settings", "commandToExecute"], given: &[] },
            RemoteScript { path: &[$argument, "properties", "settings", "script"], given: &[] },
            RemoteScript { path: &[$argument, "properties", "protectedSettings", "commandToExecute"], given: &[] },
            RemoteScript { path: &[$argument, "properties", "protectedSettings", "script"], given: &[] },
        )+]
    };
}
pub(crate) use scripts_in;

/// Returns the code that the agent of a server gets in an argument, and runs.
pub(crate) fn code(noun: String, machine: &Arg<ResourcePath>, argument: &str) -> RemoteCode {
    let user = format!("root (on Windows: the system) on {}", words::scope(&path(machine)));
    RemoteCode { noun, user, argument: argument.to_owned() }
}

/// Returns the URL of a server, or of a resource under it.
pub(crate) fn url(azure: &Azure, path: &Text) -> Text {
    arm::versioned(azure, path, &VERSION.into())
}

/// Returns a request about a server, or about a resource under it.
pub(crate) fn request(azure: &Azure, method: Method, path: &Text) -> HttpRequest {
    HttpRequest::new(method, url(azure, path)).audience(azure.cloud().audience(Service::Arm))
}

/// Returns the permission for a request about a server at `scope`, or about what it has of a `kind`, such as
/// `extensions`. The type is known, even if the id of the server is not.
pub(crate) fn permission(method: Method, kind: Option<&str>, scope: &Text) -> Permission {
    let verb = match method {
        Method::Get | Method::Head => "read",
        Method::Delete => "delete",
        _ => "write",
    };
    let action = match kind {
        Some(kind) => format!("{MACHINES}/{kind}/{verb}"),
        None => format!("{MACHINES}/{verb}"),
    };
    Permission::control(action, permission::scope(scope))
}

/// Returns the path of the server that has the resource at `path`, such as an extension.
pub(crate) fn machine_of(path: &Text) -> Text {
    let path = Path::parse(path);
    path.prefix(path.segments.len().saturating_sub(2))
}

/// Returns the request that reads a server.
pub(crate) fn read_machine(azure: &Azure, machine: &Arg<ResourcePath>) -> Action {
    let path = path(machine);
    let action = request(azure, Method::Get, &path).action();
    action.needs(permission(Method::Get, None, &path))
}

/// Reads the location of a server with `read`, the request that reads it.
pub(crate) async fn location(session: &Session, read: &Action) -> Result<String, StepError> {
    #[derive(Deserialize)]
    struct Machine {
        #[serde(deserialize_with = "or_empty")]
        location: String,
    }
    let Machine { location } = session.send(read).await?.json()?;
    Ok(location)
}

/// Returns the text at a path of members; none if there is none.
pub(crate) fn text_at(value: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(value, |value, name| member_of(value, name))?;
    found.as_str().map(str::to_owned)
}

/// Returns an error if the argument `name` is known and is not the id of a server.
pub(crate) fn check(name: &'static str, machine: &Arg<ResourcePath>) -> Option<ArgumentError> {
    let segments: Vec<&str> = machine.value()?.segments().collect();
    let is_machine = match segments.as_slice() {
        [.., providers, namespace, kind, _] => {
            providers.eq_ignore_ascii_case("providers")
                && format!("{namespace}/{kind}").eq_ignore_ascii_case(MACHINES)
        }
        _ => false,
    };
    let shape =
        format!("must be the id of an Arc-enabled server: /subscriptions/…/providers/{MACHINES}/NAME");
    (!is_machine).then(|| ArgumentError::new(name, shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_told_from_other_resources() {
        let group = "/subscriptions/s/resourceGroups/g/providers";
        for (id, is_machine) in [
            ("Microsoft.HybridCompute/machines/m", true),
            ("microsoft.hybridcompute/Machines/m", true),
            ("Microsoft.HybridCompute/machines/m/extensions/e", false),
            ("Microsoft.HybridCompute/machines", false),
            ("Microsoft.Compute/virtualMachines/m", false),
        ] {
            let path = ResourcePath::parse(&format!("{group}/{id}")).unwrap();
            assert_eq!(check("machine", &Arg::known(path)).is_none(), is_machine, "{id}");
        }
    }
}
