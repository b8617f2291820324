//! Reads blocks of permissions, as the service lists them.

use arcbook_engine::step::{Permission, Plane, fits};
use serde::Deserialize;

use super::verdict::Verdict;
use crate::json::or_empty;

/// A block of permissions, which allows its actions except those that it excludes itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Allowed {
    #[serde(default, deserialize_with = "or_empty")]
    actions: Vec<String>,
    #[serde(default, deserialize_with = "or_empty")]
    not_actions: Vec<String>,
    #[serde(default, deserialize_with = "or_empty")]
    data_actions: Vec<String>,
    #[serde(default, deserialize_with = "or_empty")]
    not_data_actions: Vec<String>,
    #[serde(default, deserialize_with = "or_empty")]
    condition: String,
}

impl Allowed {
    /// Returns true if the block allows the permission, at least by the lenient reading and under its condition.
    pub(crate) fn has(&self, need: &Permission) -> bool {
        self.verdict(need).is_some()
    }

    fn verdict(&self, need: &Permission) -> Option<Verdict> {
        let (allowed, excluded) = match need.plane {
            Plane::Data => (&self.data_actions, &self.not_data_actions),
            Plane::Control | Plane::Directory => (&self.actions, &self.not_actions),
        };
        if excluded.iter().any(|pattern| fits(pattern, &need.action)) {
            return None;
        }
        let is_strict = allowed.iter().any(|pattern| fits(pattern, &need.action));
        let lenient = || allowed.iter().find(|pattern| fits(&pattern.replacen("/*/", "/", 1), &need.action));
        let held = if is_strict { Verdict::Yes } else { Verdict::Wildcard { pattern: lenient()?.clone() } };
        Some(match self.condition.trim() {
            "" => held,
            condition => Verdict::Conditional { condition: condition.to_owned() },
        })
    }

    /// Returns the best verdict of the blocks; none if no block allows the permission.
    pub(super) fn best(blocks: &[Self], need: &Permission) -> Option<Verdict> {
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Yes => 0,
            Verdict::Wildcard { .. } => 1,
            _ => 2,
        };
        blocks.iter().filter_map(|block| block.verdict(need)).min_by_key(rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_block_decides() {
        let blocks = |json: &str| serde_json::from_str::<Vec<Allowed>>(json).unwrap();
        let reader = r#"{"actions":["*/read"],"notActions":[],"dataActions":[],"notDataActions":null}"#;
        let all_but = r#"{"actions":["*"],"notActions":["A.B/*/delete"]}"#;
        let inner = r#"{"actions":["A.B/c/*/write"]}"#;
        let conditional = r#"{"actions":["A.B/c/delete"],"condition":"x"}"#;
        let wildcard = Verdict::Wildcard { pattern: "A.B/c/*/write".to_owned() };
        let condition = Verdict::Conditional { condition: "x".to_owned() };
        for (held, action, expected) in [
            (format!("[{reader}]"), "a.b/C/READ", Some(Verdict::Yes)),
            (format!("[{reader}]"), "A.B/c/write", None),
            (format!("[{reader},{inner}]"), "A.B/c/write", Some(wildcard)),
            (format!("[{inner},{all_but}]"), "A.B/c/write", Some(Verdict::Yes)),
            (format!("[{all_but}]"), "A.B/c/delete", None),
            // Another block may give what one excludes.
            (format!("[{all_but},{conditional}]"), "A.B/c/delete", Some(condition)),
            (format!("[{all_but},{{\"actions\":[\"A.B/*\"]}}]"), "A.B/c/delete", Some(Verdict::Yes)),
            ("[]".to_owned(), "A.B/c/read", None),
        ] {
            let need = Permission::control(action, "/x".into());
            assert_eq!(Allowed::best(&blocks(&held), &need), expected, "{held} {action}");
            let data = Permission::data(action, "/x".into());
            assert_eq!(Allowed::best(&blocks(&held), &data), None, "{held} {action}");
        }
    }
}
