//! The origin of a run: the user, the host, the program, and the command line.

use arcbook_engine::run::{Approval, Origin, Versions};

use super::command_line;
use crate::{VERSION, actor, system};

/// Returns the origin of a run that this process starts with that approval.
pub fn of_process(approval: Approval) -> Origin {
    let system::System { os, kernel, .. } = system::here();
    let architecture = std::env::consts::ARCH.to_owned();
    Origin {
        by: actor::of_process(),
        command: command_line::recorded(std::env::args_os()),
        versions: Versions { arcbook: VERSION.to_owned(), os, kernel, architecture },
        approval,
    }
}
