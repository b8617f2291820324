//! Warns about comparisons of values of different types, which are never equal.

use std::mem::discriminant;

use crate::diagnostic::Diagnostic;
use crate::runbook::{Runbook, Target};
use crate::syntax::{Binary, BinaryOperator, Expression, ExpressionKind, Reference, Segment};
use crate::value::{Data, Type, Value};

use super::view::View;

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    view.walk(|part| {
        if let ExpressionKind::Binary(binary) = &part.kind {
            found.extend(unlike(binary, view));
        }
    });
    found
}

fn unlike(binary: &Binary, view: &View<'_>) -> Option<Diagnostic> {
    let result = match binary.operator.value {
        BinaryOperator::Equal => "false",
        BinaryOperator::NotEqual => "true",
        _ => return None,
    };
    // Two nulls are equal, whatever their types.
    let certain = [&binary.left, &binary.right].iter().any(|side| written(side).is_some());
    let [left, right] = [&binary.left, &binary.right].map(|side| kind(side, view.runbook));
    let (left, right) = (left?, right?);
    (certain && discriminant(&left) != discriminant(&right)).then(|| {
        let symbol = binary.operator.value.symbol();
        Diagnostic::warning("never-equal", format!("this comparison is always {result}"))
            .at(binary.operator.span, format!("`{symbol}` does not convert its operands"))
            .also(binary.left.span, format!("this is {}", left.with_article()))
            .also(binary.right.span, format!("this is {}", right.with_article()))
            .help(remedy(binary, &left, &right, view))
    })
}

/// Returns the type of an expression, if it is certain to be of that type, or null.
fn kind(expression: &Expression, runbook: &Runbook) -> Option<Type> {
    let ty = match &expression.kind {
        ExpressionKind::Parenthesis(inner) => return kind(inner, runbook),
        ExpressionKind::Traversal(_) => declared(expression.references().first()?, expression, runbook)?,
        _ => written(expression)?,
    };
    (ty != Type::Any).then_some(ty)
}

/// Returns the type of a literal value, which is not null.
fn written(expression: &Expression) -> Option<Type> {
    Some(match &expression.kind {
        ExpressionKind::Literal(value) if !value.is_null() => value.ty(),
        ExpressionKind::Template(_) => Type::String,
        ExpressionKind::Tuple(_) => Value::tuple([]).ty(),
        ExpressionKind::Object(_) => Value::object::<&str>([]).ty(),
        _ => return None,
    })
}

/// Returns the declared type of a variable or an output of a step.
fn declared(reference: &Reference, whole: &Expression, runbook: &Runbook) -> Option<Type> {
    let (target, used) = runbook.names.resolve(reference).ok()?;
    if reference.span != whole.span {
        return None;
    }
    match (target, reference.path.get(used..)?) {
        (Target::Variable(index), []) => {
            let variable = &runbook.variables[index];
            variable.typed.then(|| variable.constraint.ty())
        }
        (Target::Step(index), [Segment::Attribute(name)]) => {
            runbook.steps[index].step_type.schema().output(&name.value).map(|output| output.ty.clone())
        }
        _ => None,
    }
}

/// Suggests a remedy: a literal can be written in the other type; anything else can be converted.
fn remedy(binary: &Binary, left: &Type, right: &Type, view: &View<'_>) -> String {
    let sides = [(&binary.left, right), (&binary.right, left)];
    let literal = sides.iter().find_map(|(side, wanted)| match &side.kind {
        ExpressionKind::Literal(value) => written_as(value, view.sources.text(side.span), wanted),
        _ => None,
    });
    let convert = || {
        let (side, function) = match (left, right) {
            (Type::List(_) | Type::Set(_), Type::Tuple(_))
            | (Type::Tuple(_), Type::List(_) | Type::Set(_)) => {
                return "whether it is empty says `length(x) == 0`; else convert one of the two, as with `tolist`".to_owned();
            }
            (Type::Map(_), Type::Object(_)) | (Type::Object(_), Type::Map(_)) => {
                return "whether it is empty says `length(x) == 0`; else convert one of the two, as with `tomap`".to_owned();
            }
            (Type::String, _) => (&binary.right, "tostring"),
            (_, Type::String) => (&binary.left, "tostring"),
            _ => return "compare values of one type".to_owned(),
        };
        let text = view.sources.text(side.span);
        if text.len() > 60 || text.contains('\n') {
            format!("convert one of the two with `{function}`")
        } else {
            format!("convert one of the two: `{function}({text})`")
        }
    };
    literal.unwrap_or_else(convert)
}

fn written_as(value: &Value, text: &str, wanted: &Type) -> Option<String> {
    match (value.data(), wanted) {
        (Data::Number(_) | Data::Bool(_), Type::String) => Some(format!("write `\"{text}\"`")),
        (Data::String(inner), Type::Number) if inner.parse::<crate::value::Number>().is_ok() => {
            Some(format!("write `{inner}`"))
        }
        (Data::String(inner), Type::Bool) if matches!(&**inner, "true" | "false") => {
            Some(format!("write `{inner}`"))
        }
        _ => None,
    }
}
