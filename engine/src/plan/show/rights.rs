//! Shows the rights that identities need, and the hosts that a run contacts.

use indexmap::IndexMap;

use super::PlanView;
use super::section::section;
use crate::graph::Acting;
use crate::layout::{Page, Row};
use crate::plan::open_token::OpenToken;
use crate::plan::{ListedStep, ListedWhen, Listing, host};
use crate::step::{ActionFacts, few, server_words};

/// Writes the suggested roles, those of one identity at one kind of scope together, and the tokens that may be used for more.
pub fn write(page: &mut Page, plan: &Listing, view: &PlanView) {
    let mut scopes: IndexMap<(&str, String), Vec<&str>> = IndexMap::new();
    for right in &plan.rights {
        let mut add = |words: String| {
            scopes.entry((&right.acts_as, words)).or_default().push(&right.scope_name);
        };
        if !right.roles.is_empty() {
            add(right.roles.join(", "));
        }
        for needed in &right.uncovered {
            add(format!("(no known role) {}", needed.action));
        }
    }
    let row = |acts_as: &str, rights: String, place: String| {
        let declared = Some(acts_as).filter(|acts_as| !["", Acting::MACHINE].contains(acts_as));
        Row::of([rights, place].into_iter().chain(declared.map(|acts_as| format!("for {acts_as}"))))
    };
    let listed = scopes.into_iter().map(|((acts_as, roles), scopes)| row(acts_as, roles, few(&scopes)));
    let open = OpenToken::all(plan);
    let open = open.iter().map(|token| {
        let (rights, place) = open_right(token);
        row(&token.acts_as, rights, place)
    });
    let rows = listed.chain(open).collect();
    section(page, ("Rights", &["roles", "scope", "identity"]), rows, view, "No identity needs a role.");
}

/// Returns the words for the rights that the user of a token has, which nobody can list.
fn open_right(token: &OpenToken) -> (String, String) {
    let steps = few(&token.steps.iter().collect::<Vec<_>>());
    match &token.host {
        Some(host) => {
            ("(not all listed)".to_owned(), format!("at {host}, for the request with a token of {steps}"))
        }
        None => (
            "(not listed) every right it holds".to_owned(),
            format!("at {}, for whoever gets the token of {steps}", token.audience),
        ),
    }
}

/// Returns the hosts of a plan, and those that others may contact because of it.
pub fn hosts(plan: &Listing) -> Vec<String> {
    let mut hosts: Vec<String> = plan.hosts.iter().map(|host| server_words(host).to_owned()).collect();
    for token in OpenToken::all(plan).into_iter().filter(|token| token.host.is_none()) {
        let steps = few(&token.steps.iter().collect::<Vec<_>>());
        hosts.push(format!("{}, by whoever gets the token of {steps}", host(&token.audience)));
    }
    let runs = |action: &ActionFacts| action.command().is_some();
    let is_planned = |when: &ListedWhen| *when != ListedWhen::Decided(false);
    let runs = |step: &ListedStep| step.remote_code.is_some() || step.actions.iter().any(runs);
    if plan.steps.iter().any(|step| is_planned(&step.when) && runs(step)) {
        hosts.push("any host that a program or a script contacts, which no plan can list".to_owned());
    }
    hosts
}
