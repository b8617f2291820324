//! Checks the permissions of an identity.

use std::collections::HashMap;
use std::sync::Arc;

use arcbook_engine::redact::Secrets;
use arcbook_engine::step::{Context, Identity, Permission, Plane, StepError};
use futures::StreamExt as _;
use futures::stream;
use serde::Serialize;

use super::ask::Asker;
use super::held::best;
use super::limits::Limits;
use super::object::{Object, Place, find};
use super::policy::Policy;
use super::scope::{arm_scope, assignable};
use super::verdict::{LATER, Verdict};
use crate::azure::Azure;
use crate::permission;
use crate::roles::Block;
use crate::words;

/// The maximum number of questions at once.
const AT_ONCE: usize = 8;

/// An identity and its needs.
pub struct Claimant {
    /// The address, or `machine`.
    pub address: String,
    /// The identity.
    pub identity: Arc<dyn Identity>,
    /// The needed permissions.
    pub needs: Vec<Permission>,
}

/// The verdict on a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The address of the identity, or `machine`.
    pub identity: String,
    /// The name of the permission.
    pub action: String,
    /// The plane that checks it.
    pub plane: Plane,
    /// The scope.
    pub scope: String,
    /// The scope in words.
    pub scope_name: String,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// The answers about one scope.
struct Answers {
    blocks: Result<Vec<Block>, StepError>,
    limits: Limits,
}

/// The means to decide about a need.
enum Means {
    /// The answers about a scope.
    At(String),
    /// Access policies of a vault.
    Policies(Vec<Policy>),
    /// Nothing is asked.
    Decided(Verdict),
}

impl Claimant {
    /// Returns the verdict that nobody can tell, for every need, without a question.
    #[must_use]
    pub fn unasked(&self, reason: &str) -> Vec<Checked> {
        let of = |need| checked(self, need, Verdict::cannot_tell(reason));
        distinct(&self.needs).into_iter().map(of).collect()
    }
}

/// Checks the permissions of an identity; every token is among `secrets` before its first use.
pub async fn check(azure: &Arc<Azure>, claimant: &Claimant, secrets: &Secrets) -> Vec<Checked> {
    let context = Context::new("preflight", ".", secrets.clone(), |_| {});
    let asker = Asker { azure, context: context.acting_as(Arc::clone(&claimant.identity)) };
    let needs = distinct(&claimant.needs);
    let object_id = match asker.object_id().await {
        Ok(object_id) => object_id,
        Err(error) => {
            return claimant.unasked(&format!("the identity gets no token: {error}"));
        }
    };
    let objects = objects(&asker, &needs).await;
    let means: Vec<Means> = needs.iter().map(|need| means(azure, &objects, need)).collect();
    let answers = answers(&asker, &means, object_id.as_deref()).await;
    let verdicts = needs.into_iter().zip(&means).map(|(need, means)| {
        let verdict = match means {
            Means::Decided(verdict) => verdict.clone(),
            Means::Policies(all) => Policy::verdict(all, &need.action, object_id.as_deref()),
            Means::At(scope) => match answers.get(scope) {
                Some(answers) => answers.verdict(need, object_id.as_deref()),
                None => Verdict::cannot_tell("the scope was not asked about"),
            },
        };
        checked(claimant, need, verdict)
    });
    verdicts.collect()
}

/// Returns the needs, each once.
fn distinct(needs: &[Permission]) -> Vec<&Permission> {
    let mut seen: HashMap<(Plane, String, String), Vec<&Permission>> = HashMap::new();
    let mut kept = Vec::new();
    for need in needs {
        let key = (need.plane, need.action.to_ascii_lowercase(), need.scope.to_string().to_ascii_lowercase());
        let same = seen.entry(key).or_default();
        // Sensitive parts look the same and differ.
        if !same.iter().any(|known| known.scope.reveal() == need.scope.reveal()) {
            same.push(need);
            kept.push(need);
        }
    }
    kept
}

fn checked(claimant: &Claimant, need: &Permission, verdict: Verdict) -> Checked {
    Checked {
        identity: claimant.address.clone(),
        action: need.action.to_string(),
        plane: need.plane,
        scope: need.scope.to_string(),
        scope_name: words::scope(&need.scope),
        verdict,
    }
}

/// Finds the vaults and accounts of the needs in the data plane.
async fn objects(asker: &Asker<'_>, needs: &[&Permission]) -> HashMap<Place, Result<Object, StepError>> {
    let place = |need: &&Permission| {
        let scope = need.scope.reveal().filter(|_| !need.scope.is_sensitive())?;
        Place::of(asker.azure.cloud(), &scope)
    };
    let mut places: Vec<Place> = Vec::new();
    for place in needs.iter().filter_map(place) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    find(asker, places).await
}

/// Returns the means to decide about a need.
fn means(azure: &Azure, objects: &HashMap<Place, Result<Object, StepError>>, need: &Permission) -> Means {
    let decided = Means::Decided;
    if need.plane == Plane::Directory {
        let reason = "Microsoft Graph decides, by application permissions, directory roles and ownership";
        return decided(Verdict::NotRbac { reason: reason.to_owned() });
    }
    if let Some(scope) = arm_scope(need) {
        return Means::At(scope);
    }
    if need.scope.is_sensitive() {
        return decided(Verdict::cannot_tell(
            "the scope is sensitive, and goes to the request of the step alone",
        ));
    }
    let Some(scope) = need.scope.reveal() else {
        return decided(Verdict::cannot_tell(LATER));
    };
    if need.action.contains(permission::ANY) {
        // Who holds every action of that kind holds the unknown one.
        let is_asked = scope.starts_with("/subscriptions/");
        let reason = "the runbook does not name the type of the resource";
        return if is_asked {
            Means::At(assignable(&scope).to_owned())
        } else {
            decided(Verdict::cannot_tell(reason))
        };
    }
    match Place::of(azure.cloud(), &scope).and_then(|place| objects.get(&place)) {
        Some(Ok(Object::Roles(id))) => Means::At(id.clone()),
        Some(Ok(Object::Policies(policies))) if need.plane == Plane::Data => {
            Means::Policies(policies.clone())
        }
        Some(Ok(Object::Policies(_))) => decided(Verdict::cannot_tell("the vault uses access policies")),
        Some(Ok(Object::Unseen(reason))) => decided(Verdict::cannot_tell(reason.as_str())),
        Some(Err(error)) => decided(Verdict::cannot_tell(format!("Azure does not answer: {error}"))),
        None => decided(Verdict::cannot_tell("Azure lists no permissions at this scope")),
    }
}

async fn answers(asker: &Asker<'_>, means: &[Means], object_id: Option<&str>) -> HashMap<String, Answers> {
    let mut scopes: Vec<String> = Vec::new();
    for means in means {
        if let Means::At(scope) = means
            && !scopes.contains(scope)
        {
            scopes.push(scope.clone());
        }
    }
    let ask = |scope: String| async move {
        let (blocks, limits) = match asker.permissions(&scope).await {
            Ok((nearest, blocks)) => (Ok(blocks), Limits::read(asker, &nearest, object_id).await),
            Err(error) => (Err(error), Limits::default()),
        };
        (scope, Answers { blocks, limits })
    };
    stream::iter(scopes).map(ask).buffered(AT_ONCE).collect().await
}

impl Answers {
    fn verdict(&self, need: &Permission, object_id: Option<&str>) -> Verdict {
        let blocks = match &self.blocks {
            Ok(blocks) => blocks,
            Err(error) if error.status() == Some(403) => {
                return Verdict::cannot_tell(
                    "the identity may not ask: it lacks Microsoft.Authorization/permissions/read",
                );
            }
            Err(error) => return Verdict::cannot_tell(format!("Azure does not answer: {error}")),
        };
        match best(blocks, need) {
            Some(held) => self.limits.verdict(need, held, object_id),
            None if need.action.contains(permission::ANY) => {
                Verdict::cannot_tell("the runbook does not name the type of the resource")
            }
            None => Verdict::no("no role that the identity holds there grants it"),
        }
    }
}
