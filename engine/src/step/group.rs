//! Defines rules about several arguments.

use crate::value::{Data, Value};

use super::{ArgumentError, ArgumentValues};

/// A rule about several arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The rule.
    pub rule: GroupRule,
    /// The names of the arguments.
    pub arguments: &'static [&'static str],
}

/// A kind of rule about several arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupRule {
    /// One of the arguments must be given, and no other.
    ExactlyOne,
    /// At most one of the arguments may be given.
    AtMostOne,
    /// Either all of the arguments are given, or none.
    Together,
    /// The first argument may be given only with all others.
    Requires,
}

impl GroupRule {
    /// Returns the name of the rule in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExactlyOne => "exactly_one",
            Self::AtMostOne => "at_most_one",
            Self::Together => "together",
            Self::Requires => "requires",
        }
    }
}

/// The state of an argument in a group.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Missing,
    /// The value is unknown, and may be null.
    Open,
    Given,
}

impl State {
    fn of(value: Option<&Value>) -> Self {
        match value.map(Value::data) {
            None | Some(Data::Null(_)) => Self::Missing,
            Some(Data::Unknown(unknown)) if !unknown.not_null => Self::Open,
            Some(_) => Self::Given,
        }
    }
}

impl Group {
    /// Returns the rule in words, such as ``exactly one of `a` and `b` must be given``.
    #[must_use]
    pub fn words(&self) -> String {
        match (self.rule, self.arguments) {
            (GroupRule::ExactlyOne, all) => format!("exactly one of {} must be given", listed(all, "and")),
            (GroupRule::AtMostOne, all) => format!("at most one of {} may be given", listed(all, "and")),
            (GroupRule::Together, all) => format!("{} must be given together", listed(all, "and")),
            (GroupRule::Requires, [first, others @ ..]) => {
                format!("`{first}` requires {}", listed(others, "and"))
            }
            (GroupRule::Requires, []) => String::new(),
        }
    }

    /// Returns the error of these arguments, if they break the rule.
    ///
    /// An unknown value may be null, so it breaks no rule before it is known.
    #[must_use]
    pub fn check(&self, values: &ArgumentValues) -> Option<ArgumentError> {
        let state = |name: &&'static str| State::of(values.get(*name));
        let given: Vec<_> =
            self.arguments.iter().filter(|name| state(name) == State::Given).copied().collect();
        let missing = self.arguments.iter().find(|name| state(name) == State::Missing).copied();
        let (first, others) = self.arguments.split_first()?;
        let error = match (self.rule, given.as_slice(), missing) {
            (GroupRule::ExactlyOne | GroupRule::AtMostOne, [one, another, ..], _) => {
                ArgumentError::new(another, format!("must not be given with `{one}`"))
            }
            (GroupRule::ExactlyOne, [], Some(_))
                if self.arguments.iter().all(|name| state(name) == State::Missing) =>
            {
                ArgumentError::new(first, format!("or {} must be given", listed(others, "or")))
            }
            (GroupRule::Together, [one, ..], Some(missing)) => {
                ArgumentError::new(one, format!("requires `{missing}`"))
            }
            (GroupRule::Requires, [one, ..], Some(missing)) if one == first => {
                return Some(ArgumentError::new(one, format!("requires `{missing}`")));
            }
            _ => return None,
        };
        Some(error.help(self.words()))
    }
}

/// Lists names, with `word` before the last one.
pub fn listed(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
        None => String::new(),
    }
}
