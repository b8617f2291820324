//! Provides the arguments of a call to the body of a function.

use std::sync::Arc;

use super::failure::Failure;
use super::{Clock, Context};
use crate::value::{Data, Entries, Number, Origins, Type, Value};

/// The arguments of one call, checked against the declared parameters.
///
/// The accessors panic if the declaration has no such argument, which no input can cause.
pub(super) struct Arguments<'a> {
    pub(super) values: &'a [Value],
    pub(super) context: &'a Context<'a>,
    /// True if any argument is marked, at any depth.
    pub(super) marked: bool,
}

impl<'a> Arguments<'a> {
    pub(super) fn all(&self) -> &'a [Value] {
        self.values
    }

    pub(super) fn from(&self, index: usize) -> &'a [Value] {
        self.values.get(index..).unwrap_or_default()
    }

    pub(super) fn value(&self, index: usize) -> &'a Value {
        &self.values[index]
    }

    pub(super) fn text(&self, index: usize) -> &'a str {
        text(self.value(index))
    }

    pub(super) fn number(&self, index: usize) -> &'a Number {
        number(self.value(index))
    }

    pub(super) fn f64(&self, index: usize) -> f64 {
        self.number(index).to_f64()
    }

    /// Returns the result of `make` in a run, and unknown in a plan, since the result differs each time.
    pub(super) fn in_a_run(
        &self,
        function: &str,
        make: impl FnOnce() -> Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        match self.context.clock {
            Clock::Plan(_) | Clock::Review(_) => {
                Ok(Value::unknown(Type::String, Origins::of(format!("{function}()"))).not_null())
            }
            Clock::Run(_) => make(),
        }
    }

    /// Fails if a result of `bytes` exceeds the limit; none is an overflowed size.
    ///
    /// A function whose result may be longer than all its arguments calls this before it makes the result.
    pub(super) fn make_room(&self, bytes: Option<usize>) -> Result<(), Failure> {
        let fits = bytes.is_some_and(|bytes| bytes <= self.context.room);
        if fits { Ok(()) } else { Err(Failure::TooLong) }
    }

    /// Returns an integer.
    pub(super) fn integer(&self, index: usize) -> Result<i64, Failure> {
        self.number(index).to_i64().ok_or_else(|| {
            let reason = format!("value must be a whole number, between {} and {}", i64::MIN, i64::MAX);
            Failure::argument(index, reason)
        })
    }

    /// Returns the elements of a list, set or tuple.
    pub(super) fn elements(&self, index: usize) -> &'a Arc<Vec<Value>> {
        elements(self.value(index)).expect("declared as a list or set")
    }

    /// Returns the entries of a map or object.
    pub(super) fn entries(&self, index: usize) -> &'a Arc<Entries> {
        entries(self.value(index)).expect("declared as a map")
    }
}

/// Returns the string of a value that was converted to one.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().expect("converted to text")
}

/// Returns the number of a value that was converted to one.
pub(super) fn number(value: &Value) -> &Number {
    let Data::Number(number) = value.data() else { unreachable!("converted to a number") };
    number
}

/// Returns true for a set with unknown elements, whose number and order are unknown too.
pub(super) fn is_open_set(value: &Value) -> bool {
    matches!(value.data(), Data::Set(..)) && !value.is_wholly_known()
}

/// Returns the elements of a list, set or tuple.
pub(super) fn elements(value: &Value) -> Option<&Arc<Vec<Value>>> {
    match value.data() {
        Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) => Some(all),
        _ => None,
    }
}

/// Returns the entries of a map or object.
pub(super) fn entries(value: &Value) -> Option<&Arc<Entries>> {
    match value.data() {
        Data::Map(_, all) | Data::Object(all) => Some(all),
        _ => None,
    }
}

/// Returns the element type of a list, set or map.
pub(super) fn element_type(value: &Value) -> Type {
    match value.ty() {
        Type::List(element) | Type::Set(element) | Type::Map(element) => (*element).clone(),
        _ => Type::Any,
    }
}
