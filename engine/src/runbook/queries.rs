//! Finds the constant JMESPath queries of a runbook, also those in locals, variables and arguments of modules.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::expression::asked;
use crate::source::Span;
use crate::syntax::{Expression, ExpressionKind};
use crate::value::{Data, Value};

use super::{Query, Runbook, Target};

/// The strings and variables that are used as queries.
#[derive(Default)]
pub struct Queries {
    /// The strings and their positions, without those written in an `extract`, which are parsed with it.
    pub texts: Vec<(Arc<str>, Span)>,
    /// The indices of the variables.
    pub variables: FxHashSet<usize>,
}

/// Returns the queries of `runbook`, including those that it passes to its modules.
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
    /// The indices of the locals that were followed.
    locals: HashSet<usize>,
}

impl Reader<'_> {
    /// Adds the possible strings of an expression that is used as a query.
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
