//! Writes references in their canonical form.

use std::sync::Arc;

use super::Form;
use super::inlined::Inlined;
use super::writer::{Writer, bound_name};
use crate::runbook::Target;
use crate::source::{Span, Spanned};
use crate::syntax::{Reference, TraversalStep};

impl Writer<'_> {
    /// Returns the form of a name with the steps that follow it.
    pub(super) fn name(&mut self, name: &Arc<str>, at: Span, steps: &[Spanned<TraversalStep>]) -> Form {
        if let Some(depth) = self.bound.iter().rposition(|bound| bound == name) {
            return self.steps(Form::of(bound_name(depth)), steps);
        }
        let reference = Reference::new(name, at, steps);
        let place = self.forms.place(self.place);
        let Ok((target, used)) = place.runbook.names.resolve(&reference) else {
            return self.steps(Form::of(&**name), steps);
        };
        let rest = &steps[used..];
        if let Some(inlined) = self.forms.get(self.place, target) {
            return self.after(inlined, rest);
        }
        let written = |prefix: &str| {
            let path = reference.path[..used].iter().map(ToString::to_string);
            Form::of(format!("{prefix}{name}{}", path.collect::<String>()))
        };
        match target {
            Target::Module(index) => self.output_of(index, rest),
            Target::Each | Target::Count => {
                let form = written(&self.each);
                self.steps(form, rest)
            }
            Target::Path => self.steps(written(&place.prefix), rest),
            Target::Step(_) | Target::Identity(_) | Target::Variable(_) => {
                let block = self.block(target);
                self.steps(block, rest)
            }
            _ => self.steps(written(""), rest),
        }
    }

    /// Returns the form of the block that a dependency or an `identity` names.
    pub(super) fn dependency(&self, reference: &Reference) -> Form {
        match self.forms.place(self.place).runbook.names.resolve(reference) {
            Ok((target, used)) => {
                let rest = reference.path[used..].iter().map(ToString::to_string);
                self.block(target).text(&rest.collect::<String>())
            }
            Err(_) => Form::of(reference.to_string()),
        }
    }

    /// Returns the address of a block.
    fn block(&self, target: Target) -> Form {
        let place = self.forms.place(self.place);
        let address = match target {
            Target::Step(index) => place.runbook.steps[index].address.to_string(),
            Target::Identity(index) => place.runbook.identities[index].address.to_string(),
            Target::Module(index) => place.runbook.modules[index].address(),
            Target::Variable(index) => format!("var.{}", place.runbook.variables[index].name.value),
            _ => String::new(),
        };
        Form::block(format!("{}{address}", place.prefix))
    }

    /// Returns the form of an output of a module: of its value, if the module has exactly one instance.
    fn output_of(&mut self, index: usize, rest: &[Spanned<TraversalStep>]) -> Form {
        let place = self.forms.place(self.place);
        let module = &place.runbook.modules[index];
        let is_one = module.repetition.is_none() && module.when.is_none();
        if let (true, Some((first, rest))) = (is_one, rest.split_first())
            && let TraversalStep::Attribute(name) = &first.value
        {
            let outputs = &module.runbook.outputs;
            let output = outputs.iter().position(|output| output.name.value == *name);
            let inlined = output.and_then(|output| self.forms.output(place.modules[index], output));
            if let Some(inlined) = inlined {
                return self.after(inlined, rest);
            }
        }
        let block = self.block(Target::Module(index));
        self.steps(block, rest)
    }

    /// Returns the form of a value that is written out, with the steps that follow it.
    fn after(&mut self, inlined: &Inlined, rest: &[Spanned<TraversalStep>]) -> Form {
        let form = self.inlined_after(inlined, rest);
        if self.is_secret { form.concealed() } else { form }
    }

    fn inlined_after(&mut self, inlined: &Inlined, rest: &[Spanned<TraversalStep>]) -> Form {
        let Some((first, others)) = rest.split_first() else { return inlined.form.clone() };
        if let TraversalStep::Attribute(name) = &first.value
            && let Some(member) = inlined.members.get(name)
        {
            return if others.is_empty() {
                member.clone()
            } else {
                self.steps(Form::default().operand(member), others)
            };
        }
        self.steps(Form::default().operand(&inlined.form), rest)
    }
}
