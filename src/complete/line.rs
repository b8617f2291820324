//! The words before the one that is completed.

use clap::{Arg, ArgAction, Command};

use super::options::{long, takes_value};

/// The words before the one that is completed, read as the program would read them.
pub struct Line<'a> {
    program: &'a Command,
    command: Option<&'a Command>,
    /// True if the word in place of the command is not a command.
    is_lost: bool,
    /// The options that were given, with their values.
    given: Vec<(&'a Arg, String)>,
    positionals: Vec<String>,
    /// The option whose value comes next.
    pending: Option<&'a Arg>,
    /// True after `--`, which ends the options.
    is_literal: bool,
}

/// The part of a command that is being typed.
pub enum Typing<'a> {
    /// Something that nobody can complete.
    Nothing,
    /// A command.
    Command,
    /// An option.
    Option,
    /// The value of an option, or an argument.
    Value {
        argument: &'a Arg,
        /// The beginning of the word that is no part of the value, such as `-target=`.
        prefix: &'a str,
        begun: &'a str,
    },
}

impl<'a> Line<'a> {
    pub fn new(program: &'a Command, before: &[String]) -> Self {
        let mut line = Self {
            program,
            command: None,
            is_lost: false,
            given: Vec::new(),
            positionals: Vec::new(),
            pending: None,
            is_literal: false,
        };
        for word in before {
            line.read(word);
        }
        line
    }

    /// The command that was typed, else the program itself.
    pub fn command(&self) -> &'a Command {
        self.command.unwrap_or(self.program)
    }

    /// The options that were given, with their values.
    pub fn given(&self) -> &[(&'a Arg, String)] {
        &self.given
    }

    /// The value that was given last for the option or the argument with that name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let option = self.given.iter().rev().find(|(argument, _)| argument.get_id() == name);
        option.map(|(_, value)| value.as_str()).or_else(|| {
            let at = self.command().get_positionals().position(|argument| argument.get_id() == name)?;
            self.positionals.get(at).map(String::as_str)
        })
    }

    /// The words of the command that are no options.
    pub fn positionals(&self) -> &[String] {
        &self.positionals
    }

    fn read(&mut self, word: &str) {
        if let Some(argument) = self.pending.take() {
            self.given.push((argument, word.to_owned()));
        } else if word == "--" {
            self.is_literal = true;
        } else if !self.is_literal && word.len() > 1 && word.starts_with('-') {
            self.option(word);
        } else if self.command.is_none() {
            self.command = self.program.find_subcommand(word);
            self.is_lost |= self.command.is_none();
        } else if let Some(command) = self.subcommand(word) {
            self.command = Some(command);
        } else {
            self.positionals.push(word.to_owned());
        }
    }

    /// Returns the command with that name within the command that was typed.
    fn subcommand(&self, word: &str) -> Option<&'a Command> {
        let is_first = self.positionals.is_empty() && !self.is_literal;
        self.command.filter(|_| is_first)?.find_subcommand(word)
    }

    fn option(&mut self, word: &str) {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let Some(argument) = long(self.command(), name.trim_start_matches('-')) else { return };
        match value {
            None if takes_value(argument) && !argument.is_require_equals_set() => {
                self.pending = Some(argument);
            }
            value => self.given.push((argument, value.unwrap_or_default().to_owned())),
        }
    }

    /// The part of the command that `current` is, which comes next.
    pub fn typing<'w>(&self, current: &'w str) -> Typing<'w>
    where
        'a: 'w,
    {
        if self.is_lost {
            return Typing::Nothing;
        }
        if let Some(argument) = self.pending {
            return Typing::Value { argument, prefix: "", begun: current };
        }
        if current.starts_with('-') && !self.is_literal {
            let Some(equals) = current.find('=') else { return Typing::Option };
            let (name, prefix) = (current[..equals].trim_start_matches('-'), &current[..=equals]);
            return match long(self.command(), name).filter(|argument| takes_value(argument)) {
                Some(argument) => Typing::Value { argument, prefix, begun: &current[equals + 1..] },
                None => Typing::Nothing,
            };
        }
        let Some(command) = self.command else { return Typing::Command };
        if command.has_subcommands() && self.positionals.is_empty() {
            return Typing::Command;
        }
        let repeats = |argument: &&Arg| matches!(argument.get_action(), ArgAction::Append);
        let next = command.get_positionals().nth(self.positionals.len());
        let next = next.or_else(|| command.get_positionals().last().filter(repeats));
        match next {
            Some(argument) => Typing::Value { argument, prefix: "", begun: current },
            None if current.is_empty() => Typing::Option,
            None => Typing::Nothing,
        }
    }
}

/// Puts together what bash takes apart: `-var-file=x` reaches a completion as `-var-file`, `=` and `x`. A quote that is not
/// closed yet stays with bash.
pub fn rejoin(words: Vec<String>) -> Vec<String> {
    let is_break = |word: &str| !word.is_empty() && word.chars().all(|c| matches!(c, '=' | ':'));
    let mut joined: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in words {
        let breaks = is_break(&word);
        let word = word.strip_prefix(['"', '\'']).unwrap_or(&word);
        match joined.last_mut().filter(|_| breaks || is_open) {
            Some(last) => last.push_str(word),
            None => joined.push(word.to_owned()),
        }
        is_open = breaks;
    }
    joined
}

/// Takes away the quotes around the last word, which fish leaves there; it puts back what is needed.
pub fn unquoted(mut words: Vec<String>) -> Vec<String> {
    if let Some(last) = words.last_mut() {
        *last = last.trim_matches(['"', '\'']).to_owned();
    }
    words
}

/// Takes away the mark at the end of the last word: `PowerShell` gives no program an empty argument.
pub fn without_end(mut words: Vec<String>) -> Vec<String> {
    if let Some(last) = words.last_mut() {
        last.pop();
    }
    words
}
