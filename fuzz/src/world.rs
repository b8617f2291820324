//! A scope of values for the expressions.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::expression::functions::{Clock, Context, Files};
use arcbook_engine::expression::{Resolved, Scope};
use arcbook_engine::syntax::Reference;
use arcbook_engine::value::{Marks, Origins, Type, Value};

/// The value that no message may contain.
pub const SECRET: &str = "s3cret-7f3a91";

/// A fixed clock, so that functions of the time are deterministic.
static CLOCK: LazyLock<Clock> = LazyLock::new(Clock::plan);

/// A scope of values of every type, some of them sensitive or unknown.
pub struct World {
    values: BTreeMap<&'static str, Value>,
    files: Files,
}

impl World {
    /// Creates the scope; file functions read from `folder`.
    pub fn new(folder: &Path) -> Self {
        let strings = || Value::tuple(["b", "a"].map(Value::from));
        let secret = |value: Value| value.with_marks(&Marks::sensitive("var.secret"));
        let later = |ty: Type| Value::unknown(ty, Origins::of("step.a.b"));
        let values = [
            ("text", Value::from("west")),
            ("number", Value::from(3_i64)),
            ("flag", Value::from(true)),
            ("nothing", Value::NULL),
            ("tuple", strings()),
            ("list", Value::list(Type::String, ["b", "a"].map(Value::from))),
            ("set", Value::set(Type::String, ["a", "b"].map(Value::from))),
            ("map", Value::string_map([("k", "v"), ("l", "w")])),
            ("object", Value::object([("name", Value::from("m")), ("size", Value::from(2_i64))])),
            ("secret", secret(SECRET.into())),
            ("secret_flag", secret(true.into())),
            ("secrets", Value::tuple([secret(SECRET.into()), Value::from("y")])),
            ("hidden", secret(strings())),
            ("later", later(Type::Any)),
            ("later_text", later(Type::String)),
            ("later_flag", later(Type::Bool)),
            ("later_list", later(Type::list(Type::String))),
            ("partly", Value::tuple([later(Type::Any), Value::from(1_i64)])),
        ];
        Self { values: values.into(), files: Files::new(folder) }
    }

    /// Returns the same scope without marks.
    pub fn without_marks(&self) -> Self {
        let values = self.values.iter().map(|(name, value)| (*name, value.without_marks()));
        Self { values: values.collect(), files: self.files.clone() }
    }
}

impl Scope for World {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        let name = &reference.root;
        match self.values.get(&*name.value) {
            Some(value) => Ok(Resolved::one(value.clone(), 0)),
            None => Err(Box::new(
                Diagnostic::error("unknown-name", "there is no such name").at(name.span, "here"),
            )),
        }
    }

    fn functions(&self) -> Context<'_> {
        Context::new(&self.files, *CLOCK)
    }

    fn is_console(&self) -> bool {
        true
    }
}
