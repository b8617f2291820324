//! Builds sets: distinct values in a canonical order.

use std::cmp::Ordering;
use std::fmt::Write;
use std::sync::Arc;

use super::{Data, Marks, Number, Type, Value};

impl Value {
    /// Returns a set of `element` with these values, which must be of that type.
    ///
    /// Equal values are merged. Strings (bytewise), numbers and bools are ordered by value, all others by a
    /// text of their content, with null and unknown values at the end. Marks inside move to the set, since an
    /// element has no place of its own. An unknown value equals no other one.
    #[must_use]
    pub fn set(element: Type, values: impl IntoIterator<Item = Self>) -> Self {
        let mut marks = Marks::NONE;
        let mut values: Vec<_> = values
            .into_iter()
            .map(|value| {
                let own = value.deep_marks();
                marks.add(&own);
                if own.is_empty() { value } else { value.without_marks() }
            })
            .collect();
        if values
            .iter()
            .all(|value| matches!(value.data(), Data::String(_) | Data::Number(_) | Data::Bool(_)))
        {
            values.sort_by(compare_primitives);
        } else {
            values.sort_by_cached_key(|value| (rank(value), value.spelling()));
        }
        values.dedup_by(|b, a| a == b && a.is_wholly_known());
        Self::new(Data::Set(element, Arc::new(values))).with_only_marks(marks)
    }
}

fn compare_primitives(a: &Value, b: &Value) -> Ordering {
    match (a.data(), b.data()) {
        (Data::String(a), Data::String(b)) => a.cmp(b),
        (Data::Number(a), Data::Number(b)) => a.cmp(b),
        (Data::Bool(a), Data::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

/// Ranks values: known ones, then null, then unknown ones.
fn rank(value: &Value) -> u8 {
    match value.data() {
        Data::Unknown(_) => 2,
        Data::Null(_) => 1,
        _ => 0,
    }
}

impl Value {
    /// Returns the content as text: the same for equal values of one type, different for others, and without
    /// marks.
    pub(crate) fn spelling(&self) -> String {
        let mut text = String::new();
        spell(self, &mut text);
        text
    }
}

fn spell(value: &Value, text: &mut String) {
    let each = |values: &mut dyn Iterator<Item = &Value>, open: char, close: char, text: &mut String| {
        text.push(open);
        for value in values {
            spell(value, text);
            text.push(';');
        }
        text.push(close);
    };
    match value.data() {
        Data::Null(_) => text.push_str("null"),
        Data::Unknown(_) => text.push('?'),
        Data::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Data::Number(value) if *value == Number::ZERO => text.push('0'),
        Data::Number(value) => text.push_str(&value.to_string()),
        Data::String(value) => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{value:?}");
        }
        Data::List(_, all) | Data::Set(_, all) => each(&mut all.iter(), '[', ']', text),
        Data::Tuple(all) => each(&mut all.iter(), '<', '>', text),
        Data::Object(all) => each(&mut all.values(), '<', '>', text),
        Data::Map(_, all) => {
            text.push('{');
            for (key, value) in all.iter() {
                let _ = write!(text, "{key:?}:");
                spell(value, text);
                text.push(';');
            }
            text.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Origins;

    fn ordered(json: &str) -> String {
        let values = Value::parse_json(json).unwrap();
        Value::set(Type::Any, values.children().cloned()).to_json_text().unwrap()
    }

    #[test]
    fn equal_elements_are_one_and_the_order_is_fixed() {
        let cases = [
            ("[10, 9, -1, 9.0, -0, 0]", "[-1,-0,9,10]"),
            (r#"["b", "B", "é", "e\u0301", ""]"#, r#"["","B","b","é"]"#),
            ("[true, false, true]", "[false,true]"),
            (r#"["b", null, "a", null]"#, r#"["a","b",null]"#),
            (r#"[{"a": 2}, {"a": 1}, {"a": 2}]"#, r#"[{"a":1},{"a":2}]"#),
        ];
        for (json, set) in cases {
            assert_eq!(ordered(json), set);
        }
    }

    #[test]
    fn what_is_not_known_equals_nothing() {
        let unknown = || Value::unknown(Type::String, Origins::of("step.a"));
        let set = Value::set(Type::String, [unknown(), Value::from("a"), unknown()]);
        assert_eq!((set.children().count(), set.length()), (3, None));
        assert_eq!(set.children().next(), Some(&Value::from("a")));
    }
}
