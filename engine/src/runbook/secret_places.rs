//! Finds the places of a runbook where a secret may be written out.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::source::{FileId, Sources, Span};
use crate::step::Field;
use crate::syntax::{Expression, ExpressionKind, Key, Segment, Template, TemplatePart, inside};
use crate::value::{Data, PathStep, Value};

use super::{Module, Repetition, Runbook, Target};

/// The words that stand for a text that may be a secret.
const HIDDEN: &str = "(sensitive value)";

/// The places where a secret may be written out: their texts are shown to nobody, and no digest is made of them, because a
/// short secret can be guessed from it.
#[derive(Default)]
pub struct SecretPlaces {
    /// The places in each file, in order, without overlaps.
    ranges: HashMap<FileId, Vec<Range<usize>>>,
    texts: HashSet<String>,
}

impl SecretPlaces {
    /// Returns the places in a runbook and in its modules: arguments of steps, identities and the record that their types
    /// declare sensitive, arguments of `sensitive()`, values of secret variables of modules, secret outputs, and the local
    /// values, values of variables and repetitions that any of these name.
    ///
    /// A place that is only a reference has no secret.
    #[must_use]
    pub fn of(runbook: &Runbook) -> Self {
        let mut finder = Finder::default();
        finder.runbook(runbook);
        while let Some(place) = finder.open.pop() {
            finder.place(place);
        }
        let mut found = finder.found;
        found.ranges.values_mut().for_each(merge);
        found
    }

    /// Adds a further place.
    pub fn add(&mut self, span: Span) {
        let ranges = self.ranges.entry(span.file).or_default();
        ranges.push(span.range());
        merge(ranges);
    }

    /// Returns true if the bytes of a file are part of such a place.
    #[must_use]
    pub fn hold(&self, file: FileId, bytes: &Range<usize>) -> bool {
        let Some(ranges) = self.ranges.get(&file) else { return false };
        let at = ranges.partition_point(|range| range.end < bytes.end);
        ranges.get(at).is_some_and(|range| range.start <= bytes.start)
    }

    /// Returns the text at `span`, with a fixed phrase in place of each part that may be a secret.
    #[must_use]
    pub fn text(&self, span: Span, sources: &Sources) -> String {
        let (whole, within) = (sources.text(span), span.range());
        let mut text = String::with_capacity(whole.len());
        let mut end = within.start;
        for range in self.ranges.get(&span.file).into_iter().flatten() {
            let (from, to) = (range.start.max(within.start), range.end.min(within.end));
            if from < to {
                text.push_str(&whole[end - within.start..from - within.start]);
                text.push_str(HIDDEN);
                end = to;
            }
        }
        text.push_str(&whole[end - within.start..]);
        text
    }

    /// Returns the constant texts and numbers in these places.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }
}

/// An expression with a secret, the runbook that it is in, and the repetition that defines `each` in it.
#[derive(Clone, Copy)]
struct Place<'a> {
    runbook: &'a Runbook,
    repetition: Option<&'a Repetition>,
    expression: &'a Expression,
}

#[derive(Default)]
struct Finder<'a> {
    found: SecretPlaces,
    /// The uses of each runbook as a module.
    users: HashMap<*const Runbook, Vec<(&'a Runbook, &'a Module)>>,
    /// The places whose references are still to be followed.
    open: Vec<Place<'a>>,
    seen: HashSet<(*const Runbook, Span)>,
}

impl<'a> Finder<'a> {
    fn runbook(&mut self, runbook: &'a Runbook) {
        for module in &runbook.modules {
            let users = self.users.entry(std::ptr::from_ref(&*module.runbook)).or_default();
            users.push((runbook, module));
            if users.len() == 1 {
                self.runbook(&module.runbook);
            }
            for variable in module.runbook.variables.iter().filter(|variable| variable.secrecy.is_secret()) {
                if let Some(argument) = module.argument(&variable.name.value) {
                    self.secret(runbook, module.repetition.as_ref(), &argument.expression);
                }
            }
        }
        let steps = runbook.steps.iter().map(|step| (step.typed(), step.repetition.as_ref()));
        let identities = runbook.identities.iter().map(|identity| (identity.typed(), None));
        let record = runbook.settings.record.iter().map(|record| (record.typed(), None));
        for (typed, repetition) in steps.chain(identities).chain(record) {
            for argument in typed.arguments {
                if let Some(field) = typed.field(&argument.name.value) {
                    self.argument(field, &argument.expression, (runbook, repetition));
                }
            }
        }
        for output in runbook.outputs.iter().filter(|output| output.secrecy.is_secret()) {
            self.secret(runbook, None, &output.expression);
        }
        for part in runbook.parts() {
            part.expression.walk(&mut |inner| {
                if let ExpressionKind::Call(call) = &inner.kind
                    && call.function() == "sensitive"
                {
                    let repetition = part.around.repetition;
                    call.arguments.iter().for_each(|argument| self.secret(runbook, repetition, argument));
                }
            });
        }
    }

    /// Adds the parts of an argument that are declared sensitive; all of it, if it is not written part by part.
    fn argument(
        &mut self,
        field: &Field,
        expression: &'a Expression,
        around: (&'a Runbook, Option<&'a Repetition>),
    ) {
        if !field.has_sensitive_part() {
            return;
        }
        match (field.block(), &expression.kind) {
            (Some(_), ExpressionKind::Tuple(all)) if !field.sensitive => {
                for one in all {
                    self.argument(field, one, around);
                }
            }
            (Some(block), ExpressionKind::Object(items)) if !field.sensitive => {
                for item in items {
                    let name = match &item.key.kind {
                        ExpressionKind::Literal(name) => name.as_str(),
                        _ => None,
                    };
                    match block.fields.iter().find(|field| Some(field.name) == name) {
                        Some(field) => self.argument(field, &item.value, around),
                        None => self.secret(around.0, around.1, &item.value),
                    }
                }
            }
            _ => self.secret(around.0, around.1, expression),
        }
    }

    fn secret(
        &mut self,
        runbook: &'a Runbook,
        repetition: Option<&'a Repetition>,
        expression: &'a Expression,
    ) {
        if self.seen.insert((std::ptr::from_ref(runbook), expression.span)) {
            self.open.push(Place { runbook, repetition, expression });
        }
    }

    /// Adds a place, and those that it names.
    fn place(&mut self, Place { runbook, repetition, expression }: Place<'a>) {
        if bare(expression).as_reference().is_none() {
            self.found.ranges.entry(expression.span.file).or_default().push(expression.span.range());
            self.constants(expression);
        }
        for reference in expression.references() {
            let Ok((target, used)) = runbook.names.resolve(&reference) else { continue };
            let rest = &reference.path[used..];
            match target {
                Target::Local(at) => {
                    let part = part(&runbook.locals[at].expression, rest);
                    self.secret(runbook, None, part);
                }
                Target::Variable(at) => {
                    let name = &runbook.variables[at].name.value;
                    let users = self.users.get(&std::ptr::from_ref(runbook)).cloned().unwrap_or_default();
                    for (user, module) in users {
                        if let Some(argument) = module.argument(name) {
                            let part = part(&argument.expression, rest);
                            self.secret(user, module.repetition.as_ref(), part);
                        }
                    }
                }
                Target::Each => {
                    if let Some(repetition) = repetition {
                        self.secret(runbook, None, repetition.expression());
                    }
                }
                _ => {}
            }
        }
    }

    /// Adds the constants of a place, without the names of attributes and of the elements of maps.
    fn constants(&mut self, expression: &Expression) {
        let mut names = HashSet::new();
        expression.walk(&mut |part| match &part.kind {
            ExpressionKind::Object(items) => names.extend(items.iter().map(|item| item.key.span)),
            ExpressionKind::Literal(value) if !names.contains(&part.span) => self.constant(value),
            ExpressionKind::Template(template) => self.template(template),
            _ => {}
        });
    }

    fn constant(&mut self, value: &Value) {
        match value.data() {
            Data::String(text) => drop(self.found.texts.insert(text.to_string())),
            Data::Number(number) => drop(self.found.texts.insert(number.to_string())),
            _ => {}
        }
    }

    fn template(&mut self, template: &Template) {
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => drop(self.found.texts.insert(text.to_string())),
                TemplatePart::Interpolation(_) => {}
                TemplatePart::If(choice) => {
                    self.template(&choice.then);
                    self.template(&choice.otherwise);
                }
                TemplatePart::For(each) => self.template(&each.body),
            }
        }
    }
}

/// Returns an expression without parentheses around it.
fn bare(expression: &Expression) -> &Expression {
    match &expression.kind {
        ExpressionKind::Wrap(inner) | ExpressionKind::Parenthesis(inner) => bare(inner),
        _ => expression,
    }
}

/// Returns the part of an expression that a path leads to, as far as it is written out.
fn part<'e>(expression: &'e Expression, path: &[Segment]) -> &'e Expression {
    let mut found = expression;
    for segment in path {
        let step = match segment {
            Segment::Attribute(name) => Some(PathStep::Attribute(name.value.clone())),
            Segment::Index(key) => match &key.value {
                Key::String(key) => Some(PathStep::Key(key.clone())),
                Key::Number(number) => number.to_usize().map(PathStep::Index),
            },
        };
        let Some((inner, _)) = step.and_then(|step| inside(found, &step)) else { break };
        found = inner;
    }
    found
}

/// Sorts ranges, and makes one of those that overlap.
fn merge(ranges: &mut Vec<Range<usize>>) {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.drain(..) {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    *ranges = merged;
}
