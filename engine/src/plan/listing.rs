//! What a plan lists, without what it takes to run it.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::redact::{Redact, Secrets};
use crate::runbook::{OnError, RunOn, Runbook};
use crate::step::{Call, Effect, Platform, Text, Touch};
use crate::value::Value;

use super::count::Actions;
use super::public_json::{from_public_json, to_public_json};
use super::{Answered, LeftOut, Plan, PlannedChange, PlannedStep, SelectionFacts, Source, When};

/// The number of this form, which stays readable for whoever reads it today.
const FORMAT: u32 = 1;

/// What a plan lists, as people and tools see it: made from a plan, or read from where it was written as JSON.
#[derive(Clone, Debug, Serialize, Deserialize, Redact)]
pub struct Listing {
    /// The number of the form: 1.
    pub format: u32,
    /// The name of the runbook.
    pub runbook: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who steps act as.
    pub identity: String,
    /// The values of the variables.
    pub variables: Named,
    /// What each step would do.
    pub steps: Vec<ListedStep>,
    /// The tokens that are needed.
    pub tokens: Vec<ListedToken>,
    /// The hosts that would be spoken to, as far as they are known.
    pub hosts: Vec<String>,
    /// The files that were read for it.
    pub files: Vec<String>,
    /// What would come out.
    pub outputs: Named,
    /// How many steps change something.
    pub changes: usize,
    /// What they would change, in numbers, when the services were asked.
    pub actions: Option<Actions>,
    /// Who told what steps give; none when nobody was asked.
    pub answers: Option<ListedAnswers>,
    /// The part of the runbook that it is of.
    pub selection: SelectionFacts,
    /// What is left out because of that.
    pub left_out: Vec<LeftOut>,
}

/// Who told what steps give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum ListedAnswers {
    /// The services.
    Services,
    /// The record of a run.
    Run {
        /// Its name.
        #[redact(word)]
        run: String,
    },
}

/// What one step would do.
#[derive(Clone, Debug, Serialize, Deserialize, Redact)]
pub struct ListedStep {
    /// The address.
    pub address: String,
    /// Whether it changes anything.
    pub effect: Effect,
    /// What it is for.
    pub description: Option<String>,
    /// The arguments.
    pub arguments: Named,
    /// For each argument that a secret goes into, which one.
    pub secrets: BTreeMap<String, Vec<String>>,
    /// The requests it would make.
    pub calls: Vec<ListedCall>,
    /// The files that it would read.
    pub reads_files: Vec<String>,
    /// The addresses of what it waits for.
    pub after: BTreeSet<String>,
    /// When it stands for instances that are known only while running: after what they are.
    pub each_of: Option<String>,
    /// Of these, the only ones that are run; empty when that is all of them.
    pub each_only: Vec<String>,
    /// Of these, the ones that are left out.
    pub each_but: Vec<String>,
    /// Whether it is done at all.
    pub when: ListedWhen,
    /// After what it is done.
    pub run_on: RunOn,
    /// Whether its failure stops what waits for it.
    pub on_error: OnError,
    /// Whether what it gives is known already; none when nobody was asked.
    pub answered: Option<bool>,
    /// Why not.
    pub unanswered: Option<String>,
    /// What it would change, when the service was asked.
    pub change: Option<PlannedChange>,
}

/// Whether a step is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(untagged)]
pub enum ListedWhen {
    /// That is known.
    Decided(bool),
    /// It is known later: `(known after …)`.
    Later(String),
}

/// A request.
#[derive(Clone, Debug, Serialize, Deserialize, Redact)]
pub struct ListedCall {
    /// The method.
    #[redact(word)]
    pub method: String,
    /// The URL, its sensitive and unknown parts named as such.
    pub url: String,
    /// The host in it.
    pub host: String,
    /// Who the token is for that goes with it.
    pub audience: Option<String>,
    /// Whether further pages of the answer are read.
    pub pages: bool,
    /// What the caller must be allowed to do.
    pub permission: Option<ListedPermission>,
}

/// What a caller must be allowed to do.
#[derive(Clone, Debug, Serialize, Deserialize, Redact)]
pub struct ListedPermission {
    /// The action.
    pub action: String,
    /// Whether it is an action on data rather than on resources.
    pub data: bool,
    /// The built-in role with the fewest rights that has it.
    pub role: String,
}

/// A token.
#[derive(Clone, Debug, Serialize, Deserialize, Redact)]
pub struct ListedToken {
    /// Who it is for.
    pub audience: String,
    /// The addresses of the steps that need it.
    pub steps: Vec<String>,
    /// Where it is asked for.
    pub url: Option<String>,
}

/// Values by name, in an order of their own; as JSON what may be seen of them.
#[derive(Clone, Debug, Default)]
pub struct Named(pub Vec<(String, Value)>);

impl Listing {
    /// What `plan` lists.
    #[must_use]
    pub fn of(plan: &Plan, runbook: &Runbook, platform: &dyn Platform) -> Self {
        let variables = runbook.variables.iter().zip(&plan.variables);
        let outputs = plan.outputs.iter().map(|output| (output.name.clone(), output.value.clone()));
        Self {
            format: FORMAT,
            runbook: runbook.name.clone(),
            description: runbook.settings.description.clone(),
            identity: platform.identity(),
            variables: Named(
                variables.map(|(variable, value)| (variable.name.value.to_string(), value.clone())).collect(),
            ),
            steps: plan.steps.iter().map(|step| ListedStep::of(plan, step)).collect(),
            tokens: plan
                .tokens
                .iter()
                .map(|token| ListedToken {
                    audience: token.audience.to_string(),
                    steps: token.steps.clone(),
                    url: platform.token_url(&token.audience),
                })
                .collect(),
            hosts: hosts(plan, platform),
            files: plan.files.clone(),
            outputs: Named(outputs.collect()),
            changes: plan.changes().count(),
            actions: (plan.source == Source::Services).then(|| Actions::of(plan)),
            answers: match &plan.source {
                Source::Nobody => None,
                Source::Services => Some(ListedAnswers::Services),
                Source::Run(run) => Some(ListedAnswers::Run { run: run.clone() }),
            },
            selection: SelectionFacts::from(&plan.selection),
            left_out: plan.left_out.clone(),
        }
    }
}

impl ListedStep {
    fn of(plan: &Plan, step: &PlannedStep) -> Self {
        let secrets = step.arguments.iter().filter_map(|(name, value)| {
            let marks = value.deep_marks();
            (!marks.is_empty()).then(|| (name.clone(), marks.origins().map(str::to_owned).collect()))
        });
        let (each_only, each_but) = plan.extent.limits(plan.view(), step.node);
        Self {
            address: step.address.clone(),
            effect: step.effect,
            description: step.description.clone(),
            arguments: Named(step.arguments.clone()),
            secrets: secrets.collect(),
            calls: step.calls.iter().map(ListedCall::of).collect(),
            reads_files: step
                .touches
                .iter()
                .map(|Touch::Reads { path, .. }| path.display().to_string())
                .collect(),
            after: plan.waits(step),
            each_of: step.each_of.clone(),
            each_only,
            each_but,
            when: match &step.when {
                When::Yes => ListedWhen::Decided(true),
                When::No => ListedWhen::Decided(false),
                When::Later(origins) => ListedWhen::Later(format!("({origins})")),
            },
            run_on: step.run_on,
            on_error: step.on_error,
            answered: match step.answered {
                Answered::NotAsked => None,
                Answered::Yes => Some(true),
                Answered::No(_) => Some(false),
            },
            unanswered: match &step.answered {
                Answered::No(why) => Some(why.clone()),
                _ => None,
            },
            change: step.planned_change.clone(),
        }
    }

    /// Whether it stands for no others.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.each_of.is_none() && !self.address.contains("[*]")
    }
}

impl ListedCall {
    fn of(call: &Call) -> Self {
        Self {
            method: call.method.as_str().to_owned(),
            url: call.url.to_string(),
            host: host(&call.url),
            audience: call.audience.as_ref().map(ToString::to_string),
            pages: call.pages,
            permission: call.permission.map(|permission| ListedPermission {
                action: permission.action.to_owned(),
                data: permission.data,
                role: permission.role.to_owned(),
            }),
        }
    }
}

/// The names stay: they are those of variables, arguments and outputs.
impl Redact for Named {
    fn redact(&mut self, secrets: &Secrets) {
        self.0.iter_mut().for_each(|(_, value)| value.redact(secrets));
    }

    fn samples(text: &str) -> Vec<Self> {
        vec![Self(Value::samples(text).into_iter().map(|value| ("name".to_owned(), value)).collect())]
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, &to_public_json(value))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = serde_json::Map::deserialize(deserializer)?;
        let value = |(name, json)| Ok((name, from_public_json(&json).map_err(D::Error::custom)?));
        map.into_iter().map(value).collect::<Result<_, _>>().map(Self)
    }
}

/// The hosts that would be spoken to, as far as they are known.
fn hosts(plan: &Plan, platform: &dyn Platform) -> Vec<String> {
    let calls = plan.steps.iter().flat_map(|step| &step.calls).map(|call| host(&call.url));
    let tokens = plan.tokens.iter().filter_map(|token| platform.token_url(&token.audience));
    let hosts: BTreeSet<String> = calls.chain(tokens.map(|url| host(&url.into()))).collect();
    hosts.into_iter().collect()
}

/// `https://(known after …).vault.azure.net/secrets` → `(known after …).vault.azure.net`.
fn host(url: &Text) -> String {
    let url = url.to_string();
    let authority = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    // Phrases in parentheses may hold slashes; a host may not.
    let mut depth = 0_u32;
    let end = authority.find(|next| {
        match next {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(next, '/' | '?' | '#')
    });
    authority[..end.unwrap_or(authority.len())].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Arg;
    use crate::value::Origins;

    #[test]
    fn the_host_of_a_url_may_not_be_known() {
        let vault: Arg<String> = Arg::Unknown(Origins::of("step.a.b[\"x/y\"]"));
        let url = Text::from("https://").then_arg(&vault, Clone::clone).then(".vault.azure.net/secrets/x?y");
        assert_eq!(host(&url), "(known after step.a.b[\"x/y\"]).vault.azure.net");
        assert_eq!(host(&"https://a.test:8443?x".into()), "a.test:8443");
    }
}
