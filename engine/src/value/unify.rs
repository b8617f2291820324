//! Finds the common type of several values.

use std::cmp::Ordering;
use std::sync::Arc;

use super::compatible::conversion;
use super::{ObjectType, Type};

/// Returns the type that values of all these types convert to, as for the arms of a conditional or the
/// elements of a list; none if there is none, or if `types` is empty.
///
/// A list and a tuple unify to a list, and a map and an object to a map; objects with different attributes
/// unify to a map, and tuples of different lengths to a list. A number or a bool unifies with a string to a
/// string. An unknown type is assumed to be that of the others, except inside structures, where the result is
/// `Any`.
#[must_use]
pub fn unify(types: &[Type]) -> Option<Type> {
    let (first, rest) = types.split_first()?;
    if rest.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let known: Vec<_> = types.iter().filter(|ty| **ty != Type::Any).collect();
    let has_any = known.len() < types.len();
    let unified = match Kinds::of(&known) {
        Kinds::One(_) if has_any => Some(Type::Any),
        Kinds::One(Kind::Map) => unify_elements(&known).map(Type::map),
        Kinds::One(Kind::List) => unify_elements(&known).map(Type::list),
        Kinds::One(Kind::Set) => unify_elements(&known).map(Type::set),
        Kinds::One(Kind::Object) => unify_objects(&known),
        Kinds::One(Kind::Tuple) => unify_tuples(&known),
        Kinds::MapsAndObjects => unify_elements(&known).map(Type::map).or_else(|| preferred(types)),
        Kinds::ListsAndTuples => unify_elements(&known).map(Type::list).or_else(|| preferred(types)),
        Kinds::Other => preferred(types),
    };
    // An element of unknown type can hide that the known ones have no common type.
    unified.filter(|both| known.iter().all(|ty| conversion(ty, both).is_some()))
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    List,
    Map,
    Object,
    Set,
    Tuple,
}

/// The kinds of structures among several types.
enum Kinds {
    One(Kind),
    MapsAndObjects,
    ListsAndTuples,
    Other,
}

impl Kinds {
    fn of(types: &[&Type]) -> Self {
        let mut kinds: Vec<Option<Kind>> = types.iter().map(|ty| kind(ty)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        match kinds[..] {
            [Some(kind)] => Self::One(kind),
            [Some(Kind::Map), Some(Kind::Object)] => Self::MapsAndObjects,
            [Some(Kind::List), Some(Kind::Tuple)] => Self::ListsAndTuples,
            _ => Self::Other,
        }
    }
}

fn kind(ty: &Type) -> Option<Kind> {
    match ty {
        Type::Any | Type::Bool | Type::Number | Type::String => None,
        Type::List(_) => Some(Kind::List),
        Type::Set(_) => Some(Kind::Set),
        Type::Map(_) => Some(Kind::Map),
        Type::Tuple(_) => Some(Kind::Tuple),
        Type::Object(_) => Some(Kind::Object),
    }
}

/// Returns the common type of all elements of these types.
fn unify_elements(types: &[&Type]) -> Option<Type> {
    let mut elements = Vec::new();
    for ty in types {
        match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => {
                elements.push((**element).clone());
            }
            Type::Tuple(all) => elements.extend(all.iter().cloned()),
            Type::Object(attributes) => elements.extend(attributes.values().cloned()),
            _ => return None,
        }
    }
    unify(&elements)
}

fn unify_objects(types: &[&Type]) -> Option<Type> {
    same_attributes(types).or_else(|| unify_elements(types).map(Type::map))
}

/// Returns the object type with unified attributes, if all types have the same names.
fn same_attributes(types: &[&Type]) -> Option<Type> {
    let objects: Vec<_> =
        types.iter().filter_map(|ty| if let Type::Object(all) = ty { Some(all) } else { None }).collect();
    let first = objects.first()?;
    if objects.iter().any(|object| !object.keys().eq(first.keys())) {
        return None;
    }
    let attribute = |name: &Arc<str>| {
        let types: Vec<_> = objects.iter().filter_map(|object| object.get(name).cloned()).collect();
        Some((Arc::clone(name), unify(&types)?))
    };
    first.keys().map(attribute).collect::<Option<ObjectType>>().map(|object| Type::Object(Arc::new(object)))
}

fn unify_tuples(types: &[&Type]) -> Option<Type> {
    same_lengths(types).or_else(|| unify_elements(types).map(Type::list))
}

/// Returns the tuple type with unified elements, if all types have the same length.
fn same_lengths(types: &[&Type]) -> Option<Type> {
    let tuples: Vec<_> =
        types.iter().filter_map(|ty| if let Type::Tuple(all) = ty { Some(all) } else { None }).collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|tuple| tuple.len() != length) {
        return None;
    }
    let element = |at: usize| unify(&tuples.iter().map(|tuple| tuple[at].clone()).collect::<Vec<_>>());
    (0..length).map(element).collect::<Option<_>>().map(Type::Tuple)
}

/// Returns the most preferred type among those that all of them convert to.
fn preferred(types: &[Type]) -> Option<Type> {
    let mut wanted: Vec<_> = types.iter().collect();
    wanted.sort_by(|a, b| preference(a, b));
    let want = wanted.into_iter().find(|want| types.iter().all(|ty| conversion(ty, want).is_some()))?;
    (*want != Type::Any).then(|| want.clone())
}

/// Compares two types by preference as a common type.
fn preference(a: &Type, b: &Type) -> Ordering {
    let rank = |ty: &Type| match ty {
        Type::String => 0,
        Type::Number | Type::Bool => 1,
        Type::Map(_) => 2,
        Type::Object(_) => 3,
        Type::List(_) => 4,
        Type::Tuple(_) => 5,
        Type::Set(_) => 6,
        Type::Any => 7,
    };
    rank(a).cmp(&rank(b)).then_with(|| match (a, b) {
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            preference(a, b)
        }
        _ => Ordering::Equal,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::arbitrary;
    use super::*;

    #[test]
    fn unifies_as_terraform() {
        use Type::{Any, Bool, Number, String};
        let object = |attributes: &[(&str, Type)]| Type::object(attributes.iter().cloned());
        let cases = [
            (Number, String, Some(String)),
            (Number, Bool, None),
            (Any, Number, Some(Number)),
            (Type::tuple([]), Type::tuple([Number]), Some(Type::list(Number))),
            (
                Type::tuple([Number, String]),
                Type::tuple([String, Number]),
                Some(Type::tuple([String, String])),
            ),
            (Type::tuple([Number, String]), Type::tuple([Bool]), Some(Type::list(String))),
            (Type::tuple([String]), Type::tuple([Type::tuple([String])]), None),
            (object(&[("a", Number)]), object(&[("a", String)]), Some(object(&[("a", String)]))),
            (object(&[("a", Number)]), object(&[("b", Number)]), Some(Type::map(Number))),
            (object(&[]), object(&[("a", Number)]), Some(Type::map(Number))),
            (object(&[("a", Any)]), object(&[("a", Number)]), Some(object(&[("a", Number)]))),
            (Type::tuple([Number]), object(&[("a", Number)]), None),
            (Type::list(String), Type::set(String), Some(Type::list(String))),
            (Type::set(String), Type::tuple([String]), Some(Type::set(String))),
            (Type::set(Any), Type::tuple([String]), Some(Type::set(Any))),
            (
                Type::tuple([Type::set(Any)]),
                Type::tuple([Type::tuple([Number])]),
                Some(Type::tuple([Type::set(Any)])),
            ),
            (Type::list(Number), Type::list(String), Some(Type::list(String))),
            (object(&[("a", String), ("b", Number)]), Type::map(Number), Some(Type::map(String))),
        ];
        for (a, b, both) in cases {
            assert_eq!(unify(&[a.clone(), b.clone()]), both, "{a} and {b}");
        }
    }

    proptest! {
        #[test]
        fn order_does_not_matter(a in arbitrary::ty(), b in arbitrary::ty()) {
            prop_assert_eq!(unify(&[a.clone(), b.clone()]), unify(&[b, a]));
        }

        #[test]
        fn a_type_unifies_with_itself(ty in arbitrary::ty()) {
            prop_assert_eq!(unify(&[ty.clone(), ty.clone()]), Some(ty));
        }

        #[test]
        fn both_convert_to_it(a in arbitrary::ty(), b in arbitrary::ty()) {
            if let Some(both) = unify(&[a.clone(), b.clone()]) {
                prop_assert!(conversion(&a, &both).is_some() && conversion(&b, &both).is_some());
            }
        }
    }
}
