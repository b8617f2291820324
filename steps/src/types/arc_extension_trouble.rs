//! The failures of extensions of Arc-enabled servers, and the differences that are none.
//!
//! Source: "Troubleshoot VM extension issues" of the Azure Arc documentation.

use std::time::Duration;

use arcbook_engine::step::{Difference, ErrorKind, StepError};

use crate::arc::text_at;
use crate::http::clean;
use crate::resource::DeclaredResource;
use crate::session::{Session, line};

/// The places of the agent's own messages.
const LOGS: &str = "look at the agent's log on the server: /var/lib/GuestConfig/ext_mgr_logs/gc_ext.log, or \
                    C:\\ProgramData\\GuestConfig\\ext_mgr_logs\\gc_ext.log";

/// An extension whose change failed.
pub(super) struct Trouble<'a> {
    pub resource: &'a DeclaredResource,
    pub session: &'a Session,
}

impl Trouble<'_> {
    /// Adds to the error of a failed change the message of the extension.
    pub async fn explained(&self, error: StepError) -> StepError {
        let message = self.read(&["properties", "instanceView", "status", "message"]).await;
        let error = error.help(LOGS);
        match message {
            Some(message) => error.more_detail(&format!("The extension says: {message}")),
            None => error,
        }
    }

    /// Returns the error of a change without an end.
    pub async fn stuck(&self, longest: Duration) -> StepError {
        let state = self.read(&["properties", "provisioningState"]).await;
        let state = state.unwrap_or_else(|| "unknown".to_owned());
        StepError::new(
            ErrorKind::Timeout,
            format!("the extension is stuck: its state is {state} after {longest:?}"),
        )
        .detail("The server may be off, its agent disconnected, or the extension without an end.")
        .argument("provisioning_timeout")
        .request(line(&self.resource.read(self.session.azure())))
        .help("check that the server is Connected; then delete the extension (`arm_delete`) and run again")
        .help(LOGS)
        .uncertain()
    }

    /// Reads a text of the extension, without secrets.
    async fn read(&self, path: &[&str]) -> Option<String> {
        let existing = self.resource.existing(self.session).await.ok()??;
        let text = text_at(&existing.value().ok()?, path)?;
        Some(clean(&self.session.redacted(&text)))
    }
}

/// Adds a remedy to the error of a change that the agent has no time for.
pub(super) fn advised(error: StepError) -> StepError {
    if error.code() != Some("HCRP409") {
        return error;
    }
    error
        .help("an extension of the server that stays in the state Creating or Deleting keeps the agent busy: delete it, then run again")
        .help(LOGS)
}

/// Returns the versions of a difference in the version; none for any other one.
fn versions(difference: &Difference) -> Option<(&str, &str)> {
    let is_version = difference.attribute == "properties.typeHandlerVersion";
    Some((difference.will.as_str()?, difference.was.as_str()?)).filter(|_| is_version)
}

/// Returns true if the service shows more of the declared version: `2.1.10` for `2.1`.
pub(super) fn is_longer(difference: &Difference) -> bool {
    let rest = versions(difference).and_then(|(declared, actual)| actual.strip_prefix(declared));
    rest.is_some_and(|rest| rest.starts_with('.'))
}

/// Returns true if the service has upgraded the declared version within its major version.
pub(super) fn is_upgrade(difference: &Difference) -> bool {
    let numbers =
        |version: &str| -> Option<Vec<u64>> { version.split('.').map(|part| part.parse().ok()).collect() };
    let both = versions(difference).and_then(|(one, other)| Some((numbers(one)?, numbers(other)?)));
    both.is_some_and(|(declared, actual)| declared.first() == actual.first() && actual >= declared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_is_no_difference() {
        for (declared, actual, longer, upgrade) in [
            ("2.1", "2.1.10", true, true),
            ("2.1", "2.3.0", false, true),
            ("2.1", "2.0.9", false, false),
            ("2.1", "3.0", false, false),
            ("2", "2.1", true, true),
            ("2.1", "2.10", false, true),
            ("latest", "2.1", false, false),
        ] {
            let difference = Difference::new("properties.typeHandlerVersion", actual, declared);
            assert_eq!(
                (is_longer(&difference), is_upgrade(&difference)),
                (longer, upgrade),
                "{declared} {actual}"
            );
        }
        assert!(!is_upgrade(&Difference::new("properties.type", "2.2", "2.1")));
    }
}
