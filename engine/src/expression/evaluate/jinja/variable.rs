//! Provides values to a Jinja template.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::value::{Data, Entries, Marks, Number, Origins, Value};

/// The accesses of a template: the marks, and the origins if some value is unknown.
#[derive(Clone, Default)]
pub(super) struct Touched(Arc<Mutex<(Marks, Option<Origins>)>>);

impl Touched {
    /// Returns the marks and the origins.
    pub fn take(&self) -> (Marks, Option<Origins>) {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns true if a marked value was read.
    pub fn is_marked(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).0.is_empty()
    }

    /// Records something else that is not known yet.
    pub fn wait_for(&self, origins: &Origins) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.1.get_or_insert_default().add(origins);
    }

    fn note(&self, value: &Value) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.0.add(value.marks());
        let is_open_set = matches!(value.data(), Data::Set(..)) && !value.is_wholly_known();
        if value.is_unknown() || is_open_set {
            seen.1.get_or_insert_default().add(&value.origins());
        }
    }
}

/// A list or a map; access to its elements is recorded.
pub(super) struct Variable {
    value: Value,
    touched: Touched,
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a value)")
    }
}

impl Variable {
    /// Returns the global names of a template.
    pub fn root(variables: &Entries, touched: &Touched) -> minijinja::Value {
        let value = Value::new(Data::Object(Arc::new(variables.clone())));
        minijinja::Value::from_object(Self { value, touched: touched.clone() })
    }

    /// Records access to a value, and converts it.
    fn seen(&self, value: &Value) -> minijinja::Value {
        self.touched.note(value);
        match value.data() {
            Data::Null(_) => minijinja::Value::from(()),
            // The text will be unknown in any case.
            Data::Unknown(_) => minijinja::Value::from(""),
            Data::Bool(value) => minijinja::Value::from(*value),
            Data::Number(number) => self::number(number),
            Data::String(text) => minijinja::Value::from(Arc::clone(text)),
            Data::List(..) | Data::Set(..) | Data::Tuple(_) | Data::Map(..) | Data::Object(_) => {
                minijinja::Value::from_object(Self { value: value.clone(), touched: self.touched.clone() })
            }
        }
    }

    fn entries(&self) -> Option<&Entries> {
        match self.value.data() {
            Data::Map(_, entries) | Data::Object(entries) => Some(entries),
            _ => None,
        }
    }

    fn elements(&self) -> &[Value] {
        match self.value.data() {
            Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) => all,
            _ => &[],
        }
    }
}

/// Converts a number: integers up to 128 bits stay exact; others become floating point, which is all that
/// Jinja has.
fn number(number: &Number) -> minijinja::Value {
    match number.to_i64() {
        Some(whole) => minijinja::Value::from(whole),
        None => match number.to_string().parse::<i128>() {
            Ok(whole) => minijinja::Value::from(whole),
            Err(_) => minijinja::Value::from(number.to_f64()),
        },
    }
}

impl Object for Variable {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.entries().is_some() { ObjectRepr::Map } else { ObjectRepr::Seq }
    }

    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        let value = match self.entries() {
            Some(entries) => entries.get(key.as_str()?)?,
            None => self.elements().get(key.as_usize()?)?,
        };
        Some(self.seen(value))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.entries() {
            Some(entries) => {
                let names: Vec<_> =
                    entries.keys().map(|name| minijinja::Value::from(Arc::clone(name))).collect();
                Enumerator::Values(names)
            }
            None => Enumerator::Seq(self.elements().len()),
        }
    }
}
