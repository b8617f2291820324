//! `arcbook token`.

use std::time::Duration;

use arcbook_engine::diagnostic::visible_json;
use arcbook_engine::run::described;
use arcbook_engine::step::{Audience, Context, Platform as _, Token};
use serde_json::{Value as Json, json};

use super::{block_on, claims, failed, time};
use crate::azure;
use crate::exit::Exit;
use crate::progress::Phase;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    /// The audience of the token, such as <https://management.azure.com>.
    #[arg(long, value_name = "URI", default_value = "https://management.azure.com")]
    resource: String,
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

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// An object in the format of `az account get-access-token`.
    Json,
    /// The token alone.
    Raw,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let audience = Audience::new(arguments.resource.as_str());
    let context = Context::new("token", "", screen.secrets().clone(), |_| {});
    let token = block_on(async {
        let azure = azure::of_environment(screen, arguments.wait_for_agent).await?;
        azure::announce(&azure, screen, false);
        let _phase = Phase::begin(screen, || "waiting for the Azure Arc agent's token".to_owned());
        azure.machine().token(&audience, &context).await.map_err(|error| Box::new(described(&error)))
    });
    let token = match token.and_then(|token| token) {
        Ok(token) => token,
        Err(diagnostic) => return failed(screen, diagnostic),
    };
    if arguments.claims {
        return claims::show(&token, screen);
    }
    // The user asked for the token, so it is printed unredacted.
    screen.reveal(&match arguments.format {
        Format::Json => format!("{}\n", visible_json(&as_az(&token).to_string())),
        Format::Raw => format!("{}\n", token.reveal()),
    });
    Exit::Done
}

/// Returns the token in the format of `az account get-access-token`.
fn as_az(token: &Token) -> Json {
    json!({
        "accessToken": token.reveal(),
        "expires_on": token.expires_on(),
        "tenant": token.principal().get("tenant"),
        "tokenType": "Bearer",
    })
}
