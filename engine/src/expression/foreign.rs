//! Maps names of other languages to the names used here.

use super::function_names;
use crate::diagnostic::did_you_mean;

const FUNCTIONS: &[(&[&str], &str)] = &[
    (&["len", "size", "count", "strlen"], "length"),
    (&["jsonparse", "parsejson", "fromjson", "from_json", "loads"], "jsondecode"),
    (&["tojson", "to_json", "stringify", "dumps"], "jsonencode"),
    (&["str", "string", "to_s"], "tostring"),
    (&["int", "float", "number"], "tonumber"),
    (&["uppercase", "toupper", "upcase"], "upper"),
    (&["lowercase", "tolower", "downcase"], "lower"),
    (&["includes", "has", "in"], "contains"),
    (&["substring"], "substr"),
    (&["sprintf", "printf"], "format"),
    (&["append", "push", "extend"], "concat"),
    (&["now"], "timestamp"),
    (&["default", "ifnull", "nvl"], "coalesce"),
    (&["readfile", "read", "open"], "file"),
    (&["match", "search"], "regex"),
    (&["list", "array"], "tolist"),
    (&["set"], "toset"),
    (&["map", "dict"], "tomap"),
    (&["query", "jq"], "jmespath"),
];

const TYPES: &[(&[&str], &str)] = &[
    (&["integer", "int", "float", "double", "numeric", "long"], "number"),
    (&["boolean"], "bool"),
    (&["array"], "list"),
    (&["str", "text", "char"], "string"),
    (&["dict", "hash", "dictionary"], "map"),
    (&["struct", "record"], "object"),
];

const WORDS: &[(&[&str], &str)] = &[
    (&["none", "nil", "null", "undefined"], "null"),
    (&["true", "yes"], "true"),
    (&["false", "no"], "false"),
];

fn translated(table: &[(&[&str], &'static str)], name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    table.iter().find(|(names, _)| names.contains(&&*name)).map(|&(_, here)| here)
}

/// Returns the remedy for an unknown function: the equivalent function here.
#[must_use]
pub fn suggest_function(name: &str) -> Option<String> {
    let here = did_you_mean(name, function_names());
    here.or_else(|| translated(FUNCTIONS, name).map(|here| format!("here it is called `{here}`")))
}

/// Returns the name of another language's type here.
pub(super) fn type_name(name: &str) -> Option<&'static str> {
    translated(TYPES, name)
}

/// Returns the literal for another language's keyword.
#[must_use]
pub fn literal(word: &str) -> Option<&'static str> {
    translated(WORDS, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_suggested_exists_and_what_it_replaces_does_not() {
        for (names, here) in FUNCTIONS {
            assert!(function_names().any(|name| name == *here), "{here}");
            assert!(names.iter().all(|name| function_names().all(|known| known != *name)), "{names:?}");
        }
    }

    #[test]
    fn the_near_name_comes_first() {
        assert_eq!(suggest_function("uper").as_deref(), Some("did you mean `upper`?"));
        assert_eq!(suggest_function("len").as_deref(), Some("here it is called `length`"));
        assert_eq!(suggest_function("xyzzy"), None);
        assert_eq!(literal("None"), Some("null"));
    }
}
