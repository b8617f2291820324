//! Lists the references of a runbook with their targets.

use crate::diagnostic::Diagnostic;
use crate::syntax::{Expression, Reference};

use super::expressions::Around;
use super::{Runbook, Target};

/// A reference of a runbook.
pub struct NamedReference<'a> {
    /// The reference.
    pub reference: Reference,
    /// The target, and the number of segments that name it; or the error that there is none.
    pub meaning: Result<(Target, usize), Box<Diagnostic>>,
    /// The place of the reference.
    pub place: RefPlace<'a>,
}

/// The place of a reference.
#[derive(Clone, Copy)]
pub enum RefPlace<'a> {
    /// An expression, with its scope.
    Expression(&'a Expression, Around<'a>),
    /// A `depends_on`.
    Dependency,
    /// An `identity` of a step, a module or the runbook.
    Identity,
}

impl Runbook {
    /// Returns the references in all expressions, then those in all `depends_on` and `identity`, without those in
    /// modules.
    pub fn references(&self) -> impl Iterator<Item = NamedReference<'_>> {
        let named = |reference: Reference, place| NamedReference {
            meaning: self.names.resolve(&reference),
            reference,
            place,
        };
        let parts = self.parts().flat_map(move |part| {
            let references = part.expression.references().into_iter();
            references
                .map(move |reference| named(reference, RefPlace::Expression(part.expression, part.around)))
        });
        let waits = self.waits().map(move |reference| named(reference.clone(), RefPlace::Dependency));
        let acting = self.acting().map(move |reference| named(reference.clone(), RefPlace::Identity));
        parts.chain(waits).chain(acting)
    }
}
