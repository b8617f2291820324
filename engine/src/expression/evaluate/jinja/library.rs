//! The files that a template takes in with `include`, `import`, `from … import` and `extends`.
//!
//! Their paths start from the runbook's directory and stay in it. A name that the template has computed may come from outside
//! the runbook, so messages show only names that stand in a template as they are.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::{Environment, Error, ErrorKind};

use super::guard;
use super::variable::Touched;
use crate::expression::functions::{Files, read_inside};
use crate::source::text_without_mark;

/// So many files may take each other in, one in the other.
pub(super) const MAX_NESTING: usize = 16;

/// The name under which nothing is found, for what must not be taken in.
const REFUSED: &str = "\0";

/// What stands for a name that is not shown.
const HIDDEN: &str = "…";

/// The files of one rendering; clones share them.
#[derive(Clone)]
pub(super) struct Library {
    files: Files,
    touched: Touched,
    /// The name of the template that rendering begins with.
    first: Arc<str>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The templates by their names.
    templates: BTreeMap<String, Template>,
    /// The names as they are shown, of what was looked for in vain since a file was found.
    missing: Vec<String>,
    /// Why the file that was asked for last must not be taken in.
    refusal: Option<String>,
}

#[derive(Default)]
struct Template {
    /// The name in messages.
    shown: String,
    text: String,
    /// The names of what it takes in.
    takes: BTreeSet<String>,
    /// How many files are around it, at most.
    depth: usize,
}

impl Library {
    /// A library with the template that rendering begins with, which messages call `shown`.
    pub fn new(files: &Files, touched: &Touched, (name, shown): (&str, &str), text: &str) -> Self {
        let first = Template { shown: shown.to_owned(), text: text.to_owned(), ..Template::default() };
        let templates = BTreeMap::from([(name.to_owned(), first)]);
        let state = State { templates, ..State::default() };
        Self {
            files: files.clone(),
            touched: touched.clone(),
            first: name.into(),
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Lets the templates of `environment` take in files.
    pub fn serve(&self, environment: &mut Environment<'_>) {
        let library = self.clone();
        environment.set_path_join_callback(move |name, parent| library.ask(name, parent));
        let library = self.clone();
        environment.set_loader(move |name| library.load(name));
    }

    /// The name in messages of the template that an error is about, and its text.
    pub fn template(&self, error: &Error) -> (String, String) {
        let state = self.state();
        let template = state.templates.get(error.name().unwrap_or(&self.first));
        template.map(|template| (template.shown.clone(), template.text.clone())).unwrap_or_default()
    }

    /// The words for the files that were looked for in vain.
    pub fn missing(&self) -> String {
        let names: Vec<_> = self.state().missing.iter().map(|name| format!("`{name}`")).collect();
        format!("no file exists at {}", names.join(", "))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one name of the file that the template `parent` asks for.
    fn ask(&self, name: &str, parent: &str) -> Cow<'static, str> {
        let key = self.files.name_of(name);
        let mut state = self.state();
        let shown = state.show(name, parent);
        match state.refuse(&key, &shown, parent) {
            Some(refusal) => {
                state.refusal = Some(refusal);
                REFUSED.into()
            }
            None => key.into(),
        }
    }

    /// The text of a file that has not been loaded yet; none when there is no such file.
    fn load(&self, name: &str) -> Result<Option<String>, Error> {
        let refused = |reason: String| Err(Error::new(ErrorKind::InvalidOperation, reason));
        if name == REFUSED {
            return refused(self.state().refusal.take().unwrap_or_default());
        }
        let shown = self.state().templates.get(name).map_or(HIDDEN, |template| &template.shown).to_owned();
        let is_secret = shown == HIDDEN && self.touched.is_marked();
        let bytes = match read_inside(&self.files, name, is_secret) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.state().missing.push(shown);
                return Ok(None);
            }
            Err(error) => return refused(unreadable(&shown, &error)),
        };
        let Ok(text) = String::from_utf8(bytes) else {
            return refused(format!("`{shown}` is not UTF-8"));
        };
        let text = text_without_mark(&text).to_owned();
        if let Err((line, reason)) = guard::check(&text) {
            return refused(format!("{shown}:{line}: {reason}"));
        }
        let mut state = self.state();
        state.missing.clear();
        state.templates.entry(name.to_owned()).or_default().text.clone_from(&text);
        Ok(Some(text))
    }
}

impl State {
    /// The name as messages show it: when it stands in the text of the template that asks for it.
    fn show(&self, name: &str, parent: &str) -> String {
        let text = self.templates.get(parent).map_or("", |template| &template.text);
        let is_written = ['"', '\''].iter().any(|quote| text.contains(&format!("{quote}{name}{quote}")));
        if is_written { name.to_owned() } else { HIDDEN.to_owned() }
    }

    /// Notes that `parent` takes in `key`; why it must not.
    fn refuse(&mut self, key: &str, shown: &str, parent: &str) -> Option<String> {
        if let Some(chain) = self.way(key, parent) {
            let names = chain.iter().chain([&key]).map(|name| self.templates.get(*name));
            let names: Vec<_> = names.map(|one| one.map_or(shown, |one| &one.shown)).collect();
            return Some(format!("a template takes in itself: {}", names.join(" → ")));
        }
        let depth = self.templates.get(parent).map_or(0, |template| template.depth) + 1;
        if depth > MAX_NESTING {
            return Some(format!("more than {MAX_NESTING} files take each other in"));
        }
        self.templates.entry(parent.to_owned()).or_default().takes.insert(key.to_owned());
        let template = self.templates.entry(key.to_owned()).or_default();
        template.depth = template.depth.max(depth);
        if template.shown.is_empty() || template.shown == HIDDEN {
            shown.clone_into(&mut template.shown);
        }
        None
    }

    /// The names from `from` to `to`, each of which takes in the next one; none when there is no such way.
    fn way<'s>(&'s self, from: &'s str, to: &'s str) -> Option<Vec<&'s str>> {
        let mut ways = vec![vec![from]];
        let mut seen = BTreeSet::from([from]);
        while let Some(way) = ways.pop() {
            let last = *way.last()?;
            if last == to {
                return Some(way);
            }
            let Some(template) = self.templates.get(last) else { continue };
            for next in template.takes.iter().map(String::as_str).filter(|next| seen.insert(next)) {
                ways.push(way.iter().copied().chain([next]).collect());
            }
        }
        None
    }
}

fn unreadable(shown: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!("`{shown}` may not be read by this user"),
        io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput => {
            format!("`{shown}` is not a regular file")
        }
        io::ErrorKind::FileTooLarge => format!("`{shown}` is too large"),
        io::ErrorKind::Unsupported => format!("`{shown}` leads out of the runbook's directory"),
        _ => format!("`{shown}` cannot be read"),
    }
}
