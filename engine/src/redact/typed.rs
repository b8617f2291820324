//! Redacts typed data.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;

use serde_json::{Value as Json, json};

use super::Secrets;
use super::json::redact_json;

/// Data from which secrets can be redacted; derived.
///
/// Every string in it is searched, at any depth, except arcbook's own text, which types declare: variants of
/// enums, `&'static str`, numbers, and fields marked `#[redact(word)]`, such as digests. A field whose type
/// does not implement this trait does not compile.
pub trait Redact: Clone {
    /// Replaces every secret by `(sensitive)`.
    fn redact(&mut self, secrets: &Secrets);

    /// Returns samples that together have every variant, with `text` in every possible place.
    ///
    /// Tests use them to search the output of such data for a canary.
    fn samples(text: &str) -> Vec<Self>;
}

/// Text that arcbook made itself, such as a digest or the name of a run.
pub trait Words {
    /// Redacts everything except words of letters, digits, `-`, `_`, `.`, `:` and `+`.
    fn redact_all_but_words(&mut self, secrets: &Secrets);
}

impl Secrets {
    /// Returns the data without secrets.
    #[must_use]
    pub fn redacted<'a, T: Redact>(&self, data: &'a T) -> Cow<'a, T> {
        if self.is_empty() {
            return Cow::Borrowed(data);
        }
        let mut data = data.clone();
        data.redact(self);
        Cow::Owned(data)
    }
}

impl Redact for String {
    fn redact(&mut self, secrets: &Secrets) {
        if let Cow::Owned(clean) = secrets.redact(self) {
            *self = clean;
        }
    }

    fn samples(text: &str) -> Vec<Self> {
        vec![text.to_owned()]
    }
}

impl Redact for Json {
    fn redact(&mut self, secrets: &Secrets) {
        *self = redact_json(secrets, take(self));
    }

    fn samples(text: &str) -> Vec<Self> {
        let number: Self = text.parse::<u64>().map_or(Self::Null, Self::from);
        vec![
            json!({ text: text, "change": { "was": [text, { "deep": text }], "number": number } }),
            text.into(),
        ]
    }
}

impl<T: Redact> Redact for Option<T> {
    fn redact(&mut self, secrets: &Secrets) {
        if let Some(inner) = self {
            inner.redact(secrets);
        }
    }

    fn samples(text: &str) -> Vec<Self> {
        T::samples(text).into_iter().map(Some).collect()
    }
}

impl<T: Redact> Redact for Box<T> {
    fn redact(&mut self, secrets: &Secrets) {
        (**self).redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        T::samples(text).into_iter().map(Self::new).collect()
    }
}

impl<T: Redact> Redact for Vec<T> {
    fn redact(&mut self, secrets: &Secrets) {
        for inner in self {
            inner.redact(secrets);
        }
    }

    fn samples(text: &str) -> Vec<Self> {
        vec![T::samples(text)]
    }
}

impl<T: Redact + Ord> Redact for BTreeSet<T> {
    fn redact(&mut self, secrets: &Secrets) {
        let redacted = |mut element: T| {
            element.redact(secrets);
            element
        };
        *self = take(self).into_iter().map(redacted).collect();
    }

    fn samples(text: &str) -> Vec<Self> {
        vec![T::samples(text).into_iter().collect()]
    }
}

impl<T: Redact> Redact for BTreeMap<String, T> {
    fn redact(&mut self, secrets: &Secrets) {
        for (mut name, mut value) in take(self) {
            name.redact(secrets);
            value.redact(secrets);
            self.insert(name, value);
        }
    }

    fn samples(text: &str) -> Vec<Self> {
        T::samples(text).into_iter().map(|value| Self::from([(text.to_owned(), value)])).collect()
    }
}

impl<T: Redact, U: Redact> Redact for (T, U) {
    fn redact(&mut self, secrets: &Secrets) {
        self.0.redact(secrets);
        self.1.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        let seconds = U::samples(text);
        let pairs = T::samples(text).into_iter().flat_map(|first| {
            seconds.iter().map(move |second| (first.clone(), second.clone())).collect::<Vec<_>>()
        });
        pairs.collect()
    }
}

/// Implements [`Redact`] for types that cannot hold foreign text.
macro_rules! own {
    ($($ty:ty = $sample:expr),*) => {$(
        impl Redact for $ty {
            fn redact(&mut self, _secrets: &Secrets) {}

            fn samples(_text: &str) -> Vec<Self> {
                vec![$sample]
            }
        }
    )*};
}

own!(() = (), bool = true, u16 = 1, u32 = 1, u64 = 1, i64 = 1, usize = 1, &'static str = "word");

impl Words for String {
    fn redact_all_but_words(&mut self, secrets: &Secrets) {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+".contains(&byte);
        if !self.bytes().all(is_word) {
            self.redact(secrets);
        }
    }
}

impl<T: Words> Words for Option<T> {
    fn redact_all_but_words(&mut self, secrets: &Secrets) {
        if let Some(inner) = self {
            inner.redact_all_but_words(secrets);
        }
    }
}

impl<T: Words> Words for BTreeMap<String, T> {
    /// Redacts the names too, which are not words.
    fn redact_all_but_words(&mut self, secrets: &Secrets) {
        for (mut name, mut value) in take(self) {
            name.redact(secrets);
            value.redact_all_but_words(secrets);
            self.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_our_own_stay() {
        let secrets = Secrets::new();
        secrets.add("done");
        secrets.add("4711");
        let cases =
            [("done", "done"), ("20260101-done", "20260101-done"), ("it is done", "it is (sensitive)")];
        for (text, expected) in cases {
            let mut word = text.to_owned();
            word.redact_all_but_words(&secrets);
            assert_eq!(word, expected);
        }
        let mut seals = BTreeMap::from([("done".to_owned(), "done4711".to_owned())]);
        seals.redact_all_but_words(&secrets);
        assert_eq!(seals, BTreeMap::from([("(sensitive)".to_owned(), "done4711".to_owned())]));
    }

    #[test]
    fn samples_have_the_text_wherever_text_can_be() {
        let samples = <BTreeMap<String, Option<Vec<Json>>>>::samples("71203344");
        let text = serde_json::to_string(&samples).expect("JSON");
        assert_eq!(text.matches("71203344").count(), 7, "{text}");
        for sample in &samples {
            let secrets = Secrets::new();
            secrets.add("71203344");
            let clean = serde_json::to_string(&*secrets.redacted(sample)).expect("JSON");
            assert!(!clean.contains("71203344"), "{clean}");
        }
    }
}
