//! Defines functions.

use super::arguments::Arguments;
use super::failure::Failure;
use crate::value::{Type, Value};

/// A declared function: its parameters, its result and its body.
#[derive(Clone, Copy)]
pub struct Function {
    name: &'static str,
    description: &'static str,
    example: Example,
    parameters: &'static [Parameter],
    variadic: Option<Parameter>,
    returns: Returns,
    body: Body,
    partial: Option<Partial>,
}

/// An expression that calls a function, and its value.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The expression.
    pub expression: &'static str,
    /// Its value, as the console shows it.
    pub result: &'static str,
}

/// The body of a function, whose arguments are checked against the parameters.
pub(super) type Body = fn(&Arguments<'_>) -> Result<Value, Failure>;

/// Computes what is known of a result while some arguments are unknown; none if the arguments decide nothing but
/// its type.
pub(super) type Partial = fn(&Arguments<'_>) -> Option<Value>;

/// The type of an unknown result.
#[derive(Clone, Copy)]
pub(super) enum Returns {
    /// A fixed type; the result is never null.
    Always(Accepts),
    /// A type that depends on the arguments, some of which are unknown; an error if no values of their types are valid.
    Depends(fn(&[Value]) -> Result<Type, Failure>),
}

/// A declared parameter.
#[derive(Clone, Copy)]
pub struct Parameter {
    name: &'static str,
    accepts: Accepts,
    pub(super) null: bool,
    pub(super) unknown: bool,
    pub(super) reads: Reads,
}

/// The parts of an argument that the body reads.
#[derive(Clone, Copy)]
pub(super) enum Reads {
    /// The content at all depths, without marks.
    Content,
    /// Only the container; its elements are taken over unchanged.
    Container,
    /// The content with its marks.
    Marks,
}

/// The types of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Any type.
    Any,
    /// A bool.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// A list of any one type.
    List,
    /// A list of strings.
    Strings,
    /// A list of bools.
    Bools,
    /// A list of numbers.
    Numbers,
    /// A set of any one type.
    Set,
    /// A set of strings.
    StringSet,
    /// A map of any one type.
    Map,
    /// A map of lists of strings.
    StringsByName,
}

impl Accepts {
    /// Returns the type, with `Any` for open parts.
    #[must_use]
    pub fn ty(self) -> Type {
        match self {
            Self::Any => Type::Any,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::List => Type::list(Type::Any),
            Self::Strings => Type::list(Type::String),
            Self::Bools => Type::list(Type::Bool),
            Self::Numbers => Type::list(Type::Number),
            Self::Set => Type::set(Type::Any),
            Self::StringSet => Type::set(Type::String),
            Self::Map => Type::map(Type::Any),
            Self::StringsByName => Type::map(Type::list(Type::String)),
        }
    }
}

impl Parameter {
    /// Returns a parameter that accepts known values of that type other than null.
    ///
    /// If any part of the argument is unknown, so is the result, and the body does not run. The marks of the
    /// argument, at any depth, apply to the result, and the body does not see them.
    pub(super) const fn new(name: &'static str, accepts: Accepts) -> Self {
        Self { name, accepts, null: false, unknown: false, reads: Reads::Content }
    }

    pub(super) const fn or_null(mut self) -> Self {
        self.null = true;
        self
    }

    /// Passes unknown values to the body.
    pub(super) const fn or_unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    /// Passes marks to the body, which applies them to the result.
    pub(super) const fn marked(mut self) -> Self {
        self.reads = Reads::Marks;
        self
    }

    /// Passes only the container to the body, which takes over the elements unchanged, with their marks, even
    /// if unknown. Only the container itself must be known, and only its own marks apply to the result.
    pub(super) const fn carried(mut self) -> Self {
        self.reads = Reads::Container;
        self
    }

    /// Returns the name, for messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the accepted type.
    #[must_use]
    pub const fn accepts(&self) -> Accepts {
        self.accepts
    }
}

impl Function {
    /// Returns a function; `description` is one sentence.
    pub(super) const fn new(
        name: &'static str,
        description: &'static str,
        [expression, result]: [&'static str; 2],
        parameters: &'static [Parameter],
        returns: Returns,
        body: Body,
    ) -> Self {
        let example = Example { expression, result };
        Self { name, description, example, parameters, variadic: None, returns, body, partial: None }
    }

    /// Accepts any number of further arguments.
    pub(super) const fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// Computes the result as far as it is known while some arguments are unknown.
    pub(super) const fn partly(mut self, partial: Partial) -> Self {
        self.partial = Some(partial);
        self
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the description, in one sentence.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// A call of it, and what that gives.
    #[must_use]
    pub const fn example(&self) -> Example {
        self.example
    }

    /// Returns the required parameters.
    #[must_use]
    pub const fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    /// Returns the parameter of further arguments, if any.
    #[must_use]
    pub const fn rest(&self) -> Option<&Parameter> {
        self.variadic.as_ref()
    }

    /// Returns the signature, such as `join(separator, lists...)`.
    #[must_use]
    pub fn signature(&self) -> String {
        let names = self.parameters.iter().map(|parameter| parameter.name.to_owned());
        let rest = self.variadic.iter().map(|parameter| format!("{}...", parameter.name));
        format!("{}({})", self.name, names.chain(rest).collect::<Vec<_>>().join(", "))
    }

    /// Returns the parameter of the argument at `index`.
    #[must_use]
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }

    pub(super) const fn returns(&self) -> Returns {
        self.returns
    }

    pub(super) const fn body(&self) -> Body {
        self.body
    }

    pub(super) const fn partial(&self) -> Option<Partial> {
        self.partial
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(…)", self.name)
    }
}
