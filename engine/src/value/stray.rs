//! Attributes that a value has and its type does not: converting drops them.

use std::collections::HashMap;
use std::sync::Arc;

use super::convert::PathStep;
use super::{Data, ObjectType, Type, Value};
use crate::diagnostic::closest;

/// The limit of reported attributes.
const MOST: usize = 50;

/// An attribute that an object has and its type does not.
///
/// Its name may come from outside the runbook, so nothing here shows it.
#[derive(Clone, Debug)]
pub struct Stray {
    /// The steps from the whole value to the object, the outermost first.
    path: Vec<PathStep>,
    name: Arc<str>,
    /// The attributes of the type.
    known: Vec<Arc<str>>,
    /// The attribute of the type that the object lacks and whose name is nearest.
    meant: Option<Arc<str>>,
    /// The number of further objects of the same collections with the same attribute.
    more: usize,
}

impl Stray {
    /// The place of the object in the value, such as `.rules[1]`; empty for the value itself. No key of a map is shown.
    #[must_use]
    pub fn place(&self) -> String {
        self.path.iter().map(PathStep::discreet).collect()
    }

    /// The names that the type has there.
    #[must_use]
    pub fn known(&self) -> &[Arc<str>] {
        &self.known
    }

    /// Returns the attribute that was probably meant.
    #[must_use]
    pub fn meant(&self) -> Option<&str> {
        self.meant.as_deref()
    }

    /// The number of further objects of the same collections with the same attribute.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }

    /// The steps from the whole value to the attribute, the attribute included.
    pub fn steps(&self) -> impl Iterator<Item = PathStep> + '_ {
        self.path.iter().cloned().chain([PathStep::Attribute(Arc::clone(&self.name))])
    }
}

/// Finds the attributes that the conversion of `value` to `ty` drops; of equal names in a collection, only the first.
#[must_use]
pub fn strays(value: &Value, ty: &Type) -> Vec<Stray> {
    let mut search = Search::default();
    if has_objects(ty) {
        search.value(value, ty);
    }
    search.found
}

/// Returns true if conversion to the type can drop attributes.
fn has_objects(ty: &Type) -> bool {
    match ty {
        Type::Object(_) => true,
        Type::List(element) | Type::Set(element) | Type::Map(element) => has_objects(element),
        Type::Tuple(elements) => elements.iter().any(has_objects),
        Type::Any | Type::Bool | Type::Number | Type::String => false,
    }
}

#[derive(Default)]
struct Search {
    path: Vec<PathStep>,
    found: Vec<Stray>,
    /// The place among those found, by the name and the path without what differs between elements.
    places: HashMap<(String, Arc<str>), usize>,
}

impl Search {
    fn inside(&mut self, step: PathStep, look: impl FnOnce(&mut Self)) {
        self.path.push(step);
        look(self);
        self.path.pop();
    }

    fn value(&mut self, value: &Value, ty: &Type) {
        match (value.data(), ty) {
            (Data::Unknown(unknown), _) => self.ty(&unknown.ty, ty),
            (
                Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all),
                Type::List(element) | Type::Set(element),
            ) => {
                for (at, value) in all.iter().enumerate() {
                    self.inside(PathStep::Index(at), |search| search.value(value, element));
                }
            }
            (Data::Tuple(all), Type::Tuple(types)) => {
                for (at, (value, ty)) in all.iter().zip(types.iter()).enumerate() {
                    self.inside(PathStep::Index(at), |search| search.value(value, ty));
                }
            }
            (Data::Map(_, entries) | Data::Object(entries), Type::Map(element)) => {
                for (key, value) in entries.iter() {
                    self.inside(PathStep::Key(Arc::clone(key)), |search| search.value(value, element));
                }
            }
            (Data::Map(_, entries) | Data::Object(entries), Type::Object(types)) => {
                self.object(types, entries.keys(), |name| entries.get(name).is_some());
                for (name, ty) in types.iter() {
                    let Some(value) = entries.get(name) else { continue };
                    self.inside(PathStep::Attribute(Arc::clone(name)), |search| search.value(value, ty));
                }
            }
            _ => {}
        }
    }

    /// Searches a value of which only the type is known.
    fn ty(&mut self, from: &Type, to: &Type) {
        match (from, to) {
            (Type::Tuple(from), Type::Tuple(to)) => {
                for (at, (from, to)) in from.iter().zip(to.iter()).enumerate() {
                    self.inside(PathStep::Index(at), |search| search.ty(from, to));
                }
            }
            (Type::Tuple(from), Type::List(to) | Type::Set(to)) => {
                for (at, from) in from.iter().enumerate() {
                    self.inside(PathStep::Index(at), |search| search.ty(from, to));
                }
            }
            (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to)) => {
                self.inside(PathStep::Index(0), |search| search.ty(from, to));
            }
            (Type::Map(from), Type::Map(to)) => {
                self.inside(PathStep::Key("".into()), |search| search.ty(from, to));
            }
            (Type::Object(from), Type::Map(to)) => {
                for (key, from) in from.iter() {
                    self.inside(PathStep::Key(Arc::clone(key)), |search| search.ty(from, to));
                }
            }
            (Type::Object(from), Type::Object(to)) => {
                self.object(to, from.keys(), |name| from.contains_key(name));
                for (name, to) in to.iter() {
                    let Some(from) = from.get(name) else { continue };
                    self.inside(PathStep::Attribute(Arc::clone(name)), |search| search.ty(from, to));
                }
            }
            _ => {}
        }
    }

    fn object<'a>(
        &mut self,
        types: &ObjectType,
        given: impl Iterator<Item = &'a Arc<str>>,
        is_given: impl Fn(&str) -> bool,
    ) {
        for name in given.filter(|name| !types.contains_key(*name)) {
            if let Some(at) = self.places.get(&(self.group(), Arc::clone(name))) {
                self.found[*at].more += 1;
                continue;
            }
            if self.found.len() == MOST {
                return;
            }
            self.places.insert((self.group(), Arc::clone(name)), self.found.len());
            let lacking = types.keys().map(AsRef::as_ref).filter(|name| !is_given(name));
            self.found.push(Stray {
                path: self.path.clone(),
                name: Arc::clone(name),
                known: types.keys().cloned().collect(),
                meant: closest(name, lacking).map(Arc::from),
                more: 0,
            });
        }
    }

    /// The path, the same for every element of a collection.
    fn group(&self) -> String {
        let step = |step: &PathStep| match step {
            PathStep::Attribute(name) => format!(".{name}"),
            PathStep::Key(_) | PathStep::Index(_) => "[]".to_owned(),
        };
        self.path.iter().map(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Origins;
    use super::*;

    /// `object({ mode, size, rules = list(object({ name })), by = map(object({ a })), pair = tuple([object({ b })]) })`
    fn ty() -> Type {
        let object = |name: &'static str| Type::object([(name, Type::String)]);
        Type::object([
            ("mode", Type::String),
            ("size", Type::Number),
            ("rules", Type::list(object("name"))),
            ("by", Type::map(object("a"))),
            ("pair", Type::tuple([object("b")])),
            ("free", Type::Any),
        ])
    }

    /// The place, the attribute that was meant, and how many more there are.
    type Found = (&'static str, Option<&'static str>, usize);

    const CASES: [(&str, &[Found]); 13] = [
        (r#"{"mode": "x", "size": 1}"#, &[]),
        (r#"{"moed": "x"}"#, &[("", Some("mode"), 0)]),
        (r#"{"moed": "x", "mode": "y"}"#, &[("", None, 0)]),
        (r#"{"moed": "x", "siez": 1}"#, &[("", Some("mode"), 0), ("", Some("size"), 0)]),
        (r#"{"other": "x"}"#, &[("", None, 0)]),
        (r#"{"rules": [{"name": "a"}, {"nmae": "b"}]}"#, &[(".rules[1]", Some("name"), 0)]),
        (
            r#"{"rules": [{"nmae": "a"}, {"nmae": "b"}, {"x": 1}]}"#,
            &[(".rules[0]", Some("name"), 1), (".rules[2]", None, 0)],
        ),
        (r#"{"by": {"k3y": {"b": 1}, "other": {"b": 1}}}"#, &[(".by[…]", None, 1)]),
        (r#"{"pair": [{"b": 1, "c": 2}]}"#, &[(".pair[0]", None, 0)]),
        (r#"{"free": {"anything": 1}}"#, &[]),
        (r#"{"rules": null, "by": {}}"#, &[]),
        (r#"["mode"]"#, &[]),
        ("null", &[]),
    ];

    fn seen(found: &[Stray]) -> Vec<(String, Option<&str>, usize)> {
        found.iter().map(|stray| (stray.place(), stray.meant(), stray.more())).collect()
    }

    #[test]
    fn what_converting_drops_is_found_in_values_and_in_types() {
        for (text, expected) in CASES {
            let value = Value::parse_json(text).unwrap();
            let expected: Vec<_> =
                expected.iter().map(|(place, meant, more)| ((*place).to_owned(), *meant, *more)).collect();
            assert_eq!(seen(&strays(&value, &ty())), expected, "{text}");
            let unknown = Value::unknown(value.ty(), Origins::of("step.a"));
            assert_eq!(seen(&strays(&unknown, &ty())), expected, "{text}, unknown");
        }
    }

    #[test]
    fn collections_are_looked_through_as_values_and_as_types() {
        let element = Value::parse_json(r#"{"nmae": "a"}"#).unwrap();
        let rules = Type::list(element.ty());
        for list in
            [Value::list(element.ty(), [element.clone()]), Value::set(element.ty(), [element.clone()])]
        {
            let value = Value::object([("rules", list)]);
            assert_eq!(seen(&strays(&value, &ty())), [(".rules[0]".to_owned(), Some("name"), 0)]);
        }
        let unknown = Value::unknown(Type::object([("rules", rules)]), Origins::of("step.a"));
        assert_eq!(seen(&strays(&unknown, &ty())), [(".rules[0]".to_owned(), Some("name"), 0)]);
    }
}
