//! `arcbook __azcmagent`, the command line of the agent that the lab plays.

use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    /// The port of the lab's HIMDS.
    port: u16,
    /// The words of azcmagent.
    #[arg(last = true)]
    words: Vec<String>,
}

/// Ends the process with an exit code of azcmagent, which is none of arcbook.
pub fn perform(arguments: &Arguments, screen: &Screen) -> ! {
    let ended = arcbook_lab::azcmagent(arguments.port, &arguments.words);
    screen.print_exactly(&ended.output);
    std::process::exit(ended.code.into())
}
