//! What a graph is made of.

use std::fmt;
use std::sync::Arc;

use crate::runbook::Runbook;
use crate::source::{SourceFile, Sources};
use crate::syntax::{ExpressionKind, parse_expression};
use crate::value::{Data, Value, quote};

/// One part of a runbook that is computed, checked or done; the numbers are indexes into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// The value of a variable.
    Variable(usize),
    /// The rules of a variable.
    Rules(usize),
    /// A local value.
    Local(usize),
    /// How often there is a block; its instances wait for it.
    Open(Repeated),
    /// A step.
    Step(usize),
    /// All instances of a block, with everything in them.
    Close(Repeated),
    /// All outputs of all instances of the module with that index.
    Outputs(usize),
    /// A check.
    Check(usize),
    /// An output.
    Output(usize),
}

/// A block that there may be many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeated {
    /// The step with that index.
    Step(usize),
    /// The module with that index.
    Module(usize),
}

/// Which one of a block's instances.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Instance {
    /// The only one: the block has no `count` and no `for_each`.
    Only,
    /// The one with that number.
    Index(usize),
    /// The one with that key.
    Key(Arc<str>),
    /// Each of those that will be known only while running.
    Each,
}

impl Instance {
    /// The instance that an index expression means, when it can mean one.
    #[must_use]
    pub fn of(key: &Value) -> Option<Self> {
        match key.data() {
            Data::String(key) => Some(Self::Key(key.clone())),
            Data::Number(number) => number.to_usize().map(Self::Index),
            _ => None,
        }
    }
}

impl Instance {
    /// The address of a block and which instance of it, of the address of the instance.
    #[must_use]
    pub fn parse(address: &str) -> Option<(&str, Self)> {
        let Some(inner) = address.strip_suffix(']') else { return Some((address, Self::Only)) };
        let (block, key) = inner.split_once('[')?;
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("address", key.to_owned()));
        match parse_expression(&sources, file).ok()?.kind {
            ExpressionKind::Literal(key) => Some((block, Self::of(&key)?)),
            _ => None,
        }
    }
}

impl fmt::Display for Instance {
    /// Writes what follows the address of the block: nothing, `[0]`, `["key"]`, or `[*]` for each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => Ok(()),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) => write!(f, "[{}]", quote(key)),
            Self::Each => f.write_str("[*]"),
        }
    }
}

impl Item {
    /// Whether nothing that waits for it can do without it: a place to be in, or a value that must be allowed.
    #[must_use]
    pub fn is_vital(self) -> bool {
        matches!(self, Self::Open(_) | Self::Rules(_))
    }

    /// The name by which people know it in its runbook.
    #[must_use]
    pub fn address(self, runbook: &Runbook) -> String {
        match self {
            Self::Variable(index) | Self::Rules(index) => {
                format!("var.{}", runbook.variables[index].name.value)
            }
            Self::Local(index) => format!("local.{}", runbook.locals[index].name.value),
            Self::Step(index) | Self::Open(Repeated::Step(index)) | Self::Close(Repeated::Step(index)) => {
                runbook.steps[index].address.to_string()
            }
            Self::Open(Repeated::Module(index))
            | Self::Close(Repeated::Module(index))
            | Self::Outputs(index) => runbook.modules[index].address(),
            Self::Check(index) => format!("check.{}", runbook.checks[index].name.value),
            Self::Output(index) => format!("output.{}", runbook.outputs[index].name.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        for instance in [
            Instance::Only,
            Instance::Index(7),
            Instance::Key("a".into()),
            Instance::Key("x.y[\"0\"] ${z}\n".into()),
        ] {
            let address = format!("step.echo.a{instance}");
            assert_eq!(Instance::parse(&address), Some(("step.echo.a", instance)), "{address}");
        }
        assert_eq!(Instance::parse("step.echo.a[*]"), None);
    }
}
