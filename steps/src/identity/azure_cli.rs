//! Takes tokens from the Azure CLI.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::step::{Audience, Context, ErrorKind, StepError, Token};
use serde_json::Value;

use super::token;
use crate::entra;
use crate::environment::Environment;
use crate::process::{Command, End, Failure, Finished, Reaper};

/// The time that the Azure CLI has for an answer.
const LIMIT: Duration = Duration::from_secs(30);

/// The variables that the Azure CLI gets beside the usual ones: where it keeps its logins and finds its certificates.
const INHERITED: [&str; 3] = ["AZURE_CONFIG_DIR", "REQUESTS_CA_BUNDLE", "PYTHONIOENCODING"];

/// The variable that keeps colours out of the output.
pub(super) const NO_COLOR: &str = "AZURE_CORE_NO_COLOR";

/// The program.
pub(super) const PROGRAM: &str = if cfg!(windows) { "az.cmd" } else { "az" };

/// The Azure CLI, with the account that is chosen in it or by arguments.
pub(crate) struct AzureCli {
    pub tenant: Option<String>,
    pub subscription: Option<String>,
    pub environment: Environment,
    pub reaper: Arc<Reaper>,
}

/// Returns the program and its arguments: as texts of the plan, whose values may be unknown, or of the run.
pub(super) fn argv<T: for<'a> From<&'a str>>(
    audience: &Audience,
    tenant: Option<T>,
    subscription: Option<T>,
) -> Vec<T> {
    let words = [PROGRAM, "account", "get-access-token", "--output", "json", "--resource", audience.as_str()];
    let chosen = [("--tenant", tenant), ("--subscription", subscription)];
    let chosen = chosen.into_iter().filter_map(|(name, value)| Some([T::from(name), value?]));
    words.into_iter().map(T::from).chain(chosen.flatten()).collect()
}

/// Returns the directory that the program runs in: one of the system, so that no file of the runbook's matters.
pub(super) fn directory(environment: &Environment) -> PathBuf {
    if cfg!(windows) { environment.get("SystemRoot").unwrap_or(r"C:\").into() } else { "/".into() }
}

/// Returns the names of the variables that the program gets beside the usual ones.
pub(super) fn variables(environment: &Environment) -> Vec<&'static str> {
    let inherited = INHERITED.into_iter().filter(|name| environment.get(name).is_some());
    [NO_COLOR].into_iter().chain(inherited).collect()
}

impl AzureCli {
    /// Takes a token for `audience`, and registers it as a secret of the run.
    pub async fn token(&self, audience: &Audience, context: &Context) -> Result<Token, StepError> {
        let own = |name: &str| match name {
            NO_COLOR => "true".to_owned(),
            name => self.environment.get(name).unwrap_or_default().to_owned(),
        };
        let names = variables(&self.environment);
        let command = Command {
            argv: argv(audience, self.tenant.clone(), self.subscription.clone()),
            environment: names.into_iter().map(|name| (name.to_owned(), own(name))).collect(),
            inherit: None,
            stdin: None,
            directory: directory(&self.environment),
        };
        // A program that is dropped is ended.
        let Ok(run) = tokio::time::timeout(LIMIT, command.run(&self.environment, &self.reaper)).await else {
            return Err(StepError::new(ErrorKind::Timeout, "the Azure CLI took too long")
                .detail(format!("It was ended after {LIMIT:?}."))
                .help("run it by hand as the same user: az account get-access-token"));
        };
        let finished = run.map_err(|failure| not_started(&failure))?;
        if finished.end != End::Code(0) {
            return Err(failed(&finished));
        }
        let token = read(finished.stdout.bytes()).ok_or_else(unexpected)?;
        context.secrets().add(token.reveal());
        Ok(token)
    }
}

/// Reads the token from the output of the Azure CLI.
fn read(output: &[u8]) -> Option<Token> {
    let document: Value = serde_json::from_slice(output).ok()?;
    let text = document.get("accessToken")?.as_str()?;
    // `expiresOn` is a local time; older versions have nothing else, but the token itself tells it too.
    let ends = document.get("expires_on").and_then(Value::as_i64).or_else(|| token::ends(text))?;
    token::of(text, ends, output)
}

fn not_started(failure: &Failure) -> StepError {
    match failure {
        Failure::NotInPath | Failure::NotFound => {
            StepError::new(ErrorKind::Local, "the Azure CLI is not installed")
                .detail(format!("No directory in PATH contains `{PROGRAM}`."))
                .help("install it: https://aka.ms/azure-cli; or use another kind of identity")
        }
        failure => failure.error("identity"),
    }
}

/// Returns the error for a failure, whose messages may contain anything: only codes of Entra are taken from them.
fn failed(finished: &Finished) -> StepError {
    let messages = String::from_utf8_lossy(finished.stderr.bytes()).into_owned();
    let numbers: Vec<u32> = entra::numbers(&messages).collect();
    let known = numbers.iter().find_map(|number| Some((number, entra::code(*number)?)));
    if let Some((number, code)) = known {
        let error = StepError::new(ErrorKind::Refused, format!("the Azure CLI got no token: AADSTS{number}"));
        // These have no placeholders for facts of a request.
        let help = code.help.iter().filter(|help| !help.contains('{'));
        return help.fold(error, |error, help| error.help(*help));
    }
    let is_logged_out =
        numbers.is_empty() && ["az login", "az account set"].iter().any(|word| messages.contains(word));
    if is_logged_out {
        return StepError::new(ErrorKind::Local, "nobody is signed in to the Azure CLI")
            .detail("It has no account, or not the one that `tenant` or `subscription` chooses.")
            .help("sign in as the user that runs arcbook: az login; az account list shows the accounts");
    }
    StepError::new(ErrorKind::Refused, "the Azure CLI got no token")
        .detail("Its messages are not shown, since they may contain one.")
        .help("run it by hand as the same user: az account get-access-token")
}

fn unexpected() -> StepError {
    StepError::new(ErrorKind::Answer, "the output of the Azure CLI cannot be used")
        .detail(
            "It is not the JSON of a token with its expiry. It is not shown, since it may contain a token.",
        )
        .help("check that `az` is the Azure CLI of Microsoft, and update it: az upgrade")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_its_expiry() {
        let (claims, other) = ("e30.eyJleHAiOjEyMzR9.c2ln", "opaque");
        for (output, expected) in [
            (
                format!(
                    r#"{{"accessToken":"{other}","expires_on":99,"expiresOn":"2026-01-01 00:00:00.000000"}}"#
                ),
                Some(99),
            ),
            (format!(r#"{{"accessToken":"{claims}","expiresOn":"2026-01-01 00:00:00.000000"}}"#), Some(1234)),
            (format!(r#"{{"accessToken":"{other}","expiresOn":"2026-01-01 00:00:00.000000"}}"#), None),
            (r#"{"accessToken":"","expires_on":99}"#.to_owned(), None),
            (r#"{"accessToken":"a b","expires_on":99}"#.to_owned(), None),
            ("[]".to_owned(), None),
            ("hunter2".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(read(output.as_bytes()).map(|token| token.expires_on()), expected, "{output}");
        }
    }
}
