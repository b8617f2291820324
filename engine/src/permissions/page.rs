//! Lays out the report for people.

use indexmap::{IndexMap, IndexSet};

use super::report::{
    DatabaseLogin, IdentityNeeds, LocalRight, Login, NeededPermission, OpenToken, PermissionReport,
    ScopeNeeds,
};
use crate::diagnostic::Style;
use crate::graph::Acting;
use crate::layout::{Ink, Page, Row};
use crate::plan::{plural, shape};
use crate::step::{Plane, SuggestedRole, few};

/// The maximum number of actions that a line names.
const NAMED: usize = 4;

/// Scopes with the same needs and the same roles.
struct Fold<'a> {
    scopes: Vec<&'a ScopeNeeds>,
}

/// Returns the report as a page, which has no secrets if the report has none.
#[must_use]
pub fn page(report: &PermissionReport, style: Style) -> Page {
    let mut page = Page::new(style);
    let setting = report.setting.brief();
    let title = [report.runbook.as_str(), "permissions", &setting];
    let title: Vec<&str> = title.into_iter().filter(|part| !part.is_empty()).collect();
    page.heading(&title.join(" · "), "nothing was sent");
    for identity in &report.identities {
        page.gap();
        write_identity(&mut page, identity);
    }
    databases(&mut page, "Databases", &report.databases);
    local(&mut page, &report.local);
    page.gap();
    if report.identities.is_empty() && report.databases.is_empty() {
        page.line(
            0,
            if report.programs.is_empty() {
                "No step needs a permission."
            } else {
                "No request needs a permission."
            },
        );
    }
    if !report.programs.is_empty() {
        let steps = few_steps(&report.programs);
        page.line(0, format_args!("Programs may act with rights of their own: {steps}."));
    }
    let roles = &report.roles;
    if !report.identities.is_empty() {
        let date = roles.date.as_ref().map(|date| format!(" of {date}")).unwrap_or_default();
        page.line(0, format_args!("Roles: {}{date} ({}).", roles.source, plural(roles.roles, "role")));
    }
    let roles = report.identities.iter().flat_map(|identity| &identity.scopes).flat_map(|scope| &scope.roles);
    if roles.into_iter().any(|role| !role.surplus.risks.is_empty()) {
        page.line(0, "A role with exactly these permissions: arcbook permissions -custom-role NAME.");
    }
    page.legend(MARKS);
    page
}

fn write_identity(page: &mut Page, identity: &IdentityNeeds) {
    let name = if identity.identity == Acting::MACHINE { "The machine" } else { &identity.identity };
    page.heading(name, "");
    page.prose(&identity.source);
    for fold in fold(&identity.scopes) {
        page.gap();
        write_scopes(page, &fold);
    }
    open_tokens(page, &identity.open);
    databases(page, &format!("Databases of {name}"), &identity.databases);
}

/// The meanings of the marks before permissions.
const MARKS: &[(&str, &str)] =
    &[("<", "reads"), ("~", "changes"), ("-", "deletes"), ("?", "may use every right")];

/// Writes the uses of tokens that may use every right.
fn open_tokens(page: &mut Page, tokens: &[OpenToken]) {
    if tokens.is_empty() {
        return;
    }
    page.gap();
    page.line(
        0,
        "Not listed: whoever has these tokens may use every right that the identity holds at the service",
    );
    for OpenToken { audience, host, steps } in tokens {
        let to = match host {
            Some(host) => format!("sent to {host}, with a request whose permissions are not all known"),
            None => "a value of the run: `arcbook plan -verbose` shows where it goes".to_owned(),
        };
        page.marked(2, "?", &[&format!("a token for {audience}"), &few_steps(steps)]);
        page.line(6, to);
    }
}

/// Folds the scopes with the same needs, in the order of the report.
fn fold(scopes: &[ScopeNeeds]) -> Vec<Fold<'_>> {
    type Key<'a> = (Vec<(Plane, &'a str)>, Vec<&'a str>, &'a [String], &'a [String], bool);
    let mut folds: IndexMap<Key<'_>, Vec<&ScopeNeeds>> = IndexMap::new();
    for scope in scopes {
        let needs = scope.permissions.iter().map(|need| (need.plane, need.action.as_str())).collect();
        let roles = scope.roles.iter().map(|role| role.id.as_str()).collect();
        let key = (needs, roles, &*scope.ways, &*scope.uncovered, scope.inherited);
        folds.entry(key).or_default().push(scope);
    }
    folds.into_values().map(|scopes| Fold { scopes }).collect()
}

fn write_scopes(page: &mut Page, fold: &Fold<'_>) {
    let Some(first) = fold.scopes.first() else { return };
    let names: IndexSet<&str> = fold.scopes.iter().map(|scope| scope.scope_name.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    page.line(0, format_args!("At {}", few(&names)));
    if let [only] = fold.scopes.as_slice() {
        page.line(4, &only.scope);
    }
    for (at, need) in first.permissions.iter().enumerate() {
        let all = || fold.scopes.iter().filter_map(|scope| scope.permissions.get(at));
        let steps: IndexSet<&str> =
            all().flat_map(|need| &need.needed_by).map(|request| request.step.as_str()).collect();
        let steps: Vec<&str> = steps.into_iter().collect();
        let plane = if need.plane == Plane::Data { "data action" } else { "" };
        page.marked(2, symbol(need), &[&need.action, plane, &few_steps(&steps)]);
        if let Some(risk) = &need.risk {
            page.inked(6, Ink::Yellow, format_args!("! it {risk}"));
        }
    }
    let has_everything = first.roles.iter().any(is_everything);
    if has_everything {
        page.line(4, "role: one of your own, with exactly this: arcbook permissions -custom-role NAME");
    }
    for role in &first.roles {
        write_role(page, role, if has_everything { "or" } else { "role" });
    }
    for (number, way) in first.ways.iter().enumerate() {
        page.line(
            4,
            format_args!("{}: {way}", if number == 0 && first.roles.is_empty() { "grant" } else { "or" }),
        );
    }
    if !first.uncovered.is_empty() {
        let actions = few(&first.uncovered);
        page.line(4, format_args!("role: none that is known grants {actions}; make one of your own"));
    }
    if first.inherited {
        page.line(4, "role: none is needed, the roles at a wider scope grant it");
    }
}

/// Returns true for a role that may delete everything, as Contributor.
fn is_everything(role: &SuggestedRole) -> bool {
    role.surplus.deletes.iter().any(|pattern| pattern == "*")
}

fn write_role(page: &mut Page, role: &SuggestedRole, label: &str) {
    let by = if role.by_wildcard { ", if `*` in its patterns may stand for nothing" } else { "" };
    page.line(4, format_args!("{label}: {} ({}){by}", role.name, role.id));
    let surplus = &role.surplus;
    for risk in surplus.risks.iter().take(NAMED) {
        page.inked(8, Ink::Yellow, format_args!("! also grants {}: it {}", risk.action, risk.gives));
    }
    if let Some(more) = surplus.risks.len().checked_sub(NAMED).filter(|more| *more > 0) {
        page.inked(8, Ink::Yellow, format_args!("! and {more} more of this kind"));
    }
    for (verb, actions) in [("may delete", &surplus.deletes), ("may change", &surplus.changes)] {
        if !actions.is_empty() {
            page.line(8, format_args!("also {verb}: {}", few(&wide(actions))));
        }
    }
    match surplus.reads.as_slice() {
        [] if surplus.is_empty() => page.line(8, "grants nothing else"),
        [] => {}
        reads if reads.len() < NAMED => page.line(8, format_args!("also reads: {}", wide(reads).join(", "))),
        reads => page.line(8, format_args!("also reads: {} kinds of objects", reads.len())),
    }
}

/// Returns patterns, the widest ones in words.
fn wide(patterns: &[String]) -> Vec<String> {
    let words = |pattern: &String| match pattern.as_str() {
        "*" | "*/read" => format!("everything (`{pattern}`)"),
        pattern => pattern.to_owned(),
    };
    patterns.iter().map(words).collect()
}

/// Returns the symbol of what a permission allows, as a plan has it.
fn symbol(need: &NeededPermission) -> &'static str {
    let action = need.action.to_ascii_lowercase();
    let reads = ["/read", "readmetadata/action", "getsecret/action", ".read.all"];
    let deletes = ["/delete", "purge/action"];
    match () {
        () if reads.iter().any(|end| action.ends_with(end)) => "<",
        () if deletes.iter().any(|end| action.ends_with(end)) => "-",
        () => "~",
    }
}

/// Returns the first steps, the instances of a block as one.
fn few_steps(steps: &[impl AsRef<str>]) -> String {
    let mut blocks: IndexMap<String, Vec<&str>> = IndexMap::new();
    for step in steps {
        blocks.entry(shape(step.as_ref())).or_default().push(step.as_ref());
    }
    let name = |(block, instances): (String, Vec<&str>)| match instances.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{block}[…] ({})", many.len()),
    };
    few(&blocks.into_iter().map(name).collect::<Vec<_>>())
}

fn local(page: &mut Page, rights: &[LocalRight]) {
    if rights.is_empty() {
        return;
    }
    page.gap();
    page.heading("On the machine", "");
    for right in rights {
        page.line(2, &right.right);
        page.line(6, few_steps(&right.steps));
    }
}

fn databases(page: &mut Page, label: &str, logins: &[DatabaseLogin]) {
    let row = |login: &DatabaseLogin| {
        let proof = match login.login {
            Login::Token => "with a token of the identity",
            Login::Password => "with a password",
            Login::Other => "without a password",
        };
        Row::of([
            format!("role {} {proof}", login.user),
            format!("in {} at {}", login.database, login.host),
            few_steps(&login.steps),
        ])
    };
    page.gap();
    page.columns(label, &["login", "database", "steps"], logins.iter().map(row).collect());
}
