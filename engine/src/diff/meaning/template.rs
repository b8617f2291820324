//! Writes templates in their canonical form.

use super::Form;
use super::writer::Writer;
use crate::syntax::{Expression, ExpressionKind, Template, TemplateFor, TemplateIf, TemplatePart};
use crate::value::{Type, convert, push_escaped};

/// A part of a template, in which constants are text.
enum Part {
    Text(String),
    Form(Form),
}

impl Writer<'_> {
    /// Returns the form of a template: a quoted text, whatever the way in which it is written.
    pub(super) fn template(&mut self, template: &Template) -> Form {
        let inside = self.inside(template);
        Form::of("\"").then(&inside).text("\"")
    }

    /// Returns the form of the text between the quotes.
    fn inside(&mut self, template: &Template) -> Form {
        let mut parts = Vec::new();
        self.parts(template, &mut parts);
        parts.into_iter().fold(Form::default(), |form, part| match part {
            Part::Text(text) => {
                let mut escaped = String::new();
                push_escaped(&mut escaped, &text);
                if self.is_secret { form.then(&Form::hidden(escaped)) } else { form.text(&escaped) }
            }
            Part::Form(part) => form.then(&part),
        })
    }

    fn parts(&mut self, template: &Template, parts: &mut Vec<Part>) {
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => push_text(parts, text),
                TemplatePart::Interpolation(expression) => self.interpolation(expression, parts),
                TemplatePart::If(choice) => parts.push(Part::Form(self.choice(choice))),
                TemplatePart::For(each) => parts.push(Part::Form(self.repetition(each))),
            }
        }
    }

    fn interpolation(&mut self, expression: &Expression, parts: &mut Vec<Part>) {
        let constant = self.constant(expression).filter(|value| !value.has_deep_marks());
        let text = constant.and_then(|value| convert(&value, &Type::String).ok());
        if let Some(text) = text.as_ref().and_then(|text| text.as_str()) {
            return push_text(parts, text);
        }
        match &expression.kind {
            ExpressionKind::Parenthesis(inner) | ExpressionKind::Wrap(inner) => {
                self.interpolation(inner, parts);
            }
            // A text within a text is a part of it.
            ExpressionKind::Template(template) => self.parts(template, parts),
            _ => {
                let form = self.write(expression);
                parts.push(Part::Form(Form::of("${").then(&form).text("}")));
            }
        }
    }

    fn choice(&mut self, choice: &TemplateIf) -> Form {
        let condition = self.write(&choice.condition);
        let (then, otherwise) = (self.inside(&choice.then), self.inside(&choice.otherwise));
        let form = Form::of("%{ if ").then(&condition).text(" }").then(&then);
        form.text("%{ else }").then(&otherwise).text("%{ endif }")
    }

    fn repetition(&mut self, each: &TemplateFor) -> Form {
        let collection = self.write(&each.collection);
        let outside = self.bound.len();
        let names = self.bind(each.key_name.as_ref(), &each.value_name);
        let body = self.inside(&each.body);
        self.bound.truncate(outside);
        let form = Form::of(format!("%{{ for {names} in ")).then(&collection);
        form.text(" }").then(&body).text("%{ endfor }")
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}
