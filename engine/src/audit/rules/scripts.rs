//! Rules about the scripts that programs get.

use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::program::{Place, Script, is_shell, makes_commands, script};
use crate::step::{ActionKind, Process, Text};
use crate::syntax::{Attribute, Expression, ExpressionKind};

use super::code::{injected_into_file, injected_remotely, shown};
use super::values::holds_value;

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "shell-injection",
        level: Level::Error,
        title: "a value is part of a script",
        explanation: "Whatever the value is becomes part of a command, so it can be any command. Behind the script, as in \
            `[\"sh\", \"-c\", \"echo \\\"$1\\\"\", \"-\", value]`, it stays one argument, unless the script makes commands of its \
            arguments, its environment or its input, as with `eval`. Scripts for other machines count (run commands, and the \
            commands of extensions), and values inside of a file that is run, as its mode, its ending or its directory tells.",
        prevents: "Command injection by a tag or by the name of a resource (CWE-78).",
        remedy: "write `$1` into the script, and the value behind it, without `eval`",
        check: injection,
    },
    AuditRule {
        id: "shell",
        level: Level::Note,
        title: "a step runs a script that the runbook writes into the arguments or the input of a program",
        explanation: "A plan shows the script, and nothing of what the script does. A program with arguments is clearer, and a \
            step type knows the state that it changes. Shells count, PowerShell, `cmd`, commands for `ssh`, and languages such \
            as `python3 -c` and `perl -e`, also behind programs such as `env`, `sudo` and `timeout`.",
        prevents: "Changes that no review saw.",
        remedy: "run the programs themselves, one step each, or say why a script is needed",
        check: shell,
    },
];

/// Returns the programs that a step runs on this machine.
pub(super) fn processes<'a>(view: &StepView<'a>) -> impl Iterator<Item = &'a Process> + use<'a> {
    view.planned.actions.iter().filter_map(|action| match &action.kind {
        ActionKind::Exec(process) if !process.of_lab => Some(process),
        _ => None,
    })
}

/// A program of a step that gets a script.
pub(super) struct Scripted<'a> {
    view: StepView<'a>,
    argv: &'a [Text],
    script: Script,
    /// The argument with the program, if the runbook writes it as a list.
    written: Option<(&'a str, &'a [Expression])>,
}

/// Returns the programs of a step that get a script.
pub(super) fn scripted<'a>(view: &StepView<'a>) -> Vec<Scripted<'a>> {
    let view = *view;
    let found = |process: &'a Process| {
        let argv = process.argv.known()?;
        let known: Vec<Option<String>> = argv.iter().map(Text::reveal).collect();
        let words: Vec<Option<&str>> = known.iter().map(Option::as_deref).collect();
        // The program of `unless` gets no input.
        let written = written(&view, &words);
        let has_input = view.argument("stdin").is_some() && written.is_none_or(|(name, _)| name != "unless");
        let script = script(&words, has_input)?;
        Some(Scripted { view, argv, script, written })
    };
    processes(&view).filter_map(found).collect()
}

/// Returns the argument whose list has these words, as far as they are written out.
fn written<'a>(view: &StepView<'a>, argv: &[Option<&str>]) -> Option<(&'a str, &'a [Expression])> {
    let fits = |elements: &[Expression]| {
        elements.len() == argv.len()
            && elements.iter().zip(argv).all(|(element, word)| match &element.kind {
                ExpressionKind::Literal(value) => value.as_str().is_none_or(|text| *word == Some(text)),
                _ => true,
            })
    };
    view.step.arguments.iter().find_map(|argument: &'a Attribute| match &argument.expression.kind {
        ExpressionKind::Tuple(elements) if fits(elements) => {
            Some((&*argument.name.value, elements.as_slice()))
        }
        _ => None,
    })
}

impl Scripted<'_> {
    /// Returns the text of the script, as far as it is known.
    pub fn text(&self) -> String {
        let words = |texts: &[Text]| texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        match self.script.place {
            Place::Argument(at) => self.argv.get(at).map(ToString::to_string).unwrap_or_default(),
            Place::From(at) => words(self.argv.get(at..).unwrap_or_default()),
            Place::Input => {
                self.view.argument("stdin").filter(|text| !text.is_marked()).map(shown).unwrap_or_default()
            }
            Place::File(_) => String::new(),
        }
    }

    /// Returns the name of the argument that holds the script.
    fn argument(&self) -> &str {
        match (self.script.place, self.written) {
            (Place::Input, _) => "stdin",
            (_, Some((name, _))) => name,
            (_, None) => "argv",
        }
    }

    /// Returns the places of the values that become part of a command.
    fn injected(&self, subject: &Subject<'_>) -> Vec<Found> {
        let holds_value = |expression: &Expression| holds_value(subject, &self.view, expression);
        let message = "a value becomes part of a script, where it can be any command";
        let end = self.argv.len();
        let (from, to) = match self.script.place {
            Place::Argument(at) if makes_commands(&self.text()) => (at, end),
            Place::Argument(at) => (at, at + 1),
            Place::From(at) => (at, end),
            Place::Input | Place::File(_) => (end, end),
        };
        let is_input = self.script.place == Place::Input;
        let gets_commands = is_input || makes_commands(&self.text());
        let mut found: Vec<Found> = if let Some((_, elements)) = self.written {
            let values = elements.get(from..to).unwrap_or_default().iter().filter(|one| holds_value(one));
            values.map(|value| Found::at(value.span, message).about(&*self.view.planned.address)).collect()
        } else {
            let texts = self.argv.get(from..to).unwrap_or_default();
            let is_open = |text: &Text| text.gaps().next().is_some() || text.is_sensitive();
            let place = || self.view.found(self.argument(), message);
            texts.iter().any(is_open).then(place).into_iter().collect()
        };
        let others = ["stdin", "environment"]
            .into_iter()
            .filter(|name| gets_commands && (!is_input || *name == "stdin"));
        let others = others.filter(|name| self.view.written(name).is_some_and(holds_value));
        found.extend(others.map(|name| self.view.found(name, message)));
        found
    }
}

fn injection(subject: &Subject<'_>) -> Vec<Found> {
    let found = |view: StepView<'_>| {
        let mut found: Vec<Found> = scripted(&view).iter().flat_map(|one| one.injected(subject)).collect();
        found.extend(injected_remotely(subject, &view));
        found.extend(injected_into_file(subject, &view));
        found
    };
    subject.steps().flat_map(found).collect()
}

fn shell(subject: &Subject<'_>) -> Vec<Found> {
    let found = |view: StepView<'_>| {
        let all = scripted(&view);
        let one = all.first()?;
        let name = &one.script.name;
        let message = if is_shell(name) {
            "runs a shell script".to_owned()
        } else {
            format!("runs a script of {name}")
        };
        Some(view.found(one.argument(), message))
    };
    subject.steps().filter_map(found).collect()
}
