//! Describes a block of permissions: a part of a role, or of what the service says an identity holds.

use arcbook_engine::step::{Plane, fits};
use serde::Deserialize;

use crate::json::or_empty;

/// A block of permissions, which allows the actions of its patterns except those that it excludes.
///
/// In a pattern `*` stands for any characters. Excluding is not denying: another block may allow the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Block {
    /// The actions of the control plane.
    #[serde(deserialize_with = "or_empty")]
    pub actions: Vec<String>,
    /// The excluded actions of the control plane.
    #[serde(deserialize_with = "or_empty")]
    pub not_actions: Vec<String>,
    /// The actions of the data plane.
    #[serde(deserialize_with = "or_empty")]
    pub data_actions: Vec<String>,
    /// The excluded actions of the data plane.
    #[serde(deserialize_with = "or_empty")]
    pub not_data_actions: Vec<String>,
    /// The condition under which the block holds; empty if it always does.
    #[serde(deserialize_with = "or_empty")]
    pub condition: String,
}

/// The reading of a pattern such as `vaults/*/read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It allows `vaults/keys/read`, but not `vaults/read`.
    Strict,
    /// It allows `vaults/read` too, as Azure probably reads it.
    Lenient,
}

/// The way in which a block allows an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed<'a> {
    /// Without any doubt.
    Strictly,
    /// Only by the lenient reading of this pattern.
    ByWildcard(&'a str),
    /// Only under this condition.
    Under(&'a str),
}

impl Block {
    /// Returns the patterns of a plane, and those that it excludes.
    #[must_use]
    pub fn patterns(&self, plane: Plane) -> (&[String], &[String]) {
        match plane {
            Plane::Control => (&self.actions, &self.not_actions),
            Plane::Data => (&self.data_actions, &self.not_data_actions),
            Plane::Directory => (&[], &[]),
        }
    }

    /// Returns how the block allows an action; none if it does not.
    #[must_use]
    pub fn allowed(&self, action: &str, plane: Plane) -> Option<Allowed<'_>> {
        let (allowed, excluded) = self.patterns(plane);
        if excluded.iter().any(|pattern| matches(pattern, action, Reading::Strict)) {
            return None;
        }
        let by = |reading| allowed.iter().find(|pattern| matches(pattern, action, reading));
        let lenient = || by(Reading::Lenient).map(|pattern| Allowed::ByWildcard(pattern));
        let way = by(Reading::Strict).map(|_| Allowed::Strictly).or_else(lenient)?;
        Some(match self.condition.trim() {
            "" => way,
            condition => Allowed::Under(condition),
        })
    }

    /// Returns true if the block allows an action without a condition.
    pub(super) fn allows(&self, action: &str, plane: Plane, reading: Reading) -> bool {
        match self.allowed(action, plane) {
            Some(Allowed::Strictly) => true,
            Some(Allowed::ByWildcard(_)) => reading == Reading::Lenient,
            Some(Allowed::Under(_)) | None => false,
        }
    }
}

/// Returns true if `pattern` allows `action`, in any case.
fn matches(pattern: &str, action: &str, reading: Reading) -> bool {
    let Some((start, end)) = pattern.split_once('*') else { return pattern.eq_ignore_ascii_case(action) };
    if end.contains('*') {
        let lenient = || reading == Reading::Lenient && fits(&pattern.replacen("/*/", "/", 1), action);
        return fits(pattern, action) || lenient();
    }
    let ends = |end: &str| {
        let rest = action.len().checked_sub(end.len()).filter(|at| *at >= start.len());
        let tail = rest.and_then(|at| action.get(at..));
        action.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
            && tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    let nothing = end.strip_prefix('/').filter(|_| reading == Reading::Lenient && start.ends_with('/'));
    ends(end) || nothing.is_some_and(|end| start.len() + end.len() == action.len() && ends(end))
}
