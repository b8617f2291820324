//! A function: what it takes and how it is called.

use super::super::SearchError;
use super::call::Arguments;
use super::parameter::Sort::{self, Expression};
use super::table::FUNCTIONS;
use crate::value::{Type, Value};

/// A function: its name, what it takes, what it gives, and how.
#[derive(Debug)]
pub(in super::super) struct Function {
    pub(super) name: &'static str,
    /// What it gives, in one sentence.
    pub(in super::super) description: &'static str,
    /// The sorts that each argument may be of.
    pub(super) parameters: &'static [&'static [Sort]],
    /// How many of the last parameters may be left out.
    optional: usize,
    /// Whether the last parameter may be given again and again.
    is_variadic: bool,
    /// The type of its result when that is not known.
    pub(super) gives: Type,
    pub(super) apply: Apply,
}

type Apply = fn(&mut Arguments<'_>) -> Result<Value, SearchError>;

impl Function {
    pub(super) const fn new(
        name: &'static str,
        description: &'static str,
        parameters: &'static [&'static [Sort]],
        gives: Type,
        apply: Apply,
    ) -> Self {
        Self { name, description, parameters, optional: 0, is_variadic: false, gives, apply }
    }

    /// The same whose last parameter may be given again and again.
    pub(super) const fn variadic(mut self) -> Self {
        self.is_variadic = true;
        self
    }

    /// The same of whose last parameters so many may be left out.
    pub(super) const fn optional(mut self, parameters: usize) -> Self {
        self.optional = parameters;
        self
    }

    /// The function of that name.
    pub(in super::super) fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// All, in the order of their names.
    pub(in super::super) fn all() -> impl Iterator<Item = &'static Self> {
        FUNCTIONS.iter()
    }

    /// The names of all.
    pub(in super::super) fn names() -> impl Iterator<Item = &'static str> {
        Self::all().map(|function| function.name)
    }

    /// Whether it takes so many arguments.
    pub(in super::super) fn takes(&self, arguments: usize) -> bool {
        let most = self.parameters.len();
        (most - self.optional..=most).contains(&arguments) || (self.is_variadic && arguments > most)
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
        let most = self.parameters.len();
        match most - self.optional {
            1 if self.is_variadic => "one argument or more".to_owned(),
            1 if most == 1 => "one argument".to_owned(),
            least if least < most => format!("{least} to {most} arguments"),
            _ => format!("{most} arguments"),
        }
    }

    /// An example of its use.
    pub(in super::super) fn usage(&self) -> String {
        let sorts: Vec<_> = self.parameters.iter().map(|sorts| sorts[0].usage()).collect();
        let (needed, optional) = sorts.split_at(sorts.len() - self.optional);
        let optional = optional.iter().map(|sort| format!("[, {sort}")).collect::<Vec<_>>().concat();
        let more = if self.is_variadic { ", …" } else { "" };
        format!("{}({}{more}{optional}{})", self.name, needed.join(", "), "]".repeat(self.optional))
    }
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
