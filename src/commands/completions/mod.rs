//! `arcbook completions`, and `arcbook __complete`, which the scripts that it prints call.

use std::ffi::OsString;

use crate::complete::complete;
use crate::exit::Exit;
use crate::screen::Screen;

/// A shell that completes what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// `source <(arcbook completions bash)` in ~/.bashrc
    Bash,
    /// `source <(arcbook completions zsh)` in ~/.zshrc, after `compinit`
    Zsh,
    /// `arcbook completions fish | source` in ~/.config/fish/config.fish
    Fish,
    /// `arcbook completions powershell | Out-String | Invoke-Expression` in $PROFILE
    #[value(name = "powershell")]
    Pwsh,
    /// `eval (arcbook completions elvish | slurp)` in rc.elv
    Elvish,
}

#[derive(clap::Args)]
pub struct Arguments {
    /// The shell.
    shell: Shell,
}

#[derive(clap::Args)]
pub struct WordsArguments {
    /// The shell.
    shell: Shell,
    /// The words after the name of the program, up to the one that is typed.
    #[arg(last = true)]
    words: Vec<OsString>,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    screen.print_exactly(match arguments.shell {
        Shell::Bash => include_str!("arcbook.bash"),
        Shell::Zsh => include_str!("arcbook.zsh"),
        Shell::Fish => include_str!("arcbook.fish"),
        Shell::Pwsh => include_str!("arcbook.ps1"),
        Shell::Elvish => include_str!("arcbook.elv"),
    });
    Exit::Done
}

/// Answers what the last word may become.
pub fn answer(arguments: WordsArguments, screen: &Screen) -> Exit {
    let words = arguments.words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    screen.print_exactly(&complete(arguments.shell, words).lines());
    Exit::Done
}
