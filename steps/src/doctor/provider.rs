//! The registrations of the subscription for resource providers.

use arcbook_engine::step::{HttpRequest, Method, StepError, Text};
use serde::Deserialize;

use super::Finding;
use super::examination::Examination;
use crate::cloud::Service;
use crate::http::clean;
use crate::identity::Issuer;
use crate::permission;

const ID: &str = "provider.registration";

/// The provider without which no machine is connected.
const HYBRID_COMPUTE: &str = "Microsoft.HybridCompute";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    registration_state: String,
}

/// Checks each provider.
pub(super) async fn check(it: &mut Examination<'_>) {
    for namespace in &it.case.providers {
        if !it.begin(ID, Some(namespace)) {
            continue;
        }
        let finding = if it.azure.machine_service() == Issuer::Vm && !it.case.is_of_runbook {
            Finding::skipped(ID, "only Azure Arc needs it")
        } else {
            match state(it, namespace).await {
                Ok(state) => judge(it, namespace, &state),
                Err(error) if error.status() == Some(403) => refused(&error),
                Err(error) if error.status() == Some(404) && !it.case.is_of_runbook => {
                    Finding::skipped(ID, "the cloud has no such provider")
                }
                Err(error) => Finding::failed(ID, &error),
            }
        };
        it.add(finding.about(namespace.as_str()));
    }
}

/// Returns the state of the registration.
async fn state(it: &Examination<'_>, namespace: &str) -> Result<String, StepError> {
    let Some(machine) = &it.machine else { return Err(StepError::internal("no subscription is known")) };
    let path = Text::from(format!("subscriptions/{}/providers/{namespace}", machine.subscription));
    let cloud = it.azure.cloud();
    let url = Text::from(&*cloud.arm()).then("/").then_text(&path).then("?api-version=2021-04-01");
    let request = HttpRequest::new(Method::Get, url).audience(cloud.audience(Service::Arm));
    let read = request.action().needs(permission::arm(Method::Get, &path));
    let answer = it.session(std::slice::from_ref(&read)).send(&read).await?;
    Ok(clean(&answer.json::<Provider>()?.registration_state))
}

fn judge(it: &Examination<'_>, namespace: &str, state: &str) -> Finding {
    let registers = format!("{namespace}/register/action");
    let is_registered_by_runbook =
        it.case.needs.iter().any(|need| need.action.eq_ignore_ascii_case(&registers));
    if state.eq_ignore_ascii_case("Registered") {
        return Finding::ok(ID, "registered");
    }
    if is_registered_by_runbook {
        return Finding::ok(ID, format!("{state}: the runbook registers it"));
    }
    let is_needed = it.case.is_of_runbook || namespace.eq_ignore_ascii_case(HYBRID_COMPUTE);
    let summary = format!("the subscription is {state} for it");
    let finding = if is_needed { Finding::error(ID, summary) } else { Finding::warning(ID, summary) };
    if state.eq_ignore_ascii_case("Registering") {
        return finding.remedy("wait some minutes: the registration is under way");
    }
    finding
        .remedy(format!(
            "az provider register --namespace {namespace}, by somebody who may: Contributor or Owner"
        ))
        .remedy("or let a runbook do it: arcbook explain provider_registration")
}

fn refused(error: &StepError) -> Finding {
    let finding = Finding::skipped(ID, "the identity may not read registrations");
    let finding = finding.detail("A refusal does not say whether the subscription is registered.");
    error.remedies().iter().cloned().fold(finding, Finding::remedy)
}
