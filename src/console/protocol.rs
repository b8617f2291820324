//! The console for tools: JSON in, JSON out, line by line.

use std::io::Read;

use arcbook_engine::diagnostic::json::JsonDiagnostic;
use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, visible_json};
use arcbook_engine::value::{JsonError, Value};
use serde::Serialize;
use serde_json::Value as Json;

use super::Session;
use super::lines::{Line, Lines};
use super::pipe::{stopped, too_long};
use crate::exit::Exit;
use crate::screen::Screen;

/// How many bytes of answers are held back while more lines are there to be answered.
const HELD: usize = 64 << 10;

/// The answer to one line.
#[derive(Serialize)]
#[serde(untagged)]
enum Reply {
    Value {
        ok: bool,
        /// Null when anything in it is unknown.
        value: Json,
        /// As `type()` writes it.
        #[serde(rename = "type")]
        ty: String,
        #[serde(skip_serializing_if = "is_false")]
        sensitive: bool,
        #[serde(skip_serializing_if = "is_false")]
        ephemeral: bool,
        #[serde(skip_serializing_if = "is_false")]
        unknown: bool,
    },
    Failure {
        ok: bool,
        diagnostics: Vec<JsonDiagnostic>,
    },
}

/// Answers each line of `input`, a JSON string that holds an expression, with one line: secrets are shown, for the tool
/// asked for the value.
///
/// The answers are out before a line is waited for.
pub fn serve(session: &mut Session<'_>, screen: &Screen, input: impl Read) -> Exit {
    let mut lines = Lines::new(input);
    let mut held = String::new();
    loop {
        let answer = match lines.next() {
            Ok(Some(line)) => answer(session, &line),
            Ok(None) => return Exit::Done,
            Err(error) => return stopped(screen, &error),
        };
        // An answer is plain data, which always has JSON.
        held.push_str(&visible_json(&serde_json::to_string(&answer).unwrap_or_default()));
        held.push('\n');
        if held.len() >= HELD || lines.is_drained() {
            if !screen.reveal(&held) {
                return Exit::Done;
            }
            held.clear();
            held.shrink_to(HELD);
        }
    }
}

fn answer(session: &mut Session<'_>, line: &Line<'_>) -> Reply {
    let evaluated = expression(line).and_then(|text| session.evaluate(text));
    let answer = evaluated.and_then(|answer| Reply::of(&answer.value));
    answer.unwrap_or_else(|found| Reply::Failure {
        ok: false,
        diagnostics: found.iter().map(|error| JsonDiagnostic::new(error, session.sources())).collect(),
    })
}

/// The expression that the JSON string of a line holds.
fn expression(line: &Line<'_>) -> Result<String, Diagnostics> {
    let Line::Bytes(bytes) = line else { return Err(too_long().into()) };
    serde_json::from_slice(bytes).map_err(|error| {
        Diagnostic::error("invalid-json", "the line is not a JSON string")
            .detail(format!("{error}."))
            .help(r#"write the expression `upper("a")` as `"upper(\"a\")"`, a line break in it as `\n`"#)
            .into()
    })
}

impl Reply {
    fn of(value: &Value) -> Result<Self, Diagnostics> {
        let json = match value.to_json() {
            Ok(json) => Some(json),
            Err(JsonError::Unknown) => None,
            Err(error) => return Err(no_json(&error).into()),
        };
        let marks = value.deep_marks();
        Ok(Self::Value {
            ok: true,
            unknown: json.is_none(),
            value: json.unwrap_or(Json::Null),
            ty: value.ty().to_string(),
            sensitive: marks.is_sensitive(),
            ephemeral: marks.is_ephemeral(),
        })
    }
}

fn no_json(error: &JsonError) -> Diagnostic {
    Diagnostic::error("no-json", format!("the value has no JSON: {error}")).help("ask for a part of it")
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
