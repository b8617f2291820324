//! `arcbook explain`.

use arcbook_engine::diagnostic::{Diagnostic, did_you_mean};
use arcbook_engine::expression::functions::{self, Function};
use arcbook_engine::step::{explain, explain_json};

use arcbook_steps::registry;

use crate::azure;
use crate::exit::Exit;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    /// The step type or function; without it, all step types are listed.
    #[arg(value_name = "NAME")]
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
    if let Some(step_type) = registry.get(name) {
        if screen.json {
            screen.object(&explain_json(step_type.schema()));
        } else {
            screen.print(&explain(step_type.schema()));
        }
    } else if let Some(function) = functions::find(name) {
        explain_function(function, screen);
    } else {
        let hint = did_you_mean(name, registry.names().chain(functions::names()));
        let unknown =
            Diagnostic::error("unknown-step-type", format!("there is no step type or function `{name}`"));
        return super::wrong(
            screen,
            unknown.help(hint.unwrap_or("`arcbook explain` lists the step types".to_owned())),
        );
    }
    Exit::Done
}

fn explain_function(function: &Function, screen: &Screen) {
    if screen.json {
        let explained = serde_json::json!({
            "function": function.name(),
            "signature": function.signature(),
            "description": function.description(),
        });
        screen.object(&explained);
    } else {
        screen.line(&function.signature());
        screen.line("");
        screen.line(function.description());
    }
}
