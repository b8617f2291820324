//! `arcbook explain`.

use arcbook_engine::diagnostic::{Diagnostic, did_you_mean};
use arcbook_engine::step::{explain, explain_json};

use arcbook_steps::registry;

use crate::azure;
use crate::exit::Exit;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    /// The step type; all of them are listed when it is left out.
    #[arg(value_name = "TYPE")]
    name: Option<String>,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let registry = registry(&azure::public());
    let Some(name) = &arguments.name else {
        for step_type in registry.iter() {
            let schema = step_type.schema();
            if screen.json {
                screen.object(&explain_json(schema));
            } else {
                screen.line(&format!("{:<16} {}", schema.name, schema.summary()));
            }
        }
        return Exit::Done;
    };
    match registry.get(name) {
        Some(step_type) if screen.json => screen.object(&explain_json(step_type.schema())),
        Some(step_type) => screen.print(&explain(step_type.schema())),
        None => {
            let hint = did_you_mean(name, registry.names());
            let unknown = Diagnostic::error("unknown-step-type", format!("there is no step type `{name}`"));
            return super::wrong(
                screen,
                unknown.help(hint.unwrap_or("`arcbook explain` lists them".to_owned())),
            );
        }
    }
    Exit::Done
}
