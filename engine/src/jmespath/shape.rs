//! Finds the names in a query that a value of a known type does not have.

use std::sync::Arc;

use super::node::{Call, Node};
use super::query::Query;
use crate::value::Type;

/// A name that no value of the type has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMember {
    /// The name.
    pub name: Arc<str>,
    /// The names that there are; none if the value is a text, a number or a bool.
    pub known: Vec<Arc<str>>,
}

impl Query {
    /// Returns the names that the query asks of an object and that values of type `of` do not have, in the order of the
    /// query. Nothing is said about parts whose attributes the type does not tell.
    #[must_use]
    pub fn unknown_members(&self, of: &Type) -> Vec<UnknownMember> {
        let mut reader = Reader { found: Vec::new() };
        let _ = reader.result(&self.root, of);
        reader.found
    }
}

struct Reader {
    found: Vec<UnknownMember>,
}

impl Reader {
    /// Returns the type of the result for a value of type `of`; `Any` if it is not known.
    fn result(&mut self, node: &Node, of: &Type) -> Type {
        match node {
            Node::Current => of.clone(),
            Node::Field(name) => self.member(name, of),
            Node::Index(_) => element(of),
            Node::Slice(_) => list_of(element(of)),
            Node::Chain(first, then) => {
                let first = self.result(first, of);
                self.result(then, &first)
            }
            Node::Project(source, then) => {
                let source = self.result(source, of);
                list_of(self.result(then, &element(&source)))
            }
            Node::Filter { source, predicate, then } => {
                let element = element(&self.result(source, of));
                let _ = self.result(predicate, &element);
                list_of(self.result(then, &element))
            }
            Node::Flatten(source) => {
                let source = self.result(source, of);
                match &source {
                    Type::List(inner) if matches!(**inner, Type::List(_)) => Type::clone(inner),
                    _ => source,
                }
            }
            Node::Values(source) => match self.result(source, of) {
                Type::Map(inner) => list_of(Type::clone(&inner)),
                _ => Type::Any,
            },
            Node::List(all) => {
                for one in all {
                    let _ = self.result(one, of);
                }
                Type::Any
            }
            Node::Hash(entries) => {
                let entries: Vec<(Arc<str>, Type)> =
                    entries.iter().map(|(name, one)| (name.clone(), self.result(one, of))).collect();
                Type::Object(Arc::new(entries.into_iter().collect()))
            }
            Node::Compare(_, one, other) | Node::And(one, other) => {
                let _ = (self.result(one, of), self.result(other, of));
                Type::Any
            }
            // The author provides for what is missing.
            Node::Or(..) | Node::Let(..) | Node::Literal(_) | Node::Variable(_) => Type::Any,
            Node::Not(one) => {
                let _ = self.result(one, of);
                Type::Any
            }
            Node::Call(call) => self.call(call, of),
        }
    }

    fn member(&mut self, name: &Arc<str>, of: &Type) -> Type {
        match of {
            Type::Object(attributes) => attributes.get(name).cloned().unwrap_or_else(|| {
                let known = attributes.keys().cloned().collect();
                self.found.push(UnknownMember { name: name.clone(), known });
                Type::Any
            }),
            Type::Map(inner) => Type::clone(inner),
            Type::String | Type::Number | Type::Bool => {
                self.found.push(UnknownMember { name: name.clone(), known: Vec::new() });
                Type::Any
            }
            _ => Type::Any,
        }
    }

    fn call(&mut self, call: &Call, of: &Type) -> Type {
        // `not_null` is there for what may be missing.
        if call.function.name == "not_null" {
            return Type::Any;
        }
        let arguments: Vec<Type> = call.arguments.iter().map(|one| self.result(one, of)).collect();
        let first = arguments.into_iter().next().unwrap_or(Type::Any);
        if let Some(each) = &call.expression {
            let _ = self.result(each, &element(&first));
        }
        let keeps = ["sort_by", "sort", "reverse"].contains(&call.function.name);
        if keeps { first } else { Type::Any }
    }
}

fn list_of(element: Type) -> Type {
    if element == Type::Any { Type::Any } else { Type::list(element) }
}

/// Returns the type of the elements of a list.
fn element(of: &Type) -> Type {
    match of {
        Type::List(inner) | Type::Set(inner) => Type::clone(inner),
        _ => Type::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_the_type_tells_them() {
        let item =
            Type::object([("name", Type::String), ("tags", Type::map(Type::String)), ("body", Type::Any)]);
        let of = Type::object([("items", Type::list(item)), ("size", Type::Number)]);
        for (query, expected) in [
            ("items[].name | [0]", vec![]),
            ("items[].nmae | [0]", vec!["nmae"]),
            ("itms[].nmae", vec!["itms"]),
            ("items[?state=='x'].name", vec!["state"]),
            ("items[*].{n: nam, t: tags.any.thing, b: body.a.b}", vec!["nam", "thing"]),
            ("items[0].tags.anything", vec![]),
            ("items[0].body.anything[].else", vec![]),
            ("sort_by(items, &nme)[].nam", vec!["nme", "nam"]),
            ("length(itmes)", vec!["itmes"]),
            ("missing || size", vec![]),
            ("not_null(missing, size)", vec![]),
            ("items[].{a: name} | [].b", vec!["b"]),
            ("[size, sizes]", vec!["sizes"]),
            ("items[].name.first", vec!["first"]),
        ] {
            let found = Query::parse(query).expect(query).unknown_members(&of);
            let names: Vec<&str> = found.iter().map(|one| &*one.name).collect();
            assert_eq!(names, expected, "{query}");
        }
        assert!(Query::parse("a.b[].c").expect("a query").unknown_members(&Type::Any).is_empty());
    }
}
