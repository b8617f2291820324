//! Compiles the parser's tree to the evaluated one: resolves names, checks calls and parses literals.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jmespath::ast::{Ast, Comparator, KeyValuePair};
use unicode_normalization::UnicodeNormalization;

use super::QueryError;
use super::dialect::{Let, Parsed, bare_text, parse};
use super::edit::{Edit, edited};
use super::functions::{Function, form, meant};
use super::hints::{Hint, Hints};
use super::node::{Call, Node, Slice};
use super::token::token_at;
use crate::diagnostic::did_you_mean;
use crate::value::Value;

/// Compiles a query to a checked tree, with hints about suspicious parts.
pub(super) fn compile(text: &str) -> Result<(Node, Vec<Hint>), QueryError> {
    let (lets, objects) = (BTreeMap::new(), BTreeMap::new());
    let mut compiler = Compiler { text, lets, objects, scope: Vec::new(), hints: Hints::new(text) };
    let root = compiler.expression(0..text.len())?;
    Ok((root, compiler.hints.finish()))
}

struct Compiler<'a> {
    text: &'a str,
    /// The `let` expressions that appear in the tree as names, by their start.
    lets: BTreeMap<usize, Let>,
    /// The objects that appear in the tree as lists, by their start.
    objects: BTreeMap<usize, Range<usize>>,
    /// The bound variables, innermost last.
    scope: Vec<&'a str>,
    hints: Hints<'a>,
}

impl Compiler<'_> {
    /// Compiles the expression in a range of the query.
    fn expression(&mut self, range: Range<usize>) -> Result<Node, QueryError> {
        let Parsed { tree, lets, objects } = parse(self.text, range)?;
        self.lets.extend(lets);
        self.objects.extend(objects);
        self.node(&tree)
    }

    /// Compiles a node. Only dispatches, so that the stack frame of the recursion stays small.
    fn node(&mut self, tree: &Ast) -> Result<Node, QueryError> {
        match tree {
            Ast::Identity { .. } => Ok(Node::Current),
            Ast::Field { offset, name } => self.name(*offset, name),
            Ast::Index { idx, .. } => Ok(Node::Index(*idx)),
            Ast::Slice { offset, start, stop, step } => {
                self.slice(*offset, Slice { start: *start, end: *stop, step: *step })
            }
            Ast::Literal { offset, .. } => self.literal(*offset),
            Ast::Subexpr { offset, lhs, rhs } => {
                self.hints.not(*offset, lhs);
                self.both(lhs, rhs, Node::Chain)
            }
            Ast::Projection { lhs, rhs, .. } => self.projection(lhs, rhs),
            Ast::Condition { offset, .. } => self.misplaced(*offset, "a filter must follow an expression"),
            Ast::ObjectValues { node, .. } => self.one(node, Node::Values),
            Ast::Flatten { node, .. } => self.one(node, Node::Flatten),
            Ast::MultiList { offset, elements } => self.list(*offset, elements),
            Ast::MultiHash { elements, .. } => self.hash(elements),
            Ast::Comparison { comparator, lhs, rhs, .. } => self.comparison(comparator, lhs, rhs),
            Ast::And { lhs, rhs, .. } => self.both(lhs, rhs, Node::And),
            Ast::Or { lhs, rhs, .. } => self.both(lhs, rhs, Node::Or),
            Ast::Not { node, .. } => self.one(node, Node::Not),
            Ast::Function { offset, name, args } => self.call(*offset, name, args),
            Ast::Expref { offset, .. } => {
                self.misplaced(*offset, "`&` is only allowed before an argument of a function")
            }
        }
    }

    /// Compiles a field, or an extension that the parser sees as one.
    fn name(&mut self, offset: usize, name: &str) -> Result<Node, QueryError> {
        match self.lets.remove(&offset) {
            Some(found) => self.bind(found),
            None if self.text[offset..].starts_with('$') => self.variable(token_at(self.text, offset)),
            None => Ok(Node::Field(name_of(name))),
        }
    }

    fn bind(&mut self, found: Let) -> Result<Node, QueryError> {
        let (names, values): (Vec<_>, Vec<_>) = found.bindings.into_iter().unzip();
        let values = values.into_iter().map(|value| self.expression(value)).collect::<Result<_, _>>()?;
        let before = self.scope.len();
        let text = self.text;
        self.scope.extend(names.into_iter().map(|name| &text[name]));
        let body = self.expression(found.body)?;
        self.scope.truncate(before);
        Ok(Node::Let(values, Box::new(body)))
    }

    fn variable(&self, range: Range<usize>) -> Result<Node, QueryError> {
        let name = &self.text[range.clone()];
        match self.scope.iter().rposition(|bound| *bound == name) {
            Some(at) => Ok(Node::Variable(at)),
            None => Err(QueryError {
                help: did_you_mean(name, self.scope.iter().copied()),
                ..QueryError::new(range, format!("no enclosing `let` defines `{name}`"))
            }),
        }
    }

    fn boxed(&mut self, tree: &Ast) -> Result<Box<Node>, QueryError> {
        self.node(tree).map(Box::new)
    }

    fn one(&mut self, tree: &Ast, make: fn(Box<Node>) -> Node) -> Result<Node, QueryError> {
        self.boxed(tree).map(make)
    }

    fn both(
        &mut self,
        first: &Ast,
        second: &Ast,
        make: fn(Box<Node>, Box<Node>) -> Node,
    ) -> Result<Node, QueryError> {
        Ok(make(self.boxed(first)?, self.boxed(second)?))
    }

    /// Compiles a list, or the object that was replaced by one.
    fn list(&mut self, offset: usize, elements: &[Ast]) -> Result<Node, QueryError> {
        if let Some(object) = self.objects.remove(&offset) {
            return self.expression(object);
        }
        elements.iter().map(|element| self.node(element)).collect::<Result<_, _>>().map(Node::List)
    }

    fn hash(&mut self, pairs: &[KeyValuePair]) -> Result<Node, QueryError> {
        let pairs = pairs.iter().map(|pair| Ok((name_of(&pair.key), self.node(&pair.value)?)));
        pairs.collect::<Result<_, _>>().map(Node::Hash)
    }

    fn comparison(&mut self, comparator: &Comparator, a: &Ast, b: &Ast) -> Result<Node, QueryError> {
        self.hints.comparison(comparator, a, b);
        Ok(Node::Compare(comparator.clone(), self.boxed(a)?, self.boxed(b)?))
    }

    fn misplaced(&self, offset: usize, message: &str) -> Result<Node, QueryError> {
        Err(QueryError::new(token_at(self.text, offset), message))
    }

    fn projection(&mut self, source: &Ast, then: &Ast) -> Result<Node, QueryError> {
        let source = self.boxed(source)?;
        Ok(match then {
            Ast::Condition { predicate, then, .. } => {
                Node::Filter { source, predicate: self.boxed(predicate)?, then: self.boxed(then)? }
            }
            then => Node::Project(source, self.boxed(then)?),
        })
    }

    fn slice(&self, offset: usize, slice: Slice) -> Result<Node, QueryError> {
        if slice.step == 0 {
            return Err(QueryError::new(token_at(self.text, offset), "the step of a slice cannot be 0"));
        }
        Ok(Node::Slice(slice))
    }

    /// Parses the literal again: the parser's own value does not keep numbers exact.
    fn literal(&mut self, offset: usize) -> Result<Node, QueryError> {
        let range = token_at(self.text, offset);
        let token = &self.text[range.clone()];
        let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
        if token.starts_with('\'') {
            return Ok(Node::Literal(Value::string(inner.replace("\\'", "'").nfc().collect::<String>())));
        }
        let inner = inner.replace("\\`", "`");
        let error = match Value::parse_json(&inner) {
            Ok(value) => return Ok(Node::Literal(value)),
            Err(error) => QueryError::new(range.clone(), error.to_string()),
        };
        let text = bare_text(&inner).ok_or(error)?;
        self.hints.bare_text(range, text.as_str().unwrap_or_default());
        Ok(Node::Literal(text))
    }

    fn call(&mut self, offset: usize, name: &str, trees: &[Ast]) -> Result<Node, QueryError> {
        let (function, name) = self.function(offset, name, trees)?;
        let mut call = Call { function, name, arguments: Vec::new(), expression: None };
        for (at, tree) in trees.iter().enumerate() {
            match tree {
                Ast::Expref { ast, .. } => call.expression = Some(self.boxed(ast)?),
                _ => call.arguments.push(self.argument(at, tree)?),
            }
        }
        Ok(Node::Call(call))
    }

    /// Returns the called function and the range of its name, after checking the number and kinds of its
    /// arguments.
    fn function(
        &self,
        offset: usize,
        name: &str,
        trees: &[Ast],
    ) -> Result<(&'static Function, Range<usize>), QueryError> {
        let range = self.name_before(offset, name);
        let Some(function) = Function::find(name) else {
            return Err(self.unknown_function(range, name));
        };
        let wrong = |message: String| {
            QueryError::new(range.clone(), message).with_help(format!("usage: {}", function.usage()))
        };
        if !function.takes(trees.len()) {
            return Err(wrong(format!("`{name}` takes {}, not {}", function.arity(), trees.len())));
        }
        for (at, tree) in trees.iter().enumerate() {
            let wanted = match (matches!(tree, Ast::Expref { .. }), function.takes_expression(at)) {
                (true, false) => "a value, written without `&`",
                (false, true) => "an expression, written with `&`",
                _ => continue,
            };
            return Err(wrong(format!("argument {} of `{name}` is {wanted}", at + 1)));
        }
        Ok((function, range))
    }

    fn unknown_function(&self, range: Range<usize>, name: &str) -> QueryError {
        let error = QueryError::new(range.clone(), format!("no function `{name}`"));
        match (form(name), meant(name)) {
            (Some(form), _) => error.with_help(form),
            (None, Some(meant)) => QueryError {
                corrected: Some(edited(self.text, [&Edit::new(range, meant)])),
                ..error.with_help(format!("did you mean `{meant}`?"))
            },
            (None, None) => error,
        }
    }

    fn argument(&mut self, at: usize, tree: &Ast) -> Result<Node, QueryError> {
        if at > 0 {
            self.hints.argument(tree);
        }
        self.node(tree)
    }

    /// Returns the range of a function's name: the parser reports the parenthesis after it.
    fn name_before(&self, offset: usize, name: &str) -> Range<usize> {
        let before = self.text.get(..offset).unwrap_or_default().trim_end();
        if before.ends_with(name) {
            before.len() - name.len()..before.len()
        } else {
            token_at(self.text, offset)
        }
    }
}

/// Normalizes a name to the form of names in values.
fn name_of(name: &str) -> Arc<str> {
    name.nfc().collect::<String>().into()
}
