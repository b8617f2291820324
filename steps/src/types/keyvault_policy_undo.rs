//! Undoes the changes of `keyvault_access_policy`.

use arcbook_engine::redact::REPLACEMENT;
use arcbook_engine::step::{
    Action, Body, Change, ErrorKind, HttpRequest, Method, Receipt, Safety, StepError, Text,
};
use arcbook_engine::value::Value;

use super::keyvault_access_policy::payload;
use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::member_of;
use crate::keyvault::{Permissions, Policies, Principal, UpdateKind};
use crate::percent;
use crate::permission;
use crate::session::{Session, line};
use crate::undo::Undo;

/// Returns the proof of a change that left a principal with `now`.
pub(super) fn proof(vault: &str, principal: Principal, now: Option<&Permissions>) -> Value {
    let application = principal.application.map_or(Value::NULL, |id| Value::string(id.to_string()));
    Value::object([
        ("vault", Value::from(vault)),
        ("principal", Value::string(principal.id.to_string())),
        ("application", application),
        ("permissions", now.map_or(Value::NULL, |now| now.clone().into_value())),
    ])
}

/// Gives a principal the permissions that it had before a change.
pub(super) struct PolicyUndo {
    read: Action,
    write: Action,
    kind: UpdateKind,
    principal: Principal,
    /// The permissions that the change left, and those before it.
    left: Option<Permissions>,
    prior: Option<Permissions>,
}

impl PolicyUndo {
    /// Returns the undo; none if the receipt does not say enough.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let proof = receipt.proof.as_ref()?;
        let text = |name| member_of(proof, name)?.as_str();
        let id = |name| text(name)?.parse().ok();
        let principal = Principal { id: id("principal")?, application: id("application") };
        let path = text("vault").filter(|vault| !vault.contains(REPLACEMENT))?;
        let path = Text::from(percent::path(path.trim_start_matches('/')));
        let kind = match receipt.change? {
            Change::Created => UpdateKind::Remove,
            Change::Updated => UpdateKind::Replace,
            Change::Removed => UpdateKind::Add,
            Change::None => return None,
        };
        let prior = receipt.prior.as_ref().and_then(Permissions::from_value);
        if kind != UpdateKind::Remove && prior.is_none() {
            return None;
        }
        let request =
            |method, url| HttpRequest::new(method, url).audience(azure.cloud().audience(Service::Arm));
        let vault = || Text::from(azure.cloud().arm()).then("/").then_text(&path);
        let read = request(Method::Get, vault().then("?api-version=2023-07-01")).action();
        let write = request(Method::Put, kind.url(vault())).header("content-type", "application/json");
        let write = write.body(Body::Unknown).action().safety(Safety::Idempotent);
        Some(Self {
            read: read.needs(permission::arm(Method::Get, &path)),
            write: write.needs(permission::arm(Method::Put, &kind.path(path))),
            kind,
            principal,
            left: member_of(proof, "permissions")
                .filter(|left| !left.is_null())
                .and_then(Permissions::from_value),
            prior,
        })
    }
}

impl Undo for PolicyUndo {
    fn actions(&self) -> Vec<Action> {
        vec![self.read.clone(), self.write.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let policies = match session.send(&self.read).await {
            Ok(vault) => Policies::read(&vault)?,
            Err(error) if error.status() == Some(404) => return Ok(Change::None),
            Err(error) => return Err(error),
        };
        let current = policies.of(self.principal);
        if current == self.prior {
            return Ok(Change::None);
        }
        if current != self.left {
            return Err(StepError::new(
                ErrorKind::Refused,
                "the access policy has changed since and is kept",
            )
            .request(line(&self.read))
            .help("inspect it, and undo the change manually if it is not needed"));
        }
        let permissions = self.prior.as_ref().or(current.as_ref()).cloned().unwrap_or_default();
        let body = policies.update(self.principal, &permissions);
        session.send_loaded(&self.write, Some(payload(&body)), &[]).await?;
        Ok(match self.kind {
            UpdateKind::Add => Change::Created,
            UpdateKind::Replace => Change::Updated,
            UpdateKind::Remove => Change::Removed,
        })
    }
}
