//! The rules about the comments that allow findings.

use super::AuditRule;
use super::level::Level;

/// A comment that cannot be read.
pub(super) static INVALID: AuditRule = AuditRule {
    id: "suppression-invalid",
    level: Level::Warning,
    title: "a comment that allows a finding cannot be read",
    explanation: "A comment `# arcbook:allow RULE until=2027-01-31 REASON` needs the id of a rule, or several with commas \
        between them, and a reason in words. `until` is optional, and a date directly behind the rules; a date elsewhere would be \
        part of the reason, and hold for ever. Such a comment allows nothing until it is right.",
    prevents: "A reviewer believes that a finding was considered, although nobody said why.",
    remedy: "write `# arcbook:allow RULE REASON`",
    check: |_| Vec::new(),
};

/// A comment whose date has passed.
pub(super) static EXPIRED: AuditRule = AuditRule {
    id: "suppression-expired",
    level: Level::Warning,
    title: "a comment allowed a finding until a date that has passed",
    explanation: "The comment no longer allows anything: the finding counts again, beside this one.",
    prevents: "An exception for a migration stays forever.",
    remedy: "remove the cause, or decide anew and write another date",
    check: |_| Vec::new(),
};

/// A comment that allows nothing.
pub(super) static UNUSED: AuditRule = AuditRule {
    id: "suppression-unused",
    level: Level::Warning,
    title: "a comment allows a finding that is not there",
    explanation: "The cause is gone, or the comment is not on the line of the finding, above it, or above its block.",
    prevents: "A stale exception hides the next problem of the same kind at the same place.",
    remedy: "remove the comment",
    check: |_| Vec::new(),
};
