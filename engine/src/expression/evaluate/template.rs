//! Evaluates templates.

use super::budget::text_cost;
use super::{Evaluated, Evaluator, known_bool};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::{Expression, Template, TemplateFor, TemplateIf, TemplatePart};
use crate::value::{Data, Marks, TextBuilder, TextKind, Type, Value, convert};

/// The text so far, with its errors.
#[derive(Default)]
struct Rendered {
    text: TextBuilder,
    marks: Marks,
    found: Diagnostics,
}

impl Rendered {
    fn wait(&mut self, value: &Value) {
        self.text.push_unknown(&value.origins(), TextKind::Plain);
    }

    fn finish(self) -> Evaluated {
        self.found.or(self.text.build().with_marks(&self.marks))
    }
}

impl Evaluator<'_> {
    pub(super) fn template(&mut self, template: &Template, whole: &Expression) -> Evaluated {
        let mut out = Rendered::default();
        self.parts(template, whole, &mut out)?;
        out.finish()
    }

    /// Appends the parts to `out`; fails if rendering cannot continue.
    fn parts(
        &mut self,
        template: &Template,
        whole: &Expression,
        out: &mut Rendered,
    ) -> Result<(), Diagnostics> {
        for part in &template.parts {
            let before = out.text.bytes();
            match part {
                TemplatePart::Text(literal) => out.text.push_str(literal),
                TemplatePart::Interpolation(expression) => {
                    let value =
                        self.evaluate(expression).and_then(|value| self.interpolated(&value, expression));
                    if let Some(value) = out.found.take(value) {
                        out.marks.add(value.marks());
                        out.text.push(&value);
                    }
                }
                TemplatePart::If(choice) => self.choice(choice, whole, out)?,
                TemplatePart::For(each) => self.repeat(each, whole, out)?,
            }
            self.spend(1 + text_cost(out.text.bytes().saturating_sub(before)), whole.span)?;
        }
        Ok(())
    }

    fn interpolated(&self, value: &Value, expression: &Expression) -> Evaluated {
        if value.is_null() {
            let error = Diagnostic::error("null-in-template", "null cannot be part of a text")
                .at(expression.span, "this is null")
                .help("provide a value for null: `coalesce(x, \"\")`, or `x == null ? \"\" : x`");
            return Err(self.explain(error, expression).into());
        }
        convert(value, &Type::String).map_err(|_| {
            let name = value.ty().with_article();
            let help = match value.data() {
                Data::List(..) | Data::Tuple(_) | Data::Set(..) => {
                    "write it as JSON with `jsonencode(x)`, or join its elements with `join(\", \", x)`"
                }
                _ => "write it as JSON with `jsonencode(x)`, or pick one of its attributes",
            };
            let error = Diagnostic::error("wrong-type", format!("{name} cannot be part of a text"))
                .at(expression.span, format!("this is {name}"))
                .help(help);
            self.explain(error, expression).into()
        })
    }

    fn choice(
        &mut self,
        choice: &TemplateIf,
        whole: &Expression,
        out: &mut Rendered,
    ) -> Result<(), Diagnostics> {
        let condition = self.evaluate(&choice.condition)?;
        let condition =
            self.condition(&condition, &choice.condition, "the condition of a template's `if`")?;
        out.marks.add(condition.marks());
        let (taken, other) = match known_bool(&condition) {
            Some(true) => (&choice.then, &choice.otherwise),
            Some(false) => (&choice.otherwise, &choice.then),
            None => {
                out.wait(&condition);
                out.marks.add(&self.marks_within(whole));
                return Ok(());
            }
        };
        out.marks.add(&self.marks_of_other(other, whole));
        self.parts(taken, whole, out)
    }

    /// Returns the marks of the branch that is not taken, so that the marks of the result do not reveal the choice. As
    /// in a conditional, errors in that branch are ignored.
    fn marks_of_other(&mut self, other: &Template, whole: &Expression) -> Marks {
        let mut unseen = Rendered::default();
        let failed = self.parts(other, whole, &mut unseen).is_err() || unseen.found.has_errors();
        if failed { unseen.marks.union(&self.marks_within(whole)) } else { unseen.marks }
    }

    fn repeat(
        &mut self,
        each: &TemplateFor,
        whole: &Expression,
        out: &mut Rendered,
    ) -> Result<(), Diagnostics> {
        let collection = self.evaluate(&each.collection)?;
        out.marks.add(collection.marks());
        let Some(entries) = self.entries(&collection, &each.collection, "a template's `for`")? else {
            out.wait(&collection);
            out.marks.add(&collection.deep_marks());
            out.marks.add(&self.marks_within(whole));
            return Ok(());
        };
        let names = self.names(each.key_name.as_ref(), &each.value_name, &each.collection);
        for (key, value) in entries {
            self.binding(&names, key, value, |evaluator| evaluator.parts(&each.body, whole, out))?;
        }
        Ok(())
    }
}
