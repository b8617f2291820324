//! Redacts secrets from shown values.

use serde_json::{Map, Value as Json};

use super::ShownValue;
use super::marks::{ShownMarks, UnknownPart};
use super::path::{Key, Path, Trail};
use super::shown_text::ShownTextPart;
use crate::redact::{Redact, Secrets};
use crate::value::Value;

impl Redact for ShownValue {
    /// Replaces every secret by `(sensitive)`, and lists each text that contained one as sensitive. An object
    /// with such a name is listed itself.
    fn redact(&mut self, secrets: &Secrets) {
        if secrets.is_empty() {
            return;
        }
        // The paths first: they lead to members by their names, which are redacted in the same way.
        let mut marks = std::mem::take(&mut self.marks);
        marks.sensitive.iter_mut().chain(&mut marks.ephemeral).for_each(|path| redact_path(secrets, path));
        for UnknownPart { path, after, text } in &mut marks.unknown {
            redact_path(secrets, path);
            after.redact(secrets);
            for part in text {
                part.redact(secrets);
            }
        }
        let mut found = Vec::new();
        self.value = redact_part(secrets, std::mem::take(&mut self.value), Trail::Root, &mut found);
        found.retain(|path| !marks.sensitive.contains(path));
        marks.sensitive.extend(found);
        self.marks = marks;
    }

    fn samples(text: &str) -> Vec<Self> {
        let path = || vec![Key::Name(text.to_owned())];
        let marks = ShownMarks {
            sensitive: vec![path()],
            ephemeral: vec![path()],
            unknown: vec![UnknownPart {
                path: path(),
                after: vec![text.to_owned()],
                text: vec![ShownTextPart::Known(text.to_owned())],
            }],
        };
        let missing = Self { value: serde_json::json!({ text: null }), marks };
        let whole = |value| Self { value, marks: ShownMarks::default() };
        std::iter::once(missing).chain(Json::samples(text).into_iter().map(whole)).collect()
    }
}

fn redact_path(secrets: &Secrets, path: &mut Path) {
    for key in path {
        key.redact(secrets);
    }
}

impl Key {
    pub(super) fn redact(&mut self, secrets: &Secrets) {
        if let Self::Name(name) = self {
            name.redact(secrets);
        }
    }
}

/// Redacts a part of a value, and adds the paths of the redacted parts to `found`.
fn redact_part(secrets: &Secrets, part: Json, at: Trail<'_>, found: &mut Vec<Path>) -> Json {
    match part {
        Json::String(text) => {
            let mut clean = text.clone();
            clean.redact(secrets);
            if clean != text {
                found.push(at.path());
            }
            clean.into()
        }
        Json::Number(number) => {
            let text = number.to_string();
            if secrets.redact(&text) == crate::redact::REPLACEMENT {
                found.push(at.path());
                return crate::redact::REPLACEMENT.into();
            }
            Json::Number(number)
        }
        Json::Array(elements) => {
            let elements = elements.into_iter().enumerate();
            let clean = |(index, element)| redact_part(secrets, element, Trail::Index(&at, index), found);
            elements.map(clean).collect()
        }
        Json::Object(members) => {
            let mut clean = Map::new();
            let mut is_renamed = false;
            for (name, member) in members {
                let mut shown = name.clone();
                shown.redact(secrets);
                is_renamed |= shown != name;
                let member = redact_part(secrets, member, Trail::Name(&at, &shown), found);
                clean.insert(shown, member);
            }
            if is_renamed {
                found.push(at.path());
            }
            clean.into()
        }
        plain => plain,
    }
}

impl Redact for Value {
    /// Redacts the value: secrets are removed and marked parts replaced.
    fn redact(&mut self, secrets: &Secrets) {
        if secrets.is_empty() {
            return;
        }
        let mut shown = ShownValue::from(&*self);
        shown.redact(secrets);
        // Converting fails only on a number beyond all limits, which no value contains.
        *self = shown.to_value().unwrap_or(Self::NULL);
    }

    fn samples(text: &str) -> Vec<Self> {
        Json::samples(text).iter().filter_map(|json| Self::from_json(json).ok()).collect()
    }
}
