//! Finds users and groups of this machine.

/// Returns the id of a user, by name or by number; none if this machine does not know it.
#[cfg(unix)]
pub(crate) fn user_id(name: &str) -> Option<u32> {
    let known = || nix::unistd::User::from_name(name).ok().flatten().map(|user| user.uid.as_raw());
    name.parse().ok().or_else(known)
}

/// Returns the id of a group, by name or by number; none if this machine does not know it.
#[cfg(unix)]
pub(crate) fn group_id(name: &str) -> Option<u32> {
    let known = || nix::unistd::Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw());
    name.parse().ok().or_else(known)
}

/// Returns none: files have no such owner on this system.
#[cfg(not(unix))]
pub(crate) fn user_id(_name: &str) -> Option<u32> {
    None
}

/// Returns none: files have no such group on this system.
#[cfg(not(unix))]
pub(crate) fn group_id(_name: &str) -> Option<u32> {
    None
}
