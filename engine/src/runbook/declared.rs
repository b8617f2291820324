//! The positions of declarations.
//!
//! A diagnostic at a position in a step has the address of the step, whichever stage reports it, even the parser, which
//! knows no steps.

use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::source::Span;
use crate::syntax::{Block, Body};

/// The positions of all blocks and local values of the loaded files.
#[derive(Default)]
pub struct Declared(Vec<Declaration>);

struct Declaration {
    span: Span,
    root: &'static str,
    name: Arc<str>,
    /// The name of a step, whose type is in `name`.
    more: Option<Arc<str>>,
}

impl Declared {
    /// Returns the declarations of all files of a runbook.
    pub fn of(bodies: &[Body]) -> Self {
        let mut declared = Self::default();
        for body in bodies {
            declared.note(body);
        }
        declared.sort();
        declared
    }

    /// Adds the declarations of a file.
    pub fn note(&mut self, body: &Body) {
        for block in &body.blocks {
            match &*block.kind.value {
                "locals" => self.0.extend(block.body.attributes.iter().map(|local| Declaration {
                    span: local.span,
                    root: "local",
                    name: local.name.value.clone(),
                    more: None,
                })),
                _ => self.0.extend(of_block(block)),
            }
        }
    }

    /// Sets the address of each diagnostic without one to that of the declaration at its position.
    pub fn name_in(&mut self, found: &mut Diagnostics) {
        if found.is_empty() {
            return;
        }
        self.sort();
        for message in found.all_mut().iter_mut().filter(|message| message.address.is_none()) {
            let place = message.primary.as_ref().map(|label| label.span);
            message.address = place.and_then(|place| self.address(place));
        }
    }

    fn sort(&mut self) {
        self.0.sort_unstable_by_key(|declaration| declaration.span);
    }

    /// Returns the address of the declaration that contains `place`.
    pub fn address(&self, place: Span) -> Option<String> {
        let is_before = |one: &Declaration| (one.span.file, one.span.start) <= (place.file, place.start);
        let at = self.0.partition_point(is_before).checked_sub(1)?;
        let Declaration { span, root, name, more } = &self.0[at];
        let is_inside = span.file == place.file && place.start < span.end.max(span.start + 1);
        let more = more.as_ref().map_or_else(String::new, |more| format!(".{more}"));
        is_inside.then(|| format!("{root}.{name}{more}"))
    }
}

fn of_block(block: &Block) -> Option<Declaration> {
    let mut labels = block.labels.iter().map(|label| label.value.clone());
    let (root, named_with) = match &*block.kind.value {
        "step" => ("step", 2),
        "identity" => ("identity", 2),
        "module" => ("module", 1),
        "variable" => ("var", 1),
        "check" => ("check", 1),
        "output" => ("output", 1),
        _ => return None,
    };
    let name = labels.next().filter(|_| block.labels.len() == named_with)?;
    Some(Declaration { span: block.span, root, name, more: labels.next() })
}
