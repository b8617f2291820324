//! The JMESPath queries that a runbook has written out, wherever the text of one stands.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::expression::asked;
use crate::source::Span;
use crate::syntax::{Expression, ExpressionKind};
use crate::value::{Data, Value};

use super::{Query, Runbook, Target};

/// The texts that are used as queries, each where it was written, and the variables whose values are.
#[derive(Default)]
pub struct Queries {
    /// The texts, but for those written in an `extract`, which were read with it.
    pub texts: Vec<(Arc<str>, Span)>,
    /// The variables by their indices.
    pub variables: FxHashSet<usize>,
}

/// The queries of `runbook`, and of what it gives to its modules.
pub fn queries(runbook: &Runbook) -> Queries {
    let mut reader = Reader { runbook, found: Queries::default(), locals: HashSet::new() };
    for extract in runbook.steps.iter().flat_map(|step| &step.extract) {
        if let Query::Computed(expression) = &extract.query {
            reader.query(expression);
        }
    }
    for expression in runbook.expressions() {
        expression.walk(&mut |part| {
            if let ExpressionKind::Call(call) = &part.kind
                && let Some(query) = asked(call)
            {
                reader.query(query);
            }
        });
    }
    for module in &runbook.modules {
        let names = &module.runbook.variables;
        for variable in module.runbook.queries.iter().filter_map(|index| names.get(*index)) {
            if let Some(argument) = module.argument(&variable.name.value) {
                reader.query(&argument.expression);
            }
        }
    }
    reader.found
}

struct Reader<'a> {
    runbook: &'a Runbook,
    found: Queries,
    /// The local values that were followed.
    locals: HashSet<usize>,
}

impl Reader<'_> {
    /// The texts that an expression which is used as a query may have.
    fn query(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Literal(value) => {
                self.found.texts.extend(text(value).map(|text| (text, expression.span)));
            }
            ExpressionKind::Parenthesis(inner) | ExpressionKind::Wrap(inner) => self.query(inner),
            ExpressionKind::Conditional(conditional) => {
                self.query(&conditional.then);
                self.query(&conditional.otherwise);
            }
            _ => self.reference(expression),
        }
    }

    fn reference(&mut self, expression: &Expression) {
        let Some(reference) = expression.as_reference() else { return };
        match self.runbook.names.resolve(&reference) {
            Ok((target, used)) if used == reference.path.len() => self.target(target),
            _ => {}
        }
    }

    fn target(&mut self, target: Target) {
        match target {
            Target::Local(index) if self.locals.insert(index) => {
                self.query(&self.runbook.locals[index].expression);
            }
            Target::Variable(index) if self.found.variables.insert(index) => {
                let variable = &self.runbook.variables[index];
                let default = variable.default.as_ref().and_then(text);
                self.found.texts.extend(default.map(|text| (text, variable.name.span)));
            }
            _ => {}
        }
    }
}

fn text(value: &Value) -> Option<Arc<str>> {
    match value.data() {
        Data::String(text) => Some(text.clone()),
        _ => None,
    }
}
