//! The paths of the Arc agent on each operating system, as data, so that tests on either cover both.

use std::path::PathBuf;

use crate::environment::Environment;

/// The path syntax of an operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paths {
    /// `/a/b`.
    Unix,
    /// `C:\a\b`.
    Windows,
}

/// The paths of the Arc agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    pub paths: Paths,
    /// The agent's executable; its presence means that the agent is installed.
    pub program: PathBuf,
    /// The directory of the agent's key files.
    pub token_dir: PathBuf,
}

impl Platform {
    /// Returns the paths on this operating system.
    pub fn here(environment: &Environment) -> Self {
        if cfg!(windows) { Self::windows(environment) } else { Self::linux() }
    }

    pub fn linux() -> Self {
        Self {
            paths: Paths::Unix,
            program: "/opt/azcmagent/bin/himds".into(),
            token_dir: "/var/opt/azcmagent/tokens".into(),
        }
    }

    pub fn windows(environment: &Environment) -> Self {
        let under = |name, default: &str, rest: &str| {
            format!(r"{}\{rest}", environment.get(name).unwrap_or(default).trim_end_matches('\\')).into()
        };
        Self {
            paths: Paths::Windows,
            program: under("ProgramFiles", r"C:\Program Files", r"AzureConnectedMachineAgent\himds.exe"),
            token_dir: under("ProgramData", r"C:\ProgramData", r"AzureConnectedMachineAgent\Tokens"),
        }
    }
}

/// The asset tag of the chassis of every Azure virtual machine, which the hypervisor reports.
const CHASSIS: &str = "7783-7084-3265-9085-8269-3286-77";

/// Returns whether this machine is an Azure virtual machine, without network access. Only Linux tells.
pub(crate) fn is_azure_vm() -> bool {
    let tag = std::fs::read_to_string("/sys/class/dmi/id/chassis_asset_tag");
    tag.is_ok_and(|tag| tag.trim() == CHASSIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_directories_come_from_the_environment() {
        let environment =
            Environment::from_iter([("ProgramFiles", r"D:\Apps"), ("ProgramData", r"E:\Data\")]);
        let platform = Platform::windows(&environment);
        assert_eq!(platform.program, PathBuf::from(r"D:\Apps\AzureConnectedMachineAgent\himds.exe"));
        assert_eq!(platform.token_dir, PathBuf::from(r"E:\Data\AzureConnectedMachineAgent\Tokens"));
        let default = Platform::windows(&Environment::default());
        assert_eq!(default.token_dir, PathBuf::from(r"C:\ProgramData\AzureConnectedMachineAgent\Tokens"));
    }
}
