//! Attributes that a value has and its type does not, in messages.
//!
//! The value may come from outside the runbook, so a message names neither the attribute nor a key of a map: it gives the
//! place, and the names that the type has.

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::{Expression, inside};
use crate::value::{Stray, Type, Value, strays};

/// The number of attributes of a type that a message lists.
const MOST_NAMES: usize = 12;

/// A value as it was given, before it is converted.
pub struct Given<'a> {
    /// The subject of messages, such as ``the value for the variable `c` ``.
    pub subject: &'a str,
    /// The value.
    pub value: &'a Value,
    /// The expression that it was written as, when it was.
    pub written: Option<&'a Expression>,
    /// The position of the whole value.
    pub place: Option<Span>,
    /// The option or the variable of the environment that gave it.
    pub origin: Option<&'a str>,
}

impl Given<'_> {
    /// Returns a message for each attribute that the conversion to `ty` drops: an error if `strict`.
    #[must_use]
    pub fn check(&self, ty: &Type, strict: bool) -> Vec<Diagnostic> {
        self.messages(&strays(self.value, ty), strict)
    }

    /// Checks a value of an expression of the runbook.
    ///
    /// Passing an object with more attributes than needed is common, so without `strict` only an attribute in an
    /// object literal counts, or one with a name near to a missing attribute.
    #[must_use]
    pub fn check_computed(&self, ty: &Type, strict: bool) -> Vec<Diagnostic> {
        let mut found = strays(self.value, ty);
        if !strict {
            let is_hidden = self.value.has_deep_marks();
            found.retain(|stray| self.key(stray).is_some() || (stray.meant().is_some() && !is_hidden));
        }
        self.messages(&found, strict)
    }

    /// Creates one message for each attribute with a known position, and one for all others of an object.
    fn messages(&self, strays: &[Stray], strict: bool) -> Vec<Diagnostic> {
        let place = |stray: &Stray| (self.key(stray), stray.place());
        let groups = strays.chunk_by(|one, other| place(one) == place(other));
        groups.map(|group| self.message(group, strict)).collect()
    }

    fn message(&self, strays: &[Stray], strict: bool) -> Diagnostic {
        let what = if strays.len() == 1 { "an attribute" } else { "attributes" };
        let place = strays.first().map(Stray::place).unwrap_or_default();
        let inside = if place.is_empty() { String::new() } else { format!(" in `{place}`") };
        let summary = format!("{} has {what}{inside} that its type does not have", self.subject);
        let error = Diagnostic::error("unknown-attribute", summary);
        let error = if strict { error } else { error.into_warning() };
        let error = match (strays.first().and_then(|stray| self.key(stray)), self.place) {
            (Some(key), _) => error.at(key, "no attribute of the type"),
            (None, Some(place)) => error.at(place, "in this value"),
            (None, None) => error,
        };
        let meant = |stray: &Stray| stray.meant().map(|name| format!("did you mean `{name}`?"));
        let error = strays.iter().fold(error, |error, stray| error.maybe_help(meant(stray)));
        let error = error.detail(self.detail(strays));
        if error.help.is_empty() {
            error.help("take it out, or add it to the type: a value loses what its type does not have")
        } else {
            error
        }
    }

    fn detail(&self, strays: &[Stray]) -> String {
        let known = strays.first().map(names).unwrap_or_default();
        let more = match strays.iter().map(Stray::more).sum() {
            0 => String::new(),
            1 => " One more element has such an attribute.".to_owned(),
            more => format!(" {more} more elements have such an attribute."),
        };
        let origin = self.origin.map(|origin| format!(" The value was given by {origin}."));
        format!("The type has {known} there.{more}{}", origin.unwrap_or_default())
    }

    /// Returns the position of the key of the attribute in an object literal.
    fn key(&self, stray: &Stray) -> Option<Span> {
        let mut expression = self.written?;
        let mut place = None;
        for step in stray.steps() {
            (expression, place) = inside(expression, &step)?;
        }
        place
    }
}

/// The names of the attributes of the type.
fn names(stray: &Stray) -> String {
    let known = stray.known();
    let shown: Vec<_> = known.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    match known.len() - shown.len() {
        _ if shown.is_empty() => "no attributes".to_owned(),
        0 => format!("the attributes {}", shown.join(", ")),
        more => format!("the attributes {} and {more} more", shown.join(", ")),
    }
}
