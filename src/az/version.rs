//! `az version`.

use serde_json::json;

use crate::VERSION;
use crate::azure_cli::in_lines;
use crate::exit::Exit;
use crate::screen::Screen;

/// The version of the Azure CLI whose answers these are: clients compare it with the oldest that they accept.
const OF_AZ: &str = "2.91.0";

pub fn perform(screen: &Screen) -> Exit {
    let version = json!({ "arcbook": VERSION, "azure-cli": OF_AZ, "extensions": {} });
    screen.print_exactly(&in_lines(&version));
    Exit::Done
}
