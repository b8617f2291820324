//! Declared ends of scripts, which then do not run.

use super::error::Problem;
use super::file::Labelled;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptEndFile {
    #[serde(default)]
    pub exit_code: i32,
    #[serde(default)]
    pub output: String,
    #[serde(default)]
    pub error: String,
    #[serde(default)]
    pub milliseconds: u64,
}

/// The end of every script on some machines.
#[derive(Clone, Debug)]
pub(crate) struct ScriptEnd {
    /// The pattern of the machines' names, in which `*` stands for any text.
    pub machines: String,
    pub exit_code: i32,
    pub output: String,
    pub error: String,
    /// The time that a script takes.
    pub milliseconds: u64,
}

/// The number of bytes at the end of each output that a run command keeps.
const TAIL: usize = 4096;

pub(super) fn script_ends(files: Labelled<ScriptEndFile>) -> Result<Vec<ScriptEnd>, Problem> {
    let end = |(machines, file): (String, ScriptEndFile)| {
        let ScriptEndFile { exit_code, output, error, milliseconds } = file;
        if let Some((name, _)) =
            [("output", &output), ("error", &error)].into_iter().find(|(_, text)| text.len() > TAIL)
        {
            let path = ["run_command", machines.as_str(), name];
            let remedy = "a run command keeps the last 4096 bytes of an output: give at most those";
            return Err(Problem::new(&path, "too long", remedy));
        }
        Ok(ScriptEnd { machines, exit_code, output, error, milliseconds })
    };
    files.into_iter().map(end).collect()
}
