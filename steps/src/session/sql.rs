//! Executes the statements of a step.

use std::time::Duration;

use arcbook_engine::step::{Action, ActionKind, Audience, Credential, Progress, Safety, StepError, Token};
use rustls::ClientConfig;
use tokio::time::Instant;

use super::{Session, line, undeclared};
use crate::postgres::{self, Answer, Failed, Query, Server, Told};

/// A statement that is ready to be executed.
pub(crate) struct Sql {
    /// The server; a token takes the place of its password.
    pub server: Server,
    pub query: Query,
    /// True if the server's message may repeat a sensitive value.
    pub holds_secret: bool,
}

impl Session {
    /// Executes the statement of `action`, again if its failure may pass and nothing can have changed.
    pub(crate) async fn query(&self, action: &Action, sql: Sql) -> Result<Answer, StepError> {
        self.check(action)?;
        let ActionKind::Sql(statement) = &action.kind else { return Err(undeclared(action)) };
        let Sql { mut server, query, holds_secret } = sql;
        let token = match &statement.credential {
            Credential::Token(audience) => {
                postgres::check_token(&server, self.azure.cloud())?;
                let token = self.context.identity()?.token(audience, &self.context).await?;
                server.password = Some(token.reveal().to_owned());
                Some(token)
            }
            Credential::None | Credential::Password => None,
        };
        let tls = self.azure.outside_tls().config().await?;
        let how = (action.safety, &tls);
        let mut attempts = Attempts { began: Instant::now(), number: 1, is_change_unknown: false };
        let failed = match self.repeat(how, &server, &query, &mut attempts).await {
            Err(failed) if failed.failure.is_refused_login() => {
                match self.another_login(statement.credential.audience(), token.as_ref()).await? {
                    Some(another) => {
                        server.password = Some(another.reveal().to_owned());
                        self.repeat(how, &server, &query, &mut attempts).await
                    }
                    None => Err(failed),
                }
            }
            done => done,
        };
        failed.map_err(|failed| {
            let told = Told {
                statement: &query.text,
                holds_secret,
                is_read: action.is_read(),
                has_token: token.is_some(),
                asks: server.asks,
                attempts: attempts.number,
            };
            let error = failed.error(told).request(line(action));
            if attempts.is_change_unknown && !action.is_read() { error.uncertain() } else { error }
        })
    }

    /// Returns another token than the one that the server refused.
    async fn another_login(
        &self,
        audience: Option<&Audience>,
        token: Option<&Token>,
    ) -> Result<Option<Token>, StepError> {
        match (audience, token) {
            (Some(audience), Some(token)) => {
                self.context.identity()?.another_token(audience, token, &self.context).await
            }
            _ => Ok(None),
        }
    }

    async fn repeat(
        &self,
        (safety, tls): (Safety, &ClientConfig),
        server: &Server,
        query: &Query,
        attempts: &mut Attempts,
    ) -> Result<Answer, Failed> {
        let policy = self.azure.arm_policy();
        let policy = if self.context.sends_once() { policy.once() } else { policy };
        loop {
            let failed = match postgres::run(server, tls.clone(), query, self.azure.reaper()).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            attempts.is_change_unknown |= failed.leaves_change_unknown();
            let may_repeat = safety != Safety::Once || !attempts.is_change_unknown;
            if !failed.may_pass()
                || !may_repeat
                || attempts.number >= policy.attempts
                || attempts.began.elapsed() >= policy.budget
            {
                return Err(failed);
            }
            let after: Duration = policy.backoff.wait(attempts.number, fastrand::f64());
            attempts.number += 1;
            let (attempt, reason) = (attempts.number, failed.failure.clause());
            self.context.report(Progress::Retrying { attempt, attempts: policy.attempts, after, reason });
            tokio::time::sleep(after).await;
        }
    }
}

/// The attempts of one statement.
struct Attempts {
    began: Instant,
    /// The number of the current attempt, counted from 1.
    number: u32,
    /// True if an attempt may have made a change that no answer confirms.
    is_change_unknown: bool,
}
