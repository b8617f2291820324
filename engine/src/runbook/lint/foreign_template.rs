//! Variables of template files that are written as the other language of templates has them: `${x}` in a file that ends in
//! `.j2`, which is Jinja, and `{{ x }}` in any other.
//!
//! Such text is right where a template makes a script or a template of something else, so a rule counts only the names that
//! the call gives, and none that the file uses as its own language has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::expression::is_jinja;
use crate::source::relative;
use crate::syntax::{Call, ExpressionKind, is_identifier};

use super::template_call::{names, read, written_path};
use super::view::View;

/// The limit of included files to read.
const MOST_FILES: usize = 100;

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    view.walk(|part| {
        let ExpressionKind::Call(call) = &part.kind else { return };
        if call.function() == "templatefile" {
            found.extend(foreign(call, view));
        }
    });
    found
}

fn foreign(call: &Call, view: &View<'_>) -> Option<Diagnostic> {
    let [path, variables] = call.arguments.as_slice() else { return None };
    let path_text = written_path(path, view.runbook, view.base)?;
    let names = names(variables)?;
    let language = if is_jinja(&path_text) { Language::Jinja } else { Language::Terraform };
    let files = language.files(&path_text, view);
    let is_used = |name: &str| files.values().any(|text| language.uses(text, name));
    // Nothing but a slip writes `${name}` of its own variables in a Jinja template; `{{ name }}` is common elsewhere.
    let is_slip = |name: &&Arc<str>| language == Language::Jinja || !is_used(name);
    let unused: Vec<_> = names.iter().filter(is_slip).collect();
    let (file, line, name) = files.iter().find_map(|(file, text)| {
        let (line, name) = language.foreign(text, &unused)?;
        Some((file, line, name))
    })?;
    let (here, there) = (language.written(&name), language.other().written(&name));
    let help = match language {
        Language::Jinja => format!("write `{here}`, or let the file's name end in something else than `.j2`"),
        Language::Terraform => format!("write `{here}`, or let the file's name end in `.j2`"),
    };
    Some(
        Diagnostic::warning("foreign-template", format!("`{there}` stays as it is in {file}:{line}"))
            .at(path.span, format!("a template in the language of {}", language.title()))
            .detail("A file whose name ends in `.j2` is a template of Jinja, any other one of Terraform's.")
            .help(help),
    )
}

#[derive(Clone, Copy, PartialEq)]
enum Language {
    Jinja,
    Terraform,
}

impl Language {
    fn other(self) -> Self {
        if self == Self::Jinja { Self::Terraform } else { Self::Jinja }
    }

    fn title(self) -> &'static str {
        if self == Self::Jinja { "Jinja" } else { "Terraform" }
    }

    fn written(self, name: &str) -> String {
        if self == Self::Jinja { format!("{{{{ {name} }}}}") } else { format!("${{{name}}}") }
    }

    /// The beginnings and the end of what is not text.
    fn blocks(self) -> ([&'static str; 2], &'static str) {
        if self == Self::Jinja { (["{{", "{%"], "}}") } else { (["${", "%{"], "}") }
    }

    /// Returns the expressions and directives of the language, with their offsets.
    fn inside(self, text: &str) -> impl Iterator<Item = (usize, &str)> {
        let (begins, end) = self.blocks();
        begins.into_iter().flat_map(move |begin| {
            text.match_indices(begin).map(move |(at, begin)| {
                let rest = &text[at + begin.len()..];
                let end = if begin == "{%" { "%}" } else { end };
                (at, rest.find(end).map_or(rest, |end| &rest[..end]))
            })
        })
    }

    fn uses(self, text: &str, name: &str) -> bool {
        self.inside(text).any(|(_, inside)| words(inside).any(|word| word == name))
    }

    /// The line and the name where one of `names` is written as the other language has it: alone, or with what follows a dot
    /// or a bracket.
    fn foreign(self, text: &str, names: &[&Arc<str>]) -> Option<(usize, String)> {
        let begin = self.other().blocks().0[0];
        let found = self.other().inside(text).filter(|(at, _)| text[*at..].starts_with(begin));
        let mut found = found.filter_map(|(at, inside)| {
            let first = inside.trim_matches(['-', '+', '~', ' ']).split(['.', '[', '|', ' ']).next()?;
            names.iter().find(|name| ****name == *first).map(|name| (at, name.to_string()))
        });
        found.next().map(|(at, name)| (text[..at].matches('\n').count() + 1, name))
    }

    /// Reads the template and the files that it includes by literal names.
    fn files(self, path: &str, view: &View<'_>) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let mut open = vec![path.to_owned()];
        while let Some(path) = open.pop() {
            let path = relative(view.base, &view.base.join(path));
            if files.contains_key(&path) || files.len() == MOST_FILES {
                continue;
            }
            let Some(text) = read(&path, view.runbook, view.base) else { continue };
            if self == Self::Jinja {
                open.extend(included(&text));
            }
            files.insert(path, text);
        }
        files
    }
}

/// Returns the literal names of the files that a Jinja template includes.
fn included(text: &str) -> Vec<String> {
    let directives = Language::Jinja.inside(text).filter(|(at, _)| text[*at..].starts_with("{%"));
    let named = directives.filter_map(|(_, inside)| {
        let inside = inside.trim_start_matches(['-', '+']).trim_start();
        let includes = ["include", "import", "from", "extends"].iter().any(|word| inside.starts_with(word));
        let quote = inside.find(['"', '\''])?;
        let name = &inside[quote + 1..];
        let end = name.find(&inside[quote..=quote])?;
        includes.then(|| name[..end].to_owned())
    });
    named.collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|next: char| !(next.is_alphanumeric() || next == '_' || next == '-'))
        .filter(|word| is_identifier(word))
}
