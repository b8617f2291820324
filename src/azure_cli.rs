//! Answers in the words of the Azure CLI.

use arcbook_engine::diagnostic::{Diagnostic, visible_json};
use arcbook_engine::step::Token;
use arcbook_os::clock;
use serde_json::{Value as Json, json};

/// Returns JSON as the Azure CLI prints it: a line for each member, with spaces before it.
pub fn in_lines(json: &Json) -> String {
    format!("{json:#}").lines().fold(String::new(), |text, line| text + &visible_json(line) + "\n")
}

/// Returns the token in the format of `az account get-access-token`.
pub fn as_token(token: &Token, subscription: Option<&str>) -> Result<Json, Box<Diagnostic>> {
    let expiry = clock::local(token.expires_on()).ok_or_else(|| {
        Diagnostic::error("az", "the time zone of this machine is unknown, and the answer needs a local time")
            .help("set TZ, such as TZ=UTC0; `arcbook token` tells the expiry without a time zone")
    })?;
    let mut answer = json!({
        "accessToken": token.reveal(),
        "expiresOn": format!("{expiry}.000000"),
        "expires_on": token.expires_on(),
    });
    if let Some(subscription) = subscription {
        answer["subscription"] = subscription.into();
    }
    answer["tenant"] = token.principal().get("tenant").into();
    answer["tokenType"] = "Bearer".into();
    Ok(answer)
}
