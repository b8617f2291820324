//! Chooses the parts of a plan that people see.

use crate::diagnostic::Style;

/// The parts of a plan to show, and their style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanView {
    /// The style.
    pub style: Style,
    /// True to list every request, token and host.
    pub requests: bool,
    /// True to show every step with its arguments and actions.
    pub verbose: bool,
    /// True for the first page of a document, which has all details further on.
    pub is_document: bool,
    /// The user and the host of what needs no token, such as programs and files.
    pub user: Option<String>,
    /// The command with these options, if it is another one, such as `arcbook plan`.
    pub command: Option<&'static str>,
}

impl PlanView {
    /// Returns an option as the user types it.
    pub(super) fn option(&self, option: &str) -> String {
        self.command.map_or_else(|| option.to_owned(), |command| format!("`{command} {option}`"))
    }
}
