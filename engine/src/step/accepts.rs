//! Describes the values that an argument accepts, and converts values to them.

use std::sync::Arc;

use crate::value::{ConvertError, Data, Entries, Marks, PathStep, Value, convert};

use super::argument_error::shown_path;
use super::{Field, Group, Word};

/// The values that an argument accepts, beyond their type; for a collection, those of each element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// All values of the type.
    All,
    /// One of these words.
    Words(&'static [Word]),
    /// The whole numbers from the first to the second.
    Range(i64, i64),
    /// Texts of a form, described in one sentence.
    Form(&'static str),
    /// Texts of a form that no number has: the sentence, and what to write in place of a number.
    Written(&'static str, &'static str),
    /// Nested blocks.
    Block(Block),
}

/// A nested block of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The arguments.
    pub fields: Vec<Field>,
    /// The rules about several arguments.
    pub groups: &'static [Group],
    /// True if there may be several such blocks.
    pub repeats: bool,
}

/// A part of an argument with a wrong type.
#[derive(Debug)]
pub struct WrongType {
    /// The path from the arguments to the part.
    pub path: Vec<PathStep>,
    /// The reason.
    pub error: ConvertError,
    /// True if the part is declared sensitive.
    pub sensitive: bool,
}

impl Field {
    /// Returns the nested block, if the argument is written as one.
    #[must_use]
    pub fn block(&self) -> Option<&Block> {
        match &self.accepts {
            Accepts::Block(block) => Some(block),
            _ => None,
        }
    }

    /// Returns true if the argument or a part of it is declared sensitive.
    #[must_use]
    pub fn has_sensitive_part(&self) -> bool {
        self.sensitive || self.block().is_some_and(|block| block.fields.iter().any(Self::has_sensitive_part))
    }

    /// Converts the value of this argument of the step at `address`, and marks the parts that are declared
    /// sensitive.
    pub fn convert(&self, value: &Value, address: &str) -> Result<Value, Vec<WrongType>> {
        let mut path = vec![PathStep::Attribute(self.name.into())];
        let mut found = Vec::new();
        let value = Converter { address, found: &mut found }.field(self, value, &mut path);
        if found.is_empty() { Ok(value) } else { Err(found) }
    }
}

struct Converter<'a> {
    address: &'a str,
    found: &'a mut Vec<WrongType>,
}

impl Converter<'_> {
    fn field(&mut self, field: &Field, value: &Value, path: &mut Vec<PathStep>) -> Value {
        let earlier = self.found.len();
        let converted = match field.block() {
            Some(block) if block.repeats => self.blocks(block, value, path),
            Some(block) => self.only_block(block, value, path),
            None => match (&field.accepts, value.data()) {
                // A number would become a text with digits of another meaning.
                (Accepts::Written(_, instead), Data::Number(_)) => {
                    self.wrong(ConvertError::new(*instead), path)
                }
                _ => convert(value, &field.ty).unwrap_or_else(|error| self.wrong(error, path)),
            },
        };
        if !field.sensitive {
            return converted;
        }
        self.found.iter_mut().skip(earlier).for_each(|wrong| wrong.sensitive = true);
        converted.with_marks(&self.sensitive(path))
    }

    /// Converts the value of a block that may be repeated.
    fn blocks(&mut self, block: &Block, value: &Value, path: &mut Vec<PathStep>) -> Value {
        let (Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements)) = value.data() else {
            return self.block(block, value, path);
        };
        let element = |(at, element)| {
            path.push(PathStep::Index(at));
            let element = self.block(block, element, path);
            path.pop();
            element
        };
        Value::tuple(elements.iter().enumerate().map(element).collect::<Vec<_>>()).with_marks(value.marks())
    }

    /// Converts the value of a block that may not be repeated: an object, or the blocks that `dynamic` generates.
    fn only_block(&mut self, block: &Block, value: &Value, path: &mut Vec<PathStep>) -> Value {
        match value.data() {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                match elements.as_slice() {
                    [] => Value::NULL,
                    [one] => self.block(block, one, path).with_marks(value.marks()),
                    _ => self.wrong(ConvertError::new("only one such block may be given"), path),
                }
            }
            _ => self.block(block, value, path),
        }
    }

    fn block(&mut self, block: &Block, value: &Value, path: &mut Vec<PathStep>) -> Value {
        let given = match value.data() {
            Data::Object(entries) | Data::Map(_, entries) => entries,
            Data::Null(_) => return value.clone(),
            // Once the value is known, these parts of it are sensitive.
            Data::Unknown(_) => return value.clone().with_marks(&self.sensitive_within(block, path)),
            _ => return self.wrong(ConvertError::new("a block is required"), path),
        };
        let mut entries = Entries::new();
        for field in &block.fields {
            let Some(value) = given.get(field.name) else { continue };
            path.push(PathStep::Attribute(field.name.into()));
            let converted = self.field(field, value, path);
            path.pop();
            if !converted.is_null() {
                entries.insert(field.name.into(), converted);
            }
        }
        Value::new(Data::Object(Arc::new(entries))).with_marks(value.marks())
    }

    /// Records an error; the result stands for the value.
    fn wrong(&mut self, error: ConvertError, path: &[PathStep]) -> Value {
        self.found.push(WrongType { path: path.to_vec(), error, sensitive: false });
        Value::NULL
    }

    fn sensitive(&self, path: &[PathStep]) -> Marks {
        Marks::sensitive(format!("{}.{}", self.address, shown_path(path, true)))
    }

    fn sensitive_within(&self, block: &Block, path: &mut Vec<PathStep>) -> Marks {
        let mut marks = Marks::NONE;
        for field in &block.fields {
            path.push(PathStep::Attribute(field.name.into()));
            if field.sensitive {
                marks.add(&self.sensitive(path));
            } else if let Some(inner) = field.block() {
                marks.add(&self.sensitive_within(inner, path));
            }
            path.pop();
        }
        marks
    }
}
