//! Implements set functions.

use std::collections::BTreeSet;

use super::arguments::{Arguments, element_type, elements};
use super::failure::Failure;
use super::function::Returns;
use super::list::MAX_LENGTH;
use super::result_type::{self, has_any};
use super::{Accepts, Function, Parameter};
use crate::value::{Data, Type, Value, convert, unify};

const SET: Returns = Returns::Depends(|given| match common_element(given) {
    Some(element) => Ok(Type::set(element)),
    None if given.iter().any(|set| has_any(&set.ty())) => Ok(Type::set(Type::Any)),
    None => Err(unlike_elements()),
});
const FIRST: Parameter = Parameter::new("first_set", Accepts::Set);
const OTHERS: Parameter = Parameter::new("other_sets", Accepts::Set);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "setintersection",
        "The elements that are in all of the sets.",
        [r#"setintersection(["a", "b"], ["b", "c"])"#, r#"["b"]"#],
        &[FIRST],
        SET,
        |given| {
            combine(given, |first, others| {
                first
                    .iter()
                    .filter(|element| others.iter().all(|other| other.has(element)))
                    .cloned()
                    .collect()
            })
        },
    )
    .variadic(OTHERS),
    Function::new(
        "setproduct",
        "Every combination of one element of each set or list.",
        [r#"setproduct(["web", "db"], ["west"])"#, "[\n  [\"web\", \"west\"],\n  [\"db\", \"west\"],\n]"],
        &[],
        Returns::Depends(result_type::product),
        product,
    )
    .variadic(Parameter::new("sets", Accepts::Any)),
    Function::new(
        "setsubtract",
        "The elements of a set that are not in another.",
        [r#"setsubtract(["a", "b"], ["b", "c"])"#, r#"["a"]"#],
        &[Parameter::new("a", Accepts::Set), Parameter::new("b", Accepts::Set)],
        SET,
        |given| {
            combine(given, |first, others| {
                first
                    .iter()
                    .filter(|element| !others.iter().any(|other| other.has(element)))
                    .cloned()
                    .collect()
            })
        },
    ),
    Function::new(
        "setunion",
        "The elements that are in at least one of the sets.",
        [r#"setunion(["a", "b"], ["b", "c"])"#, r#"["a", "b", "c"]"#],
        &[FIRST],
        SET,
        |given| {
            combine(given, |first, others| {
                first.iter().chain(others.iter().flat_map(|other| other.values)).cloned().collect()
            })
        },
    )
    .variadic(OTHERS),
];

/// The elements of a set, indexed by their spellings.
struct Elements<'a> {
    values: &'a [Value],
    spelled: BTreeSet<String>,
}

impl<'a> Elements<'a> {
    fn of(set: &'a Value) -> Self {
        let values = elements(set).map_or(&[][..], |all| all);
        Self { values, spelled: values.iter().map(Value::spelling).collect() }
    }

    fn has(&self, wanted: &Value) -> bool {
        self.spelled.contains(&wanted.spelling())
    }
}

/// Returns the common element type of all sets; sets that are empty or contain only null are ignored.
fn common_element(sets: &[Value]) -> Option<Type> {
    let say = |set: &Value| Some(element_type(set)).filter(|ty| *ty != Type::Any || !set.is_wholly_known());
    let types: Vec<Type> = sets.iter().filter_map(say).collect();
    if types.is_empty() { Some(Type::Any) } else { unify(&types) }
}

fn unlike_elements() -> Failure {
    Failure::new("given sets must all have compatible element types")
}

/// Converts all sets to one element type and combines them; `pick` receives the first one separately.
fn combine(
    given: &Arguments<'_>,
    pick: fn(&[Value], &[Elements<'_>]) -> Vec<Value>,
) -> Result<Value, Failure> {
    let element = common_element(given.all()).ok_or_else(unlike_elements)?;
    let ty = Type::set(element.clone());
    let sets = given.all().iter().map(|set| convert(set, &ty)).collect::<Result<Vec<_>, _>>()?;
    let (first, others) = sets.split_first().ok_or_else(|| Failure::new("at least one set is required"))?;
    let others: Vec<Elements<'_>> = others.iter().map(Elements::of).collect();
    Ok(Value::set(element, pick(Elements::of(first).values, &others)))
}

fn product(given: &Arguments<'_>) -> Result<Value, Failure> {
    if given.all().len() < 2 {
        return Err(Failure::new("at least two arguments are required"));
    }
    let mut lists = Vec::new();
    for (index, value) in given.all().iter().enumerate() {
        let list = if elements(value).is_some() { convert(value, &Type::list(Type::Any)).ok() } else { None };
        lists.push(list.ok_or_else(|| result_type::not_a_set(index))?);
    }
    let each: Vec<&[Value]> = lists.iter().filter_map(elements).map(|all| &all[..]).collect();
    let count = each.iter().try_fold(1usize, |count, all| count.checked_mul(all.len()));
    let values = count.and_then(|count| count.checked_mul(each.len().max(1)));
    if values.is_none_or(|values| values > 4 * MAX_LENGTH) || count.is_none_or(|count| count > MAX_LENGTH) {
        return Err(Failure::new(format!("there would be more than {MAX_LENGTH} combinations")));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for all in &each {
        let extend = |row: &Vec<Value>, value: &Value| row.iter().chain([value]).cloned().collect();
        rows = rows.iter().flat_map(|row| all.iter().map(move |value| extend(row, value))).collect();
    }
    let element = Type::tuple(lists.iter().map(element_type));
    let rows = rows.into_iter().map(Value::tuple);
    let rows = rows.map(|row| convert(&row, &element)).collect::<Result<Vec<_>, _>>()?;
    let has_set = given.all().iter().any(|value| matches!(value.data(), Data::Set(..)));
    Ok(if has_set { Value::set(element, rows) } else { Value::list(element, rows) })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("setintersection", r#"[["c", "b", "a"], ["a", "c"]]"#, r#"["a","c"]"#),
            ("setintersection", r#"[[], ["a"]]"#, "[]"),
            ("setsubtract", r#"[[1, 2], ["1"]]"#, r#"["2"]"#),
            ("setunion", r#"[["b"], ["a", "b"], [1]]"#, r#"["1","a","b"]"#),
            ("setproduct", r#"[["b", "a"], [1, "y"]]"#, r#"[["b","1"],["b","y"],["a","1"],["a","y"]]"#),
            ("setproduct", r#"[["a"], []]"#, "[]"),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "setunion",
                "[[1], [true]]",
                r#"call to function "setunion" failed: given sets must all have compatible element types"#,
            ),
            (
                "setproduct",
                r#"[["a"]]"#,
                r#"call to function "setproduct" failed: at least two arguments are required"#,
            ),
            (
                "setproduct",
                r#"[["a"], {}]"#,
                r#"invalid value for "sets" parameter: a set or a list is required"#,
            ),
        ]);
    }
}
