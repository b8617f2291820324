//! Tells how permissions of the directory are granted.

use arcbook_engine::step::Permission;

/// The permissions with which a member is added or removed.
const MEMBERS: &str = "GroupMember.ReadWrite.All";

/// Returns the permissions without those that another one includes, each once.
pub(super) fn strongest<'a>(needs: &[&'a Permission]) -> Vec<&'a Permission> {
    let is_included = |need: &Permission| {
        let wider = need.action.replace(".Read.", ".ReadWrite.");
        need.action.contains(".Read.")
            && needs.iter().any(|other| other.action == wider && other.scope == need.scope)
    };
    let mut kept: Vec<&Permission> = Vec::new();
    for need in needs.iter().copied().filter(|need| !is_included(need)) {
        if !kept.contains(&need) {
            kept.push(need);
        }
    }
    kept
}

/// Returns the ways to grant the needs at one scope: any one of them suffices.
pub(super) fn ways(needs: &[&Permission]) -> Vec<String> {
    let strongest = strongest(needs);
    let names: Vec<&str> = strongest.iter().map(|need| &*need.action).collect();
    let mut ways = vec![format!(
        "the application permission {} of Microsoft Graph, with the consent of an administrator",
        names.join(" and ")
    )];
    if names.contains(&MEMBERS) {
        ways.push("the identity as an owner of the group, which reaches no other group".to_owned());
        ways.push("the directory role Groups Administrator, at best in an administrative unit".to_owned());
    } else {
        ways.push("the directory role Directory Readers".to_owned());
    }
    ways
}
