//! The identity of this machine: the right to read the agent's keys, and tokens.

use arcbook_engine::step::{Audience, Platform as _, StepError, Token};

use super::Finding;
use super::agent::{ELSEWHERE, LAB};
use super::examination::Examination;
use crate::keyvault::Moment;
use crate::os::Os;
use crate::probe::HostFacts;

const GROUP: &str = "identity.group";
const TOKEN: &str = "identity.token";

/// Requests a token for each audience, with a real challenge, and judges the right to read the keys by the result.
pub(super) async fn check(it: &mut Examination<'_>) {
    let mut results = Vec::new();
    for audience in it.case.audiences.clone() {
        // What fails for one audience before Entra is asked fails for every other, too.
        let is_hopeless = results.iter().any(|(_, result): &(_, Result<Token, StepError>)| result.is_err());
        if is_hopeless {
            it.add(Finding::prevented(TOKEN, TOKEN).about(audience.as_str()));
        } else if it.begin(TOKEN, Some(audience.as_str())) {
            let token = it.azure.machine().token(&audience, &it.context()).await;
            results.push((audience, token));
        }
    }
    let can_read = (!results.is_empty()).then(|| results.iter().all(|(_, result)| result.is_ok()));
    group(it, can_read).await;
    for (audience, result) in results {
        token(it, &audience, result);
    }
    for other in &it.case.others {
        let reason = "only the identity of this machine is checked";
        it.add(Finding::skipped(TOKEN, reason).about(other.as_str()));
    }
}

/// Adds the finding about a token.
fn token(it: &mut Examination<'_>, audience: &Audience, result: Result<Token, StepError>) {
    let finding = match result {
        Ok(token) => {
            let until = Moment(token.expires_on()).shown();
            let whose = token.principal().get("object_id");
            let whose = whose.map_or_else(String::new, |id| format!("of the principal {id}, "));
            if audience.as_str() == it.arm_audience() {
                it.token = Some(token);
            }
            Finding::ok(TOKEN, format!("a token {whose}until {until}"))
        }
        // The group is the reason.
        Err(_) if it.has_failed(GROUP) => Finding::prevented(TOKEN, GROUP),
        Err(error) => Finding::failed(TOKEN, &error),
    };
    it.add(finding.about(audience.as_str()));
}

/// Checks that the user may read the keys of the agent; `can_read` is true if one was read.
async fn group(it: &mut Examination<'_>, can_read: Option<bool>) {
    if !it.begin(GROUP, None) {
        return;
    }
    let finding = if it.azure.is_lab() {
        Finding::skipped(GROUP, LAB)
    } else if it.program().is_none() {
        Finding::skipped(GROUP, ELSEWHERE)
    } else {
        match tokio::task::spawn_blocking(HostFacts::read).await {
            Ok(facts) => judge(&facts, can_read == Some(true)),
            Err(_) => Finding::skipped(GROUP, "the facts of this computer cannot be read"),
        }
    };
    it.add(finding);
}

/// Judges whether the user may read the keys.
fn judge(facts: &HostFacts, can_read: bool) -> Finding {
    let group = match facts.os {
        Os::Linux => "himds",
        Os::Windows => "Hybrid agent extension applications",
    };
    let user = facts.user.as_deref().unwrap_or("this user");
    // On Windows, a name has the computer before it.
    let is_it = |name: &String| name.rsplit('\\').next().is_some_and(|name| name.eq_ignore_ascii_case(group));
    let is_listed = facts.listed.iter().any(is_it);
    if facts.is_elevated {
        let words = if facts.os == Os::Windows { "an administrator" } else { "root" };
        return Finding::ok(GROUP, format!("arcbook runs as {words}"));
    }
    if facts.groups.iter().any(is_it) {
        return Finding::ok(GROUP, format!("{user} is in the group {group}"));
    }
    if can_read {
        return Finding::ok(GROUP, format!("{user} may read the keys without the group {group}"));
    }
    if is_listed {
        return Finding::error(GROUP, format!("{user} joined the group {group} after this login"))
            .remedy("log in again: a login keeps the groups that it began with");
    }
    let finding = Finding::error(GROUP, format!("{user} is not in the group {group}"));
    facts.os.agent_help().key_denied.iter().copied().fold(finding, Finding::remedy)
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn who_may_read_the_keys_is_root_or_in_the_group() {
        let facts = |os, is_elevated, groups: &[&str], listed: &[&str]| HostFacts {
            name: None,
            os,
            product: None,
            kernel: None,
            user: Some("ann".to_owned()),
            is_elevated,
            groups: groups.iter().map(|&name| name.to_owned()).collect(),
            listed: listed.iter().map(|&name| name.to_owned()).collect(),
            memory: None,
        };
        let (linux, windows) = (Os::Linux, Os::Windows);
        for (facts, can_read, status, expected) in [
            (facts(linux, true, &[], &[]), false, Status::Ok, "runs as root"),
            (facts(linux, false, &["ann", "himds"], &[]), false, Status::Ok, "in the group himds"),
            (facts(linux, false, &["ann"], &[]), true, Status::Ok, "without the group"),
            (facts(linux, false, &["ann"], &["himds"]), false, Status::Error, "after this login"),
            (facts(linux, false, &["ann"], &[]), false, Status::Error, "ann is not in the group himds"),
            (
                facts(windows, false, &[r"WEB01\Hybrid agent extension applications"], &[]),
                false,
                Status::Ok,
                "is in the group",
            ),
            (facts(windows, false, &[r"BUILTIN\Users"], &[]), false, Status::Error, "Hybrid agent"),
        ] {
            let finding = judge(&facts, can_read);
            assert_eq!(finding.status, status, "{finding:?}");
            assert!(finding.summary.contains(expected), "{finding:?}");
            assert_eq!(finding.remedies.is_empty(), status == Status::Ok, "{finding:?}");
        }
    }
}
