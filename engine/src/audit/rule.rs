//! Defines the rules of an audit as data.

use super::level::Level;
use super::{Found, Subject};

/// A rule of an audit.
#[derive(Debug)]
pub struct AuditRule {
    /// The stable id, such as `secret-in-url`; also the anchor of its section in `docs/rules.md`.
    pub id: &'static str,
    /// The weight of its findings.
    pub level: Level,
    /// The problem, in one line.
    pub title: &'static str,
    /// The reason why it is a problem, and the cases that count: Markdown, whole sentences.
    pub explanation: &'static str,
    /// The incident or the control that it stands for.
    pub prevents: &'static str,
    /// The remedy, as a phrase.
    pub remedy: &'static str,
    /// Finds what breaks the rule.
    pub check: fn(&Subject<'_>) -> Vec<Found>,
}

/// The page with the rules.
const PAGE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules.md");

impl AuditRule {
    /// Returns the URL of the section about the rule.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{PAGE}#{}", self.id)
    }
}
