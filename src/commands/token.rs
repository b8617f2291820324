//! `arcbook token`.

use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostic, visible_json};
use arcbook_engine::run::described;
use arcbook_engine::step::{Audience, Context, Platform as _, Token};
use arcbook_steps::{Azure, Service, own_subscription};
use serde_json::{Value as Json, json};

use super::{block_on, claims, failed, time};
use crate::azure;
use crate::azure_cli;
use crate::exit::Exit;
use crate::progress::Phase;
use crate::screen::Screen;
use crate::shell::Shell;

#[derive(clap::Args)]
pub struct Arguments {
    /// The audience of the token, such as <https://vault.azure.net>; by default, that of the cloud's Resource Manager.
    #[arg(long, value_name = "URI")]
    resource: Option<String>,
    /// The output format.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Show the claims of the token and their meanings, but not the token.
    #[arg(long, conflicts_with = "format")]
    claims: bool,
    /// Wait up to this long for an Azure Arc agent that does not listen yet, such as `2m`; by default, do not
    /// wait.
    #[arg(long, value_name = "TIME", value_parser = time)]
    wait_for_agent: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// An object with the token, its expiry and its tenant.
    Json,
    /// The token alone.
    Raw,
    /// Lines that set `AZURE_ACCESS_TOKEN` and `AZURE_ACCESS_TOKEN_EXPIRES_ON`, for the `eval` of a shell.
    Env,
    /// The header of a request, for `curl -H @-`.
    Header,
    /// The output of `az account get-access-token`.
    Az,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let text = block_on(async {
        let azure = azure::of_environment(screen, arguments.wait_for_agent).await?;
        azure::announce(&azure, screen, false);
        let context = Context::new("token", "", screen.secrets().clone(), |_| {});
        let token = {
            let _phase = Phase::begin(screen, || "waiting for the Azure Arc agent's token".to_owned());
            let audience = arguments.audience(&azure);
            azure.machine().token(&audience, &context).await.map_err(|error| described(&error))?
        };
        let text = if arguments.claims {
            None
        } else {
            Some(text(&token, arguments.format, &azure, &context).await?)
        };
        Ok((token, text))
    });
    match text.and_then(|text| text) {
        // The user asked for the token, so it is printed unredacted.
        Ok((_, Some(text))) => {
            screen.reveal(&text);
            Exit::Done
        }
        Ok((token, None)) => claims::show(&token, screen),
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

impl Arguments {
    fn audience(&self, azure: &Azure) -> Audience {
        self.resource.as_deref().map_or_else(|| azure.cloud().audience(Service::Arm), Audience::new)
    }
}

/// Returns the token in a format.
async fn text(
    token: &Token,
    format: Format,
    azure: &Arc<Azure>,
    context: &Context,
) -> Result<String, Box<Diagnostic>> {
    Ok(match format {
        Format::Json => format!("{}\n", visible_json(&as_json(token).to_string())),
        Format::Raw => format!("{}\n", token.reveal()),
        Format::Env => {
            let shell = Shell::here();
            let token_line = shell.assign("AZURE_ACCESS_TOKEN", token.reveal());
            let expiry = shell.assign("AZURE_ACCESS_TOKEN_EXPIRES_ON", &token.expires_on().to_string());
            format!("{token_line}\n{expiry}\n")
        }
        Format::Header => format!("Authorization: Bearer {}\n", token.reveal()),
        Format::Az => {
            let subscription = own_subscription(azure, context).await.map_err(|error| described(&error))?;
            azure_cli::in_lines(&azure_cli::as_token(token, Some(&subscription))?)
        }
    })
}

/// Returns the token with the facts that are known without a further request.
fn as_json(token: &Token) -> Json {
    json!({
        "accessToken": token.reveal(),
        "expires_on": token.expires_on(),
        "tenant": token.principal().get("tenant"),
        "tokenType": "Bearer",
    })
}
