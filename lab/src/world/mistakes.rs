//! Finds all mistakes of a world file, and not only the first one.

use serde_json::Value;

use super::error::Problem;

/// The most mistakes that are told at once.
pub(super) const MOST: usize = 20;

/// Blocks to which no other block refers, so that the file without one of them has no further mistakes for that reason.
const ALONE: [&str; 11] = [
    "deny_assignment",
    "faults",
    "key_vault",
    "lock",
    "policy_denial",
    "resource",
    "resource_type",
    "role_assignment",
    "run_command",
    "storage_account",
    "throttle",
];

/// Returns true if the rest of the file can be judged without the part that a problem is about.
pub(super) fn stands_alone(problem: &Problem) -> bool {
    problem.path.first().is_some_and(|block| ALONE.contains(&block.as_str()))
}

/// Removes the part at a path, or the innermost one around it that can be removed. Returns false if there is none.
///
/// The other elements of a list keep their numbers.
pub(super) fn remove(values: &mut Value, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let inner = match values {
        Value::Object(members) => members.get_mut(first),
        Value::Array(elements) => index(first).and_then(|at| elements.get_mut(at)),
        _ => None,
    };
    let Some(inner) = inner else {
        // A block that could be repeated is no list if it stands there once.
        return first == "[0]" && values.is_object() && remove(values, rest);
    };
    if !rest.is_empty() && remove(inner, rest) {
        return true;
    }
    match values {
        Value::Object(members) => members.remove(first).is_some(),
        _ => false,
    }
}

/// Returns true if a problem may only follow from an earlier one: an attribute is missing in a block of which another one was
/// wrong, perhaps because its name is.
pub(super) fn is_consequence(problem: &Problem, removed: &[Vec<String>]) -> bool {
    let is_in = |path: &Vec<String>| path.split_last().is_some_and(|(_, block)| *block == problem.path);
    problem.message.starts_with("missing field") && removed.iter().any(is_in)
}

fn index(step: &str) -> Option<usize> {
    step.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_innermost_part_is_removed() {
        for (path, expected) in [
            (&["a", "b", "c"][..], json!({ "a": { "b": { "d": 2 } }, "e": [{ "f": 1 }, 2] })),
            (&["a", "b", "none"], json!({ "a": {}, "e": [{ "f": 1 }, 2] })),
            (&["e", "[0]", "f"], json!({ "a": { "b": { "c": 1, "d": 2 } }, "e": [{}, 2] })),
            (&["e", "[1]"], json!({ "a": { "b": { "c": 1, "d": 2 } } })),
        ] {
            let mut values = json!({ "a": { "b": { "c": 1, "d": 2 } }, "e": [{ "f": 1 }, 2] });
            let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
            assert!(remove(&mut values, &path), "{path:?}");
            assert_eq!(values, expected, "{path:?}");
        }
        assert!(!remove(&mut json!({}), &["a".to_owned()]));
        let mut once = json!({ "grant": { "role": 5 } });
        assert!(remove(&mut once, &["grant".to_owned(), "[0]".to_owned(), "role".to_owned()]));
        assert_eq!(once, json!({ "grant": {} }));
    }
}
