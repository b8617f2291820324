//! Lists all functions in a table.

use super::function::Function;
use super::parameter::Sort::{Any, Array, Expression, Number, Numbers, Object, Text, Texts};
use super::{collections, find, numbers, order, pairs, texts, trim, types};
use crate::value::Type;

/// The functions in the order of their names: those of the specification, and those of the community's
/// proposals for objects, strings and groups (JEP 13 and 14 of jmespath-community).
pub(super) static FUNCTIONS: [Function; 41] = [
    Function::new("abs", "A number without its sign.", &[&[Number]], Type::Number, numbers::abs),
    Function::new("avg", "The mean of numbers.", &[&[Numbers]], Type::Number, numbers::avg),
    Function::new("ceil", "A number rounded up.", &[&[Number]], Type::Number, numbers::ceil),
    Function::new(
        "contains",
        "Whether an array has an element, or a string a part.",
        &[&[Array, Text], &[Any]],
        Type::Bool,
        collections::contains,
    ),
    Function::new(
        "ends_with",
        "Whether a string ends with another.",
        &[&[Text], &[Text]],
        Type::Bool,
        texts::ends_with,
    ),
    Function::new(
        "find_first",
        "Where a string begins in another, from one index up to another; null when it does not.",
        &[&[Text], &[Text], &[Number], &[Number]],
        Type::Number,
        find::first,
    )
    .optional(2),
    Function::new(
        "find_last",
        "Where a string begins for the last time in another, from one index up to another; null when it does not.",
        &[&[Text], &[Text], &[Number], &[Number]],
        Type::Number,
        find::last,
    )
    .optional(2),
    Function::new("floor", "A number rounded down.", &[&[Number]], Type::Number, numbers::floor),
    Function::new(
        "from_items",
        "An object of pairs of name and value; of equal names the last counts.",
        &[&[Array]],
        Type::Any,
        pairs::from_items,
    ),
    Function::new(
        "group_by",
        "An object of arrays: the elements by the string that an expression makes of them, without those where it is null.",
        &[&[Array], &[Expression]],
        Type::Any,
        order::group_by,
    ),
    Function::new("items", "The pairs of name and value of an object.", &[&[Object]], Type::Any, pairs::items),
    Function::new(
        "join",
        "The strings of an array as one, with another between them.",
        &[&[Text], &[Texts]],
        Type::String,
        texts::join,
    ),
    Function::new("keys", "The names in an object.", &[&[Object]], Type::Any, collections::keys),
    Function::new(
        "length",
        "How many characters, elements or entries there are.",
        &[&[Text, Array, Object]],
        Type::Number,
        collections::length,
    ),
    Function::new("lower", "A string in lower case.", &[&[Text]], Type::String, texts::lower),
    Function::new(
        "map",
        "What an expression makes of each element, nulls included.",
        &[&[Expression], &[Array]],
        Type::Any,
        collections::map,
    ),
    Function::new(
        "max",
        "The largest of numbers, or the last of strings.",
        &[&[Numbers, Texts]],
        Type::Any,
        order::max,
    ),
    Function::new(
        "max_by",
        "The element of which an expression makes the largest number or the last string.",
        &[&[Array], &[Expression]],
        Type::Any,
        order::max_by,
    ),
    Function::new(
        "merge",
        "All entries of objects in one; of equal names the last counts.",
        &[&[Object]],
        Type::Any,
        collections::merge,
    )
    .variadic(),
    Function::new(
        "min",
        "The smallest of numbers, or the first of strings.",
        &[&[Numbers, Texts]],
        Type::Any,
        order::min,
    ),
    Function::new(
        "min_by",
        "The element of which an expression makes the smallest number or the first string.",
        &[&[Array], &[Expression]],
        Type::Any,
        order::min_by,
    ),
    Function::new("not_null", "The first argument that is not null.", &[&[Any]], Type::Any, types::not_null)
        .variadic(),
    Function::new(
        "pad_left",
        "A string made so many characters long, with spaces or another character before it.",
        &[&[Text], &[Number], &[Text]],
        Type::String,
        texts::pad_left,
    )
    .optional(1),
    Function::new(
        "pad_right",
        "A string made so many characters long, with spaces or another character after it.",
        &[&[Text], &[Number], &[Text]],
        Type::String,
        texts::pad_right,
    )
    .optional(1),
    Function::new(
        "replace",
        "A string with another replaced in it by a third, everywhere or so many times.",
        &[&[Text], &[Text], &[Text], &[Number]],
        Type::String,
        texts::replace,
    )
    .optional(1),
    Function::new(
        "reverse",
        "The elements or the characters from the last to the first.",
        &[&[Array, Text]],
        Type::Any,
        collections::reverse,
    ),
    Function::new("sort", "Numbers or strings in their order.", &[&[Numbers, Texts]], Type::Any, order::sort),
    Function::new(
        "sort_by",
        "The elements in the order of what an expression makes of them.",
        &[&[Array], &[Expression]],
        Type::Any,
        order::sort_by,
    ),
    Function::new(
        "split",
        "The parts of a string between another, which is split at everywhere or so many times.",
        &[&[Text], &[Text], &[Number]],
        Type::Any,
        texts::split,
    )
    .optional(1),
    Function::new(
        "starts_with",
        "Whether a string starts with another.",
        &[&[Text], &[Text]],
        Type::Bool,
        texts::starts_with,
    ),
    Function::new("sum", "The sum of numbers.", &[&[Numbers]], Type::Number, numbers::sum),
    Function::new(
        "to_array",
        "An array as it is; anything else in an array of its own.",
        &[&[Any]],
        Type::Any,
        types::to_array,
    ),
    Function::new(
        "to_number",
        "The number that is in a string; null when it is none.",
        &[&[Any]],
        Type::Number,
        types::to_number,
    ),
    Function::new(
        "to_string",
        "A string as it is; anything else as JSON.",
        &[&[Any]],
        Type::String,
        types::to_string,
    ),
    Function::new(
        "trim",
        "A string without the white space, or the characters of another, around it.",
        &[&[Text], &[Text]],
        Type::String,
        trim::both,
    )
    .optional(1),
    Function::new(
        "trim_left",
        "A string without the white space, or the characters of another, before it.",
        &[&[Text], &[Text]],
        Type::String,
        trim::left,
    )
    .optional(1),
    Function::new(
        "trim_right",
        "A string without the white space, or the characters of another, after it.",
        &[&[Text], &[Text]],
        Type::String,
        trim::right,
    )
    .optional(1),
    Function::new("type", "The name of a value's type.", &[&[Any]], Type::String, types::type_name),
    Function::new("upper", "A string in upper case.", &[&[Text]], Type::String, texts::upper),
    Function::new("values", "The values in an object.", &[&[Object]], Type::Any, collections::values),
    Function::new(
        "zip",
        "Arrays of the first elements of arrays, of the second, and so on to the end of the shortest.",
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
