//! `arcbook completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    /// The shell.
    shell: Shell,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "arcbook", &mut script);
    screen.print_exactly(&String::from_utf8_lossy(&script));
    Exit::Done
}
