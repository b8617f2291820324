//! Suggests functions for the names that other languages use.

use super::Function;
use crate::diagnostic::closest;

/// Names in lower case and without underscores, and the function of each.
const NAMES: &[(&[&str], &str)] = &[
    (&["len", "size", "count", "strlen", "arraylength"], "length"),
    (&["tolower", "lowercase", "lcase", "downcase", "tolowercase"], "lower"),
    (&["toupper", "uppercase", "ucase", "upcase", "touppercase"], "upper"),
    (&["beginswith", "hasprefix", "prefix"], "starts_with"),
    (&["hassuffix", "suffix"], "ends_with"),
    (&["includes", "has", "in", "any"], "contains"),
    (&["str", "string", "text", "tojson", "jsonencode"], "to_string"),
    (&["int", "float", "number", "num", "toint", "tofloat", "parseint"], "to_number"),
    (&["list", "array", "tolist"], "to_array"),
    (&["average", "mean"], "avg"),
    (&["coalesce", "default", "ifnull", "firstnonnull"], "not_null"),
    (&["strip", "trimspace"], "trim"),
    (&["ltrim", "lstrip", "trimstart", "trimprefix"], "trim_left"),
    (&["rtrim", "rstrip", "trimend", "trimsuffix"], "trim_right"),
    (&["lpad", "padstart"], "pad_left"),
    (&["rpad", "padend"], "pad_right"),
    (&["indexof", "find", "index"], "find_first"),
    (&["lastindexof", "rfind"], "find_last"),
    (&["toentries", "entries", "pairs"], "items"),
    (&["fromentries", "toobject", "tomap", "dict"], "from_items"),
    (&["orderby", "sorted", "sorton"], "sort_by"),
    (&["groupon", "group"], "group_by"),
    (&["gsub", "sub", "replaceall"], "replace"),
    (&["typeof", "kind"], "type"),
    (&["ceiling", "roundup"], "ceil"),
    (&["rounddown"], "floor"),
    (&["total"], "sum"),
];

/// Names without a function here, and the syntax for each.
const FORMS: &[(&[&str], &str)] = &[
    (&["first", "head"], "the first element is `[0]`"),
    (&["last", "tail"], "the last element is `[-1]`"),
    (&["filter", "where", "select"], "to filter, write `[?a == b]`"),
    (&["flatten"], "to flatten an array, write `[]` after it"),
    (&["slice", "take", "limit", "top"], "the first three elements are `[:3]`"),
    (&["if", "iif", "iff", "case"], "to choose, write `a && b || c`"),
    (&["not"], "to negate, write `!(a)`"),
];

/// Returns the function that an unknown name probably means.
pub(in super::super) fn meant(name: &str) -> Option<&'static str> {
    let folded = fold(name);
    let same = Function::names().find(|known| fold(known) == folded);
    same.or_else(|| found(NAMES, &folded)).or_else(|| closest(name, Function::names()))
}

/// Returns the syntax for an unknown name that is a function in other languages.
pub(in super::super) fn form(name: &str) -> Option<&'static str> {
    found(FORMS, &fold(name))
}

fn found(table: &[(&[&str], &'static str)], folded: &str) -> Option<&'static str> {
    table.iter().find(|(names, _)| names.contains(&folded)).map(|&(_, here)| here)
}

fn fold(name: &str) -> String {
    name.to_lowercase().replace('_', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_name_functions_and_no_function_is_foreign() {
        for (names, here) in NAMES {
            assert!(Function::find(here).is_some(), "{here}");
            assert!(names.iter().all(|name| *name == fold(name) && Function::find(name).is_none()), "{here}");
        }
        for (names, form) in FORMS {
            assert!(names.iter().all(|name| Function::find(name).is_none()), "{form}");
        }
    }

    #[test]
    fn what_is_meant() {
        let cases = [
            ("to_lower", Some("lower")),
            ("tolower", Some("lower")),
            ("toUpper", Some("upper")),
            ("len", Some("length")),
            ("lenght", Some("length")),
            ("startswith", Some("starts_with")),
            ("startsWith", Some("starts_with")),
            ("EndsWith", Some("ends_with")),
            ("notnull", Some("not_null")),
            ("sortBy", Some("sort_by")),
            ("xyzzy", None),
        ];
        for (name, expected) in cases {
            assert_eq!(meant(name), expected, "{name}");
        }
        assert_eq!(form("First"), Some("the first element is `[0]`"));
    }
}
