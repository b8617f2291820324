//! Explains why a plan needs a permission.

use serde::Serialize;

use super::report::{IdentityNeeds, NeededPermission, PermissionReport, ScopeNeeds};
use crate::diagnostic::{Diagnostic, Style, did_you_mean};
use crate::graph::Acting;
use crate::layout::{Ink, Page};
use crate::redact::Redact;
use crate::step::fits;

/// A needed permission at a scope, for an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Redact)]
pub struct Explanation {
    /// The address of the identity, or `machine`.
    pub identity: String,
    /// The scope.
    pub scope: String,
    /// The scope in words.
    pub scope_name: String,
    /// The permission and the requests that need it.
    #[serde(flatten)]
    pub permission: NeededPermission,
    /// The names of the suggested roles that grant it.
    pub roles: Vec<String>,
}

/// Returns the needs of permissions that `action` names, in any case, with `*` for any characters.
///
/// # Errors
///
/// If the plan needs no such permission.
pub fn explain(report: &PermissionReport, action: &str) -> Result<Vec<Explanation>, Box<Diagnostic>> {
    let names = |need: &NeededPermission| fits(action, &need.action) || fits(&need.action, action);
    let found = report.all().filter(|(_, _, need)| names(need));
    let found: Vec<Explanation> = found.map(Explanation::of).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known = report.all().map(|(_, _, need)| need.action.as_str());
    let summary = format!("no step needs the permission `{action}`");
    let found = Diagnostic::error("unknown-permission", summary).maybe_help(did_you_mean(action, known));
    Err(found.help("`arcbook permissions` lists the permissions; `*` stands for any characters").into())
}

impl Explanation {
    fn of((identity, scope, need): (&IdentityNeeds, &ScopeNeeds, &NeededPermission)) -> Self {
        let grants = |grants: &[String]| grants.iter().any(|own| own.eq_ignore_ascii_case(&need.action));
        let roles = scope.roles.iter().filter(|role| grants(&role.grants));
        Self {
            identity: identity.identity.clone(),
            scope: scope.scope.clone(),
            scope_name: scope.scope_name.clone(),
            permission: need.clone(),
            roles: roles.map(|role| role.name.clone()).collect(),
        }
    }

    /// Returns explanations as a page.
    #[must_use]
    pub fn page(all: &[Self], style: Style) -> Page {
        let mut page = Page::new(style);
        for one in all {
            page.gap();
            one.write(&mut page);
        }
        page
    }

    fn write(&self, page: &mut Page) {
        page.heading(&self.permission.action, "");
        let whose = if self.identity == Acting::MACHINE { "the machine" } else { &self.identity };
        page.line(2, format_args!("{whose} needs it at {}: {}", self.scope_name, self.scope));
        if let Some(risk) = &self.permission.risk {
            page.inked(2, Ink::Yellow, format_args!("! it {risk}"));
        }
        if !self.roles.is_empty() {
            page.line(2, format_args!("granted by {}", self.roles.join(" and ")));
        }
        for request in &self.permission.needed_by {
            let place = request.place.as_ref();
            let place = place.map(|place| format!(" ({}:{})", place.file, place.line)).unwrap_or_default();
            page.line(2, format_args!("{}{place}", request.step));
            page.line(6, &request.request);
        }
    }
}
