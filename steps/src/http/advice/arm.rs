//! Error codes of Azure Resource Manager.
//!
//! Sources: `troubleshooting/common-deployment-errors.md`, `error-not-found.md`,
//! `error-register-resource-provider.md`, `error-reserved-resource-name.md` of the Azure Resource Manager
//! documentation; `check-access` and `deny-assignments.md` of role-based access control.

use super::row::{Row, role, words};

pub(super) const ROWS: &[Row] = &[
    role(&["AuthorizationFailed"]),
    words(
        &["LinkedAuthorizationFailed"],
        &["the identity also needs a role on the other resource that the message names"],
    ),
    words(
        &["LinkedAccessCheckFailed", "LinkedInvalidPropertyId"],
        &["check the id of the other resource that the message names, and that the identity can read it"],
    ),
    words(
        &[
            "InvalidResourceType",
            "NoRegisteredProviderFound",
            "MissingApiVersionParameter",
            "InvalidApiVersionParameter",
            "ApiVersionParameterNotSupported",
            "UnsupportedApiVersion",
            "UnsupportedMediaTypeOrApiVersion",
            "ApiVersionNotSupported",
        ],
        &["set `api_version` to a version that the resource type supports"],
    ),
    words(
        &["InvalidResourceNamespace"],
        &["check the provider in the path, such as `Microsoft.KeyVault`: no provider has this name"],
    ),
    words(
        &["MissingSubscriptionRegistration", "SubscriptionNotRegistered", "MissingRegistrationForType"],
        &[
            "register the provider, once per subscription: az provider register --namespace {namespace}",
            "wait a minute or two until it is registered, then run again",
        ],
    ),
    words(
        &["PrincipalNotFound"],
        &[
            "give the object id of the identity, not its application (client) id: az ad sp show --id CLIENT_ID --query id",
            "an identity that was created minutes ago is not known everywhere yet: run again",
        ],
    ),
    words(&["UnmatchedPrincipalType"], &["set `principal_type` to the type that the message names"]),
    words(
        &["RoleAssignmentLimitExceeded"],
        &[
            "assign the role to a group, and make the identities members of it with `entra_group_member`",
            "a subscription holds 4,000 role assignments; remove those that are no longer needed",
        ],
    ),
    words(
        &["RoleDefinitionDoesNotExist"],
        &["check the id of the role; a role of your own must be assignable in the subscription of the scope"],
    ),
    words(
        &["RoleAssignmentUpdateNotPermitted"],
        &["delete the role assignment of this name first: its role, principal and scope cannot be changed"],
    ),
    words(
        &["ResourceGroupNotFound"],
        &[
            "check the name of the resource group and the subscription; a group that the identity cannot read is also reported as not found",
        ],
    ),
    words(
        &["SubscriptionNotFound", "InvalidSubscriptionId"],
        &[
            "check the subscription's id and the cloud; a subscription in which the identity has no role is also reported as not found",
        ],
    ),
    words(
        &["ResourceNotFound", "ParentResourceNotFound", "NotFound"],
        &["check the path; a resource that the identity cannot read is also reported as not found"],
    ),
    words(
        &["ReadOnlyDisabledSubscription", "DisallowedOperation", "SubscriptionDisabled"],
        &["the subscription is disabled and read-only: ask its owner to enable it"],
    ),
    words(
        &["QuotaExceeded", "OperationNotAllowed", "ResourceQuotaExceeded", "DeploymentQuotaExceeded"],
        &[
            "the subscription has reached a limit that the message names: remove unused resources, or request a higher limit: az quota",
        ],
    ),
    words(
        &["SkuNotAvailable", "LocationNotAvailableForResourceType"],
        &["choose another location or size; the message lists the available ones"],
    ),
    words(
        &["ReservedResourceName", "InvalidResourceName", "AccountNameInvalid"],
        &["choose another name: this one is reserved, or the service does not accept its form"],
    ),
    words(
        &["InvalidFilterInQueryString", "BadFilter", "InvalidFilter"],
        &["check `filter`: ARM supports few comparisons on few properties, such as `name eq 'x'`"],
    ),
    words(
        &["InvalidAuthenticationTokenTenant"],
        &["the resource is in another tenant than this machine's identity"],
    ),
    words(
        &["InvalidAuthenticationTokenAudience"],
        &["the service does not accept tokens for {audience}; check that the right cloud is selected"],
    ),
    words(
        &[
            "AnotherOperationInProgress",
            "RetryableError",
            "RetryableErrorDueToAnotherOperation",
            "StorageAccountIsNotProvisioned",
            "ResourceGroupBeingDeleted",
            "HCRP409",
            "ConflictingUserInput",
        ],
        &["another operation on the resource is in progress: wait until it ends, then run again"],
    ),
    words(
        &["SubscriptionRequestsThrottled", "TooManyRequests", "ResourceRequestsThrottled"],
        &["the service throttles requests: run again later, or with a lower `-parallelism`"],
    ),
];
