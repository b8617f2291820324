//! Run commands of Arc-enabled servers: scripts, and how they ended.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::answer;
use super::resource::Resource;
use super::target::Target;
use crate::access::matches;
use crate::exchange::Refused;
use crate::script::{Script, Task};
use crate::world::ScriptEnd;

const RUN_COMMANDS: &str = "Microsoft.HybridCompute/machines/runCommands";

/// The longest name that the agent for Linux takes.
const LONGEST_NAME: usize = 36;

fn is_run_command(type_name: &str) -> bool {
    type_name.eq_ignore_ascii_case(RUN_COMMANDS)
}

/// Checks the body of a run command, and sets the state of a script that has not started.
pub(super) fn prepare(target: &Target<'_>, body: &mut Map<String, Value>) -> Result<(), Refused> {
    if !is_run_command(&target.declared.name) {
        return Ok(());
    }
    let refused = |message: &str| answer::refused(StatusCode::BAD_REQUEST, "InvalidParameter", message);
    let name = target.id.rsplit('/').next().unwrap_or_default();
    if name.len() > LONGEST_NAME {
        return Err(refused("The name of a run command must have at most 36 characters."));
    }
    let Some(Value::Object(properties)) = body.get_mut("properties") else { return Ok(()) };
    let source = properties.get("source");
    let given = ["script", "scriptUri", "commandId"]
        .iter()
        .filter(|name| source.is_some_and(|source| source[**name].is_string()));
    if given.count() != 1 {
        return Err(refused(
            "Exactly one of 'script', 'scriptUri' and 'commandId' must be given in 'source'.",
        ));
    }
    let unknown = json!({ "executionState": "Unknown", "exitCode": 0, "output": "", "error": "" });
    properties.insert("instanceView".to_owned(), unknown);
    Ok(())
}

/// The scripts that the lab may run, and those whose ends the world declares.
pub(super) struct Scripts {
    /// If true, scripts really run.
    pub really_run: bool,
    pub ends: Vec<ScriptEnd>,
}

/// Starts the script of a run command, or returns its declared end; `None` for any other resource.
pub(super) fn script(resource: &Resource, scripts: &Scripts) -> Option<Script> {
    if !is_run_command(&resource.type_name) {
        return None;
    }
    let machine = resource.name.split('/').next().unwrap_or_default();
    if let Some(end) = scripts.ends.iter().find(|end| matches(&end.machines, machine)) {
        return Some(Script::declared(end));
    }
    let properties = resource.body.get("properties")?;
    let Some(text) = properties["source"]["script"].as_str().filter(|_| scripts.really_run) else {
        return Some(Script::refused(
            "This lab runs no scripts: set `run_commands = true` in the world file, and give an inline script.",
        ));
    };
    let pair = |pair: &Value| Some((pair["name"].as_str()?.to_owned(), pair["value"].as_str()?.to_owned()));
    let lists =
        ["parameters", "protectedParameters"].into_iter().filter_map(|name| properties[name].as_array());
    Some(Script::start(Task {
        text: text.to_owned(),
        parameters: lists.flatten().filter_map(pair).collect(),
        seconds: properties["timeoutInSeconds"].as_u64().filter(|seconds| *seconds > 0),
    }))
}

/// Shows the state of a script in its run command.
pub(super) fn show(resource: &mut Resource, script: &Script) {
    if let Some(Value::Object(properties)) = resource.body.get_mut("properties") {
        properties.insert("instanceView".to_owned(), script.view());
    }
}
