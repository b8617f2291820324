//! The table of functions.

use super::super::SearchError;
use super::call::Arguments;
use super::parameter::Sort::{self, Any, Array, Expression, Number, Numbers, Object, Text, Texts};
use super::{collections, numbers, order, texts, types};
use crate::value::{Type, Value};

/// A function: its name, what it takes, what it gives, and how.
#[derive(Debug)]
pub(in super::super) struct Function {
    pub(super) name: &'static str,
    /// The sorts that each argument may be of.
    pub(super) parameters: &'static [&'static [Sort]],
    /// Whether the last parameter may be given again and again.
    is_variadic: bool,
    /// The type of its result when that is not known.
    pub(super) gives: Type,
    pub(super) apply: Apply,
}

type Apply = fn(&mut Arguments<'_>) -> Result<Value, SearchError>;

const fn function(
    name: &'static str,
    parameters: &'static [&'static [Sort]],
    gives: Type,
    apply: Apply,
) -> Function {
    Function { name, parameters, is_variadic: false, gives, apply }
}

const fn variadic(function: Function) -> Function {
    // `..function` would need to drop the old one, which a constant cannot.
    let mut function = function;
    function.is_variadic = true;
    function
}

/// In the order of the names.
static FUNCTIONS: [Function; 26] = [
    function("abs", &[&[Number]], Type::Number, numbers::abs),
    function("avg", &[&[Numbers]], Type::Number, numbers::avg),
    function("ceil", &[&[Number]], Type::Number, numbers::ceil),
    function("contains", &[&[Array, Text], &[Any]], Type::Bool, collections::contains),
    function("ends_with", &[&[Text], &[Text]], Type::Bool, texts::ends_with),
    function("floor", &[&[Number]], Type::Number, numbers::floor),
    function("join", &[&[Text], &[Texts]], Type::String, texts::join),
    function("keys", &[&[Object]], Type::Any, collections::keys),
    function("length", &[&[Text, Array, Object]], Type::Number, collections::length),
    function("map", &[&[Expression], &[Array]], Type::Any, collections::map),
    function("max", &[&[Numbers, Texts]], Type::Any, order::max),
    function("max_by", &[&[Array], &[Expression]], Type::Any, order::max_by),
    variadic(function("merge", &[&[Object]], Type::Any, collections::merge)),
    function("min", &[&[Numbers, Texts]], Type::Any, order::min),
    function("min_by", &[&[Array], &[Expression]], Type::Any, order::min_by),
    variadic(function("not_null", &[&[Any]], Type::Any, types::not_null)),
    function("reverse", &[&[Array, Text]], Type::Any, collections::reverse),
    function("sort", &[&[Numbers, Texts]], Type::Any, order::sort),
    function("sort_by", &[&[Array], &[Expression]], Type::Any, order::sort_by),
    function("starts_with", &[&[Text], &[Text]], Type::Bool, texts::starts_with),
    function("sum", &[&[Numbers]], Type::Number, numbers::sum),
    function("to_array", &[&[Any]], Type::Any, types::to_array),
    function("to_number", &[&[Any]], Type::Number, types::to_number),
    function("to_string", &[&[Any]], Type::String, types::to_string),
    function("type", &[&[Any]], Type::String, types::type_name),
    function("values", &[&[Object]], Type::Any, collections::values),
];

impl Function {
    /// The function of that name.
    pub(in super::super) fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// The names of all.
    pub(in super::super) fn names() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(|function| function.name)
    }

    /// Whether it takes so many arguments.
    pub(in super::super) fn takes(&self, arguments: usize) -> bool {
        arguments == self.parameters.len() || (self.is_variadic && arguments > self.parameters.len())
    }

    /// Whether the argument at `at` is an expression.
    pub(in super::super) fn takes_expression(&self, at: usize) -> bool {
        self.parameter(at).contains(&Expression)
    }

    /// The sorts that the argument at `at` may be of.
    pub(super) fn parameter(&self, at: usize) -> &'static [Sort] {
        self.parameters[at.min(self.parameters.len() - 1)]
    }

    /// How many arguments it takes, as a phrase.
    pub(in super::super) fn arity(&self) -> String {
        match self.parameters.len() {
            1 if self.is_variadic => "one argument or more".to_owned(),
            1 => "one argument".to_owned(),
            many => format!("{many} arguments"),
        }
    }

    /// An example of its use.
    pub(in super::super) fn usage(&self) -> String {
        let parameters: Vec<_> = self.parameters.iter().map(|sorts| sorts[0].usage()).collect();
        let more = if self.is_variadic { ", …" } else { "" };
        format!("{}({}{more})", self.name, parameters.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn usage_shows_the_parameters() {
        let cases = [("sort_by", "sort_by(array, &expression)"), ("merge", "merge(object, …)")];
        for (name, usage) in cases {
            assert_eq!(Function::find(name).map(Function::usage).as_deref(), Some(usage));
        }
    }
}
