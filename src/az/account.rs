//! `az account show` and `az account list`.

use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::run::described;
use arcbook_engine::step::{Context, Platform as _};
use arcbook_steps::{Azure, Service, own_subscription, subscriptions};
use serde_json::{Value as Json, json};

use crate::azure;
use crate::azure_cli::in_lines;
use crate::commands::{block_on, failed};
use crate::exit::Exit;
use crate::screen::Screen;

/// Returns the context of requests as this machine.
pub fn context(azure: &Arc<Azure>, screen: &Screen) -> Context {
    Context::new("az", "", screen.secrets().clone(), |_| {}).acting_as(azure.machine())
}

pub fn show(screen: &Screen) -> Exit {
    print(screen, |azure, context| async move {
        let own = own_subscription(&azure, &context).await.map_err(|error| described(&error))?;
        // A token says of which tenant the identity is.
        let audience = azure.cloud().audience(Service::Arm);
        let token = azure.machine().token(&audience, &context).await.map_err(|error| described(&error))?;
        Ok(account(&azure, &own, token.principal().get("tenant"), true))
    })
}

pub fn list(screen: &Screen) -> Exit {
    print(screen, |azure, context| async move {
        let own = own_subscription(&azure, &context).await.map_err(|error| described(&error))?;
        let all = subscriptions(&azure, &context).await.map_err(|error| described(&error))?;
        let accounts = all.into_iter().filter_map(|subscription| {
            let id = subscription.id?;
            let is_own = id.eq_ignore_ascii_case(&own);
            let mut account = account(&azure, &id, subscription.tenant.as_deref(), is_own);
            account["name"] = subscription.name.into();
            account["state"] = subscription.state.into();
            Some(account)
        });
        Ok(Json::Array(accounts.collect()))
    })
}

/// Returns an account as the Azure CLI has it after `az login --identity`, as far as it is known.
fn account(azure: &Azure, id: &str, tenant: Option<&str>, is_default: bool) -> Json {
    json!({
        "environmentName": azure.cloud().name,
        "id": id,
        "isDefault": is_default,
        "tenantId": tenant,
        "user": {
            "assignedIdentityInfo": "MSI",
            "name": "systemAssignedIdentity",
            "type": "servicePrincipal",
        },
    })
}

/// Prints the JSON that `answer` returns.
fn print<F>(screen: &Screen, answer: impl FnOnce(Arc<Azure>, Context) -> F) -> Exit
where
    F: Future<Output = Result<Json, Diagnostic>>,
{
    let answer = block_on(async {
        let azure = azure::of_environment(screen, None).await?;
        azure::announce(&azure, screen, false);
        let context = context(&azure, screen);
        answer(azure, context).await.map_err(Box::new)
    });
    match answer.and_then(|answer| answer) {
        Ok(answer) => {
            screen.print_exactly(&in_lines(&answer));
            Exit::Done
        }
        Err(diagnostic) => failed(screen, diagnostic),
    }
}
