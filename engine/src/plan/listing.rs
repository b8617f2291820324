//! Lists a plan for people and tools, without the data needed to run it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::graph::DrawnPart;
use crate::redact::Redact;
use crate::runbook::{OnError, RunOn, Runbook};
use crate::step::{
    Action, ActionFacts, ActionKind, Body, Deletion, Effect, Method, Platform, RemoteCode, Right, Safety,
    Setting, Title,
};

use super::count::PlannedChanges;
use super::drawn::drawn;
use super::file_flow::FileFlow;
use super::file_readers::{FileReaders, file_readers};
use super::host::host;
use super::listed_identity::{ListedIdentity, ListedToken, rights, token_actions};
use super::secrets_of::{gives_secret, secrets_of, secrets_of_output};
use super::sent_file::SentFile;
use super::{
    Answered, LeftOut, Limited, ListedRecord, Named, Plan, PlannedChange, PlannedStep, SecretPath,
    SelectionFacts, ShownValue, Source, When,
};

/// The format number; this format stays readable for programs that read it today.
const FORMAT: u32 = 1;

/// The listing of a plan for people and tools, made from a plan or read back from JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct Listing {
    /// The format number: 1.
    pub format: u32,
    /// The name of the runbook.
    pub runbook: String,
    /// The description of the runbook.
    pub description: Option<String>,
    /// The identity of this machine, as which steps act that name no other.
    pub identity: String,
    /// The identities that the runbook declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<ListedIdentity>,
    /// The environment of the run, such as the cloud.
    pub setting: Setting,
    /// The values of the variables.
    pub variables: Named,
    /// The planned steps.
    pub steps: Vec<ListedStep>,
    /// The tokens that the run needs.
    pub tokens: Vec<ListedToken>,
    /// The hosts that the run contacts, as far as they are known.
    pub hosts: Vec<String>,
    /// The files read while planning.
    pub files: Vec<String>,
    /// The blocks that read files outside of the runbook's directory with functions, by the paths of the files.
    #[serde(default, skip_serializing_if = "FileReaders::is_empty")]
    pub file_readers: FileReaders,
    /// The planned outputs.
    pub outputs: Named,
    /// The origins of the secrets that go into each output.
    pub output_secrets: BTreeMap<String, Vec<String>>,
    /// The ways of secrets, from their sources to the places where they end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_paths: Vec<SecretPath>,
    /// The roles that the identities need.
    pub rights: Vec<Right>,
    /// The number of steps that change something.
    pub changes: usize,
    /// The number of planned changes of each kind; none for an offline plan.
    pub planned_changes: Option<PlannedChanges>,
    /// True if a run that fails is undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undoes_failures: bool,
    /// The source of the known results; none for an offline plan.
    pub answers: Option<ListedAnswers>,
    /// The selected part of the runbook.
    pub selection: SelectionFacts,
    /// The parts outside the selection.
    pub left_out: Vec<LeftOut>,
    /// The parts of the graph with their order, as every picture of the plan shows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub graph: Vec<DrawnPart>,
    /// The upload of the record of the run; none if the record stays on the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<ListedRecord>,
}

/// The source of the known results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum ListedAnswers {
    /// The services.
    Services,
    /// The journal of a run.
    Run {
        /// The name of the run.
        #[redact(word)]
        run: String,
    },
}

/// A planned step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct ListedStep {
    /// The address.
    pub address: String,
    /// The address of the identity as which it acts, or `machine`; none if it needs no token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_as: Option<String>,
    /// The effect: whether the step changes anything.
    pub effect: Effect,
    /// The object that the step reads or changes, in words.
    #[serde(default, skip_serializing_if = "Title::is_empty")]
    pub title: Title,
    /// The description.
    pub description: Option<String>,
    /// The arguments.
    pub arguments: Named,
    /// The secrets that go into each argument.
    pub secrets: BTreeMap<String, Vec<String>>,
    /// True if its results contain a secret.
    pub gives_secret: bool,
    /// The files that it sends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sends: Vec<SentFile>,
    /// The files that functions read and that may be part of what it sends to a service or gives to a program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_send: Vec<String>,
    /// Those of `may_send` that it sends only if the answer to an earlier step has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered_files: Vec<String>,
    /// Those of `may_send` that are one argument as a whole: its name by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub whole_files: BTreeMap<String, String>,
    /// True if it sends nothing but the addresses of what it reads.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sends_addresses: bool,
    /// The code that the step lets run elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_code: Option<RemoteCode>,
    /// The deletion of an object by an action that does not say so.
    #[serde(default, skip_serializing_if = "Deletion::is_by_actions")]
    pub deletion: Deletion,
    /// True if it keeps a copy of a file that it replaces or removes beside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_copies: bool,
    /// The actions that the step would perform.
    pub actions: Vec<ActionFacts>,
    /// The actions of its undo that an argument writes out, such as a statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo_actions: Vec<ActionFacts>,
    /// The addresses of the steps that it waits for.
    pub after: BTreeSet<String>,
    /// For a placeholder of instances not known yet: the phrase that says after which steps they are known.
    pub each_of: Option<String>,
    /// The only instances of a placeholder that run; empty if all of them run.
    pub each_only: Vec<String>,
    /// The excluded instances of a placeholder.
    pub each_but: Vec<String>,
    /// The `when` condition.
    pub when: ListedWhen,
    /// The outcomes of earlier steps after which the step runs.
    pub run_on: RunOn,
    /// The effect of a failure on dependent steps.
    pub on_error: OnError,
    /// The number of its instances that may fail without failing the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_failures: Option<ShownValue>,
    /// The maximum number of its instances that run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<usize>,
    /// The limit that the step shares with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<ListedLimit>,
    /// True if the result is known already; none for an offline plan.
    pub answered: Option<bool>,
    /// The reason why the result is not known.
    pub unanswered: Option<String>,
    /// The planned change; none for an offline plan.
    pub change: Option<PlannedChange>,
}

/// A `when` condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(untagged)]
pub enum ListedWhen {
    /// The value of the condition.
    Decided(bool),
    /// The condition is known later: `(known after …)`.
    Later(String),
}

/// A limit that steps share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct ListedLimit {
    /// The name.
    pub name: String,
    /// The maximum number of steps that run at once.
    pub concurrency: usize,
}

impl Listing {
    /// Lists a plan.
    #[must_use]
    pub fn of(plan: &Plan, runbook: &Runbook, platform: &dyn Platform) -> Self {
        let variables = runbook.variables.iter().zip(&plan.variables);
        let outputs = plan.outputs.iter().map(|output| (output.name.as_str(), &output.value));
        let files = FileFlow::of(plan);
        Self {
            format: FORMAT,
            runbook: runbook.name.clone(),
            description: runbook.settings.description.clone(),
            identity: platform.machine().describe(),
            identities: ListedIdentity::all(plan),
            setting: platform.setting(),
            variables: variables.map(|(variable, value)| (&*variable.name.value, value)).collect(),
            steps: plan.steps.iter().map(|step| ListedStep::of(plan, step, &files)).collect(),
            tokens: plan.all_tokens().iter().map(|token| ListedToken::of(plan, token, platform)).collect(),
            hosts: hosts(plan, platform),
            files: plan.files.clone(),
            file_readers: file_readers(plan),
            outputs: outputs.collect(),
            output_secrets: plan
                .outputs
                .iter()
                .filter_map(|output| {
                    secrets_of_output(&output.name, &output.value)
                        .map(|origins| (output.name.clone(), origins))
                })
                .collect(),
            secret_paths: SecretPath::all(plan, platform),
            rights: rights(plan, platform),
            changes: plan.changes().count(),
            planned_changes: (plan.source == Source::Services).then(|| PlannedChanges::of(plan)),
            undoes_failures: runbook.settings.undoes_failures,
            answers: match &plan.source {
                Source::Nobody => None,
                Source::Services => Some(ListedAnswers::Services),
                Source::Run(run) => Some(ListedAnswers::Run { run: run.clone() }),
            },
            selection: SelectionFacts::from(&plan.selection),
            left_out: plan.left_out.clone(),
            graph: drawn(plan),
            record: ListedRecord::of(plan),
        }
    }
}

impl ListedStep {
    fn of(plan: &Plan, step: &PlannedStep, files: &FileFlow) -> Self {
        let limits = || plan.limits(step);
        let sent = files.sent_by(plan, step);
        let (each_only, each_but) = plan.target_filter.limits(plan.view(), step.node);
        Self {
            address: step.address.clone(),
            acts_as: plan.acts_as(step),
            effect: step.effect,
            title: step.title.clone(),
            description: step.description.clone(),
            arguments: step.arguments.iter().map(|(name, value)| (name.as_str(), value)).collect(),
            secrets: secrets_of(
                &step.address,
                step.arguments.iter().map(|(name, value)| (name.as_str(), value)),
            ),
            gives_secret: plan.written(step).is_some_and(gives_secret),
            sends: SentFile::of(plan, step),
            may_send: sent.paths,
            answered_files: sent.answered,
            whole_files: sent.whole,
            sends_addresses: sends_addresses(&step.actions),
            remote_code: step.remote_code.clone(),
            deletion: step.deletion,
            keeps_copies: step.keeps_copies,
            actions: step.actions.iter().map(ActionFacts::from).collect(),
            undo_actions: step.undo_actions.iter().map(ActionFacts::from).collect(),
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
            max_failures: step.max_failures.as_ref().map(ShownValue::from),
            concurrency: limits().find_map(|limit| match &limit.of {
                Limited::Instances(_) => Some(limit.most),
                Limited::Steps(_) => None,
            }),
            limit: limits().find_map(|limit| match &limit.of {
                Limited::Instances(_) => None,
                Limited::Steps(name) => Some(ListedLimit { name: name.to_string(), concurrency: limit.most }),
            }),
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

    /// Returns true if the step is not a placeholder.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.each_of.is_none() && !self.address.contains("[*]")
    }
}

/// Returns true if the actions send addresses alone: requests that read, without a body and without headers.
fn sends_addresses(actions: &[Action]) -> bool {
    let is_bare = |action: &Action| match &action.kind {
        ActionKind::Http(request) => {
            action.safety == Safety::Reads
                && matches!(request.method, Method::Get | Method::Head)
                && request.body == Body::None
                && request.headers.is_empty()
        }
        ActionKind::Exec(_) | ActionKind::Sql(_) => false,
        _ => true,
    };
    actions.iter().any(|action| action.request().is_some()) && actions.iter().all(is_bare)
}

/// Returns the hosts that the run contacts, as far as they are known.
fn hosts(plan: &Plan, platform: &dyn Platform) -> Vec<String> {
    let requests = plan.requests().map(|request| host(&request.url.to_string()));
    let tokens = plan.all_tokens();
    let tokens = tokens.iter().flat_map(|token| token_actions(plan, token, platform));
    let tokens = tokens
        .chain(plan.record_actions())
        .filter_map(|action| action.request().map(|request| host(&request.url.to_string())));
    let servers = plan.steps.iter().flat_map(|step| &step.actions).filter_map(|action| match &action.kind {
        ActionKind::Sql(statement) => Some(statement.host.to_string()),
        _ => None,
    });
    let hosts: BTreeSet<String> = requests.chain(servers).chain(tokens).collect();
    hosts.into_iter().collect()
}
