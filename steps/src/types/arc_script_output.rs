//! The outputs of a script that ran on an Arc-enabled server.

use arcbook_engine::step::Outputs;
use arcbook_engine::value::Value;

use super::arc_script::Finished;
use crate::json;

/// The outputs of `arc_run_command`.
#[derive(Outputs, Debug)]
pub struct Ran {
    /// Exit code of the script.
    #[output(answer)]
    exit_code: i64,
    /// End of the standard output: its last 4 KiB.
    #[output(from(script, parameters, protected_parameters))]
    stdout: String,
    /// End of the standard error: its last 4 KiB.
    #[output(from(script, parameters, protected_parameters))]
    stderr: String,
    /// True if the beginning of one of them may be missing.
    #[output(answer)]
    truncated: bool,
    /// Time at which the script started (RFC 3339); null if the service does not tell it.
    #[output(answer)]
    started: Option<String>,
    /// Time at which the script ended (RFC 3339); null if the service does not tell it.
    #[output(answer)]
    ended: Option<String>,
}

impl Ran {
    /// Returns the outputs of a script that ended, and its output as JSON; null if it is none, or is cut.
    pub(super) fn of(ended: Finished) -> (Self, Value) {
        let truncated = ended.is_cut();
        let body = (!truncated).then(|| json::value(ended.stdout.as_bytes()).ok()).flatten();
        let Finished { exit_code, stdout, stderr, started_at: started, ended_at: ended, .. } = ended;
        (Self { exit_code, stdout, stderr, truncated, started, ended }, body.unwrap_or(Value::NULL))
    }
}
