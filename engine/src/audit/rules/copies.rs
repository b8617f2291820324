//! Follows the content of private files into other files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::audit::Subject;
use crate::audit::subject::StepView;
use crate::expression::functions::reads_content;
use crate::graph::{Item, ModuleId, Node, NodeId};
use crate::program::{commands, name as program};
use crate::runbook::Runbook;
use crate::source::whole;
use crate::step::{Action, Sink, Text};
use crate::syntax::{Expression, ExpressionKind, TemplatePart};

use super::code::written_files;
use super::private_path::is_private;
use super::scripts::{processes, scripted};
use super::values::{behind, with_locals};
use super::words::words;

/// The programs that copy files: the last word is the copy.
const COPIERS: [&str; 5] = ["cp", "mv", "ln", "install", "copy"];

/// The programs that put files into an archive: the first word that is no option is the archive.
const ARCHIVERS: [&str; 3] = ["tar", "zip", "7z"];

/// The programs that replace each file by a compressed one, with the ending of that.
const COMPRESSORS: [(&str, &str); 4] = [("gzip", "gz"), ("xz", "xz"), ("bzip2", "bz2"), ("zstd", "zst")];

/// The files that hold what private files hold.
pub(super) struct PrivateFiles<'a> {
    directory: &'a Path,
    copies: HashSet<PathBuf>,
}

/// A copy that a step makes: the paths that it reads, and those that it writes.
struct Copying {
    from: Vec<String>,
    to: Vec<String>,
}

impl<'a> PrivateFiles<'a> {
    /// Follows the files through the steps of a plan, whatever their order: a file may be there from the run before.
    pub fn of(subject: &Subject<'a>) -> Self {
        let directory = subject.plan.state.runbook(ModuleId::ROOT).directory.as_path();
        let mut files = Self { directory, copies: HashSet::new() };
        let mut open: Vec<Copying> = subject.steps().flat_map(|view| copying(subject, &view)).collect();
        loop {
            let (private, rest): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|copying| copying.from.iter().any(|path| files.holds(path)));
            if private.is_empty() {
                return files;
            }
            files
                .copies
                .extend(private.iter().flat_map(|one| &one.to).map(|path| whole(&directory.join(path))));
            open = rest;
        }
    }

    /// Returns true if the file at a path is private, or holds what a private one does.
    pub fn holds(&self, path: &str) -> bool {
        is_private(path)
            || !self.copies.is_empty() && self.copies.contains(&whole(&self.directory.join(path)))
    }
}

/// Returns the copies that a step makes.
fn copying(subject: &Subject<'_>, view: &StepView<'_>) -> Vec<Copying> {
    let to: Vec<String> = written_files(view).filter_map(|file| file.path.reveal()).collect();
    let mut all = Vec::new();
    if !to.is_empty() {
        all.push(Copying { from: written_from(subject, view), to });
    }
    for process in processes(view) {
        let words = words(process);
        let words: Vec<&str> =
            words.iter().map(|(shown, is_known)| if *is_known { shown.as_str() } else { "" }).collect();
        let base = process.directory.as_ref().and_then(Text::reveal).unwrap_or_default();
        all.extend(copied(&words, &base));
    }
    for script in scripted(view) {
        all.extend(commands(&script.text()).filter_map(|words| copied(&words, "")));
    }
    all
}

/// Returns the copy that a command makes.
fn copied(words: &[&str], base: &str) -> Option<Copying> {
    let is_one_of = |names: &[&str], word: &str| names.contains(&program(word).as_str());
    let compressor =
        |word: &str| COMPRESSORS.iter().find(|(name, _)| *name == program(word)).map(|(_, end)| *end);
    let is_known =
        |word: &&str| is_one_of(&COPIERS, word) || is_one_of(&ARCHIVERS, word) || compressor(word).is_some();
    let at = words.iter().position(is_known)?;
    let path = |word: &&str| Path::new(base).join(word).to_string_lossy().into_owned();
    let is_bundle = |index: usize, word: &str| {
        index == 0 && is_one_of(&["tar", "7z"], words[at]) && !word.contains(['/', '.'])
    };
    let rest = words[at + 1..].iter().enumerate();
    let rest =
        rest.filter(|(index, word)| !word.starts_with('-') && !word.is_empty() && !is_bundle(*index, word));
    let mut paths: Vec<String> = rest.map(|(_, word)| path(word)).collect();
    if let Some(ending) = compressor(words[at]) {
        let to = paths.iter().map(|path| format!("{path}.{ending}")).collect();
        return Some(Copying { from: paths, to });
    }
    let to = if is_one_of(&COPIERS, words[at]) { paths.pop()? } else { paths.first()?.clone() };
    let is_archive = is_one_of(&ARCHIVERS, words[at]);
    let from = paths.into_iter().skip(usize::from(is_archive)).collect();
    Some(Copying { from, to: vec![to] })
}

/// Returns the paths of the files whose content a step writes into a file.
pub(super) fn written_from(subject: &Subject<'_>, view: &StepView<'_>) -> Vec<String> {
    let inputs = view.planned.actions.iter().filter_map(Action::input_file);
    let mut paths: Vec<String> = inputs.filter_map(|file| file.path.reveal()).collect();
    paths.extend(read_for(subject, view, |sink| sink == Sink::File));
    paths
}

/// Returns the paths of the files that functions read into the arguments of a step that end in these sinks.
pub(super) fn read_for(
    subject: &Subject<'_>,
    view: &StepView<'_>,
    is_of: impl Fn(Sink) -> bool,
) -> Vec<String> {
    let mut paths = Vec::new();
    let typed = view.step.typed();
    let is_content = |name: &str| typed.field(name).is_some_and(|field| is_of(field.sink));
    let runbook = subject.runbook_of(view);
    let written = view.step.arguments.iter().filter(|argument| is_content(&argument.name.value));
    let own = written.flat_map(|argument| with_locals(runbook, &argument.expression));
    for expression in own {
        read(runbook, expression, &mut paths);
    }
    for (caller, expression) in given(subject, view.planned.node) {
        read(caller, expression, &mut paths);
    }
    paths
}

/// Returns the expressions of the variables of modules that a step uses, with their runbooks.
fn given<'a>(subject: &Subject<'a>, id: NodeId) -> Vec<(&'a Runbook, &'a Expression)> {
    let state = &subject.plan.state;
    let mut all = Vec::new();
    if state.modules.iter().nth(1).is_none() {
        return all;
    }
    for node in behind(subject, id) {
        let Node::Item { module, item: Item::Variable(index), .. } = subject.plan.graph.get(node) else {
            continue;
        };
        let Some(place) = &state.modules.get(*module).user else { continue };
        let caller: &'a Runbook = state.runbook(place.module);
        let name = &state.runbook(*module).variables[*index].name.value;
        let arguments = caller.modules[place.block].arguments.iter();
        let arguments = arguments.filter(|argument| argument.name.value == *name);
        let expressions = arguments.flat_map(|argument| with_locals(caller, &argument.expression));
        all.extend(expressions.map(|expression| (caller, expression)));
    }
    all
}

/// Adds the paths of the files that functions in an expression of a runbook read, as far as they are written out: in the
/// call, or in local values. Behind a computed path may be any text of the expression.
pub(super) fn read(runbook: &Runbook, expression: &Expression, paths: &mut Vec<String>) {
    expression.walk(&mut |part| {
        let ExpressionKind::Call(call) = &part.kind else { return };
        let Some(path) = call.arguments.first().filter(|_| reads_content(call.function())) else { return };
        let known = paths.len();
        for path in with_locals(runbook, path) {
            texts(path, paths);
        }
        if paths.len() == known {
            texts(expression, paths);
        }
    });
}

/// Adds the texts in an expression.
fn texts(expression: &Expression, found: &mut Vec<String>) {
    expression.walk(&mut |part| match &part.kind {
        ExpressionKind::Literal(value) => found.extend(value.as_str().map(str::to_owned)),
        ExpressionKind::Template(template) => {
            let texts = template.parts.iter().filter_map(|part| match part {
                TemplatePart::Text(text) => Some(&**text),
                _ => None,
            });
            let text: String = texts.collect();
            // Behind `${path.module}`, a path is relative.
            let is_relative = matches!(template.parts.first(), Some(TemplatePart::Interpolation(inner))
                if inner.as_reference().is_some_and(|reference| &*reference.root.value == "path"));
            found.push(if is_relative { text.trim_start_matches('/').to_owned() } else { text });
        }
        _ => {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_last_word_and_an_archive_the_first() {
        for (command, from, to) in [
            ("cp -p /etc/shadow /tmp/x", "/etc/shadow", "/tmp/x"),
            ("sudo cp a b /srv", "a b", "/srv"),
            ("tar -czf /tmp/x.tgz /root/.ssh", "/root/.ssh", "/tmp/x.tgz"),
            ("tar czf /tmp/x.tgz /root/.ssh", "/root/.ssh", "/tmp/x.tgz"),
            ("zip -r x.zip /root/.ssh", "/root/.ssh", "x.zip"),
            ("7z a x.7z /root/.ssh", "/root/.ssh", "x.7z"),
            ("gzip -9 /root/k.key", "/root/k.key", "/root/k.key.gz"),
        ] {
            let words: Vec<&str> = command.split(' ').collect();
            let copying = copied(&words, "").expect(command);
            assert_eq!((copying.from.join(" "), copying.to.join(" ")), (from.to_owned(), to.to_owned()));
        }
        assert!(copied(&["cat", "/etc/shadow"], "").is_none());
    }
}
