//! The list of all checks.

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The id, a family and a name: `agent.port`. It stays the same in later versions.
    pub id: &'static str,
    /// The statement that the check confirms.
    pub meaning: &'static str,
    /// The checks without which this one makes no sense.
    pub after: &'static [&'static str],
}

const fn check(id: &'static str, meaning: &'static str, after: &'static [&'static str]) -> Check {
    Check { id, meaning, after }
}

/// Every check, in the order of the findings.
pub const CHECKS: &[Check] = &[
    check("agent.address", "The environment names an agent of this machine, or none.", &[]),
    check("agent.installed", "The Azure Arc agent is installed.", &["agent.address"]),
    check(
        "agent.service",
        "The service of the agent runs, and starts with the machine.",
        &["agent.installed"],
    ),
    check("agent.port", "The agent takes connections.", &["agent.installed", "agent.service"]),
    check("agent.machine", "The agent knows the resource of this machine in Azure.", &["agent.port"]),
    check("identity.group", "The user may read the keys of the agent.", &["agent.installed"]),
    check("identity.token", "The identity of this machine gets a token for the audience.", &["agent.port"]),
    check(
        "clock.token",
        "The clock of this machine agrees with the times in the token.",
        &["identity.token"],
    ),
    check("clock.service", "The clock of this machine agrees with that of a service.", &[]),
    check("network.settings", "The proxy and the certificates that the environment names can be used.", &[]),
    check("endpoint.connection", "This machine reaches the host.", &["network.settings"]),
    check(
        "endpoint.certificate",
        "This machine trusts the certificate of the host.",
        &["endpoint.connection"],
    ),
    check(
        "provider.registration",
        "The subscription is registered for the resource provider.",
        &["agent.machine", "identity.token", "endpoint.connection", "endpoint.certificate"],
    ),
    check(
        "rights.machine",
        "The identity may read the resource of this machine, which Azure sees as connected.",
        &["agent.machine", "identity.token", "endpoint.connection", "endpoint.certificate"],
    ),
    check(
        "rights.runbook",
        "The identity holds the permissions that the runbook needs at the scope.",
        &["identity.token", "endpoint.connection", "endpoint.certificate"],
    ),
    check("records.directory", "A run can write into the directory.", &[]),
    check("records.space", "The file system of the records has free space.", &[]),
];

/// Returns the check with this id.
pub(super) fn named(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}

/// Returns the position of a check in the order of the findings.
pub(super) fn position(id: &str) -> usize {
    CHECKS.iter().position(|check| check.id == id).unwrap_or(CHECKS.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_depends_on_known_checks_and_not_on_itself() {
        for check in CHECKS {
            assert!(
                check.after.iter().all(|other| named(other).is_some() && *other != check.id),
                "{check:?}"
            );
            assert!(check.meaning.ends_with('.') && check.id.split('.').count() == 2, "{check:?}");
            assert_eq!(CHECKS.iter().filter(|other| other.id == check.id).count(), 1, "{check:?}");
        }
    }
}
