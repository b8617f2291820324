//! The remedies for problems with the Arc agent, in the commands of each operating system: a POSIX shell on Linux,
//! PowerShell on Windows.
//!
//! They are data, so that tests on either system cover both.
//!
//! Sources: `agent-overview.md`, `managed-identity-authentication.md`, `azcmagent-connect.md` and
//! `azcmagent-show.md` of the Azure Arc documentation.

use arcbook_engine::step::{ErrorKind, StepError};

use crate::os::Os;

/// The remedies for problems with the Arc agent on one operating system.
#[derive(Debug)]
pub(crate) struct AgentHelp {
    /// The agent does not listen.
    pub start: &'static str,
    /// The agent refuses the keys that it asks for.
    pub restart: &'static str,
    /// The machine has no resource in Azure.
    pub connect: &'static str,
    /// The commands for a machine whose resource no longer exists.
    pub reconnect: &'static str,
    /// The user may not read a key.
    pub key_denied: &'static [&'static str],
    /// The file of a key does not exist.
    pub key_missing: &'static [&'static str],
    /// The machine is an Azure virtual machine and is not recognized as one.
    pub virtual_machine: Option<&'static str>,
}

/// The remedy that shows the agent's state, which needs no privilege on any operating system.
const SHOW: &str = "check the agent's status: azcmagent show";

const LINUX: AgentHelp = AgentHelp {
    start: "start the agent: sudo systemctl start himdsd",
    restart: "restart the agent: sudo systemctl restart himdsd",
    connect: "connect the machine to Azure Arc: sudo azcmagent connect --resource-group GROUP --location LOCATION --subscription-id ID --tenant-id ID",
    reconnect: "sudo azcmagent disconnect, sudo azcmagent connect",
    key_denied: &[
        "join the group `himds`, then log in again: sudo usermod -aG himds $USER",
        "or run as root: sudo arcbook …",
    ],
    key_missing: &[
        "if the directory may not be entered, join the group `himds`: sudo usermod -aG himds $USER, then log in again",
        "check that the agent's service runs on this machine and not in a container: systemctl status himdsd",
    ],
    virtual_machine: None,
};

const WINDOWS: AgentHelp = AgentHelp {
    start: "start the agent, in PowerShell as administrator: Start-Service himds",
    restart: "restart the agent, in PowerShell as administrator: Restart-Service himds",
    connect: "connect the machine to Azure Arc, in PowerShell as administrator: azcmagent connect --resource-group GROUP --location LOCATION --subscription-id ID --tenant-id ID",
    reconnect: "azcmagent disconnect, azcmagent connect, in PowerShell as administrator",
    key_denied: &[
        "run arcbook in PowerShell as administrator",
        // A variable for the user would be that of the administrator who runs the command.
        "or let an administrator add this user, as whoami prints it, to the group that may read keys, then sign out and in: Add-LocalGroupMember -Group 'Hybrid agent extension applications' -Member 'USER'",
    ],
    key_missing: &[
        "check that the agent's service runs on this machine and not in a container: Get-Service himds",
        "if it runs, restart it, in PowerShell as administrator: Restart-Service himds",
    ],
    virtual_machine: Some(
        "to act as an Azure virtual machine, which arcbook does not recognize on Windows: $env:AZURE_POD_IDENTITY_AUTHORITY_HOST = 'http://169.254.169.254'",
    ),
};

impl Os {
    /// Returns the remedies for problems with the agent.
    pub const fn agent_help(self) -> &'static AgentHelp {
        match self {
            Self::Linux => &LINUX,
            Self::Windows => &WINDOWS,
        }
    }
}

/// Returns the error for an agent whose machine has no resource in Azure; `detail` says how the agent shows that.
pub(crate) fn not_connected(os: Os, detail: String) -> StepError {
    StepError::new(ErrorKind::Local, "this machine is not connected to Azure Arc")
        .detail(detail)
        .help(SHOW)
        .help(os.agent_help().connect)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_LINUX: [&str; 7] = ["sudo", "systemctl", "himdsd", "usermod", "$USER", "root", "log in"];
    const OF_WINDOWS: [&str; 6] = ["PowerShell", "-Service", "administrator", "Local", "$env:", "sign out"];

    #[test]
    fn each_system_has_its_own_commands() {
        for (os, own, foreign) in
            [(Os::Linux, &OF_LINUX[..], &OF_WINDOWS[..]), (Os::Windows, &OF_WINDOWS, &OF_LINUX)]
        {
            let help = format!("{:?}", os.agent_help());
            let missing: Vec<_> = own.iter().filter(|word| !help.contains(**word)).collect();
            let strange: Vec<_> = foreign.iter().filter(|word| help.contains(**word)).collect();
            assert!(missing.is_empty() && strange.is_empty(), "{os:?}: {missing:?} {strange:?} {help}");
        }
    }

    #[test]
    fn a_machine_without_a_resource_is_told_how_to_connect() {
        for (os, connect) in [
            (Os::Linux, "Arc: sudo azcmagent connect --resource-group"),
            (Os::Windows, "in PowerShell as administrator: azcmagent connect --resource-group"),
        ] {
            let error = not_connected(os, "The agent says so.".to_owned());
            let help = error.remedies().join("\n");
            assert!(help.contains("azcmagent show") && help.contains(connect), "{help}");
        }
    }
}
