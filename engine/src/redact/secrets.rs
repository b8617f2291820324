//! Holds the secrets of a run.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::REPLACEMENT;
use super::encodings::{forms, in_a_sentence};
use super::matcher::Matchers;
use super::needle::needles;

/// The minimum length of a secret that is searched, in characters: shorter ones would redact most of the
/// output. Only their marks protect them.
const SHORTEST: usize = 4;

/// The secrets of a run; clones share them.
///
/// A secret is found as it is, in its Unicode normal form, and line by line for lines of 8 bytes or more.
/// Each of these is found raw, in base64 (also inside other encoded data, and up to 256 bytes in base64 of
/// base64), percent-encoded, in hexadecimal, and escaped for JSON (also inside JSON strings), HTML, Rust, HCL
/// and shells. Secrets of fewer than 4 characters are not searched, and those over 64 KiB only in their raw
/// and JSON forms. `Debug` shows only their number.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// The number of secrets, read first, so that a run without secrets has no overhead.
    count: AtomicUsize,
    /// Secrets to be processed by the next writer: adding one happens during requests, so it must be fast.
    added: Mutex<Added>,
    /// The processed secrets. Code that needs both locks takes this one first.
    known: RwLock<Known>,
}

#[derive(Default)]
struct Added {
    secrets: HashSet<String>,
    /// Secrets that are not in `known` yet.
    fresh: Vec<String>,
}

#[derive(Default)]
struct Known {
    needles: HashSet<String>,
    matchers: Matchers,
}

impl Secrets {
    /// Returns an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `secret`, which is redacted from now on.
    pub fn add(&self, secret: &str) {
        if secret.chars().count() < SHORTEST {
            return;
        }
        let mut added = self.added();
        if added.secrets.insert(secret.to_owned()) {
            added.fresh.push(secret.to_owned());
            self.0.count.store(added.secrets.len(), Ordering::Release);
        }
    }

    /// Returns the number of secrets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
    }

    /// Returns true if there are no secrets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns `text` with `(sensitive)` in place of every secret.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // Needles begin and end on character boundaries, so the remaining bytes are text too.
            Cow::Owned(bytes) => Cow::Owned(
                String::from_utf8(bytes)
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into()),
            ),
        }
    }

    /// Returns `bytes` with `(sensitive)` in place of every secret.
    #[must_use]
    pub fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let covered = self.matchers().map(|matchers| matchers.covered(bytes)).unwrap_or_default();
        if covered.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut end = 0;
        for range in covered {
            out.extend_from_slice(&bytes[end..range.start]);
            out.extend_from_slice(REPLACEMENT.as_bytes());
            end = range.end;
        }
        out.extend_from_slice(&bytes[end..]);
        Cow::Owned(out)
    }

    /// Returns the matchers of all secrets added so far; none without secrets.
    pub(super) fn matchers(&self) -> Option<Matchers> {
        if self.is_empty() {
            return None;
        }
        if self.added().fresh.is_empty() {
            // Nothing is new, or another thread is adding it and holds the write lock of `known` until it is
            // done.
            return Some(self.0.known.read().unwrap_or_else(PoisonError::into_inner).matchers.clone());
        }
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = std::mem::take(&mut self.added().fresh);
        known.learn(&fresh);
        Some(known.matchers.clone())
    }

    fn added(&self) -> MutexGuard<'_, Added> {
        self.0.added.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn learn(&mut self, secrets: &[String]) {
        let mut fresh = Vec::new();
        for secret in secrets {
            for form in forms(secret).iter().filter(|form| form.chars().count() >= SHORTEST) {
                // A form may have begun with breaks of lines.
                let new = needles(form).filter(|needle| {
                    needle.chars().count() >= SHORTEST && self.needles.insert((*needle).to_owned())
                });
                fresh.extend(new.map(str::to_owned));
            }
            let begins =
                [secret.as_str(), &in_a_sentence(secret)].map(|text| needles(text).next().map(capitalized));
            let new = begins.into_iter().flatten().filter(|first| first.chars().count() >= SHORTEST);
            fresh.extend(new.filter(|first| self.needles.insert(first.clone())));
        }
        if !fresh.is_empty() {
            self.matchers.add(fresh);
        }
    }
}

/// Returns the text with its first letter capitalized, as in a sentence.
fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.len())
    }
}
