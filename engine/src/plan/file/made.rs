//! Defines who made a plan file, and where it may run.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::redact::Redact;
use crate::step::{Actor, Setting};

/// The person who made a plan file, and the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The user and the host.
    pub by: Actor,
    /// The time in UTC, as RFC 3339 with seconds.
    #[redact(word)]
    pub at: String,
}

impl Made {
    /// Returns the facts about a file that `by` makes now.
    #[must_use]
    pub fn now(by: Actor) -> Self {
        let now = OffsetDateTime::now_utc();
        // A time without a fraction in UTC always has this form.
        let at = now.replace_nanosecond(0).ok().and_then(|now| now.format(&Rfc3339).ok());
        Self { by, at: at.unwrap_or_default() }
    }
}

/// The machine and the principal that a plan file was made for; another one refuses the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The host on which the plan was made; none if the file is for a machine that was named instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The known facts about the principal, under the names that the platform chooses.
    #[serde(default, skip_serializing_if = "Setting::is_empty")]
    pub principal: Setting,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.host, self.principal.is_empty()) {
            (Some(host), true) => write!(f, "the host {host}"),
            (Some(host), false) => write!(f, "the host {host} as {}", self.principal),
            (None, false) => self.principal.fmt(f),
            (None, true) => f.write_str("any host"),
        }
    }
}
