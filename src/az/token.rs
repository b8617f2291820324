//! `az account get-access-token`.

use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::run::described;
use arcbook_engine::step::{Audience, Platform as _};
use arcbook_steps::{Azure, Service, own_subscription, subscriptions};
use serde_json::Value as Json;

use super::account::context;
use super::cli::GetAccessToken;
use crate::azure;
use crate::azure_cli::{as_token, in_lines};
use crate::commands::{block_on, failed};
use crate::exit::Exit;
use crate::screen::Screen;

/// The end of the only scope that a machine can ask for.
const DEFAULT: &str = "/.default";

pub fn perform(arguments: &GetAccessToken, screen: &Screen) -> Exit {
    let answer = block_on(async {
        let azure = azure::of_environment(screen, None).await?;
        azure::announce(&azure, screen, false);
        answer(arguments, &azure, screen).await
    });
    match answer.and_then(|answer| answer) {
        // The client asked for the token, so it is printed unredacted.
        Ok(answer) => {
            screen.reveal(&in_lines(&answer));
            Exit::Done
        }
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn answer(
    arguments: &GetAccessToken,
    azure: &Arc<Azure>,
    screen: &Screen,
) -> Result<Json, Box<Diagnostic>> {
    let audience = audience(arguments, azure)?;
    let context = context(azure, screen);
    let token = azure.machine().token(&audience, &context).await.map_err(|error| described(&error))?;
    let tenant = token.principal().get("tenant");
    // As in the Azure CLI, a token for a tenant belongs to no subscription.
    if let Some(wanted) = &arguments.tenant {
        return if tenant.is_some_and(|tenant| tenant.eq_ignore_ascii_case(wanted)) {
            as_token(&token, None)
        } else {
            Err(other_tenant(tenant).into())
        };
    }
    let own = own_subscription(azure, &context).await.map_err(|error| described(&error))?;
    let Some(wanted) = arguments.subscription.as_ref().filter(|wanted| !wanted.eq_ignore_ascii_case(&own))
    else {
        return as_token(&token, Some(&own));
    };
    let all = subscriptions(azure, &context).await.map_err(|error| described(&error))?;
    let is_wanted =
        |text: &Option<String>| text.as_ref().is_some_and(|text| text.eq_ignore_ascii_case(wanted));
    let found = all.iter().find(|found| is_wanted(&found.id) || is_wanted(&found.name));
    let found = found.ok_or_else(unknown_subscription)?;
    let is_here =
        found.tenant.as_deref().is_some_and(|its| tenant.is_some_and(|own| own.eq_ignore_ascii_case(its)));
    if is_here { as_token(&token, found.id.as_deref()) } else { Err(other_tenant(tenant).into()) }
}

/// Returns the audience of the token: as in the Azure CLI, Azure Resource Manager by default.
fn audience(arguments: &GetAccessToken, azure: &Azure) -> Result<Audience, Box<Diagnostic>> {
    match (&arguments.resource, &arguments.scope) {
        (Some(resource), _) => Ok(Audience::new(resource.as_str())),
        (None, Some(scope)) => {
            let resource = scope.strip_suffix(DEFAULT).filter(|resource| !resource.is_empty());
            resource.map(Audience::new).ok_or_else(|| Box::new(single_scope()))
        }
        (None, None) => Ok(azure.cloud().audience(Service::Arm)),
    }
}

fn single_scope() -> Diagnostic {
    Diagnostic::error("az", "the scope of a token for a machine is a resource with `/.default` after it")
        .detail("A machine gets all permissions that its identity has, so no other scope can be asked for.")
        .help("ask for one such as https://management.azure.com/.default")
}

fn other_tenant(own: Option<&str>) -> Diagnostic {
    let own = own.unwrap_or("not told by its token");
    Diagnostic::error("az", "the identity of this machine is of another tenant than the one asked for")
        .detail(format!("It gets tokens of its own tenant only: {own}."))
        .help("configure the client for that tenant, by its id, or for none")
}

fn unknown_subscription() -> Diagnostic {
    Diagnostic::error("az", "the identity of this machine has no role in the subscription asked for")
        .detail("`az account list` shows the subscriptions in which it has one.")
        .help("grant it a role there, such as Reader, or correct the subscription in the client")
}
