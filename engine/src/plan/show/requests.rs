//! Lists the actions, tokens and hosts of a plan.

use super::step::{follow, gets};
use crate::layout::{Page, under};
use crate::plan::Listing;

/// Writes every action with its number, then tokens and hosts.
pub fn write(page: &mut Page, plan: &Listing) {
    let actions = || plan.steps.iter().flat_map(|step| step.actions.iter().map(move |action| (step, action)));
    let digits = actions().count().to_string().len();
    if actions().next().is_some() {
        page.gap();
        page.heading("Requests", "");
    }
    for (at, (step, action)) in actions().enumerate() {
        let number = (at + 1).to_string();
        page.entry(2, (&number, digits), format_args!("{}{}", action.line(), follow(action)));
        let token = action.audience().map(|audience| format!("token for {audience}"));
        let needs = action.needs.iter().map(|needed| format!("needs {}", needed.action));
        let facts: Vec<String> =
            [step.address.clone()].into_iter().chain(token).chain(gets(action)).chain(needs).collect();
        page.line(under(digits), facts.join("; "));
    }
    if !plan.tokens.is_empty() {
        page.gap();
        page.heading("Tokens", "");
    }
    for token in &plan.tokens {
        page.line(2, format_args!("{} for {}", token.audience, token.steps.join(", ")));
        if let Some(url) = &token.url {
            page.line(6, format_args!("GET {url}"));
        }
    }
    page.list("Hosts", &plan.hosts);
}
