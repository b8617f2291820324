//! What a function is.

use super::arguments::Arguments;
use super::call::Failure;
use crate::value::{Type, Value};

/// A function as declared: what it takes, what it gives, and its body.
#[derive(Clone, Copy)]
pub struct Function {
    name: &'static str,
    description: &'static str,
    parameters: &'static [Parameter],
    variadic: Option<Parameter>,
    returns: Returns,
    body: Body,
}

/// The body of a function: it gets arguments that were checked as the parameters say.
pub(super) type Body = fn(&Arguments<'_>) -> Result<Value, Failure>;

/// The type of a result that is not known yet.
#[derive(Clone, Copy)]
pub(super) enum Returns {
    /// Always of this type, and never null.
    Always(Accepts),
    /// Depends on the arguments, some of which are not known.
    Depends(fn(&[Value]) -> Type),
}

/// A parameter as declared.
#[derive(Clone, Copy)]
pub struct Parameter {
    name: &'static str,
    accepts: Accepts,
    pub(super) null: bool,
    pub(super) unknown: bool,
    pub(super) reads: Reads,
}

/// What a body looks at of an argument.
#[derive(Clone, Copy)]
pub(super) enum Reads {
    /// All of it, but not the marks.
    Content,
    /// What holds the elements; they are taken over as they are.
    Container,
    /// The marks too.
    Marks,
}

/// The types that parameters are declared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Anything.
    Any,
    /// A bool.
    Bool,
    /// A number.
    Number,
    /// Text.
    String,
    /// A list of any one type.
    List,
    /// A list of text.
    Strings,
    /// A list of bools.
    Bools,
    /// A list of numbers.
    Numbers,
    /// A set of any one type.
    Set,
    /// A set of text.
    StringSet,
    /// A map of any one type.
    Map,
    /// A map of lists of text.
    StringsByName,
}

impl Accepts {
    /// The type, with `Any` for what is left open.
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
    /// A parameter that takes known values of that type other than null.
    ///
    /// When an argument or anything in it is not known, neither is the result, and the body does not run; the marks
    /// of an argument and of everything in it go to the result, and the body does not see them.
    pub(super) const fn new(name: &'static str, accepts: Accepts) -> Self {
        Self { name, accepts, null: false, unknown: false, reads: Reads::Content }
    }

    /// May be null.
    pub(super) const fn or_null(mut self) -> Self {
        self.null = true;
        self
    }

    /// The body deals with values that are not known.
    pub(super) const fn or_unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    /// The body deals with marks and puts them on the result.
    pub(super) const fn marked(mut self) -> Self {
        self.reads = Reads::Marks;
        self
    }

    /// The body looks at the container only and carries the elements over as they are, with their marks, known or
    /// not; so only the container itself must be known, and only its own marks go to the result.
    pub(super) const fn carried(mut self) -> Self {
        self.reads = Reads::Container;
        self
    }

    /// The name, for messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it takes.
    #[must_use]
    pub const fn accepts(&self) -> Accepts {
        self.accepts
    }
}

impl Function {
    /// A function; `description` is one sentence.
    pub(super) const fn new(
        name: &'static str,
        description: &'static str,
        parameters: &'static [Parameter],
        returns: Returns,
        body: Body,
    ) -> Self {
        Self { name, description, parameters, variadic: None, returns, body }
    }

    /// Takes any number of further arguments.
    pub(super) const fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it does, in one sentence.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// The parameters that must be given.
    #[must_use]
    pub const fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    /// The parameter of further arguments, when it takes any.
    #[must_use]
    pub const fn rest(&self) -> Option<&Parameter> {
        self.variadic.as_ref()
    }

    /// How it is called, such as `join(separator, lists...)`.
    #[must_use]
    pub fn signature(&self) -> String {
        let names = self.parameters.iter().map(|parameter| parameter.name.to_owned());
        let rest = self.variadic.iter().map(|parameter| format!("{}...", parameter.name));
        format!("{}({})", self.name, names.chain(rest).collect::<Vec<_>>().join(", "))
    }

    /// The parameter that the argument at `index` is for.
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
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(…)", self.name)
    }
}
