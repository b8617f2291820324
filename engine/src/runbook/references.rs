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
    /// The expression that contains the reference, and its scope; none for one in a `depends_on`.
    pub part: Option<(&'a Expression, Around<'a>)>,
}

impl Runbook {
    /// Returns the references in all expressions, then those in all `depends_on`, without those in modules.
    pub fn references(&self) -> impl Iterator<Item = NamedReference<'_>> {
        let named = |reference: Reference, part| NamedReference {
            meaning: self.names.resolve(&reference),
            reference,
            part,
        };
        let parts = self.parts().flat_map(move |part| {
            let references = part.expression.references().into_iter();
            references.map(move |reference| named(reference, Some((part.expression, part.around))))
        });
        parts.chain(self.waits().map(move |reference| named(reference.clone(), None)))
    }
}
