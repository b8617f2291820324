//! Evaluates operators and conditionals.

use super::{Evaluated, Evaluator, known_bool, marks_of, unknown_of};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::syntax::{Binary, BinaryOperator, Conditional, Expression, ExpressionKind, Unary, UnaryOperator};
use crate::value::{Data, Marks, Number, NumberError, Type, Value, equals, unify};

const UNLIKE_BRANCHES: &str = "a conditional's two values do not fit together";

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, unary: &Unary) -> Evaluated {
        let value = self.evaluate(&unary.operand)?;
        let operator = unary.operator.value;
        let ty = match operator {
            UnaryOperator::Negate => Type::Number,
            UnaryOperator::Not => Type::Bool,
        };
        let value = self.operand(&value, &ty, operator.symbol(), &unary.operand)?;
        let result = match value.data() {
            Data::Number(number) => Value::from(number.neg()),
            Data::Bool(value) => Value::from(!value),
            _ => return Ok(unknown_of(ty, &[&value])),
        };
        Ok(result.with_marks(value.marks()))
    }

    /// Evaluates binary operators; a row of them takes a loop, so it needs no deep stack.
    pub(super) fn binary(&mut self, binary: &Binary, expression: &Expression) -> Evaluated {
        let mut row = vec![(binary, expression)];
        let mut first = &binary.left;
        while let ExpressionKind::Binary(inner) = &first.kind {
            row.push((inner, first));
            first = &inner.left;
        }
        let mut left = self.evaluate(first);
        for (binary, expression) in row.into_iter().rev() {
            self.spend(1, expression.span)?;
            left = self.operate(left, binary, expression);
        }
        left
    }

    fn operate(&mut self, left: Evaluated, binary: &Binary, expression: &Expression) -> Evaluated {
        let operator = binary.operator.value;
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            return self.logical(&left?, binary);
        }
        let mut found = Diagnostics::new();
        let left = found.take(left);
        let right = found.take(self.evaluate(&binary.right));
        let (Some(left), Some(right)) = (left, right) else { return Err(found) };
        self.spend_on([&left, &right], expression.span)?;
        match operator {
            BinaryOperator::Equal => Ok(equals(&left, &right)),
            BinaryOperator::NotEqual => {
                let equal = equals(&left, &right);
                Ok(known_bool(&equal)
                    .map_or_else(|| equal.clone(), |known| Value::from(!known).with_marks(equal.marks())))
            }
            _ => self.arithmetic(binary, &left, &right, expression),
        }
    }

    fn arithmetic(&self, binary: &Binary, left: &Value, right: &Value, expression: &Expression) -> Evaluated {
        let Spanned { value: operator, span } = binary.operator;
        let mut found = Diagnostics::new();
        let left = found.take(self.operand(left, &Type::Number, operator.symbol(), &binary.left));
        let right = found.take(self.operand(right, &Type::Number, operator.symbol(), &binary.right));
        let (Some(left), Some(right)) = (left, right) else { return Err(found) };
        let (Data::Number(a), Data::Number(b)) = (left.data(), right.data()) else {
            return Ok(unknown_of(result_type(operator), &[&left, &right]));
        };
        let result = apply(operator, a, b).map_err(|error| {
            let error = Diagnostic::error("no-result", format!("`{}` has no result here", operator.symbol()))
                .at(span, error.to_string());
            self.explain(error, expression)
        })?;
        Ok(result.with_marks(&marks_of(&[&left, &right])))
    }

    /// Evaluates `&&` and `||`: if one side decides, the other may be unknown, and the right one invalid. The result has
    /// the marks of both.
    fn logical(&mut self, left: &Value, binary: &Binary) -> Evaluated {
        let operator = binary.operator.value;
        let decisive = operator == BinaryOperator::Or;
        let left = self.operand(left, &Type::Bool, operator.symbol(), &binary.left)?;
        let right = self.evaluate(&binary.right);
        if known_bool(&left) == Some(decisive) {
            return Ok(left.with_marks(&self.own_marks(&right, &binary.right)));
        }
        let right =
            right.and_then(|right| self.operand(&right, &Type::Bool, operator.symbol(), &binary.right));
        match (known_bool(&left), right) {
            (Some(_), right) => Ok(right?.with_marks(left.marks())),
            (None, Ok(right)) if known_bool(&right) == Some(decisive) => Ok(right.with_marks(left.marks())),
            (None, Ok(right)) => Ok(unknown_of(Type::Bool, &[&left, &right])),
            // The left side may decide once it is known, which would make the error irrelevant.
            (None, Err(_)) => {
                let marks = self.marks_within(&binary.right);
                Ok(unknown_of(Type::Bool, &[&left]).with_marks(&marks))
            }
        }
    }

    /// Converts an operand to type `ty`; null is an error.
    fn operand(&self, value: &Value, ty: &Type, symbol: &str, expression: &Expression) -> Evaluated {
        if value.is_null() {
            let error = Diagnostic::error("null-operand", format!("`{symbol}` cannot be applied to null"))
                .at(expression.span, "this is null")
                .help("provide a value for null: `coalesce(x, …)`, or `x == null ? … : …`");
            return Err(self.explain(error, expression).into());
        }
        let summary = format!("`{symbol}` cannot be applied to {}", value.ty().with_article());
        self.convert(value, ty, &summary, expression).map_err(|mut errors| {
            let remedy = match (symbol, value.data()) {
                ("+", Data::String(_)) => Some("to join texts, write `\"${a}${b}\"`"),
                ("+", Data::List(..) | Data::Tuple(_)) => Some("to join lists, write `concat(a, b)`"),
                ("+", Data::Map(..) | Data::Object(_)) => Some("to join objects, write `merge(a, b)`"),
                ("!" | "&&" | "||", Data::String(_)) => {
                    Some("compare it with something, such as `x != \"\"`")
                }
                ("!" | "&&" | "||", Data::Number(_)) => Some("compare it with something, such as `x != 0`"),
                _ => None,
            };
            if let Some(error) = errors.last_mut() {
                error.help.extend(remedy.map(str::to_owned));
            }
            errors
        })
    }

    pub(super) fn conditional(&mut self, conditional: &Conditional, expression: &Expression) -> Evaluated {
        let what = "the condition of a conditional";
        let condition = self.evaluate(&conditional.condition)?;
        let condition = self.condition(&condition, &conditional.condition, what)?;
        // Both are evaluated for their types; only an error in the chosen one counts.
        let then = self.evaluate(&conditional.then);
        let otherwise = self.evaluate(&conditional.otherwise);
        self.spend_on([&then, &otherwise].into_iter().flatten(), expression.span)?;
        let types = [&then, &otherwise].map(|branch| branch.as_ref().map_or(Type::Any, Value::ty));
        let Some(mut ty) = common_type(&types) else {
            return Err(self.unlike_branches(conditional, &types, expression).into());
        };
        let is_open = |branch: &Evaluated| {
            branch.as_ref().map_or(true, |value| value.is_unknown() && value.ty() == Type::Any)
        };
        if is_open(&then) || is_open(&otherwise) {
            ty = Type::Any;
        }
        let marks = self
            .own_marks(&then, &conditional.then)
            .union(&self.own_marks(&otherwise, &conditional.otherwise));
        let (chosen, branch) = match known_bool(&condition) {
            Some(true) => (then?, &conditional.then),
            Some(false) => (otherwise?, &conditional.otherwise),
            None => {
                let marks =
                    self.marks_within(&conditional.then).union(&self.marks_within(&conditional.otherwise));
                let unknown = Value::unknown(ty, condition.origins());
                return Ok(unknown.with_marks(&marks).with_marks(condition.marks()));
            }
        };
        let converted = self.convert(&chosen, &ty, UNLIKE_BRANCHES, branch)?;
        Ok(converted.with_marks(condition.marks()).with_marks(&marks))
    }

    /// Returns the marks of an alternative. A result has those of all alternatives, so that its marks reveal neither the
    /// choice nor the failure of another alternative.
    fn own_marks(&self, value: &Evaluated, of: &Expression) -> Marks {
        value.as_ref().map_or_else(|_| self.marks_within(of), |value| value.marks().clone())
    }

    fn unlike_branches(
        &self,
        conditional: &Conditional,
        types: &[Type; 2],
        expression: &Expression,
    ) -> Diagnostic {
        let [then, otherwise] = types.each_ref().map(Type::with_article);
        let error = Diagnostic::error("unlike-branches", UNLIKE_BRANCHES)
            .at(conditional.otherwise.span, format!("this is {otherwise}"))
            .also(conditional.then.span, format!("this is {then}"))
            .detail("The result must have one type, whichever value is chosen.")
            .help("make them alike, for example with `tostring`, `tolist` or `tomap`");
        self.explain(error, expression)
    }
}

/// Returns the common type of the branches; a bare `null` has any type.
fn common_type(types: &[Type; 2]) -> Option<Type> {
    match types {
        [Type::Any, other] | [other, Type::Any] => Some(other.clone()),
        _ => unify(types),
    }
}

fn result_type(operator: BinaryOperator) -> Type {
    match operator {
        BinaryOperator::Add
        | BinaryOperator::Subtract
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Remainder => Type::Number,
        _ => Type::Bool,
    }
}

fn apply(operator: BinaryOperator, a: &Number, b: &Number) -> Result<Value, NumberError> {
    Ok(match operator {
        BinaryOperator::Add => a.add(b)?.into(),
        BinaryOperator::Subtract => a.sub(b)?.into(),
        BinaryOperator::Multiply => a.mul(b)?.into(),
        BinaryOperator::Divide => a.div(b)?.into(),
        BinaryOperator::Remainder => a.rem(b)?.into(),
        BinaryOperator::Less => (a < b).into(),
        BinaryOperator::LessOrEqual => (a <= b).into(),
        BinaryOperator::Greater => (a > b).into(),
        BinaryOperator::GreaterOrEqual => (a >= b).into(),
        BinaryOperator::Equal | BinaryOperator::And => (a == b).into(),
        BinaryOperator::NotEqual | BinaryOperator::Or => (a != b).into(),
    })
}
