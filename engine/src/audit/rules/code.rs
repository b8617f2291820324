//! Finds the scripts that steps let run on other machines, and the files that are run.

use crate::audit::subject::StepView;
use crate::audit::{Found, Subject};
use crate::program::makes_commands;
use crate::runbook::Runbook;
use crate::step::{ActionKind, FileWrite, RemoteScript, Sink};
use crate::syntax::{Expression, ExpressionKind};
use crate::value::{Data, Type, Value};

use super::values::{holds_value, meant, mixes_value};

/// The endings of files that are run or installed.
const ENDINGS: [&str; 14] =
    ["sh", "bash", "ps1", "psm1", "bat", "cmd", "exe", "msi", "py", "pl", "rb", "deb", "rpm", "run"];

/// Returns the texts of the scripts that a step lets run on another machine, as far as they are known, with their arguments.
pub(super) fn remote_scripts(view: &StepView<'_>) -> impl Iterator<Item = (&'static str, String)> {
    let view = *view;
    view.step.step_type.remote_scripts().iter().filter_map(move |script| text(&view, script))
}

fn text(view: &StepView<'_>, script: &RemoteScript) -> Option<(&'static str, String)> {
    let (argument, members) = script.path.split_first()?;
    let mut value = view.argument(argument)?;
    for member in members {
        value = match value.data() {
            // Services ignore the case of names.
            Data::Object(entries) | Data::Map(_, entries) => {
                entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(member))?.1
            }
            _ => return None,
        };
    }
    Some((argument, shown(value)))
}

/// Returns a text, with phrases in place of its unknown parts.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map(str::to_owned).or_else(|| Some(value.pattern()?.to_string())).unwrap_or_default()
}

/// Returns the expression of a member, also of one that local values or `merge()` bring.
fn member<'a>(runbook: &'a Runbook, expression: &'a Expression, path: &[&str]) -> Option<&'a Expression> {
    let Some((name, rest)) = path.split_first() else { return Some(expression) };
    match &meant(runbook, expression).kind {
        ExpressionKind::Object(items) => {
            let is_it = |key: &Expression| match &key.kind {
                ExpressionKind::Literal(value) => {
                    value.as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))
                }
                _ => false,
            };
            items.iter().find(|item| is_it(&item.key)).and_then(|item| member(runbook, &item.value, rest))
        }
        ExpressionKind::Call(call) if call.function() == "merge" => {
            call.arguments.iter().rev().find_map(|argument| member(runbook, argument, path))
        }
        _ => None,
    }
}

/// Finds the values that become part of a script which another machine runs.
pub(super) fn injected_remotely(subject: &Subject<'_>, view: &StepView<'_>) -> Vec<Found> {
    let message = "a value becomes part of a script that another machine runs, where it can be any command";
    let mut found = Vec::new();
    for script in view.step.step_type.remote_scripts() {
        let Some((argument, members)) = script.path.split_first() else { continue };
        let written = view.written(argument);
        let part = written.and_then(|written| member(subject.runbook_of(view), written, members));
        if let Some(part) = part.filter(|part| holds_value(subject, view, part)) {
            found.push(Found::at(part.span, message).about(&*view.planned.address));
        }
        if text(view, script).is_some_and(|(_, text)| makes_commands(&text)) {
            let given = script
                .given
                .iter()
                .filter(|name| view.written(name).is_some_and(|written| holds_value(subject, view, written)));
            found.extend(given.map(|name| view.found(name, message)));
        }
    }
    found
}

/// Returns the files that a step writes.
pub(super) fn written_files<'a>(view: &StepView<'a>) -> impl Iterator<Item = &'a FileWrite> + use<'a> {
    view.planned.actions.iter().filter_map(|action| match &action.kind {
        ActionKind::WriteFile(file) => Some(file),
        _ => None,
    })
}

/// Returns true if a file is one that is run: by its mode, by its ending or by its directory.
pub(super) fn is_program(file: &FileWrite) -> bool {
    let path = file.path.to_string().replace('\\', "/").to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let is_inside = ["/bin/", "/sbin/", "/cron.d/", "/cron.daily/", "/init.d/", "/systemd/system/"];
    file.mode.is_some_and(|mode| mode & 0o111 != 0)
        || ENDINGS.contains(&ending)
        || is_inside.iter().any(|directory| path.contains(directory))
}

/// Finds the values that become part of a file which is run; a whole file from elsewhere has none.
pub(super) fn injected_into_file(subject: &Subject<'_>, view: &StepView<'_>) -> Vec<Found> {
    if !written_files(view).any(is_program) {
        return Vec::new();
    }
    let typed = view.step.typed();
    let is_mixed = |name: &str, expression: &Expression| {
        let field = typed.field(name).filter(|field| field.sink == Sink::File);
        field.is_some_and(|field| match field.ty {
            Type::String => mixes_value(subject, view, expression),
            // The variables of a template.
            _ => holds_value(subject, view, expression),
        })
    };
    let message = "a value becomes part of a file that is run, where it can be any command";
    let mixed =
        view.step.arguments.iter().filter(|argument| is_mixed(&argument.name.value, &argument.expression));
    mixed.map(|argument| view.found(&argument.name.value, message)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Text;

    #[test]
    fn a_program_is_known_by_its_mode_or_its_path() {
        for (path, mode, expected) in [
            ("/tmp/x", Some(0o755), true),
            ("/tmp/x", Some(0o644), false),
            ("/tmp/x", None, false),
            ("install.sh", None, true),
            ("/usr/local/bin/x", Some(0o644), true),
            ("/etc/cron.d/x", None, true),
            ("notes.txt", Some(0o600), false),
        ] {
            let file = FileWrite { path: Text::from(path), mode };
            assert_eq!(is_program(&file), expected, "{path}");
        }
    }
}
