//! The console for tools: one JSON value per line in both directions.

use std::io::Read;

use arcbook_engine::diagnostic::json::JsonDiagnostic;
use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, visible_json};
use arcbook_engine::source::Sources;
use arcbook_engine::value::JsonError;
use serde::Serialize;
use serde_json::Value as Json;

use super::Session;
use super::lines::{Line, Lines};
use super::pipe::{stopped, too_long};
use super::session::Evaluation;
use crate::exit::Exit;
use crate::screen::Screen;

/// The maximum length of replies that are held back while further lines are buffered, in bytes.
const HELD: usize = 64 << 10;

/// The reply to one line.
#[derive(Serialize)]
#[serde(untagged)]
enum Reply {
    Value {
        ok: bool,
        /// The value; null if any part of it is unknown.
        value: Json,
        /// The type, as `type()` writes it.
        #[serde(rename = "type")]
        ty: String,
        #[serde(skip_serializing_if = "is_false")]
        sensitive: bool,
        #[serde(skip_serializing_if = "is_false")]
        ephemeral: bool,
        #[serde(skip_serializing_if = "is_false")]
        unknown: bool,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<JsonDiagnostic>,
    },
    Failure {
        ok: bool,
        diagnostics: Vec<JsonDiagnostic>,
    },
}

/// Reads JSON strings with expressions from `input`, one per line, and replies with one line each. Secrets
/// are printed, because the tool asked for the value.
///
/// All replies are written before it waits for another line.
pub fn serve(session: &mut Session<'_>, screen: &Screen, input: impl Read) -> Exit {
    let mut lines = Lines::new(input);
    let mut held = String::new();
    loop {
        let answer = match lines.next() {
            Ok(Some(line)) => answer(session, &line),
            Ok(None) => return Exit::Done,
            Err(error) => return stopped(screen, &error),
        };
        // A reply is plain data, which can always be serialized.
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
    let answer = evaluated.and_then(|answer| Reply::of(&answer, session.sources()));
    answer
        .unwrap_or_else(|found| Reply::Failure { ok: false, diagnostics: listed(&found, session.sources()) })
}

/// Returns the expression in the JSON string of a line.
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
    fn of(answer: &Evaluation, sources: &Sources) -> Result<Self, Diagnostics> {
        let value = &answer.value;
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
            warnings: listed(&answer.warnings, sources),
        })
    }
}

fn listed(found: &Diagnostics, sources: &Sources) -> Vec<JsonDiagnostic> {
    found.iter().map(|message| JsonDiagnostic::new(message, sources)).collect()
}

fn no_json(error: &JsonError) -> Diagnostic {
    Diagnostic::error("no-json", format!("the value cannot be written as JSON: {error}"))
        .help("evaluate a part of it")
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
