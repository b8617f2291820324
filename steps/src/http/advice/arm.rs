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
        &["the identity needs a role on the other resource that the message names, too"],
    ),
    words(
        &["LinkedAccessCheckFailed", "LinkedInvalidPropertyId"],
        &["check the id of the other resource that the message names, and that the identity may read it"],
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
        &["set `api_version` to a version that the resource type has"],
    ),
    words(
        &["InvalidResourceNamespace"],
        &["check the provider in the path, such as `Microsoft.KeyVault`: there is none of that name"],
    ),
    words(
        &["MissingSubscriptionRegistration", "SubscriptionNotRegistered", "MissingRegistrationForType"],
        &[
            "register the provider, once a subscription: az provider register --namespace {namespace}",
            "it takes a minute or two; then run again",
        ],
    ),
    words(
        &["ResourceGroupNotFound"],
        &[
            "check the name of the resource group and the subscription; a group that the identity may not see is not found either",
        ],
    ),
    words(
        &["SubscriptionNotFound", "InvalidSubscriptionId"],
        &[
            "check the subscription's id and the cloud; a subscription in which the identity has no role is not found either",
        ],
    ),
    words(
        &["ResourceNotFound", "ParentResourceNotFound", "NotFound"],
        &["check the path; a resource that the identity may not see is not found either"],
    ),
    words(
        &["ReadOnlyDisabledSubscription", "DisallowedOperation", "SubscriptionDisabled"],
        &["the subscription is disabled and can only be read: ask its owner to enable it"],
    ),
    words(
        &["QuotaExceeded", "OperationNotAllowed", "ResourceQuotaExceeded", "DeploymentQuotaExceeded"],
        &[
            "the subscription has reached a limit that the message names: remove what is not used, or ask for a higher one: az quota",
        ],
    ),
    words(
        &["SkuNotAvailable", "LocationNotAvailableForResourceType"],
        &["choose another location or size; the message names what there is"],
    ),
    words(
        &["ReservedResourceName", "InvalidResourceName", "AccountNameInvalid"],
        &["choose another name: this one is reserved or has a form that the service does not take"],
    ),
    words(
        &["InvalidFilterInQueryString", "BadFilter", "InvalidFilter"],
        &["check `filter`: ARM takes a few comparisons of a few properties, such as `name eq 'x'`"],
    ),
    words(
        &["InvalidAuthenticationTokenTenant"],
        &["the resource is in another tenant than this machine's identity"],
    ),
    words(
        &["InvalidAuthenticationTokenAudience"],
        &["the service does not take tokens for {audience}; check that the cloud is the right one"],
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
        &["another operation on the resource goes on: wait until it is over and run again"],
    ),
    words(
        &["SubscriptionRequestsThrottled", "TooManyRequests", "ResourceRequestsThrottled"],
        &["the service limits how often it is asked: run again later, or with less at once"],
    ),
];
