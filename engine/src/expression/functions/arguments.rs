//! What a body gets.

use std::sync::Arc;

use super::call::Failure;
use super::{Clock, Context};
use crate::value::{Data, Entries, Number, Origins, Type, Value};

/// The arguments of one call, as the parameters declare them.
///
/// The accessors panic when the declaration does not say that there is such an argument; no input can do that.
pub(super) struct Arguments<'a> {
    pub(super) values: &'a [Value],
    pub(super) context: &'a Context<'a>,
    /// Whether any of them is marked, or anything in them.
    pub(super) marked: bool,
}

impl<'a> Arguments<'a> {
    pub(super) fn all(&self) -> &'a [Value] {
        self.values
    }

    /// The arguments from `index` on.
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

    /// What `make` gives in a run; unknown in a plan, since it is something else each time.
    pub(super) fn in_a_run(
        &self,
        function: &str,
        make: impl FnOnce() -> Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        match self.context.clock {
            Clock::Plan(_) => {
                Ok(Value::unknown(Type::String, Origins::of(format!("{function}()"))).not_null())
            }
            Clock::Run(_) => make(),
        }
    }

    /// Fails when a result of `bytes` is longer than there is room for; none is more than can be counted.
    ///
    /// A function whose result may be longer than all its arguments asks before it makes the result.
    pub(super) fn make_room(&self, bytes: Option<usize>) -> Result<(), Failure> {
        let fits = bytes.is_some_and(|bytes| bytes <= self.context.room);
        if fits { Ok(()) } else { Err(Failure::TooLong) }
    }

    /// A whole number.
    pub(super) fn integer(&self, index: usize) -> Result<i64, Failure> {
        self.number(index).to_i64().ok_or_else(|| {
            let reason = format!("value must be a whole number, between {} and {}", i64::MIN, i64::MAX);
            Failure::argument(index, reason)
        })
    }

    /// The elements of a list, set or tuple.
    pub(super) fn elements(&self, index: usize) -> &'a Arc<Vec<Value>> {
        elements(self.value(index)).expect("declared as a list or set")
    }

    /// The entries of a map or object.
    pub(super) fn entries(&self, index: usize) -> &'a Arc<Entries> {
        entries(self.value(index)).expect("declared as a map")
    }
}

/// The text of a value that was converted to text.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().expect("converted to text")
}

/// The number of a value that was converted to a number.
pub(super) fn number(value: &Value) -> &Number {
    let Data::Number(number) = value.data() else { unreachable!("converted to a number") };
    number
}

/// Whether it is a set of which it is not known what its elements are, how many, and in which order.
pub(super) fn is_open_set(value: &Value) -> bool {
    matches!(value.data(), Data::Set(..)) && !value.is_wholly_known()
}

/// The elements of a list, set or tuple.
pub(super) fn elements(value: &Value) -> Option<&Arc<Vec<Value>>> {
    match value.data() {
        Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) => Some(all),
        _ => None,
    }
}

/// The entries of a map or object.
pub(super) fn entries(value: &Value) -> Option<&Arc<Entries>> {
    match value.data() {
        Data::Map(_, all) | Data::Object(all) => Some(all),
        _ => None,
    }
}

/// The type of the elements of a list, set or map.
pub(super) fn element_type(value: &Value) -> Type {
    match value.ty() {
        Type::List(element) | Type::Set(element) | Type::Map(element) => (*element).clone(),
        _ => Type::Any,
    }
}
