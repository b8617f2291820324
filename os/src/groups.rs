//! The groups of the account that runs this process.

use std::collections::BTreeSet;

/// Returns the effective groups of this process, in the order of their names. `name_of` returns the name of a number; a
/// group without a name is its number.
///
/// Groups that the account joined after this process began are not among them, since the system does not add them.
#[cfg(unix)]
#[must_use]
pub fn of_process(name_of: impl Fn(u32) -> Option<String>) -> Vec<String> {
    let others = rustix::process::getgroups().unwrap_or_default();
    let all = [rustix::process::getegid()].into_iter().chain(others);
    let named = all.map(|group| name_of(group.as_raw()).unwrap_or_else(|| group.as_raw().to_string()));
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns the groups in the access token of this process, in the order of their names, with the domain of each, as in
/// `BUILTIN\Users`; numbers, and so `name_of`, do not exist here.
#[cfg(windows)]
#[must_use]
pub fn of_process(_name_of: impl Fn(u32) -> Option<String>) -> Vec<String> {
    let groups = crate::windows::token::groups().unwrap_or_default();
    groups.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_its_name_or_its_number_once() {
        let named = of_process(|_| Some("staff".to_owned()));
        if cfg!(unix) {
            assert_eq!(named, ["staff"]);
            assert!(of_process(|_| None).iter().all(|group| group.parse::<u32>().is_ok()));
        } else {
            assert!(named.iter().any(|group| group.contains("Users")), "{named:?}");
        }
    }
}
