//! Faults of ARM: refused changes, and operations that do not end well.

/// A refusal of a change: the request is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// 409 `ScopeLocked`: a lock on the resource forbids the change.
    ScopeLocked,
    /// 403 `RequestDisallowedByPolicy`.
    Policy,
    /// 409 `AnotherOperationInProgress`.
    AnotherOperation,
    /// 409 `Conflict`.
    Conflict,
    /// 429 `RetryableErrorDueToAnotherOperation`, with `Retry-After: 0`.
    Retryable,
    /// 400 `PrincipalNotFound`, as for a principal that the directory does not know everywhere yet.
    PrincipalNotFound,
}

impl Denial {
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("scope-locked", Self::ScopeLocked),
        ("policy", Self::Policy),
        ("another-operation", Self::AnotherOperation),
        ("conflict", Self::Conflict),
        ("retryable", Self::Retryable),
        ("principal-not-found", Self::PrincipalNotFound),
    ];
}

/// A deviation of a long-running operation. It applies to the operation that a matching request starts; an
/// operation may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationFault {
    /// The operation fails; the cause is in nested `details`.
    Failed,
    /// The operation ends as canceled.
    Canceled,
    /// The operation runs for ever.
    NeverEnds,
    /// Its URL is on another host, `elsewhere.localhost`.
    Elsewhere,
    /// Its URL lies in another subscription.
    AnotherSubscription,
    /// Its URL has no `api-version`, which ARM requires.
    WithoutVersion,
    /// Its URL is a path without scheme and host.
    Relative,
    /// The response has both `Azure-AsyncOperation` and `Location`.
    BothHeaders,
    /// Its URL redirects to another host, `elsewhere.localhost`.
    Redirects,
    /// No response has `Retry-After`.
    NoRetryAfter,
    /// The words for its states are in lower case.
    LowerCase,
    /// The word for its running state is one that no document lists.
    UnknownStatus,
}

impl OperationFault {
    pub(crate) const ALL: [(&'static str, Self); 12] = [
        ("operation-failed", Self::Failed),
        ("operation-canceled", Self::Canceled),
        ("operation-never-ends", Self::NeverEnds),
        ("operation-elsewhere", Self::Elsewhere),
        ("operation-in-another-subscription", Self::AnotherSubscription),
        ("operation-without-version", Self::WithoutVersion),
        ("operation-relative", Self::Relative),
        ("operation-both-headers", Self::BothHeaders),
        ("operation-redirects", Self::Redirects),
        ("operation-no-retry-after", Self::NoRetryAfter),
        ("operation-lower-case", Self::LowerCase),
        ("operation-unknown-status", Self::UnknownStatus),
    ];
}
