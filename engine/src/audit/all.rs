//! Collects the rules of an audit.

use super::AuditRule;
use super::policy_rules::{DENIES, WARNS};
use super::refused_rules::{EPHEMERAL, FLOW, OUTPUT};
use super::rules::ALL;
use super::suppression_rules::{EXPIRED, INVALID, UNUSED};

/// The rules whose findings no comment allows: those about comments, about policies, and about errors of a plan.
const WITHOUT_EXCEPTION: [&AuditRule; 8] =
    [&INVALID, &EXPIRED, &UNUSED, &DENIES, &WARNS, &FLOW, &OUTPUT, &EPHEMERAL];

/// Returns true if a comment may allow the findings of a rule.
pub(super) fn may_be_allowed(rule: &AuditRule) -> bool {
    WITHOUT_EXCEPTION.iter().all(|one| one.id != rule.id)
}

/// The rules of an audit: those of the engine, and those of the step types.
pub struct Rules(Vec<&'static AuditRule>);

impl Rules {
    /// Returns the rules of the engine, with further ones that know step types, by id.
    #[must_use]
    pub fn with(further: &[&'static [AuditRule]]) -> Self {
        let own = ALL.iter().chain(further).flat_map(|rules| rules.iter());
        let mut rules: Vec<_> = own.chain(WITHOUT_EXCEPTION).collect();
        rules.sort_by_key(|rule| rule.id);
        Self(rules)
    }

    /// Returns all rules, by id.
    pub fn iter(&self) -> impl Iterator<Item = &'static AuditRule> {
        self.0.iter().copied()
    }

    /// Returns the rule with that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&'static AuditRule> {
        self.iter().find(|rule| rule.id == id)
    }
}
