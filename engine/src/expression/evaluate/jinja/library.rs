//! The files that a template includes with `include`, `import`, `from … import` and `extends`.
//!
//! Their paths are relative to the runbook's directory and stay in it. A computed name may come from outside the
//! runbook, so messages show only names that a template contains literally.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::{Environment, Error, ErrorKind};

use super::guard;
use super::variable::Touched;
use crate::expression::functions::{Files, read_inside};
use crate::source::text_without_mark;
use crate::value::Origins;

/// The depth limit of included files.
pub(super) const MAX_NESTING: usize = 16;

/// The name that stands for a refused file; the loader fails for it.
const REFUSED: &str = "\0";

/// The placeholder for a name that messages do not show.
const HIDDEN: &str = "…";

/// The files of one rendering; clones share them.
#[derive(Clone)]
pub(super) struct Library {
    files: Files,
    touched: Touched,
    /// The name of the root template.
    first: Arc<str>,
    is_review: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The templates by their names.
    templates: BTreeMap<String, Template>,
    /// The displayed names of missing files since the last file that was found.
    missing: Vec<String>,
    /// The reason why the last requested file is refused.
    refusal: Option<String>,
}

#[derive(Default)]
struct Template {
    /// The displayed name.
    shown: String,
    text: String,
    /// The names of the files that it includes.
    includes: BTreeSet<String>,
    /// The greatest number of files around it.
    depth: usize,
}

impl Library {
    /// Creates a library with the root template.
    pub fn new(files: &Files, touched: &Touched, root: super::Template<'_>) -> Self {
        let super::Template { name, shown, text, is_review } = root;
        let first = Template { shown: shown.to_owned(), text: text.to_owned(), ..Template::default() };
        let templates = BTreeMap::from([(name.to_owned(), first)]);
        let state = State { templates, ..State::default() };
        Self {
            files: files.clone(),
            touched: touched.clone(),
            first: name.into(),
            is_review,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Lets the templates of `environment` include files.
    pub fn serve(&self, environment: &mut Environment<'_>) {
        let library = self.clone();
        environment.set_path_join_callback(move |name, parent| library.ask(name, parent));
        let library = self.clone();
        environment.set_loader(move |name| library.load(name));
    }

    /// Returns the displayed name and the text of the template with the error.
    pub fn template(&self, error: &Error) -> (String, String) {
        let state = self.state();
        let template = state.templates.get(error.name().unwrap_or(&self.first));
        template.map(|template| (template.shown.clone(), template.text.clone())).unwrap_or_default()
    }

    /// Returns the message about the missing files.
    pub fn missing(&self) -> String {
        let names: Vec<_> = self.state().missing.iter().map(|name| format!("`{name}`")).collect();
        format!("no file exists at {}", names.join(", "))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the normalized name of the file that `parent` includes.
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

    /// Loads the text of a file; none if there is no such file.
    fn load(&self, name: &str) -> Result<Option<String>, Error> {
        let refused = |reason: String| Err(Error::new(ErrorKind::InvalidOperation, reason));
        if name == REFUSED {
            return refused(self.state().refusal.take().unwrap_or_default());
        }
        let shown = self.state().templates.get(name).map_or(HIDDEN, |template| &template.shown).to_owned();
        let is_secret = shown == HIDDEN && self.touched.is_marked();
        let bytes = match read_inside(&self.files, name, is_secret) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return refused(format!("`{shown}` leads out of the runbook's directory")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.is_review {
                    self.touched.wait_for(&Origins::of("templatefile()"));
                }
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
    /// Returns the displayed name: the name itself if the text of `parent` contains it.
    fn show(&self, name: &str, parent: &str) -> String {
        let text = self.templates.get(parent).map_or("", |template| &template.text);
        let is_written = ['"', '\''].iter().any(|quote| text.contains(&format!("{quote}{name}{quote}")));
        if is_written { name.to_owned() } else { HIDDEN.to_owned() }
    }

    /// Records that `parent` includes `key`, or returns the reason why it must not.
    fn refuse(&mut self, key: &str, shown: &str, parent: &str) -> Option<String> {
        if let Some(chain) = self.way(key, parent) {
            let names = chain.iter().chain([&key]).map(|name| self.templates.get(*name));
            let names: Vec<_> = names.map(|one| one.map_or(shown, |one| &one.shown)).collect();
            return Some(format!("a template includes itself: {}", names.join(" → ")));
        }
        let depth = self.templates.get(parent).map_or(0, |template| template.depth) + 1;
        if depth > MAX_NESTING {
            return Some(format!("files include each other more than {MAX_NESTING} levels deep"));
        }
        self.templates.entry(parent.to_owned()).or_default().includes.insert(key.to_owned());
        let template = self.templates.entry(key.to_owned()).or_default();
        template.depth = template.depth.max(depth);
        if template.shown.is_empty() || template.shown == HIDDEN {
            shown.clone_into(&mut template.shown);
        }
        None
    }

    /// Returns a chain of names from `from` to `to`, each of which includes the next one; none if there is no chain.
    fn way<'s>(&'s self, from: &'s str, to: &'s str) -> Option<Vec<&'s str>> {
        let mut ways = vec![vec![from]];
        let mut seen = BTreeSet::from([from]);
        while let Some(way) = ways.pop() {
            let last = *way.last()?;
            if last == to {
                return Some(way);
            }
            let Some(template) = self.templates.get(last) else { continue };
            for next in template.includes.iter().map(String::as_str).filter(|next| seen.insert(next)) {
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
        // The reason names the path, or a part of it.
        io::ErrorKind::Unsupported if shown != HIDDEN => format!("`{shown}` cannot be read: {error}"),
        io::ErrorKind::FileTooLarge => format!("`{shown}` is too large"),
        _ => format!("`{shown}` cannot be read"),
    }
}
