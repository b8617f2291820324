//! Reads the contents of a block by name.

use crate::diagnostic::{
    Diagnostic, Diagnostics, closest, did_you_mean, is_hidden, odd_character, with_article,
};
use crate::runbook::Secrecy;
use crate::source::Spanned;
use crate::syntax::{Attribute, Block, Body, Expression, ExpressionKind, Reference};
use crate::value::Data;

use super::own_block::not_dynamic;
use super::quoted;

/// A block with a fixed set of arguments and nested blocks; errors go to `found`.
pub struct Fields<'a> {
    body: &'a Body,
    noun: &'a str,
    arguments: Vec<&'a str>,
    found: &'a mut Diagnostics,
}

impl<'a> Fields<'a> {
    /// Reads `body`, called `noun` in messages, and reports everything in neither list.
    pub fn new(
        body: &'a Body,
        noun: &'a str,
        (arguments, blocks): (&[&'a str], &[&'a str]),
        found: &'a mut Diagnostics,
    ) -> Self {
        for attribute in
            body.attributes.iter().filter(|attribute| !arguments.contains(&&*attribute.name.value))
        {
            // An argument that is set already is not the one that was meant.
            let free: Vec<_> = unset(body, arguments).collect();
            let free = if free.is_empty() { arguments } else { &free };
            found.push(unexpected(("argument", "block"), &attribute.name, noun, (free, blocks)));
        }
        for block in body.blocks.iter().filter(|block| !blocks.contains(&&*block.kind.value)) {
            let unexpected = || unexpected(("block", "argument"), &block.kind, noun, (blocks, arguments));
            found.push(not_dynamic(block).unwrap_or_else(unexpected));
        }
        Self { body, noun, arguments: arguments.to_vec(), found }
    }

    /// Returns the receiver of errors.
    pub fn found(&mut self) -> &mut Diagnostics {
        self.found
    }

    /// Returns the argument with that name.
    pub fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        self.body.attribute(name)
    }

    /// Returns the expression of the argument with that name; reports a missing one.
    pub fn required(&mut self, name: &str, block: &Block) -> Option<&'a Expression> {
        let found = self.attribute(name);
        if is_missing(self.body, name, &self.arguments, self.found) {
            self.found.push(
                Diagnostic::error("missing-argument", format!("{} needs `{name}`", self.noun))
                    .at(block.header, format!("`{name}` is missing"))
                    .help(format!("add `{name} = …`")),
            );
        }
        found.map(|attribute| &attribute.expression)
    }

    /// Returns the string literal of the argument with that name.
    pub fn text(&mut self, name: &str) -> Option<Spanned<String>> {
        let expression = &self.attribute(name)?.expression;
        match &expression.kind {
            ExpressionKind::Literal(value) if value.as_str().is_some() => {
                Some(Spanned::new(value.as_str().unwrap_or_default().to_owned(), expression.span))
            }
            _ => self.not_constant(name, expression, "text in double quotes, without `${…}`"),
        }
    }

    /// Returns the bool literal of the argument with that name.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let expression = &self.attribute(name)?.expression;
        match &expression.kind {
            ExpressionKind::Literal(value) => match value.data() {
                Data::Bool(flag) => Some(*flag),
                _ => self.not_constant(name, expression, "`true` or `false`"),
            },
            _ => self.not_constant(name, expression, "`true` or `false`"),
        }
    }

    /// Reads whether the declared value is sensitive or ephemeral.
    pub fn secrecy(&mut self) -> Secrecy {
        let mut is = |name| self.flag(name).unwrap_or(false);
        Secrecy { sensitive: is("sensitive"), ephemeral: is("ephemeral") }
    }

    /// Returns the references listed in the argument with that name.
    pub fn references(&mut self, name: &str) -> Vec<Reference> {
        let Some(attribute) = self.attribute(name) else { return Vec::new() };
        let ExpressionKind::Tuple(elements) = &attribute.expression.kind else {
            self.not_constant::<()>(
                name,
                &attribute.expression,
                "a list of steps or modules, such as `[step.type.name]`",
            );
            return Vec::new();
        };
        let wanted = ("a step", "a step, such as `step.type.name`");
        elements.iter().filter_map(|element| self.reference(name, wanted, element)).collect()
    }

    /// Returns the reference to an identity in the argument with that name.
    pub fn identity(&mut self, name: &str) -> Option<Reference> {
        let attribute = self.attribute(name)?;
        let wanted = ("an identity", "an identity, such as `identity.kind.name`");
        self.reference(name, wanted, &attribute.expression)
    }

    fn reference(
        &mut self,
        name: &str,
        (noun, wanted): (&str, &str),
        element: &Expression,
    ) -> Option<Reference> {
        if let ExpressionKind::Literal(value) = &element.kind
            && let Some(text) = value.as_str().filter(|text| is_address(text))
        {
            self.found.push(
                Diagnostic::error(
                    "invalid-argument",
                    format!("`{name}` of {} names {noun}, not a text", self.noun),
                )
                .at(element.span, "this is a text")
                .help(format!("write it without quotes: `{text}`")),
            );
            return None;
        }
        let is_reference = matches!(element.kind, ExpressionKind::Variable(_) | ExpressionKind::Traversal(_));
        let mut references = element.references();
        match (is_reference, references.len()) {
            (true, 1) => references.pop(),
            _ => self.not_constant(name, element, wanted),
        }
    }

    fn not_constant<T>(&mut self, name: &str, expression: &Expression, wanted: &str) -> Option<T> {
        if !matches!(expression.kind, ExpressionKind::Invalid) {
            self.found.push(
                Diagnostic::error("invalid-argument", format!("`{name}` of {} must be {wanted}", self.noun))
                    .at(expression.span, format!("must be {wanted}")),
            );
        }
        None
    }
}

/// Returns true if the text is the address of a step or an identity.
fn is_address(text: &str) -> bool {
    ["step.", "identity."].iter().any(|root| text.starts_with(root))
}

/// Returns true if the argument is not set in `body`: not exactly, not under a similar name, not in an unreadable part.
pub fn is_missing(body: &Body, name: &str, known: &[&str], found: &mut Diagnostics) -> bool {
    let unknown = body.attributes.iter().filter(|attribute| !known.contains(&&*attribute.name.value));
    let is_given = body.attribute(name).is_some() || !body.is_whole();
    !is_given && !is_meant(unknown, name, &unset(body, known).collect::<Vec<_>>(), found)
}

/// Returns the names in `known` that `body` does not set.
fn unset<'a>(body: &Body, known: &[&'a str]) -> impl Iterator<Item = &'a str> {
    known.iter().copied().filter(|name| body.attribute(name).is_none())
}

/// Returns true if one of the `unknown` arguments stands for `name`, which is required: one with a similar name, or else
/// the first without a similar name. Its diagnostic in `found` then covers both.
pub fn is_meant<'a>(
    unknown: impl Iterator<Item = &'a Attribute>,
    name: &str,
    known: &[&str],
    found: &mut Diagnostics,
) -> bool {
    let unknown: Vec<_> = unknown.collect();
    let meant = |attribute: &Attribute| closest(&attribute.name.value, known.iter().copied());
    if unknown.iter().any(|attribute| meant(attribute) == Some(name)) {
        return true;
    }
    let is_open = |message: &Diagnostic| {
        let place = message.primary.as_ref().map(|label| label.span);
        let is_about = |attribute: &&Attribute| Some(attribute.name.span) == place;
        message.code == "unknown-argument"
            && !message.help.iter().any(|help| help.starts_with(MEANT))
            && unknown.iter().any(is_about)
    };
    let Some(message) = found.all_mut().iter_mut().find(|message| is_open(message)) else { return false };
    message.help = vec![format!("{MEANT} `{name}`, which must be given?")];
    true
}

/// The beginning of a remedy that suggests a name.
const MEANT: &str = "did you mean";

/// Returns the error of a name that is not among those `known` of its kind; `others` are those of the other
/// kind.
fn unexpected(
    (what, other): (&str, &str),
    name: &Spanned<std::sync::Arc<str>>,
    noun: &str,
    (known, others): (&[&str], &[&str]),
) -> Diagnostic {
    let written = &name.value;
    let meant = closest(written, others.iter().copied())
        .filter(|_| closest(written, known.iter().copied()).is_none());
    let form =
        |meant: &str| if other == "block" { format!("{meant} {{ … }}") } else { format!("{meant} = …") };
    let hint = meant
        .map(|meant| {
            format!(
                "`{meant}` is {} {other}: write `{}`",
                if other == "block" { "a" } else { "an" },
                form(meant)
            )
        })
        .or_else(|| did_you_mean(written, known.iter().copied()))
        .or_else(|| (!known.is_empty()).then(|| format!("{noun} takes {}", quoted(known.iter().copied()))))
        .or_else(|| Some(format!("remove it: {noun} has no blocks in it")));
    Diagnostic::error("unknown-argument", format!("{noun} has no {what} `{written}`"))
        .at(name.span, format!("unknown {what}"))
        .maybe_help(hint)
}

/// Checks that a block has exactly the labels in `wanted`; returns them if so.
pub fn labels<const N: usize>(
    block: &Block,
    wanted: [&str; N],
    found: &mut Diagnostics,
) -> Option<[Spanned<std::sync::Arc<str>>; N]> {
    let kind = &block.kind.value;
    if let Ok(labels) = <[_; N]>::try_from(block.labels.clone()) {
        let bad: Vec<_> = labels.iter().filter(|label| !is_name(&label.value)).collect();
        for label in &bad {
            found.push(
                Diagnostic::error("invalid-name", format!("`{}` is not a name", label.value.escape_debug()))
                    .at(label.span, "not a name")
                    .maybe_help(odd_character(&label.value, '"'))
                    .help("a name starts with a letter or `_`, followed by letters, digits, `_` and `-`"),
            );
        }
        return bad.is_empty().then_some(labels);
    }
    let form: Vec<String> = wanted.iter().map(|label| format!(" \"{label}\"")).collect();
    let form = form.concat();
    let span = block.labels.get(N).map_or(block.header, |extra| extra.span);
    found.push(
        Diagnostic::error("wrong-labels", format!("{} block takes {}", with_article(kind), count(&wanted)))
            .at(span, if block.labels.len() > N { "one label too many" } else { "a label is missing" })
            .help(format!("write `{kind}{form} {{ … }}`")),
    );
    None
}

fn count(wanted: &[&str]) -> String {
    match wanted {
        [] => "no label".to_owned(),
        [one] => format!("one label, its {one}"),
        [first, second] => format!("two labels, its {first} and its {second}"),
        _ => format!("{} labels", wanted.len()),
    }
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|next| next.is_alphanumeric() || next == '_' || next == '-')
        && !text.contains(is_hidden)
}
