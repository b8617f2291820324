//! The scope of an expression in the console.

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::expression::functions::Context;
use arcbook_engine::expression::{Resolved, Scope, WhyNothing};
use arcbook_engine::syntax::Reference;

/// A scope with the console's additions.
///
/// `timestamp()` and similar functions have values here although they are unknown in a plan, as in
/// Terraform's console.
#[derive(Clone, Copy)]
pub struct Console<'a>(pub &'a dyn Scope);

impl Scope for Console<'_> {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        self.0.resolve(reference)
    }

    fn check(&self, reference: &Reference) -> Option<Diagnostic> {
        self.0.check(reference)
    }

    fn why_nothing(&self, reference: &Reference) -> Option<WhyNothing> {
        self.0.why_nothing(reference)
    }

    fn given_by(&self, reference: &Reference) -> Option<String> {
        self.0.given_by(reference)
    }

    fn functions(&self) -> Context<'_> {
        let context = self.0.functions();
        Context { clock: context.clock.run(), ..context }
    }

    fn is_console(&self) -> bool {
        true
    }
}
