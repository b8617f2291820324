//! Defines the items of a graph.

use std::fmt;
use std::sync::Arc;

use crate::runbook::Runbook;
use crate::source::{SourceFile, Sources};
use crate::syntax::{ExpressionKind, parse_expression};
use crate::value::{Data, Value, quote};

/// An item of a runbook that is evaluated, checked or executed; the numbers are indexes into the runbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// The value of a variable.
    Variable(usize),
    /// The rules of a variable.
    Rules(usize),
    /// A local value.
    Local(usize),
    /// An identity.
    Identity(usize),
    /// The number of instances of a block; the instances wait for it.
    Open(Repeated),
    /// A step.
    Step(usize),
    /// The end of a block: all its instances, with everything in them.
    Close(Repeated),
    /// All outputs of all instances of the module with that index.
    Outputs(usize),
    /// A check.
    Check(usize),
    /// An output.
    Output(usize),
}

/// A block that may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeated {
    /// The step with that index.
    Step(usize),
    /// The module with that index.
    Module(usize),
}

/// An instance of a block.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Instance {
    /// The only instance of a block without `count` and `for_each`.
    Only,
    /// The instance with that index.
    Index(usize),
    /// The instance with that key.
    Key(Arc<str>),
    /// The placeholder for instances that are known only while running.
    Each,
}

impl Instance {
    /// Returns the instance that an index value names; none if it cannot name one.
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
    /// Splits the address of an instance into the address of its block and the instance.
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
    /// Writes the suffix of the block's address: nothing, `[0]`, `["key"]`, or `[*]` for the placeholder.
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
    /// Returns true if no dependent can run without it: it opens a block, validates a value, or is an identity.
    #[must_use]
    pub fn is_vital(self) -> bool {
        matches!(self, Self::Open(_) | Self::Rules(_) | Self::Identity(_))
    }

    /// Returns the address in its runbook.
    #[must_use]
    pub fn address(self, runbook: &Runbook) -> String {
        match self {
            Self::Variable(index) | Self::Rules(index) => {
                format!("var.{}", runbook.variables[index].name.value)
            }
            Self::Identity(index) => runbook.identities[index].address.to_string(),
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
