//! Lists all functions in a table.

use super::function::Function;
use super::parameter::Sort::{Any, Array, Expression, Number, Numbers, Object, Text, Texts};
use super::{collections, find, numbers, order, pairs, texts, trim, types};
use crate::value::Type;

/// The functions in the order of their names: those of the specification, and those of the community's
/// proposals for objects, strings and groups (JEP 13 and 14 of jmespath-community).
pub(super) static FUNCTIONS: [Function; 41] = [
    Function::new(
        "abs",
        "A number without its sign.",
        ["[-1.5]", "abs([0])", "1.5"],
        &[&[Number]],
        Type::Number,
        numbers::abs,
    ),
    Function::new(
        "avg",
        "The mean of numbers.",
        ["[1, 2, 6]", "avg(@)", "3"],
        &[&[Numbers]],
        Type::Number,
        numbers::avg,
    ),
    Function::new(
        "ceil",
        "A number rounded up.",
        [r#"{"load": 1.2}"#, "ceil(load)", "2"],
        &[&[Number]],
        Type::Number,
        numbers::ceil,
    ),
    Function::new(
        "contains",
        "True if an array has an element, or a string a part.",
        [
            r#"[{"name": "vm1", "tags": ["web"]}, {"name": "vm2", "tags": []}]"#,
            "[?contains(tags, 'web')].name",
            r#"["vm1"]"#,
        ],
        &[&[Array, Text], &[Any]],
        Type::Bool,
        collections::contains,
    ),
    Function::new(
        "ends_with",
        "True if a string ends with another.",
        [r#"["a.json", "b.txt"]"#, "[?ends_with(@, '.json')]", r#"["a.json"]"#],
        &[&[Text], &[Text]],
        Type::Bool,
        texts::ends_with,
    ),
    Function::new(
        "find_first",
        "The first index of a string in another, between two indices; null if there is none.",
        [r#""vm1,vm2,vm3""#, "find_first(@, 'vm2')", "4"],
        &[&[Text], &[Text], &[Number], &[Number]],
        Type::Number,
        find::first,
    )
    .optional(2),
    Function::new(
        "find_last",
        "The last index of a string in another, between two indices; null if there is none.",
        [r#""vm1,vm2,vm3""#, "find_last(@, 'vm')", "8"],
        &[&[Text], &[Text], &[Number], &[Number]],
        Type::Number,
        find::last,
    )
    .optional(2),
    Function::new(
        "floor",
        "A number rounded down.",
        [r#"{"load": 1.8}"#, "floor(load)", "1"],
        &[&[Number]],
        Type::Number,
        numbers::floor,
    ),
    Function::new(
        "from_items",
        "An object of pairs of name and value; the last of equal names wins.",
        [r#"[["west", 1], ["east", 2]]"#, "from_items(@)", r#"{"east":2,"west":1}"#],
        &[&[Array]],
        Type::Any,
        pairs::from_items,
    ),
    Function::new(
        "group_by",
        "An object of arrays: the elements grouped by the string result of an expression, without null results.",
        [
            r#"[{"n": "vm1", "r": "west"}, {"n": "vm2", "r": "east"}]"#,
            "group_by(@, &r)",
            r#"{"east":[{"n":"vm2","r":"east"}],"west":[{"n":"vm1","r":"west"}]}"#,
        ],
        &[&[Array], &[Expression]],
        Type::Any,
        order::group_by,
    ),
    Function::new(
        "items",
        "The pairs of name and value of an object.",
        [r#"{"west": 1, "east": 2}"#, "items(@)", r#"[["east",2],["west",1]]"#],
        &[&[Object]],
        Type::Any,
        pairs::items,
    ),
    Function::new(
        "join",
        "The strings of an array joined by a separator.",
        [r#"["vm1", "vm2"]"#, "join(', ', @)", r#""vm1, vm2""#],
        &[&[Text], &[Texts]],
        Type::String,
        texts::join,
    ),
    Function::new(
        "keys",
        "The names in an object.",
        [r#"{"west": 1, "east": 2}"#, "keys(@)", r#"["east","west"]"#],
        &[&[Object]],
        Type::Any,
        collections::keys,
    ),
    Function::new(
        "length",
        "The number of characters, elements or entries.",
        [r#"["vm1", "vm2"]"#, "length(@)", "2"],
        &[&[Text, Array, Object]],
        Type::Number,
        collections::length,
    ),
    Function::new(
        "lower",
        "A string in lower case.",
        [r#"["West"]"#, "lower([0])", r#""west""#],
        &[&[Text]],
        Type::String,
        texts::lower,
    ),
    Function::new(
        "map",
        "The results of an expression for each element, including nulls.",
        [r#"[{"n": "vm1"}, {}]"#, "map(&n, @)", r#"["vm1",null]"#],
        &[&[Expression], &[Array]],
        Type::Any,
        collections::map,
    ),
    Function::new(
        "max",
        "The largest of numbers, or the last of strings.",
        ["[1, 3, 2]", "max(@)", "3"],
        &[&[Numbers, Texts]],
        Type::Any,
        order::max,
    ),
    Function::new(
        "max_by",
        "The element with the largest number or the last string as the result of an expression.",
        [r#"[{"n": "vm1", "size": 2}, {"n": "vm2", "size": 4}]"#, "max_by(@, &size).n", r#""vm2""#],
        &[&[Array], &[Expression]],
        Type::Any,
        order::max_by,
    ),
    Function::new(
        "merge",
        "All entries of objects in one; the last of equal names wins.",
        [r#"[{"a": 1, "b": 1}, {"b": 2}]"#, "merge([0], [1])", r#"{"a":1,"b":2}"#],
        &[&[Object]],
        Type::Any,
        collections::merge,
    )
    .variadic(),
    Function::new(
        "min",
        "The smallest of numbers, or the first of strings.",
        ["[1, 3, 2]", "min(@)", "1"],
        &[&[Numbers, Texts]],
        Type::Any,
        order::min,
    ),
    Function::new(
        "min_by",
        "The element with the smallest number or the first string as the result of an expression.",
        [r#"[{"n": "vm1", "size": 2}, {"n": "vm2", "size": 4}]"#, "min_by(@, &size).n", r#""vm1""#],
        &[&[Array], &[Expression]],
        Type::Any,
        order::min_by,
    ),
    Function::new(
        "not_null",
        "The first argument that is not null.",
        [r#"{"name": null, "id": "vm1"}"#, "not_null(name, id)", r#""vm1""#],
        &[&[Any]],
        Type::Any,
        types::not_null,
    )
    .variadic(),
    Function::new(
        "pad_left",
        "A string padded to a length with spaces or another character at the start.",
        [r#""7""#, "pad_left(@, `3`, '0')", r#""007""#],
        &[&[Text], &[Number], &[Text]],
        Type::String,
        texts::pad_left,
    )
    .optional(1),
    Function::new(
        "pad_right",
        "A string padded to a length with spaces or another character at the end.",
        [r#""vm""#, "pad_right(@, `4`, '.')", r#""vm..""#],
        &[&[Text], &[Number], &[Text]],
        Type::String,
        texts::pad_right,
    )
    .optional(1),
    Function::new(
        "replace",
        "A string with another replaced by a third, everywhere or a number of times.",
        [r#""a-b-c""#, "replace(@, '-', '.')", r#""a.b.c""#],
        &[&[Text], &[Text], &[Text], &[Number]],
        Type::String,
        texts::replace,
    )
    .optional(1),
    Function::new(
        "reverse",
        "The elements or the characters from the last to the first.",
        [r#"["a", "b", "c"]"#, "reverse(@)", r#"["c","b","a"]"#],
        &[&[Array, Text]],
        Type::Any,
        collections::reverse,
    ),
    Function::new(
        "sort",
        "Numbers or strings in their order.",
        [r#"["b", "a"]"#, "sort(@)", r#"["a","b"]"#],
        &[&[Numbers, Texts]],
        Type::Any,
        order::sort,
    ),
    Function::new(
        "sort_by",
        "The elements, ordered by the result of an expression.",
        [
            r#"[{"n": "vm2", "size": 4}, {"n": "vm1", "size": 2}]"#,
            "sort_by(@, &size)[].n",
            r#"["vm1","vm2"]"#,
        ],
        &[&[Array], &[Expression]],
        Type::Any,
        order::sort_by,
    ),
    Function::new(
        "split",
        "The parts of a string between separators, split everywhere or a number of times.",
        [r#""vm1,vm2""#, "split(@, ',')", r#"["vm1","vm2"]"#],
        &[&[Text], &[Text], &[Number]],
        Type::Any,
        texts::split,
    )
    .optional(1),
    Function::new(
        "starts_with",
        "True if a string starts with another.",
        [r#"["vm1", "db1"]"#, "[?starts_with(@, 'vm')]", r#"["vm1"]"#],
        &[&[Text], &[Text]],
        Type::Bool,
        texts::starts_with,
    ),
    Function::new(
        "sum",
        "The sum of numbers.",
        [r#"[{"size": 2}, {"size": 4}]"#, "sum([].size)", "6"],
        &[&[Numbers]],
        Type::Number,
        numbers::sum,
    ),
    Function::new(
        "to_array",
        "An array as it is; anything else in an array of its own.",
        [r#""vm1""#, "to_array(@)", r#"["vm1"]"#],
        &[&[Any]],
        Type::Any,
        types::to_array,
    ),
    Function::new(
        "to_number",
        "The number in a string; null if it is none.",
        [r#"{"size": "4"}"#, "to_number(size)", "4"],
        &[&[Any]],
        Type::Number,
        types::to_number,
    ),
    Function::new(
        "to_string",
        "A string as it is; anything else as JSON.",
        [r#"{"size": 4}"#, "to_string(@)", r#""{\"size\":4}""#],
        &[&[Any]],
        Type::String,
        types::to_string,
    ),
    Function::new(
        "trim",
        "A string without white space, or the given characters, at both ends.",
        [r#""  vm1 ""#, "trim(@)", r#""vm1""#],
        &[&[Text], &[Text]],
        Type::String,
        trim::both,
    )
    .optional(1),
    Function::new(
        "trim_left",
        "A string without white space, or the given characters, at the start.",
        [r#""007""#, "trim_left(@, '0')", r#""7""#],
        &[&[Text], &[Text]],
        Type::String,
        trim::left,
    )
    .optional(1),
    Function::new(
        "trim_right",
        "A string without white space, or the given characters, at the end.",
        [r#""vm1...""#, "trim_right(@, '.')", r#""vm1""#],
        &[&[Text], &[Text]],
        Type::String,
        trim::right,
    )
    .optional(1),
    Function::new(
        "type",
        "The name of a value's type.",
        [r#"[1, "a", null, [], {}]"#, "map(&type(@), @)", r#"["number","string","null","array","object"]"#],
        &[&[Any]],
        Type::String,
        types::type_name,
    ),
    Function::new(
        "upper",
        "A string in upper case.",
        [r#"["west"]"#, "upper([0])", r#""WEST""#],
        &[&[Text]],
        Type::String,
        texts::upper,
    ),
    Function::new(
        "values",
        "The values in an object.",
        [r#"{"west": 1, "east": 2}"#, "values(@)", "[2,1]"],
        &[&[Object]],
        Type::Any,
        collections::values,
    ),
    Function::new(
        "zip",
        "Arrays of the first elements of arrays, of the second, and so on, up to the shortest array.",
        [r#"{"names": ["vm1", "vm2"], "sizes": [2, 4]}"#, "zip(names, sizes)", r#"[["vm1",2],["vm2",4]]"#],
        &[&[Array]],
        Type::Any,
        pairs::zip,
    )
    .variadic(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_in_order_and_describes_each_in_one_sentence() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
        for Function { name, description, .. } in &FUNCTIONS {
            assert!(description.ends_with('.') && !description.contains('\n'), "{name}: {description}");
        }
    }
}
