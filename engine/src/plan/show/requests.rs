//! Lists the actions, tokens and hosts of a plan.

use super::rights;
use super::step::{follow, gets};
use crate::graph::{Acting, token_name};
use crate::layout::{Page, under};
use crate::plan::{Listing, RECORD};

/// Writes every action with its number, then tokens and hosts.
pub fn write(page: &mut Page, plan: &Listing) {
    let of_steps = || {
        plan.steps.iter().flat_map(move |step| {
            let of = (step.address.as_str(), step.acts_as.as_deref());
            step.actions.iter().map(move |action| (of, action))
        })
    };
    let of_record = || plan.record.iter().flat_map(|record| &record.actions);
    let actions = || of_steps().chain(of_record().map(|action| ((RECORD, None), action)));
    let digits = actions().count().to_string().len();
    if actions().next().is_some() {
        page.gap();
        page.heading("Requests", "");
    }
    for (at, ((address, acts_as), action)) in actions().enumerate() {
        let number = (at + 1).to_string();
        page.entry(2, (&number, digits), format_args!("{}{}", action.line(), follow(action)));
        let acts_as = acts_as.unwrap_or(Acting::MACHINE);
        let token = action.sent_token().map(|audience| token_name(acts_as, audience));
        let needs = action.needs.iter().map(|needed| format!("needs {}", needed.action));
        let facts: Vec<String> =
            [address.to_owned()].into_iter().chain(token).chain(gets(action)).chain(needs).collect();
        page.line(under(digits), facts.join("; "));
    }
    if !plan.tokens.is_empty() {
        page.gap();
        page.heading("Tokens", "");
    }
    for token in &plan.tokens {
        let acts_as = Some(&token.acts_as).filter(|acts_as| *acts_as != Acting::MACHINE);
        let acts_as = acts_as.map(|acts_as| format!(" as {acts_as}")).unwrap_or_default();
        page.line(2, format_args!("{}{acts_as} for {}", token.audience, token.steps.join(", ")));
        for action in &token.actions {
            page.line(6, action.line());
        }
    }
    page.list("Hosts", &rights::hosts(plan));
}
