//! The paths of the Arc agent on each operating system, as data, so that tests on either cover both.
//!
//! The words about it are in [`agent_help`](crate::agent_help).

use std::path::PathBuf;

use crate::environment::Environment;
use crate::os::Os;

/// The paths of the Arc agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    pub os: Os,
    /// The agent's executable; its presence means that the agent is installed.
    pub program: PathBuf,
    /// The agent's command line.
    pub command: PathBuf,
    /// The directory of the agent's key files.
    pub token_dir: PathBuf,
}

impl Platform {
    /// Returns the paths on this operating system.
    pub fn here(environment: &Environment) -> Self {
        match Os::HERE {
            Os::Linux => Self::linux(),
            Os::Windows => Self::windows(environment),
        }
    }

    pub fn linux() -> Self {
        Self {
            os: Os::Linux,
            program: "/opt/azcmagent/bin/himds".into(),
            command: "/opt/azcmagent/bin/azcmagent".into(),
            token_dir: "/var/opt/azcmagent/tokens".into(),
        }
    }

    pub fn windows(environment: &Environment) -> Self {
        let under = |name, default: &str, rest: &str| {
            // Some shells change the case of a name, which Windows ignores.
            let base = environment.get_ignoring_case(name).unwrap_or(default);
            format!(r"{}\{rest}", base.trim_end_matches(['\\', '/'])).into()
        };
        Self {
            os: Os::Windows,
            program: under("ProgramFiles", r"C:\Program Files", r"AzureConnectedMachineAgent\himds.exe"),
            command: under("ProgramFiles", r"C:\Program Files", r"AzureConnectedMachineAgent\azcmagent.exe"),
            token_dir: under("ProgramData", r"C:\ProgramData", r"AzureConnectedMachineAgent\Tokens"),
        }
    }
}

/// The asset tag of the chassis of every Azure virtual machine, which the hypervisor reports.
const CHASSIS: &str = "7783-7084-3265-9085-8269-3286-77";

/// Returns whether this machine is an Azure virtual machine, without network access. Only Linux tells.
///
/// Windows has the asset tag in the tables of its firmware and in WMI alone, which take unsafe calls or another
/// program. A user says it there: `from = "vm"`, or `AZURE_POD_IDENTITY_AUTHORITY_HOST`.
pub(crate) fn is_azure_vm() -> bool {
    // Any user of Windows may create a file with this path.
    if !cfg!(target_os = "linux") {
        return false;
    }
    let tag = std::fs::read_to_string("/sys/class/dmi/id/chassis_asset_tag");
    tag.is_ok_and(|tag| tag.trim() == CHASSIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_directories_come_from_the_environment() {
        let agent = "AzureConnectedMachineAgent";
        for (variables, program_files, program_data) in [
            (&[][..], r"C:\Program Files", r"C:\ProgramData"),
            (&[("ProgramFiles", r"D:\Apps"), ("ProgramData", r"E:\Data\")], r"D:\Apps", r"E:\Data"),
            (&[("PROGRAMFILES", r"D:\Apps\"), ("PROGRAMDATA", "E:/Data/")], r"D:\Apps", "E:/Data"),
            (&[("ProgramFiles", ""), ("ProgramData", "")], r"C:\Program Files", r"C:\ProgramData"),
        ] {
            let platform = Platform::windows(&variables.iter().copied().collect());
            assert_eq!(platform.program, PathBuf::from(format!(r"{program_files}\{agent}\himds.exe")));
            assert_eq!(platform.token_dir, PathBuf::from(format!(r"{program_data}\{agent}\Tokens")));
        }
    }
}
