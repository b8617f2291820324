//! Completion of the word that is being typed: the answer that the scripts of the shells ask for.
//!
//! Files are read and nothing else is done: no request, no evaluation, no message. Only names are told, never values.

mod addresses;
mod answer;
mod line;
mod options;
mod runbook;
mod source;

pub use answer::Answer;
use line::{Line, Typing};
use source::Source;

use crate::commands::completions::Shell;

/// The words that the last of `words` may become; these are those after the name of the program, as `shell` tells them.
pub fn complete(shell: Shell, words: Vec<String>) -> Answer {
    let words = match shell {
        Shell::Bash => line::rejoin(words),
        Shell::Fish => line::unquoted(words),
        Shell::Pwsh => line::without_end(words),
        Shell::Zsh | Shell::Elvish => words,
    };
    let answer = of_words(&words);
    match (shell, words.last()) {
        (Shell::Bash, Some(current)) => answer.after_break(current),
        _ => answer,
    }
}

fn of_words(words: &[String]) -> Answer {
    let program = options::program();
    let Some((current, before)) = words.split_last() else { return Answer::default() };
    let line = Line::new(&program, before);
    match line.typing(current) {
        Typing::Nothing => Answer::default(),
        Typing::Command => options::commands(line.command(), current),
        Typing::Option => options::of(line.command(), line.given(), current),
        Typing::Value { argument, prefix, begun } => {
            let source = Source::of(line.command(), argument).unwrap_or(Source::Nothing);
            let answer = source.answer(argument, &line, begun);
            answer.within(prefix)
        }
    }
}
