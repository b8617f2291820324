//! Rules about files that leave the machine.

use std::path::Path;

use super::code::remote_scripts;
use super::copies::{PrivateFiles, read_for};
use super::scripts::{processes, scripted};
use super::senders::{Sender, each_command, names_sender};
use super::words::{Word, words};
use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::plan::FileFlow;
use crate::step::{Action, ActionKind, Sink, Text};

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "sends-private-file",
    level: Level::Error,
    title: "a file of keys or passwords leaves the machine",
    explanation: "Private keys, password databases of the system and credential files of tools are for one machine or one \
        person. The path tells: names such as `id_ed25519`, `privkey.pem` and `.pgpass`, endings such as `.key` and `.pfx`, \
        `/etc/shadow`, and directories such as `.ssh` and `/etc/ssl/private`. Files count that a step sends, files that a \
        function such as `file()` reads into what it sends, and files among the arguments or in the input of programs such as \
        `curl` and `scp`, also in a script for another machine. A copy that another step makes counts as the file. A path that \
        proves who sends, as behind `-i`, does not.",
    prevents: "Exfiltration of credentials by a backup (MITRE ATT&CK T1552).",
    remedy: "send another file; a key vault keeps keys and certificates",
    check: private_file,
}];

/// Returns the paths that an argument of a program may name: all of it, and what follows `@`, `=`, `<` and a short option.
pub(super) fn named(argument: &str) -> impl Iterator<Item = &str> {
    let behind = |mark: char| argument.rsplit_once(mark).map(|(_, path)| path);
    let short =
        argument.strip_prefix('-').and_then(|rest| rest.get(1..)).filter(|rest| rest.starts_with('/'));
    [Some(argument), behind('@'), behind('='), behind('<'), short].into_iter().flatten()
}

/// Returns true if a script sends a private file: it names the file and a program that sends.
fn sends_in_script(script: &str, files: &PrivateFiles<'_>) -> bool {
    let mut is_named = false;
    each_command(script, &mut |sender, words| {
        let pieces = |word: &str| {
            word.split(|next: char| "<>$,\"'[]".contains(next)).map(str::to_owned).collect::<Vec<_>>()
        };
        let names = |word: &str| {
            pieces(word).iter().any(|word| word.contains('/') && named(word).any(|path| files.holds(path)))
        };
        is_named |= match sender {
            Some(sender) => sender.sent().any(names),
            None => words.iter().any(|word: &Word<'_>| names(word.shown)),
        };
    });
    is_named && names_sender(script)
}

/// Returns the argument with which a program of a step sends a private file.
fn sent_by_program(view: &StepView<'_>, files: &PrivateFiles<'_>, read: &[String]) -> Option<&'static str> {
    for process in processes(view) {
        let words = words(process);
        let Some(sender) = Sender::of_process(&words) else { continue };
        let base = process.directory.as_ref().and_then(Text::reveal).unwrap_or_default();
        let holds =
            |path: &str| files.holds(path) || files.holds(&Path::new(&base).join(path).to_string_lossy());
        if sender.sent().any(|word| named(word).any(holds)) {
            return Some("argv");
        }
        if read.iter().any(|path| files.holds(path)) {
            return Some(input_of(view));
        }
    }
    let scripts = scripted(view);
    if scripts.iter().any(|one| sends_in_script(&one.text(), files)) {
        return Some("argv");
    }
    let is_read =
        scripts.iter().any(|one| names_sender(&one.text())) && read.iter().any(|path| files.holds(path));
    if is_read {
        return Some(input_of(view));
    }
    remote_scripts(view).find(|(_, text)| sends_in_script(text, files)).map(|(argument, _)| argument)
}

/// Returns the argument that gives a program what functions read.
fn input_of(view: &StepView<'_>) -> &'static str {
    ["stdin", "environment"].into_iter().find(|name| view.written(name).is_some()).unwrap_or("argv")
}

fn private_file(subject: &Subject<'_>) -> Vec<Found> {
    let flow = FileFlow::of(subject.plan);
    let files = PrivateFiles::of(subject);
    let mut found = Vec::new();
    for view in subject.steps() {
        let sends = |action: &Action| action.request().is_some() || matches!(action.kind, ActionKind::Sql(_));
        let mut read = flow.sent_by(subject.plan, view.planned).paths;
        read.extend(read_for(subject, &view, |sink| !matches!(sink, Sink::Memory | Sink::Path)));
        if view.planned.actions.iter().any(sends) {
            let message = "a file of keys or passwords is sent to a service";
            let before = found.len();
            for file in view.planned.actions.iter().filter_map(Action::input_file) {
                if file.path.reveal().is_some_and(|path| files.holds(&path)) {
                    found.push(view.found(file.argument, message));
                }
            }
            if found.len() == before && read.iter().any(|path| files.holds(path)) {
                let sent =
                    ["content", "text", "json", "form", "body", "source", "headers", "parameters", "url"];
                let argument = sent.into_iter().find(|name| view.written(name).is_some());
                found.push(view.found(argument.unwrap_or_default(), message));
            }
        }
        if let Some(argument) = sent_by_program(&view, &files, &read) {
            found.push(view.found(argument, "a program sends a file of keys or passwords"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::private_path::is_private;
    use super::*;

    #[test]
    fn an_argument_names_a_file_in_several_ways() {
        for (argument, expected) in [
            ("/etc/shadow", true),
            ("@/etc/shadow", true),
            ("file=@/etc/shadow", true),
            ("--upload-file=/etc/shadow", true),
            ("-T/etc/shadow", true),
            ("key=</etc/shadow", true),
            ("https://web.test/shadow-play", false),
        ] {
            assert_eq!(named(argument).any(is_private), expected, "{argument}");
        }
    }
}
