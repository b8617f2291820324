//! The step type `keyvault_access_policy`.

use std::collections::{BTreeMap, BTreeSet};

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Difference, Effect, ErrorKind, Existing,
    HttpRequest, Method, Outputs, Power, Prior, PriorState, Receipt, Response, Safety, StepError, Text,
    Title,
};
use arcbook_engine::value::Value;
use bytes::Bytes;

use super::keyvault_policy_undo::{PolicyUndo, proof};
use crate::arm::{self, ResourcePath};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::directory::ObjectId;
use crate::http::Payload;
use crate::keyvault::{Permissions, Policies, Principal, UpdateKind};
use crate::permission;
use crate::session::{Session, line};
use crate::step::{Done, TypedStep};
use crate::undo::Undo;
use crate::words;

/// Keeps the permissions of one principal in a key vault as declared, in a vault with access policies.
///
/// The step changes the policy of this principal and no other. Kinds of permissions that are left out stay as they are;
/// an empty list takes all permissions of that kind. A vault with `enableRbacAuthorization` ignores its policies, so the
/// step fails there. Whoever may change access policies can give every right in the vault to anyone.
///
/// An undo gives the principal the permissions that it had before, if nobody has changed them since.
#[derive(Arguments, Debug)]
pub struct KeyvaultAccessPolicy {
    /// Id of the vault: `/subscriptions/…/providers/Microsoft.KeyVault/vaults/NAME`.
    vault_id: Arg<ResourcePath>,
    /// Object id of the user, the group, or the service principal, such as that of a managed identity.
    principal_id: Arg<ObjectId>,
    /// Id of the application through which the principal acts, for a compound identity.
    application_id: Option<Arg<ObjectId>>,
    /// Permissions for secrets, such as `get` and `list`.
    secrets: Option<Arg<BTreeSet<String>>>,
    /// Permissions for keys, such as `get`, `sign` and `unwrapKey`.
    keys: Option<Arg<BTreeSet<String>>>,
    /// Permissions for certificates, such as `get` and `import`.
    certificates: Option<Arg<BTreeSet<String>>>,
    /// Permissions for storage accounts that the vault manages.
    storage: Option<Arg<BTreeSet<String>>>,
    /// If true, the principal has no policy in the vault; defaults to false.
    absent: Option<Arg<bool>>,
}

/// The outputs of `keyvault_access_policy`.
#[derive(Outputs, Debug)]
pub struct Kept {
    /// Permissions of the principal after the step, in lists by kind: `secrets`, `keys`, `certificates`, `storage`.
    #[output(answer)]
    permissions: Value,
}

/// The vault as it is, and the policy of the principal in it.
struct Found {
    policies: Policies,
    current: Option<Permissions>,
}

impl KeyvaultAccessPolicy {
    fn path(&self) -> Text {
        Text::new().then_parts(&self.vault_id, ResourcePath::encoded)
    }

    fn read(&self, azure: &Azure) -> Action {
        let request = HttpRequest::new(Method::Get, arm::url(azure, &self.vault_id, None));
        let request = request.audience(azure.cloud().audience(Service::Arm));
        request.action().needs(permission::arm(Method::Get, &self.path()))
    }

    fn write(&self, azure: &Azure, kind: UpdateKind) -> Action {
        let vault = Text::from(azure.cloud().arm()).then("/").then_text(&self.path());
        let request =
            HttpRequest::new(Method::Put, kind.url(vault)).audience(azure.cloud().audience(Service::Arm));
        let request = request.header("content-type", "application/json").body(Body::Unknown);
        let needs = permission::arm(Method::Put, &kind.path(self.path()));
        request.action().safety(Safety::Idempotent).needs(needs)
    }

    /// Returns the value of `absent`; none if it is unknown.
    fn is_absent(&self) -> Option<bool> {
        self.absent.as_ref().map_or(Some(false), |absent| absent.value().copied())
    }

    fn principal(&self) -> Result<Principal, StepError> {
        let ObjectId(id) = *self.principal_id.get()?;
        let application = match &self.application_id {
            Some(application) => Some(application.get()?.0),
            None => None,
        };
        Ok(Principal { id, application })
    }

    fn kinds(&self) -> [(&'static str, Option<&Arg<BTreeSet<String>>>); 4] {
        [
            ("secrets", self.secrets.as_ref()),
            ("keys", self.keys.as_ref()),
            ("certificates", self.certificates.as_ref()),
            ("storage", self.storage.as_ref()),
        ]
    }

    /// Returns the declared permissions: `: secrets get, list; keys none`.
    fn rights_in_words(&self) -> String {
        let listed = |list: &BTreeSet<String>| match list.len() {
            0 => "none".to_owned(),
            _ => list.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        };
        let kinds = self.kinds().into_iter().filter_map(|(kind, declared)| Some((kind, declared?)));
        let rights =
            kinds.map(|(kind, declared)| format!("{kind} {}", Text::new().then_arg(declared, listed)));
        let rights: Vec<String> = rights.filter(|_| self.is_absent() != Some(true)).collect();
        if rights.is_empty() { String::new() } else { format!(": {}", rights.join("; ")) }
    }

    /// Returns the permissions that the principal has after the step; none if it has no policy then.
    fn wanted(&self, current: Option<&Permissions>) -> Option<Permissions> {
        if self.is_absent() == Some(true) {
            return None;
        }
        let mut wanted = current.cloned().unwrap_or_default();
        for (kind, declared) in self.kinds() {
            if let Some(declared) = declared.and_then(Arg::value) {
                wanted.set(kind, declared);
            }
        }
        Some(wanted)
    }

    async fn found(&self, session: &Session) -> Result<Found, StepError> {
        let read = self.read(session.azure());
        let vault = session.send(&read).await?;
        let policies = Policies::read(&vault)?;
        if policies.is_ignored() {
            let scope = "assign a role at the scope of the vault, such as `Key Vault Secrets User`";
            return Err(StepError::new(
                ErrorKind::Refused,
                "the vault ignores access policies, because it uses roles",
            )
            .detail("Its property `enableRbacAuthorization` is true.")
            .request(line(&read))
            .argument("vault_id")
            .help(scope));
        }
        let current = policies.of(self.principal()?);
        Ok(Found { policies, current })
    }

    fn done(
        &self,
        session: &Session,
        now: Option<&Permissions>,
        change: Change,
    ) -> Result<Done<Kept>, StepError> {
        let permissions = now.cloned().unwrap_or_default().into_value();
        let done = Done::changed(Kept { permissions }, change);
        if matches!(change, Change::Created | Change::Updated) {
            session.granted(&self.principal()?.id.to_string(), true);
        }
        if change == Change::None || session.is_sensitive() {
            return Ok(done);
        }
        let vault = self.vault_id.get()?.as_str();
        Ok(done.receipt(proof(vault, self.principal()?, now)))
    }
}

/// Returns the differences of permissions by kind.
fn differences(was: &Permissions, will: &Permissions) -> Vec<Difference> {
    let lists: BTreeMap<&str, (Value, Value)> = was.compared(will);
    lists.into_iter().map(|(kind, (was, will))| Difference::new(kind, was, will)).collect()
}

impl TypedStep for KeyvaultAccessPolicy {
    const TYPE: &'static str = "keyvault_access_policy";
    const EXAMPLE: &'static str = r#"locals {
  group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sandbox"
}

step "keyvault_access_policy" "reader" {
  vault_id     = "${local.group}/providers/Microsoft.KeyVault/vaults/sandbox00000000"
  principal_id = "20000000-0000-4000-8000-000000000001"
  secrets      = ["get", "list"]
}

output "permissions" {
  value = step.keyvault_access_policy.reader.permissions
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Rights;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Kept;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let is_vault = |path: &ResourcePath| {
            let segments: Vec<&str> = path.segments().collect();
            matches!(segments.as_slice(), [.., providers, provider, kind, _]
                if providers.eq_ignore_ascii_case("providers")
                    && provider.eq_ignore_ascii_case("Microsoft.KeyVault")
                    && kind.eq_ignore_ascii_case("vaults"))
        };
        let stray = self.vault_id.value().is_some_and(|path| !is_vault(path)).then(|| {
            ArgumentError::new(
                "vault_id",
                "must be the id of a vault: `…/providers/Microsoft.KeyVault/vaults/NAME`",
            )
        });
        let declares = self.kinds().iter().any(|(_, declared)| declared.is_some());
        let empty = (self.is_absent() == Some(false) && !declares).then(|| {
            ArgumentError::new("secrets", "must be given, or permissions of another kind")
                .help("set `absent = true` to take the policy of the principal away")
        });
        stray.into_iter().chain(empty).collect()
    }

    fn title(&self) -> Title {
        let principal = Text::new().then_arg(&self.principal_id, |ObjectId(id)| id.to_string());
        let vault = words::resource(&self.path());
        let application = |id: &Arg<ObjectId>| {
            format!("through application {}, ", Text::new().then_arg(id, |ObjectId(id)| id.to_string()))
        };
        let application = self.application_id.as_ref().map(application).unwrap_or_default();
        let place = format!("{application}in vault {}{}", vault.name(), self.rights_in_words());
        Title::new("access policy of").named(&principal).placed(place)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let removes = (self.is_absent() != Some(false)).then(|| self.write(azure, UpdateKind::Remove));
        let keeps = self.is_absent() != Some(true);
        let keeps = keeps.then(|| [UpdateKind::Add, UpdateKind::Replace].map(|kind| self.write(azure, kind)));
        std::iter::once(self.read(azure)).chain(keeps.into_iter().flatten()).chain(removes).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Kept>>, StepError> {
        let Found { current, .. } = match self.found(session).await {
            Ok(found) => found,
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        let wanted = self.wanted(current.as_ref());
        if wanted == current {
            let change = match (session.before(), &wanted) {
                (None, _) => Change::None,
                (Some(_), None) => Change::Removed,
                (Some(PriorState::Absent), Some(_)) => Change::Created,
                (Some(_), Some(_)) => Change::Updated,
            };
            return self.done(session, current.as_ref(), change).map(Existing::AsWanted);
        }
        let Some(current) = current else { return Ok(Existing::Absent) };
        let prior = (!session.is_sensitive()).then(|| Prior::of(current.clone().into_value()));
        Ok(match wanted {
            None => Existing::Unwanted(prior),
            Some(wanted) => Existing::Different(differences(&current, &wanted), prior),
        })
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        PolicyUndo::of(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Kept>, StepError> {
        let Found { policies, current } = self.found(session).await?;
        let wanted = self.wanted(current.as_ref());
        if wanted == current {
            return self.done(session, current.as_ref(), Change::None);
        }
        let (kind, change) = match (&current, &wanted) {
            (_, None) => (UpdateKind::Remove, Change::Removed),
            (None, Some(_)) => (UpdateKind::Add, Change::Created),
            (Some(_), Some(_)) => (UpdateKind::Replace, Change::Updated),
        };
        let sent = wanted.as_ref().or(current.as_ref()).cloned().unwrap_or_default();
        let body = policies.update(self.principal()?, &sent);
        session.send_loaded(&self.write(session.azure(), kind), Some(payload(&body)), &[]).await?;
        self.done(session, wanted.as_ref(), change)
    }
}

pub(super) fn payload(body: &serde_json::Value) -> Payload {
    Payload::from(Bytes::from(body.to_string()))
}
