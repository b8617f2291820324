//! Checks the permissions of every identity of a plan.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, Style};
use arcbook_engine::graph::Acting;
use arcbook_engine::layout::{Ink, Page};
use arcbook_engine::permissions::{Need, Needs};
use arcbook_engine::plan::Plan;
use arcbook_engine::step::{Permission, Plane, few};
use arcbook_steps::Azure;
use arcbook_steps::preflight::{Checked, Claimant, Verdict, check};
use serde_json::json;

use crate::exit::Exit;
use crate::progress::{Phase, plural};
use crate::screen::Screen;

/// The verdict on a permission, and the steps that need it.
pub struct Judged {
    checked: Checked,
    steps: Vec<String>,
}

/// Asks the services whether the identities of a plan hold the permissions that its steps need.
pub async fn judge(plan: &Plan, needs: &Needs, azure: &Arc<Azure>, screen: &Screen) -> Vec<Judged> {
    let _phase = Phase::begin(screen, || "checking the permissions of the identities".to_owned());
    let (mut judged, steps) = (Vec::new(), steps(needs));
    for actor in &needs.actors {
        let own = needs.permissions.iter().filter(|need| need.acts_as == actor.address);
        let permissions: Vec<Permission> = own.map(|need| need.permission.clone()).collect();
        let mut acting = plan.all_tokens().into_iter().map(|token| token.acting);
        let acting = acting.find(|acting| plan.state.modules.acting_address(*acting) == actor.address);
        let identity = acting.and_then(|acting| plan.state.acting(acting, &**azure));
        let (Some(acting), Some(identity)) = (acting, identity) else { continue };
        let claimant = Claimant { address: actor.address.clone(), identity, needs: permissions };
        let checked = match plan.acts_after(acting) {
            // A token before that step would be another one than in the run, and the agent would keep it.
            Some(step) => claimant.unasked(&format!("the identity gets its first token after {step}")),
            None => check(azure, &claimant, screen.secrets()).await,
        };
        judged.extend(checked.into_iter().map(|checked| {
            let Checked { identity, plane, action, scope, .. } = &checked;
            let steps = steps.get(&key(identity, *plane, action, scope)).cloned().unwrap_or_default();
            Judged { checked, steps }
        }));
    }
    judged
}

/// A permission of an identity at a scope, as Azure compares them.
type Key = (String, Plane, String, String);

fn key(identity: &str, plane: Plane, action: &str, scope: &str) -> Key {
    (identity.to_owned(), plane, action.to_ascii_lowercase(), scope.to_ascii_lowercase())
}

/// Returns the steps that need each permission.
fn steps(needs: &Needs) -> HashMap<Key, Vec<String>> {
    let mut steps: HashMap<Key, Vec<String>> = HashMap::new();
    for Need { acts_as, step, permission: Permission { action, plane, scope }, .. } in &needs.permissions {
        let own = steps.entry(key(acts_as, *plane, action, &scope.to_string())).or_default();
        if own.last() != Some(step) {
            own.push(step.clone());
        }
    }
    steps
}

impl Judged {
    fn verdict(&self) -> &Verdict {
        &self.checked.verdict
    }

    /// Returns the error for a permission that the identity lacks.
    fn diagnostic(&self) -> Diagnostic {
        let Checked { identity, action, scope_name, scope, .. } = &self.checked;
        let whose = if identity == Acting::MACHINE { "the machine" } else { identity };
        let summary = format!("{whose} lacks the permission {action} at {scope_name}");
        let reason = self.verdict().reason().unwrap_or_default();
        Diagnostic::error("missing-permission", summary)
            .detail(format!("The scope is {scope}: {reason}. Needed by {}.", few(&self.steps)))
            .help("`arcbook permissions` suggests a role for it")
            .help("a new role assignment takes up to ten minutes to take effect")
    }
}

/// Returns the exit status for the verdicts, which it prints.
///
/// `is_live` is true if the steps that only read have run.
pub fn show(judged: &[Judged], title: &str, is_live: bool, screen: &Screen) -> Exit {
    if screen.json {
        for one in judged {
            screen.object(&json!({ "permission": one.checked, "steps": one.steps }));
        }
        screen.object(&json!({ "verdicts": counts(judged) }));
    } else {
        let secrets = screen.secrets();
        let page = page(judged, title, screen.page_style(), |text| secrets.redact(text).into_owned());
        screen.page(&page);
        if !is_live && judged.iter().any(|one| one.verdict().is_later()) {
            screen
                .line("`-live` runs the read-only steps first, so that the scopes that they find are known.");
        }
    }
    // A check that learned nothing is none.
    let is_empty = !judged.is_empty() && judged.iter().all(|one| one.verdict().is_open());
    if is_empty || judged.iter().any(|one| one.verdict().is_no()) { Exit::Failed } else { Exit::Done }
}

/// Reports the permissions that are missing, and the number of those that nobody can tell; fails if one is missing.
pub fn report(judged: &[Judged], screen: &Screen) -> Result<(), Exit> {
    let open = judged.iter().filter(|one| one.verdict().is_open()).count();
    if open > 0 {
        let summary = format!("{} could not be checked before the run", plural(open, "permission"));
        let found = Diagnostic::warning("unchecked-permission", summary);
        screen.diagnostic(
            found.help(
                "`arcbook permissions -check -live` says why, and asks about the scopes that steps find",
            ),
        );
    }
    let missing: Vec<Diagnostic> =
        judged.iter().filter(|one| one.verdict().is_no()).map(Judged::diagnostic).collect();
    if missing.is_empty() {
        return Ok(());
    }
    screen.diagnostic(missing.into_iter().collect::<Diagnostics>());
    Err(Exit::Failed)
}

fn counts(judged: &[Judged]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for one in judged {
        *counts.entry(one.verdict().words()).or_default() += 1;
    }
    counts
}

fn page(judged: &[Judged], title: &str, style: Style, redact: impl Fn(&str) -> String) -> String {
    let mut page = Page::new(style);
    page.heading(&redact(title), "nothing was changed");
    let mut identity = "";
    for one in judged {
        let Checked { identity: own, action, scope_name, .. } = &one.checked;
        if own != identity {
            page.gap();
            page.heading(if own == Acting::MACHINE { "The machine" } else { own }, "");
            identity = own;
        }
        let words = one.verdict().words();
        page.inked(2, ink(one.verdict()), redact(&format!("{words}: {action} at {scope_name}")));
        if let Some(reason) = one.verdict().reason() {
            page.line(6, redact(&reason));
        }
        if one.verdict().is_no() {
            page.line(6, redact(&format!("needed by {}", few(&one.steps))));
        }
    }
    page.gap();
    let counts = counts(judged).into_iter().map(|(words, count)| format!("{count} {words}"));
    let counts: Vec<String> = counts.collect();
    page.line(
        0,
        if counts.is_empty() { "No step needs a permission.".to_owned() } else { counts.join("; ") },
    );
    page.finish()
}

fn ink(verdict: &Verdict) -> Ink {
    match verdict {
        Verdict::Yes | Verdict::Wildcard { .. } => Ink::Green,
        Verdict::No { .. } => Ink::Red,
        Verdict::Conditional { .. } | Verdict::CannotTell { .. } => Ink::Yellow,
        Verdict::NotRbac { .. } => Ink::Plain,
    }
}
