//! Describes the person or program that started arcbook.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

/// The user of the operating system that started arcbook, and the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The name of the user; none if this host has no name for the user id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user id; none on systems without numeric user ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The user who became this one by `sudo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sudo_user: Option<String>,
    /// The name of the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.user, self.uid) {
            (Some(user), _) => f.write_str(user)?,
            (None, Some(uid)) => write!(f, "uid {uid}")?,
            (None, None) => f.write_str("an unknown user")?,
        }
        if let Some(host) = &self.host {
            write!(f, "@{host}")?;
        }
        match &self.sudo_user {
            Some(caller) => write!(f, ", by sudo from {caller}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_one_phrase() {
        let some = |text: &str| Some(text.to_owned());
        let root = Actor { user: some("root"), uid: Some(0), ..Actor::default() };
        let cases = [
            (Actor::default(), "an unknown user"),
            (Actor { uid: Some(1000), ..Actor::default() }, "uid 1000"),
            (Actor { uid: Some(1000), host: some("web01"), ..Actor::default() }, "uid 1000@web01"),
            (root.clone(), "root"),
            (Actor { sudo_user: some("ann"), ..root.clone() }, "root, by sudo from ann"),
            (Actor { sudo_user: some("ann"), host: some("web01"), ..root }, "root@web01, by sudo from ann"),
        ];
        for (actor, expected) in cases {
            assert_eq!(actor.to_string(), expected);
        }
    }
}
