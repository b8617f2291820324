//! The exit codes of `azcmagent`, which are the numbers of its errors: code 42 is `AZCM0042`.

use arcbook_engine::diagnostic::MESSAGE;
use arcbook_engine::step::{ErrorKind, StepError};

use crate::process::{End, Finished};

/// The code of a machine that is connected already.
pub(crate) const CONNECTED_ALREADY: i32 = 67;

/// An exit code.
struct Code {
    number: i32,
    /// The meaning, as a clause.
    words: &'static str,
    help: &'static str,
    /// True if nothing was changed.
    is_harmless: bool,
}

const fn code(number: i32, words: &'static str, help: &'static str) -> Code {
    Code { number, words, help, is_harmless: false }
}

const fn harmless(number: i32, words: &'static str, help: &'static str) -> Code {
    Code { number, words, help, is_harmless: true }
}

const CHECK: &str = "check the endpoints that the agent needs: azcmagent check";
const SERVICE: &str = "check the agent's service, himdsd on Linux and himds on Windows, and restart it";
const LOGS: &str = "look into the agent's log: azcmagent logs";
const ROOT: &str = "run arcbook as root, or as administrator on Windows";

const CODES: [Code; 36] = [
    code(1, "an error that the agent does not tell apart", LOGS),
    code(2, "an internal error of the agent", LOGS),
    harmless(3, "the command is not supported here", "update the agent"),
    code(4, "the agent's proxy service does not run", SERVICE),
    harmless(5, "the log file cannot be written", ROOT),
    harmless(6, "the agent could not begin", LOGS),
    code(11, "the command was interrupted", "run it again"),
    harmless(
        12,
        "the access token is not valid",
        "give a new token for Azure Resource Manager: it expires after about an hour",
    ),
    harmless(
        16,
        "a required setting is missing",
        "update arcbook or the agent: they disagree about the settings",
    ),
    harmless(18, "the user may not change the agent", ROOT),
    harmless(
        19,
        "the configuration file cannot be read",
        "check that the directory for temporary files is readable for root",
    ),
    harmless(
        20,
        "the region is not supported",
        "choose a region in which Azure Arc is available: az account list-locations",
    ),
    harmless(23, "a setting is not valid", "correct the setting that the message names"),
    harmless(26, "an endpoint cannot be reached", CHECK),
    harmless(27, "settings contradict each other", "correct the settings that the message names"),
    harmless(28, "the trusted platform module cannot be used", LOGS),
    harmless(
        41,
        "the credential is refused",
        "check the tenant, and the id and the secret of the service principal",
    ),
    code(
        42,
        "the resource of the machine could not be created",
        "the identity needs the role Azure Connected Machine Onboarding at the resource group, and the resource provider Microsoft.HybridCompute must be registered in the subscription",
    ),
    code(
        43,
        "the resource of the machine could not be deleted",
        "the identity needs the role Azure Connected Machine Resource Administrator",
    ),
    harmless(
        44,
        "another machine has a resource of this name",
        "choose another `resource_name`, or delete the resource in Azure if its machine is gone",
    ),
    code(45, "the keys of the machine could not be renewed", LOGS),
    code(61, "the agent's service does not answer", SERVICE),
    code(62, "the machine could not be connected", LOGS),
    code(63, "the machine could not be disconnected", LOGS),
    code(64, "the agent's service cannot be reached", SERVICE),
    code(65, "the agent's service does not tell the machine's metadata", SERVICE),
    code(66, "the agent's service does not tell its status", SERVICE),
    harmless(67, "the machine is connected already", "disconnect it first, with a step `arc_disconnect`"),
    harmless(
        68,
        "the subscription cannot be found",
        "write the id of the subscription, and check that the identity may read it",
    ),
    code(69, "the agent's configuration cannot be written", ROOT),
    code(70, "the agent's configuration cannot be read", ROOT),
    code(81, "the certificate of the machine's identity could not be downloaded", CHECK),
    code(82, "the certificate of the machine's identity could not be read", LOGS),
    code(83, "the certificate of the machine's identity could not be stored", LOGS),
    code(101, "a command of the agent failed", LOGS),
    code(102, "the name of the machine cannot be found out", "write `resource_name`"),
];

/// Returns the error of a command that ended without success; `what` is its name, such as `connect`.
///
/// The messages were written by the agent, and `redacted` removes the secrets from them. Whether something may have been
/// changed is told too.
pub(crate) fn failed(what: &str, finished: &Finished, redacted: impl Fn(&str) -> String) -> StepError {
    let (number, known) = match finished.end {
        End::Code(number) => (Some(number), CODES.iter().find(|code| code.number == number)),
        End::Signal(_) => (None, None),
    };
    let summary = match (number, known) {
        (Some(number), Some(code)) => {
            format!("azcmagent {what} ended with exit code {number}: {}", code.words)
        }
        (Some(number), None) => format!("azcmagent {what} ended with exit code {number}"),
        (None, _) => format!("azcmagent {what} was ended by a signal"),
    };
    let mut error = StepError::new(ErrorKind::Program, summary);
    if let Some(number) = number {
        error = error.coded(format!("AZCM{number:04}"));
    }
    // Errors go to the standard output by default.
    let lines =
        [&finished.stderr, &finished.stdout].into_iter().find_map(|output| output.last_lines(&redacted));
    if let Some(lines) = lines {
        let lines: Vec<String> = lines.iter().map(|line| format!("{MESSAGE}{line}")).collect();
        error = error.detail(format!("Its last messages:\n{}", lines.join("\n")));
    }
    let error = error.help(known.map_or(LOGS, |code| code.help));
    if known.is_some_and(|code| code.is_harmless) { error } else { error.uncertain() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_listed_once_and_has_a_remedy() {
        assert!(CODES.is_sorted_by_key(|code| code.number));
        for code in &CODES {
            assert!(
                !code.words.is_empty() && !code.help.is_empty() && !code.help.ends_with('.'),
                "{}",
                code.number
            );
            assert_eq!(CODES.iter().filter(|other| other.number == code.number).count(), 1);
        }
        assert!(CODES.iter().any(|code| code.number == CONNECTED_ALREADY && code.is_harmless));
    }
}
