//! The claims of a token, for people and for tools.

use std::time::{SystemTime, UNIX_EPOCH};

use arcbook_engine::diagnostic::{Diagnostic, visible_line};
use arcbook_engine::step::Token;
use arcbook_steps::{Claim, token_claims};
use serde_json::{Value as Json, json};

use super::failed;
use crate::exit::Exit;
use crate::progress::plural;
use crate::screen::Screen;

/// Prints the claims of `token`, never the token itself.
pub fn show(token: &Token, screen: &Screen) -> Exit {
    let Some(claims) = token_claims(token) else {
        return failed(
            screen,
            Diagnostic::error("no-claims", "the token is not a JSON Web Token, so it has no claims to show")
                .help("`arcbook token` prints it, with the tenant and the expiry that the agent told"),
        );
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    if screen.json {
        let claims = claims.iter().map(|claim| to_json(claim, now));
        screen.object(&json!({ "claims": claims.collect::<Vec<_>>() }));
    } else {
        screen.print(&text(&claims, now));
    }
    Exit::Done
}

fn to_json(claim: &Claim, now: i64) -> Json {
    let mut json = json!({ "name": claim.name, "value": claim.value });
    if let Some(time) = &claim.time {
        json["time"] = json!(time.at);
        json["in_seconds"] = json!(time.seconds.saturating_sub(now));
    }
    if let Some(meaning) = claim.meaning {
        json["meaning"] = json!(meaning);
    }
    json
}

fn text(claims: &[Claim], now: i64) -> String {
    let width = claims.iter().map(|claim| visible_line(&claim.name).chars().count()).max().unwrap_or(0);
    let line = |claim: &Claim| {
        let meaning = claim.meaning.map_or_else(String::new, |meaning| format!("\n{:width$}  {meaning}", ""));
        format!("{:width$}  {}{meaning}\n", visible_line(&claim.name), value(claim, now))
    };
    claims.iter().map(line).collect()
}

/// Returns the value of a claim in one line.
fn value(claim: &Claim, now: i64) -> String {
    let value = match &claim.value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let value = visible_line(&value);
    match &claim.time {
        Some(time) => format!("{value} ({}, {})", time.at, relative(time.seconds.saturating_sub(now))),
        None => value,
    }
}

/// Describes a time that is so many seconds in the future: `in 59 min`, `3 h ago`.
fn relative(seconds: i64) -> String {
    let length = match seconds.unsigned_abs() {
        0 => return "now".to_owned(),
        length @ 1..60 => format!("{length} s"),
        length @ 60..7_200 => format!("{} min", length / 60),
        length @ 7_200..172_800 => format!("{} h", length / 3_600),
        length => plural(usize::try_from(length / 86_400).unwrap_or(usize::MAX), "day"),
    };
    if seconds > 0 { format!("in {length}") } else { format!("{length} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_beside_their_seconds() {
        let cases = [
            (0, "now"),
            (1, "in 1 s"),
            (59, "in 59 s"),
            (3_599, "in 59 min"),
            (7_199, "in 119 min"),
            (7_200, "in 2 h"),
            (172_800, "in 2 days"),
            (-60, "1 min ago"),
            (i64::MIN, "106751991167300 days ago"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(relative(seconds), expected);
        }
    }

    #[test]
    fn a_claim_is_one_line_with_its_meaning() {
        let claims = [
            (
                "exp",
                json!(1_764_154_800),
                "exp      1764154800 (2025-11-26T11:00:00Z, in 60 min)\n         expires at\n",
            ),
            ("exp", json!("soon"), "exp      soon\n         expires at\n"),
            ("exp", json!(1e300), "exp      1e+300\n         expires at\n"),
            ("groups", json!(["a", "b"]), "groups   [\"a\",\"b\"]\n         groups of the identity\n"),
            ("own\n", json!("x\u{1b}[2J\ny"), "own      x\\u{1b}[2J y\n"),
            ("longname", json!({ "a": 1 }), "longname  {\"a\":1}\n"),
        ];
        for (name, value, expected) in claims {
            let claims = [("longnam", json!(1)), (name, value)];
            let shown = text(&claims.map(|(name, value)| Claim::new(name.to_owned(), value)), 1_764_151_200);
            let shown = shown.split_once('\n').map_or("", |(_, rest)| rest);
            assert_eq!(shown, expected);
        }
    }
}
