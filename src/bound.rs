//! Checks that a plan file runs where, and as whom, it may run.

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::plan::file::Bound;
use arcbook_engine::redact::may_be_same;
use arcbook_engine::run::described;
use arcbook_engine::step::{Actor, Context, Mismatch, Platform as _, Setting};
use arcbook_steps::{Azure, MACHINE, Service};

use crate::actor;
use crate::exit::Exit;
use crate::saved::SavedPlan;
use crate::screen::Screen;

/// Returns the bounds of a plan that `by` makes with what is known of the principal.
pub fn here(by: &Actor, principal: Setting) -> Bound {
    Bound { host: by.host.clone(), principal }
}

/// Returns the bounds of a plan for the machine with that resource id.
pub fn to_machine(id: &str) -> Bound {
    // ARM changes the case of ids.
    Bound { host: None, principal: Setting::default().with(MACHINE, id.to_ascii_lowercase()) }
}

/// Returns the resource id of the machine for which a plan was made elsewhere; none if it was made for its own
/// machine.
pub fn machine(bound: &Bound) -> Option<&str> {
    bound.principal.get(MACHINE).filter(|_| bound.host.is_none())
}

/// Parses the resource id of a machine.
pub fn machine_id(text: &str) -> Result<String, String> {
    let segments: Vec<&str> = text.strip_prefix('/').unwrap_or_default().split('/').collect();
    let may_be = |c: char| c.is_alphanumeric() || c.is_ascii_graphic();
    let is_id = segments.len() >= 4
        && segments.len().is_multiple_of(2)
        && segments[0].eq_ignore_ascii_case("subscriptions")
        && segments.iter().all(|segment| !segment.is_empty() && segment.chars().all(may_be));
    if is_id {
        Ok(text.to_owned())
    } else {
        Err("must be a resource id, such as /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.HybridCompute/machines/NAME".to_owned())
    }
}

/// Refuses a plan file of another machine or principal, before anything else is done with it.
///
/// Asks for a token only if the file is bound to a principal.
pub async fn check(saved: &SavedPlan, azure: &Azure, screen: &Screen) -> Result<(), Exit> {
    let bound = saved.file.bound();
    let now = if bound.principal.is_empty() {
        Setting::default()
    } else {
        principal(azure, screen).await.map_err(|diagnostic| {
            screen.diagnostic(*diagnostic);
            Exit::Failed
        })?
    };
    let found = mismatches(bound, actor::of_process().host.as_deref(), &now);
    if found.is_empty() {
        return Ok(());
    }
    screen.diagnostic(refusal(saved, &found));
    Err(Exit::Wrong)
}

/// Returns the principal of this machine, from a token for the resource manager, which every cloud has.
async fn principal(azure: &Azure, screen: &Screen) -> Result<Setting, Box<Diagnostic>> {
    let audience = &azure.cloud().audience(Service::Arm);
    let context = Context::new("the identity of this machine", ".", screen.secrets().clone(), |_| {});
    let token = azure.machine().token(audience, &context).await.map_err(|error| {
        let help = "a token is needed to check that the plan file was made for this machine and identity";
        Box::new(described(&error).help(help))
    })?;
    Ok(token.principal().clone())
}

/// Returns the facts in which this `host` and the principal of its tokens differ from the bounds.
///
/// The resource id of the machine decides if both sides know it, otherwise the name of the host.
fn mismatches(bound: &Bound, host: Option<&str>, principal: &Setting) -> Vec<Mismatch> {
    let mut found = bound.principal.contradictions(principal);
    let knows_machine = |setting: &Setting| setting.get(MACHINE).is_some();
    if knows_machine(&bound.principal) && knows_machine(principal) {
        return found;
    }
    match &bound.host {
        Some(was) if host.is_some_and(|is| may_be_same(was, is)) => {}
        // A plan for a named machine has no host to compare instead.
        None if !knows_machine(&bound.principal) => {}
        None => {
            let was = bound.principal.get(MACHINE).map(ToOwned::to_owned);
            found.push(Mismatch { name: MACHINE.to_owned(), was, is: None });
        }
        Some(was) => found.push(Mismatch {
            name: "host".to_owned(),
            was: Some(was.clone()),
            is: host.map(ToOwned::to_owned),
        }),
    }
    found
}

fn refusal(saved: &SavedPlan, found: &[Mismatch]) -> Diagnostic {
    let path = saved.path.display();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    let made = saved.file.made();
    Diagnostic::error(
        "other-machine",
        format!("the plan {path} was made for another machine or identity: {}", found.join(", ")),
    )
    .detail(format!("{} made it at {}. arcbook changed nothing.", made.by, made.at))
    .help(saved.remedy())
    .help("to make a plan on one machine for another one, give `plan` the resource id of that machine: `-for-machine ID`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(facts: &str) -> Setting {
        let facts = facts.split_whitespace().filter_map(|fact| fact.split_once('='));
        facts.fold(Setting::default(), |setting, (name, value)| setting.with(name, value))
    }

    #[test]
    fn another_machine_or_principal_is_refused() {
        let live = "machine=/m object_id=o tenant=t";
        // The host and the principal of the plan, those of the run, and the mismatches.
        let cases = [
            (Some("a"), "", "a", "", ""),
            (Some("a"), "", "b", "", "`host` was a, is b"),
            // A plan that knows no principal runs as any principal of its host.
            (Some("a"), "", "a", live, ""),
            (Some("a"), "", "b", live, "`host` was a, is b"),
            (Some("a"), live, "a", live, ""),
            // The id of the machine decides, so its host may have another name by now.
            (Some("a"), live, "b", live, ""),
            (Some("a"), live, "a", "machine=/n object_id=o tenant=t", "`machine` was /m, is /n"),
            (Some("a"), live, "a", "machine=/m object_id=p tenant=t", "`object_id` was o, is p"),
            (Some("a"), live, "a", "machine=/m object_id=o tenant=u", "`tenant` was t, is u"),
            // A token may name no machine.
            (Some("a"), live, "a", "", ""),
            (Some("a"), live, "b", "object_id=o", "`host` was a, is b"),
            (Some("a"), "object_id=o", "a", live, ""),
            (Some("a"), "object_id=o", "b", live, "`host` was a, is b"),
            (None, "machine=/m", "b", live, ""),
            (None, "machine=/m", "b", "machine=/n", "`machine` was /m, is /n"),
            (None, "machine=/m", "b", "", "`machine` was /m, is none"),
            // A system that does not tell the name of its host binds to none.
            (None, "", "b", "", ""),
        ];
        for (host, principal, now_host, now, expected) in cases {
            let bound = Bound { host: host.map(ToOwned::to_owned), principal: setting(principal) };
            let found = mismatches(&bound, Some(now_host), &setting(now));
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found.join(", "), expected, "{bound:?} on {now_host} as {now}");
        }
    }

    #[test]
    fn a_machine_is_named_by_its_resource_id() {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m";
        assert_eq!(machine_id(id).as_deref(), Ok(id));
        for text in [
            "",
            "m",
            "/",
            "/subscriptions/s",
            "/subscriptions//x/y",
            "subscriptions/s/a/b",
            "/a/b/c/d",
            "/subscriptions/s/x/\u{1b}[2J",
        ] {
            assert!(machine_id(text).is_err(), "{text}");
        }
    }
}
