//! Refusals of changes: locks, policies, and changes that exclude each other.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::answer;
use crate::exchange::{Answer, Refused};
use crate::fault::Denial;
use crate::names;
use crate::world::derived_id;

/// Builds the refusal of a change of the resource `id`; `verb` is `write`, `delete` or `action`.
pub(super) fn denied(denial: Denial, id: &str, verb: &str) -> Refused {
    match denial {
        Denial::ScopeLocked => locked(id, verb, id),
        Denial::Policy => by_policy(id, "lab"),
        Denial::AnotherOperation => another_operation(),
        Denial::Conflict => {
            conflict("Conflict", "The request conflicts with the current state of the resource.")
        }
        Denial::PrincipalNotFound => {
            let message = "Principal 00000000000000000000000000000000 does not exist in the directory. If you are \
                           creating this principal and then immediately assigning a role, this error might be related \
                           to a replication delay.";
            answer::refused(StatusCode::BAD_REQUEST, "PrincipalNotFound", message)
        }
        Denial::Retryable => {
            let message = "Another operation on this or a dependent resource is in progress. Retry later.";
            let code = "RetryableErrorDueToAnotherOperation";
            Box::new(answer::error(StatusCode::TOO_MANY_REQUESTS, code, message).header("retry-after", "0"))
        }
    }
}

/// Builds the refusal of a change of the resource `id` by a lock at `scope`.
pub(super) fn locked(id: &str, verb: &str, scope: &str) -> Refused {
    conflict("ScopeLocked", &locked_message(id, verb, scope))
}

pub(super) fn locked_message(id: &str, verb: &str, scope: &str) -> String {
    format!(
        "The scope '{id}' cannot perform {verb} operation because following scope(s) are locked: '{scope}'. Please \
         remove the lock and try again."
    )
}

/// Builds the refusal of a change while an operation runs on the resource.
pub(super) fn another_operation() -> Refused {
    let message = "Another operation on this or a dependent resource is in progress.";
    conflict("AnotherOperationInProgress", message)
}

/// Builds the refusal of a change in a group that is being deleted.
pub(super) fn group_is_going(group: &str) -> Refused {
    let message =
        format!("The resource group '{group}' is in deprovisioning state and cannot perform this operation.");
    conflict("ResourceGroupBeingDeleted", &message)
}

pub(super) fn conflict(code: &str, message: &str) -> Refused {
    answer::refused(StatusCode::CONFLICT, code, message)
}

/// Builds the refusal of a resource by the policy that the assignment `policy` assigns.
pub(super) fn by_policy(id: &str, policy: &str) -> Refused {
    let body = json!({ "error": policy_error(id, policy) });
    Box::new(Answer::json(StatusCode::FORBIDDEN, &body))
}

/// Returns the error of a resource that a policy denies.
pub(super) fn policy_error(id: &str, policy: &str) -> Value {
    let name = id.rsplit('/').next().unwrap_or_default();
    let subscription = names::subscription_of(id);
    let assignment = format!("{subscription}/providers/Microsoft.Authorization/policyAssignments/{policy}");
    let number = derived_id(&["policy definition"]);
    let definition = format!("/providers/Microsoft.Authorization/policyDefinitions/{number}");
    let identifiers = json!([{
        "policyAssignment": { "name": "Lab policy", "id": assignment },
        "policyDefinition": { "name": "Denied by the lab", "id": definition },
    }]);
    json!({
        "code": "RequestDisallowedByPolicy",
        "target": name,
        "message": format!("Resource '{name}' was disallowed by policy. Policy identifiers: '{identifiers}'."),
        "additionalInfo": [{
            "type": "PolicyViolation",
            "info": {
                "policyAssignmentId": assignment,
                "policyAssignmentName": policy,
                "policyAssignmentDisplayName": "Lab policy",
                "policyAssignmentScope": subscription,
                "policyDefinitionId": definition,
                "policyDefinitionName": number,
                "policyDefinitionDisplayName": "Denied by the lab",
                "policyDefinitionEffect": "deny",
                "policyExemptionIds": [],
            },
        }],
    })
}
