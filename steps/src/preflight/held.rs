//! Compares a permission with the blocks that the service lists.

use arcbook_engine::step::Permission;

use super::verdict::Verdict;
use crate::roles::{Allowed, Block};

/// Returns true if one of the blocks allows the permission, at least by the lenient reading and under its condition.
pub(crate) fn is_held(blocks: &[Block], need: &Permission) -> bool {
    blocks.iter().any(|block| block.allowed(&need.action, need.plane).is_some())
}

/// Returns the best verdict of the blocks; none if no block allows the permission.
pub(super) fn best(blocks: &[Block], need: &Permission) -> Option<Verdict> {
    let rank = |allowed: &Allowed<'_>| match allowed {
        Allowed::Strictly => 0,
        Allowed::ByWildcard(_) => 1,
        Allowed::Under(_) => 2,
    };
    let ways = blocks.iter().filter_map(|block| block.allowed(&need.action, need.plane));
    ways.min_by_key(rank).map(|way| match way {
        Allowed::Strictly => Verdict::Yes,
        Allowed::ByWildcard(pattern) => Verdict::Wildcard { pattern: pattern.to_owned() },
        Allowed::Under(condition) => Verdict::Conditional { condition: condition.to_owned() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_block_decides() {
        let blocks = |json: &str| serde_json::from_str::<Vec<Block>>(json).unwrap();
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
            assert_eq!(best(&blocks(&held), &need), expected, "{held} {action}");
            let data = Permission::data(action, "/x".into());
            assert_eq!(best(&blocks(&held), &data), None, "{held} {action}");
        }
    }
}
