//! Requests a token from the Arc agent.

use arcbook_engine::step::{Audience, Context, ErrorKind, Method, Safety, StepError, Token};

use super::agent::Agent;
use super::challenge::{ChallengeError, KeyFile};
use super::key::{self, Key, KeyError};
use super::selector::Selector;
use super::token;
use crate::http::{Asked, Client, HttpResponse, Peer, Policy, Request, RequestRetries, clean, deliver};
use crate::os::Os;

pub(super) const API_VERSION: &str = "2020-06-01";

/// The maximum number of keys that are tried: a key works once, and another client may use it first.
const KEYS: usize = 3;

/// The exchange of a key, which only permitted users can read, for a token.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub agent: Agent,
    pub selector: Selector,
    pub client: Client,
    pub policy: Policy,
    /// Returns the current Unix time, in seconds.
    pub now: fn() -> i64,
}

impl Exchange {
    /// Requests a token for `audience`; the key and the token are registered as secrets of the run before
    /// their first use.
    pub async fn token(&self, audience: &Audience, context: &Context) -> Result<Token, StepError> {
        self.agent.require()?;
        let mut challenge = self.ask(audience, None, context).await?;
        let mut spoilt = None;
        for _ in 0..KEYS {
            if challenge.status != 401 {
                return Err(challenge.nonsense("the agent returned a token without asking for its key"));
            }
            let key = match self.answer(&challenge).await? {
                Ok(key) => key,
                Err(gone) => {
                    spoilt = Some(gone);
                    challenge = self.ask(audience, None, context).await?;
                    continue;
                }
            };
            context.secrets().add(key.as_str());
            let response = self.ask(audience, Some(&key), context).await?;
            if response.status != 401 {
                let token = token::read(&response, (self.now)(), || token::not_connected(self.agent.os))?;
                context.secrets().add(token.reveal());
                return self.selector.check(token, &response);
            }
            spoilt = None;
            challenge = response;
        }
        Err(spoilt.unwrap_or_else(|| refused(&challenge, self.agent.os)))
    }

    /// Returns the URL of token requests for `audience`.
    pub fn url(&self, audience: &Audience) -> url::Url {
        self.selector.url(&self.agent.token, API_VERSION, audience)
    }

    /// Sends a token request; returns a successful response or a challenge. The key is sent only to the
    /// agent's own token URL.
    async fn ask(
        &self,
        audience: &Audience,
        key: Option<&Key>,
        context: &Context,
    ) -> Result<HttpResponse, StepError> {
        let url = self.url(audience);
        let asked = Asked::new(Peer::Agent, Method::Get, &url);
        let mut request = Request::new(Method::Get, url).header("metadata", "true")?;
        if let Some(key) = key {
            request = request.authorize(&format!("Basic {}", key.as_str()))?;
        }
        let mut attempts = RequestRetries::new(self.policy, Safety::Reads);
        let answered = deliver(&self.client, &request, &asked, &mut attempts, context, Some(401)).await;
        answered.map_err(|failure| asked.error(&failure, &attempts))
    }

    /// Reads the key that `challenge` names. The inner error is a missing key, which a new challenge may
    /// resolve.
    async fn answer(&self, challenge: &HttpResponse) -> Result<Result<Key, StepError>, StepError> {
        let header = challenge.header("www-authenticate").unwrap_or_default();
        let file = KeyFile::parse(header, self.agent.os).map_err(unacceptable)?;
        let (path, token_dir) = (file.clone(), self.agent.token_dir.clone());
        let read = tokio::task::spawn_blocking(move || key::read(&path, &token_dir)).await;
        match read
            .unwrap_or_else(|_| Err(KeyError::Io(std::io::Error::other("the thread that reads it stopped"))))
        {
            Ok(key) => Ok(Ok(key)),
            Err(error @ KeyError::Missing) => Ok(Err(unreadable(&file, &error, self.agent.os))),
            Err(error) => Err(unreadable(&file, &error, self.agent.os)),
        }
    }
}

fn unacceptable(error: ChallengeError) -> StepError {
    StepError::new(ErrorKind::Answer, "the agent's challenge is not one of an Azure Arc agent")
        .detail(format!("It should name a key file, but {error}. Nothing was read."))
        .help("check that the Arc agent, and no other program, listens at this address")
}

fn unreadable(file: &KeyFile, error: &KeyError, os: Os) -> StepError {
    let summary = format!("the key file {} in the agent's token directory cannot be used", clean(&file.name));
    let detail = format!("The agent gives a token to those who can read the file, but {error}.");
    let help = match error {
        KeyError::Denied => os.agent_help().key_denied,
        KeyError::Missing => os.agent_help().key_missing,
        _ => &["check that the Arc agent, and no other program, listens at this address"],
    };
    help.iter().copied().fold(StepError::new(ErrorKind::Local, summary).detail(detail), StepError::help)
}

fn refused(challenge: &HttpResponse, os: Os) -> StepError {
    StepError::new(ErrorKind::Refused, "the Azure Arc agent refused the key that it asked for")
        .detail(format!("{KEYS} keys were tried, each read from the file that the agent named."))
        .answer(challenge.status, None, challenge.request_id())
        .help(os.agent_help().restart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_read_the_key_is_told_how_to() {
        let file = KeyFile { directory: "/tokens".to_owned(), name: "a.key".to_owned() };
        for (error, os, expected) in [
            (KeyError::Denied, Os::Linux, "usermod -aG himds $USER"),
            (KeyError::Denied, Os::Linux, "sudo arcbook"),
            (KeyError::Denied, Os::Windows, "-Group 'Hybrid agent extension applications'"),
            (KeyError::Denied, Os::Windows, "in PowerShell as administrator"),
            (KeyError::Missing, Os::Linux, "usermod -aG himds $USER"),
            (KeyError::Missing, Os::Linux, "systemctl status himdsd"),
            (KeyError::Missing, Os::Windows, "Get-Service himds"),
            (KeyError::Elsewhere, Os::Linux, "no other program"),
            (KeyError::Elsewhere, Os::Windows, "no other program"),
        ] {
            let failed = unreadable(&file, &error, os);
            assert_eq!(failed.kind(), ErrorKind::Local);
            assert!(failed.remedies().iter().any(|help| help.contains(expected)), "{failed:?}");
        }
    }
}
