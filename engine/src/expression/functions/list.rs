//! Implements functions that return lists.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::arguments::{Arguments, element_type, elements, is_open_set, number, text};
use super::collection::common_type;
use super::failure::Failure;
use super::function::Returns;
use super::string::strings;
use super::{Accepts, Function, Parameter, result_type};
use crate::value::{Data, Marks, Number, Origins, Type, Value, convert};

/// The length limit of a list generated from few arguments.
pub(super) const MAX_LENGTH: usize = 1 << 20;

const STRINGS: Returns = Returns::Always(Accepts::Strings);
const SEQUENCE: Parameter = Parameter::new("list", Accepts::Any).carried();
const LIST: Parameter = Parameter::new("list", Accepts::List).carried();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chunklist",
        "The list cut into lists of at most a given size; with size 0 into one.",
        [r#"chunklist(["a", "b", "c"], 2)"#, "[\n  [\"a\", \"b\"],\n  [\"c\"],\n]"],
        &[LIST, Parameter::new("size", Accepts::Number)],
        Returns::Depends(|given| Ok(Type::list(given[0].ty()))),
        chunk,
    ),
    Function::new(
        "compact",
        "The list without null and empty elements.",
        [r#"compact(["a", "", null, "b"])"#, r#"["a", "b"]"#],
        &[Parameter::new("list", Accepts::Strings)],
        STRINGS,
        |given| {
            Ok(strings(given.elements(0).iter().filter_map(Value::as_str).filter(|text| !text.is_empty())))
        },
    ),
    Function::new(
        "concat",
        "The elements of all the lists, one after the other.",
        [r#"concat(["a"], ["b", "c"])"#, r#"["a", "b", "c"]"#],
        &[],
        Returns::Depends(result_type::concatenated),
        concat,
    )
    .variadic(Parameter::new("seqs", Accepts::Any).carried()),
    Function::new(
        "distinct",
        "The list with each element only where it first occurs.",
        [r#"distinct(["a", "b", "a"])"#, r#"["a", "b"]"#],
        &[Parameter::new("list", Accepts::List)],
        result_type::SAME,
        |given| {
            let mut seen = BTreeSet::new();
            let distinct =
                given.elements(0).iter().filter(|element| seen.insert(element.spelling())).cloned();
            Ok(Value::list(element_type(given.value(0)), distinct))
        },
    ),
    Function::new(
        "element",
        "The element at an index, which starts over at the end and counts from there when negative.",
        [r#"element(["a", "b", "c"], -1)"#, r#""c""#],
        &[SEQUENCE, Parameter::new("index", Accepts::Number)],
        Returns::Depends(result_type::element),
        element,
    ),
    Function::new(
        "flatten",
        "The elements of a list with every list in it replaced by its elements, however deep.",
        [r#"flatten([["a"], ["b", ["c"]]])"#, r#"["a", "b", "c"]"#],
        &[SEQUENCE],
        Returns::Depends(result_type::flattened),
        |given| Ok(flatten(elements(given.value(0)).ok_or_else(result_type::not_flat)?)),
    ),
    Function::new(
        "range",
        "The numbers from a start to before an end, by steps.",
        ["range(1, 10, 3)", "[1, 4, 7]"],
        &[],
        Returns::Always(Accepts::Numbers),
        range,
    )
    .variadic(Parameter::new("params", Accepts::Number)),
    Function::new(
        "reverse",
        "The elements in reverse order.",
        [r#"reverse(["a", "b", "c"])"#, r#"["c", "b", "a"]"#],
        &[SEQUENCE],
        Returns::Depends(result_type::reversed),
        |given| {
            let value = given.value(0);
            let all = elements(value).ok_or_else(|| result_type::not_reversible(&value.ty()))?;
            Ok(like(value, all.iter().rev().cloned()))
        },
    ),
    Function::new(
        "slice",
        "The elements from a start index to before an end index.",
        [r#"slice(["a", "b", "c", "d"], 1, 3)"#, r#"["b", "c"]"#],
        &[
            SEQUENCE,
            Parameter::new("start_index", Accepts::Number),
            Parameter::new("end_index", Accepts::Number),
        ],
        Returns::Depends(result_type::sliced),
        slice,
    ),
    Function::new(
        "sort",
        "The texts of a list in order, bytewise.",
        [r#"sort(["b", "a", "C"])"#, r#"["C", "a", "b"]"#],
        &[Parameter::new("list", Accepts::Strings)],
        STRINGS,
        |given| {
            let all = given.elements(0);
            if let Some(at) = all.iter().position(Value::is_null) {
                let reason = format!("given list element {at} is null; a null string cannot be sorted");
                return Err(Failure::new(reason));
            }
            let mut texts: Vec<&str> = all.iter().map(text).collect();
            texts.sort_unstable();
            Ok(strings(texts))
        },
    ),
];

/// Returns a tuple if `value` is one, otherwise a list with the same element type.
fn like(value: &Value, all: impl IntoIterator<Item = Value>) -> Value {
    match value.data() {
        Data::Tuple(_) => Value::tuple(all),
        _ => Value::list(element_type(value), all),
    }
}

fn size(given: &Arguments<'_>, index: usize, what: &str) -> Result<i64, Failure> {
    given.integer(index).map_err(|failure| match failure {
        Failure::Argument(_, reason) => Failure::new(format!("invalid {what}: {reason}")),
        other => other,
    })
}

fn chunk(given: &Arguments<'_>) -> Result<Value, Failure> {
    let size = usize::try_from(size(given, 1, "size")?);
    let size = size.map_err(|_| Failure::new("the size argument must be positive"))?;
    let all = given.elements(0);
    let element = element_type(given.value(0));
    let chunks = all.chunks(if size == 0 { all.len().max(1) } else { size });
    let chunks = chunks.map(|chunk| Value::list(element.clone(), chunk.iter().cloned()));
    Ok(Value::list(Type::list(element.clone()), chunks))
}

fn concat(given: &Arguments<'_>) -> Result<Value, Failure> {
    if given.all().is_empty() {
        return Err(Failure::new("at least one argument is required"));
    }
    for (index, value) in given.all().iter().enumerate() {
        if !matches!(value.data(), Data::List(..) | Data::Tuple(_)) {
            return Err(result_type::not_a_sequence(index, &value.ty()));
        }
    }
    let all_lists = given.all().iter().all(|value| matches!(value.data(), Data::List(..)));
    if let (true, Some(ty)) = (all_lists, common_type(given.all())) {
        let lists = given.all().iter().map(|value| convert(value, &ty)).collect::<Result<Vec<_>, _>>()?;
        return Ok(Value::list(
            element_type(&lists[0]),
            lists.iter().filter_map(elements).flat_map(|all| all.iter().cloned()),
        ));
    }
    Ok(Value::tuple(given.all().iter().filter_map(elements).flat_map(|all| all.iter().cloned())))
}

fn element(given: &Arguments<'_>) -> Result<Value, Failure> {
    let value = given.value(0);
    let (Data::List(_, all) | Data::Tuple(all)) = value.data() else {
        return Err(result_type::without_elements(&value.ty()));
    };
    let index = size(given, 1, "index")?;
    let length = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let at = index.checked_rem_euclid(length).and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| all.get(at)).cloned().ok_or_else(result_type::empty)
}

/// Flattens nested lists. Their marks apply to the result, which is unknown if one of them is.
fn flatten(all: &Arc<Vec<Value>>) -> Value {
    let mut flat = Vec::new();
    let mut marks = Marks::NONE;
    let mut open: Option<Origins> = None;
    let mut rest: Vec<std::slice::Iter<'_, Value>> = vec![all.iter()];
    while let Some(iterator) = rest.last_mut() {
        let Some(value) = iterator.next() else {
            rest.pop();
            continue;
        };
        if is_open_list(value) {
            marks.add(value.marks());
            open.get_or_insert_default().add(&value.origins());
        } else if let Some(inner) = elements(value) {
            marks.add(value.marks());
            rest.push(inner.iter());
        } else {
            flat.push(value.clone());
        }
    }
    match open {
        None => Value::tuple(flat).with_marks(&marks),
        Some(mut open) => {
            for value in &flat {
                open.add(&value.origins());
                marks.add(&value.deep_marks());
            }
            Value::unknown(Type::Any, open).with_marks(&marks)
        }
    }
}

/// Returns true if the value is, or may be, a list with unknown elements.
fn is_open_list(value: &Value) -> bool {
    let may_be_list = || matches!(value.ty(), Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_));
    is_open_set(value) || value.is_unknown() && may_be_list()
}

fn range(given: &Arguments<'_>) -> Result<Value, Failure> {
    let (start, end, step) = match given.all() {
        [end] => (Number::ZERO, number(end).clone(), None),
        [start, end] => (number(start).clone(), number(end).clone(), None),
        [start, end, step] => (number(start).clone(), number(end).clone(), Some(number(step).clone())),
        _ => return Err(Failure::new("must have one, two, or three arguments")),
    };
    let down = end < start;
    let step = step.unwrap_or_else(|| Number::from(if down { -1i64 } else { 1 }));
    if step == Number::ZERO {
        return Err(Failure::argument(2, "the step must not be zero"));
    }
    if start != end && down != step.is_negative() {
        let reason = if down {
            "end must be greater than start when step is positive"
        } else {
            "end must be less than start when step is negative"
        };
        return Err(Failure::new(reason));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if numbers.len() == MAX_LENGTH {
            return Err(Failure::new(format!(
                "more than {MAX_LENGTH} values would be made; use a larger step"
            )));
        }
        numbers.push(Value::from(next.clone()));
        next = next.add(&step)?;
    }
    Ok(Value::list(Type::Number, numbers))
}

fn slice(given: &Arguments<'_>) -> Result<Value, Failure> {
    let value = given.value(0);
    let (Data::List(_, all) | Data::Tuple(all)) = value.data() else {
        return Err(result_type::not_sliceable());
    };
    Ok(like(value, all[bounds(given, all.len())?].iter().cloned()))
}

fn bounds(given: &Arguments<'_>, length: usize) -> Result<Range<usize>, Failure> {
    let (start, end) = (given.integer(1)?, given.integer(2)?);
    let start_index =
        usize::try_from(start).map_err(|_| Failure::argument(1, "start index must not be less than zero"))?;
    let end_index = usize::try_from(end).ok().filter(|end| *end <= length);
    match end_index {
        _ if end < start => Err(Failure::argument(1, "start index must not be greater than end index")),
        None => Err(Failure::argument(2, "end index must not be greater than the length of the list")),
        Some(end_index) => Ok(start_index..end_index),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("chunklist", r#"[["a", 1, true], 2]"#, r#"[["a","1"],["true"]]"#),
            ("chunklist", r#"[["a", "b"], 0]"#, r#"[["a","b"]]"#),
            ("compact", r#"[["a", "", null, "b"]]"#, r#"["a","b"]"#),
            ("concat", r#"[["a"], [1, null]]"#, r#"["a",1,null]"#),
            ("distinct", r#"[[1, "1", null, null]]"#, r#"["1",null]"#),
            ("element", r#"[["a", "b", "c"], -4]"#, r#""c""#),
            ("element", r#"[["a", "b"], "3"]"#, r#""b""#),
            ("flatten", r#"[[1, ["a", [true, []]], null]]"#, r#"[1,"a",true,null]"#),
            ("range", "[3]", "[0,1,2]"),
            ("range", "[-2]", "[0,-1]"),
            ("range", "[1, 2, 0.25]", "[1,1.25,1.5,1.75]"),
            ("reverse", r#"[["a", 1]]"#, r#"[1,"a"]"#),
            ("slice", r#"[["a", "b", "c"], 1, "3"]"#, r#"["b","c"]"#),
            ("sort", r#"[[10, 9, "B", "a"]]"#, r#"["10","9","B","a"]"#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "concat",
                "[{}, []]",
                r#"invalid value for "seqs" parameter: all arguments must be lists or tuples; got object"#,
            ),
            (
                "distinct",
                "[[1, [1]]]",
                r#"invalid value for "list" parameter: all list elements must have the same type"#,
            ),
            (
                "element",
                "[[], 0]",
                r#"call to function "element" failed: cannot use element function with an empty list"#,
            ),
            ("range", "[1, 4, 0]", r#"invalid value for "params" parameter: the step must not be zero"#),
            (
                "range",
                "[1e9]",
                r#"call to function "range" failed: more than 1048576 values would be made; use a larger step"#,
            ),
            (
                "slice",
                r#"[["a"], 0, 2]"#,
                r#"invalid value for "end_index" parameter: end index must not be greater than the length of the list"#,
            ),
            (
                "slice",
                r#"[["a"], -1, 1]"#,
                r#"invalid value for "start_index" parameter: start index must not be less than zero"#,
            ),
            (
                "sort",
                r#"[["a", null]]"#,
                r#"call to function "sort" failed: given list element 1 is null; a null string cannot be sorted"#,
            ),
        ]);
    }
}
