//! Defines functions.

use super::super::SearchError;
use super::arguments::Arguments;
use super::parameter::Sort::{self, Expression};
use crate::value::{Type, Value};

/// A function: its name, parameters, result and body.
#[derive(Debug)]
pub(in super::super) struct Function {
    pub(in super::super) name: &'static str,
    /// The result, described in one sentence.
    pub(in super::super) description: &'static str,
    /// A query that calls it.
    example: Example,
    /// The accepted kinds of each argument.
    pub(super) parameters: &'static [&'static [Sort]],
    /// The number of optional parameters at the end.
    optional: usize,
    /// True if the last parameter may be repeated.
    is_variadic: bool,
    /// The type of an unknown result.
    pub(super) gives: Type,
    pub(super) apply: Apply,
}

/// A query, its data and its result.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The data, as JSON.
    pub data: &'static str,
    /// The query.
    pub query: &'static str,
    /// The result, as JSON.
    pub result: &'static str,
}

type Apply = fn(&mut Arguments<'_>) -> Result<Value, SearchError>;

impl Function {
    pub(super) const fn new(
        name: &'static str,
        description: &'static str,
        [data, query, result]: [&'static str; 3],
        parameters: &'static [&'static [Sort]],
        gives: Type,
        apply: Apply,
    ) -> Self {
        let example = Example { data, query, result };
        Self { name, description, example, parameters, optional: 0, is_variadic: false, gives, apply }
    }

    /// Allows the last parameter to be repeated.
    pub(super) const fn variadic(mut self) -> Self {
        self.is_variadic = true;
        self
    }

    /// Makes the given number of parameters at the end optional.
    pub(super) const fn optional(mut self, parameters: usize) -> Self {
        self.optional = parameters;
        self
    }

    /// Its documentation, for people who write queries.
    pub(in super::super) fn docs(&self) -> FunctionDocs {
        FunctionDocs {
            name: self.name,
            usage: self.usage(),
            description: self.description,
            example: self.example,
        }
    }

    /// Returns true if the function accepts that number of arguments.
    pub(in super::super) fn takes(&self, arguments: usize) -> bool {
        let most = self.parameters.len();
        (most - self.optional..=most).contains(&arguments) || (self.is_variadic && arguments > most)
    }

    /// Returns true if the argument at `at` is an expression.
    pub(in super::super) fn takes_expression(&self, at: usize) -> bool {
        self.parameter(at).contains(&Expression)
    }

    /// Returns the accepted kinds of the argument at `at`.
    pub(super) fn parameter(&self, at: usize) -> &'static [Sort] {
        self.parameters[at.min(self.parameters.len() - 1)]
    }

    /// Returns the number of arguments as a phrase.
    pub(in super::super) fn arity(&self) -> String {
        let most = self.parameters.len();
        match most - self.optional {
            1 if self.is_variadic => "one argument or more".to_owned(),
            1 if most == 1 => "one argument".to_owned(),
            least if least < most => format!("{least} to {most} arguments"),
            _ => format!("{most} arguments"),
        }
    }

    /// Returns an example of a call.
    pub(in super::super) fn usage(&self) -> String {
        let sorts: Vec<_> = self.parameters.iter().map(|sorts| sorts[0].usage()).collect();
        let (needed, optional) = sorts.split_at(sorts.len() - self.optional);
        let optional = optional.iter().map(|sort| format!("[, {sort}")).collect::<Vec<_>>().concat();
        let more = if self.is_variadic { ", …" } else { "" };
        format!("{}({}{more}{optional}{})", self.name, needed.join(", "), "]".repeat(self.optional))
    }
}

/// A function that a query may call, for people who write queries.
#[derive(Clone, Debug)]
pub struct FunctionDocs {
    /// Its name.
    pub name: &'static str,
    /// The signature, such as `sort_by(array, &expression)`.
    pub usage: String,
    /// The result, in one sentence.
    pub description: &'static str,
    /// A query that calls it.
    pub example: Example,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_shows_the_parameters() {
        let cases = [
            ("sort_by", "sort_by(array, &expression)", "2 arguments"),
            ("merge", "merge(object, …)", "one argument or more"),
            ("find_first", "find_first(string, string[, number[, number]])", "2 to 4 arguments"),
            ("trim", "trim(string[, string])", "1 to 2 arguments"),
        ];
        for (name, usage, arity) in cases {
            let function = Function::find(name).expect(name);
            assert_eq!((function.usage().as_str(), function.arity().as_str()), (usage, arity));
        }
    }

    #[test]
    fn the_number_of_arguments_is_bounded() {
        let cases: [(&str, &[usize]); 4] =
            [("abs", &[1]), ("merge", &[1, 2, 3, 4, 5]), ("split", &[2, 3]), ("find_last", &[2, 3, 4])];
        for (name, numbers) in cases {
            let function = Function::find(name).expect(name);
            assert!((0..=5).all(|number| function.takes(number) == numbers.contains(&number)), "{name}");
        }
    }
}
