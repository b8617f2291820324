//! A service's error, parsed from any of its formats.

use super::super::HttpResponse;
use super::{json, markup};

/// The maximum length of a service's message, in characters.
const LONGEST: usize = 1000;

/// The maximum size of an error body that is parsed, in bytes; a larger one is not an error message.
const LARGEST: usize = 1024 * 1024;

/// The maximum number of causes that are quoted.
const QUOTED: usize = 3;

/// A service's error: its codes, its message, and the policies that it names.
///
/// If there are several causes, codes, targets and `own` come from the first of the deepest; `message` lists
/// the others after it. All text in it is [`clean`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::http) struct Envelope {
    /// The error codes of the cause, from the outermost to the most specific one.
    pub codes: Vec<String>,
    /// The service's words: first the error itself, then the cause, then the other causes.
    pub message: Option<String>,
    /// The service's words about the cause and its enclosing errors, without other causes.
    pub own: String,
    /// The targets of the cause and its enclosing errors, from the outermost to the most specific one.
    pub targets: Vec<String>,
    /// The names of the policies that refused the request.
    pub policies: Vec<String>,
    /// True if the response is an HTML page; intermediaries send those, services do not.
    pub is_page: bool,
}

/// One cause that an error names, at its depth: 0 is the error itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::http) struct Word {
    pub depth: usize,
    pub code: Option<String>,
    pub target: Option<String>,
    pub message: Option<String>,
}

impl Envelope {
    /// Parses an error: JSON of ARM, Key Vault, the agent or a gateway, XML of storage, an HTML page, or
    /// plain text.
    pub fn read(response: &HttpResponse) -> Self {
        let body = response.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&response.body).trim_ascii();
        let is_html =
            response.header("content-type").is_some_and(|ty| ty.to_ascii_lowercase().contains("html"));
        let mut envelope = match std::str::from_utf8(body) {
            Ok(text) if text.is_empty() || text.len() > LARGEST || text.contains('\0') => Self::default(),
            Ok(text) => Self::of_text(text, is_html),
            Err(_) => Self::default(),
        };
        if let Some(code) = response.header("x-ms-error-code").map(clean).filter(|code| !code.is_empty()) {
            // Storage repeats the code of the body in a header; the response to a HEAD has only the header.
            if !envelope.codes.contains(&code) {
                envelope.codes.insert(0, code);
            }
        }
        envelope
    }

    fn of_text(text: &str, is_html: bool) -> Self {
        if is_html || markup::is_page(text) {
            let message = markup::title(text).map(|title| clean(&title));
            let own = message.clone().unwrap_or_default();
            return Self { message, own, is_page: true, ..Self::default() };
        }
        if text.starts_with('<') {
            return Self::of_words(&markup::words(text), &[]);
        }
        match serde_json::from_str(text) {
            Ok(json) => Self::of_words(&json::words(&json), &json::policies(&json)),
            Err(_) => Self { message: Some(clean(text)), own: clean(text), ..Self::default() },
        }
    }

    fn of_words(words: &[Word], policies: &[String]) -> Self {
        let causes = Causes::of(words);
        let mut codes: Vec<String> = Vec::new();
        for code in causes.path.iter().filter_map(|word| word.code.as_deref().map(clean)) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let cleaned = |text: &String| clean(text);
        let own: Vec<_> = causes.path.iter().filter_map(|word| word.message.as_ref().map(cleaned)).collect();
        Self {
            codes,
            message: causes.message(),
            own: own.join(" "),
            targets: causes.path.iter().filter_map(|word| word.target.as_ref().map(cleaned)).collect(),
            policies: policies.iter().map(cleaned).collect(),
            is_page: false,
        }
    }

    /// Returns the most specific code.
    pub fn exact(&self) -> Option<&str> {
        self.codes.last().map(String::as_str)
    }
}

/// The causes of an error: the main one, and the others.
struct Causes<'a> {
    /// The first of the deepest causes, preceded by its enclosing errors.
    path: Vec<&'a Word>,
    /// Every other cause without causes of its own, with its own message or that of its enclosing error.
    others: Vec<Word>,
}

impl<'a> Causes<'a> {
    /// Splits `words`, in which each error precedes its causes.
    fn of(words: &'a [Word]) -> Self {
        let Some(deepest) = words.iter().map(|word| word.depth).max() else {
            return Self { path: Vec::new(), others: Vec::new() };
        };
        let at = words.iter().position(|word| word.depth == deepest).unwrap_or_default();
        let path = path(words, at);
        let is_last = |at: usize| words.get(at + 1).is_none_or(|next| next.depth <= words[at].depth);
        let others = (0..words.len()).filter(|other| *other != at && is_last(*other));
        let others = others.map(|other| {
            let above = self::path(words, other).into_iter().rev();
            let mut above = above.take_while(|word| !path.iter().any(|own| std::ptr::eq(*own, *word)));
            let message = above.find_map(|word| word.message.clone());
            Word { message, ..words[other].clone() }
        });
        let others = others.collect();
        Self { path, others }
    }

    /// Joins the messages of the error, of the main cause, and of as many other causes as there is room for.
    fn message(&self) -> Option<String> {
        let mut said = self.path.iter().filter(|word| word.message.is_some());
        let mut parts: Vec<String> = Vec::new();
        let mut causes: Vec<String> = Vec::new();
        if let Some(whole) = said.next() {
            parts.push(clean(whole.message.as_deref()?));
            causes.extend(said.next_back().and_then(|cause| cause.quoted()));
        }
        let room = QUOTED.saturating_sub(1) + causes.len();
        let is_new =
            |word: &&Word| !self.path.iter().any(|own| own.code == word.code && own.message == word.message);
        causes.extend(self.others.iter().filter(is_new).filter_map(Word::quoted));
        let mut seen = std::collections::BTreeSet::new();
        causes.retain(|cause| !parts.iter().any(|part| part.contains(cause)) && seen.insert(cause.clone()));
        let left = causes.len().saturating_sub(room);
        parts.extend(causes.into_iter().take(room));
        if left > 0 {
            parts.push(format!("and {left} more"));
        }
        let parts: Vec<_> = parts.iter().map(|part| part.trim_end_matches('.')).collect();
        (!parts.is_empty()).then(|| parts.join(". "))
    }
}

/// Returns the word at `at`, preceded by its enclosing errors.
fn path(words: &[Word], at: usize) -> Vec<&Word> {
    let mut path = vec![&words[at]];
    for word in words[..at].iter().rev() {
        if path.last().is_some_and(|inner| word.depth < inner.depth) {
            path.push(word);
        }
    }
    path.reverse();
    path
}

impl Word {
    /// Returns the cause as code, target and message; a cause without a message is only code and target.
    fn quoted(&self) -> Option<String> {
        let message = self.message.as_deref().map(clean);
        let said = |target: &String| message.as_ref().is_some_and(|message| message.contains(target));
        let target = self.target.as_deref().map(clean).filter(|target| !said(target));
        let name = match (self.code.as_deref().map(clean), target) {
            (Some(code), Some(target)) => Some(format!("{code} ({target})")),
            (Some(code), None) => Some(code),
            (None, Some(target)) => Some(format!("({target})")),
            (None, None) => None,
        };
        match (name, message) {
            (Some(name), Some(message)) if name.starts_with('(') => Some(format!("{name} {message}")),
            (Some(name), Some(message)) => Some(format!("{name}: {message}")),
            (name, message) => message.or(name),
        }
    }
}

/// Returns foreign text in a form that is safe to print: of bounded length, on one line, with control
/// characters escaped.
pub(crate) fn clean(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut characters = words.chars();
    let mut clean = String::new();
    for character in characters.by_ref().take(LONGEST) {
        if character.is_control() || is_invisible(character) {
            clean.extend(character.escape_unicode());
        } else {
            clean.push(character);
        }
    }
    if characters.next().is_some() {
        clean.push('…');
    }
    clean
}

/// Returns whether a character reorders or hides the text around it.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests;
