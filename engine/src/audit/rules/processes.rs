//! Rules about programs and downloads.

use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::runbook::Runbook;
use crate::step::{ActionKind, Process, Safety, Text};
use crate::syntax::{Expression, ExpressionKind};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "shell-injection",
        level: Level::Error,
        title: "a value is part of the script of a shell",
        explanation: "Whatever the value is becomes part of a command, so it can be any command. Behind the script, as in \
            `[\"sh\", \"-c\", \"echo \\\"$1\\\"\", \"-\", value]`, it stays one argument.",
        prevents: "Command injection by a tag or by the name of a resource (CWE-78).",
        remedy: "write `$1` into the script, and the value behind it",
        check: injection,
    },
    AuditRule {
        id: "shell",
        level: Level::Note,
        title: "a step runs the script of a shell",
        explanation: "A plan shows the script, and nothing of what the script does. A program with arguments is clearer, and a \
            step type knows the state that it changes.",
        prevents: "Changes that no review saw.",
        remedy: "run the programs themselves, one step each, or say why a shell is needed",
        check: shell,
    },
    AuditRule {
        id: "download-without-digest",
        level: Level::Warning,
        title: "a download is used without a look at its digest",
        explanation: "The file is whatever the host serves at that moment. Steps that write a response from outside of the cloud \
            into a file, and programs such as `curl` and `wget`, count; a `postcondition` of the step, or a `filesha256()` in the \
            runbook, is such a look.",
        prevents: "Supply-chain attacks by a replaced file (SLSA; CWE-494).",
        remedy: "compare `filesha256(path)` with the published digest in a later step, before the file is used",
        check: download,
    },
];

/// The programs that read commands.
const SHELLS: [&str; 9] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "pwsh", "powershell", "cmd"];

/// The options before a script.
const OPTIONS: [&str; 6] = ["-c", "-lc", "-ec", "-command", "/c", "-encodedcommand"];

/// The programs that download.
const LOADERS: [&str; 4] = ["curl", "wget", "invoke-webrequest", "iwr"];

/// The functions that compute a digest of a file.
const DIGESTS: [&str; 4] = ["filesha256", "filesha512", "filebase64sha256", "filebase64sha512"];

/// Returns the name of a program without its directory and its ending.
fn program(text: &str) -> String {
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    name.strip_suffix(".exe").unwrap_or(&name).to_owned()
}

/// Returns the index of the script of a shell, and the script.
fn script(process: &Process) -> Option<(usize, &Text)> {
    let argv = process.argv.known()?;
    let name = program(&argv.first()?.reveal()?);
    if !SHELLS.contains(&name.as_str()) {
        return None;
    }
    let is_option =
        |text: &Text| text.reveal().is_some_and(|text| OPTIONS.contains(&text.to_ascii_lowercase().as_str()));
    let at = argv.iter().position(is_option)? + 1;
    Some((at, argv.get(at)?))
}

fn processes<'a>(view: &StepView<'a>) -> impl Iterator<Item = &'a Process> + use<'a> {
    view.planned.actions.iter().filter_map(|action| match &action.kind {
        ActionKind::Exec(process) if !process.of_lab => Some(process),
        _ => None,
    })
}

/// Returns the arguments of the step that are lists with the script at `at`, with the expression of the script.
fn scripts<'a>(view: &StepView<'a>, at: usize) -> impl Iterator<Item = (&'a str, &'a Expression)> + use<'a> {
    view.step.arguments.iter().filter_map(move |argument| match &argument.expression.kind {
        ExpressionKind::Tuple(elements) => {
            let is_option = |element: &Expression| match &element.kind {
                ExpressionKind::Literal(value) => {
                    value.as_str().is_some_and(|text| OPTIONS.contains(&text.to_ascii_lowercase().as_str()))
                }
                _ => false,
            };
            let element = elements.get(at)?;
            is_option(elements.get(at.checked_sub(1)?)?).then_some((&*argument.name.value, element))
        }
        _ => None,
    })
}

fn injection(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for view in subject.steps() {
        for (at, script) in processes(&view).filter_map(script) {
            let message = "a value becomes part of a script, where it can be any command";
            let written: Vec<_> = scripts(&view, at).collect();
            if written.is_empty() && (script.gaps().next().is_some() || script.is_sensitive()) {
                found.push(view.found_in_whole(message));
            }
            let holds = |(_, script): &&(&str, &Expression)| {
                script.references().iter().any(|reference| &*reference.root.value != "path")
            };
            for (_, script) in written.iter().filter(holds) {
                found.push(Found::at(script.span, message).about(&*view.planned.address));
            }
        }
    }
    found
}

fn shell(subject: &Subject<'_>) -> Vec<Found> {
    let runs = |view: &StepView<'_>| processes(view).any(|process| script(process).is_some());
    let found = |view: StepView<'_>| {
        let argument = view.step.arguments.iter().find(|argument| {
            matches!(&argument.expression.kind, ExpressionKind::Tuple(elements) if elements.len() > 2)
        });
        let name = argument.map_or("argv", |argument| &*argument.name.value);
        view.found(name, "the script of a shell")
    };
    subject.steps().filter(runs).map(found).collect()
}

/// Returns true if a program downloads, by itself or in a script.
fn loads(process: &Process) -> bool {
    let Some(argv) = process.argv.known() else { return false };
    let first = argv.first().and_then(Text::reveal).unwrap_or_default();
    let in_script = script(process).and_then(|(_, script)| script.reveal());
    let is_in = |script: &String| {
        script
            .split(|next: char| !next.is_alphanumeric() && next != '-')
            .any(|word| LOADERS.contains(&word.to_ascii_lowercase().as_str()))
    };
    LOADERS.contains(&program(&first).as_str()) || in_script.as_ref().is_some_and(is_in)
}

/// Returns true if the step writes a response into a file that comes from outside of the cloud.
fn saves(subject: &Subject<'_>, view: &StepView<'_>) -> bool {
    let actions = &view.planned.actions;
    let writes = actions.iter().any(|action| matches!(action.kind, ActionKind::WriteFile(_)));
    let reads_outside = actions.iter().any(|action| {
        let outside = action.request().is_some_and(|request| {
            super::transport::leaves_cloud(subject, view, &crate::plan::host(&request.url.to_string()))
        });
        outside && action.safety == Safety::Reads
    });
    writes && reads_outside
}

/// Returns true if an expression of the runbook computes the digest of a file.
fn computes_digest(runbook: &Runbook) -> bool {
    let mut computes = false;
    for expression in runbook.expressions() {
        expression.walk(&mut |part| {
            if let ExpressionKind::Call(call) = &part.kind {
                computes |= DIGESTS.contains(&call.function());
            }
        });
    }
    computes
}

fn download(subject: &Subject<'_>) -> Vec<Found> {
    let is_checked = subject.runbooks().any(computes_digest);
    let is_unchecked = |view: &StepView<'_>| {
        !is_checked
            && view.step.postconditions.is_empty()
            && (saves(subject, view) || processes(view).any(loads))
    };
    let found = |view: StepView<'_>| {
        let argument = ["save_to", "argv"].into_iter().find(|name| view.written(name).is_some());
        view.found(argument.unwrap_or_default(), "a file from elsewhere that nothing compares with a digest")
    };
    subject.steps().filter(is_unchecked).map(found).collect()
}
