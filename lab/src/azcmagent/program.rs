//! The program: it reads its words and its configuration file, and asks the agent.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Map, Value};

use super::{PATH, code};

/// The end of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub code: u8,
    /// The standard output, where the agent writes its errors too.
    pub output: String,
}

/// Runs a command of `azcmagent`, whose agent is that of the lab with this HIMDS port.
#[must_use]
pub fn azcmagent(port: u16, words: &[String]) -> Ended {
    let (command, settings) = match parsed(words) {
        Ok(parsed) => parsed,
        Err(ended) => return ended,
    };
    let asked = ask(port, command, &Value::from(settings)).ok().and_then(|answer| ended(&answer));
    asked.unwrap_or_else(|| failed(code::NO_AGENT, "The agent of the lab does not answer."))
}

fn failed(code: u8, message: &str) -> Ended {
    Ended { code, output: format!("{message}\n") }
}

/// Returns the command and its settings.
fn parsed(words: &[String]) -> Result<(&str, Map<String, Value>), Ended> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let one = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    match words.as_slice() {
        ["show", "-j" | "--json"] => Ok(("show", Map::new())),
        [command @ ("connect" | "disconnect"), "--config", file] => Ok((command, config(file)?)),
        ["disconnect", "--force-local-only"] => Ok(("disconnect", one("force-local-only", true.into()))),
        ["config", "set", property, value] => Ok(("config", one(property, (*value).into()))),
        _ => Err(failed(
            code::BAD_ARGUMENT,
            "The azcmagent of the lab knows show -j, connect --config FILE, disconnect --config FILE, \
             disconnect --force-local-only and config set proxy.url URL.",
        )),
    }
}

fn config(path: &str) -> Result<Map<String, Value>, Ended> {
    let text = std::fs::read(path).ok();
    let settings = text.and_then(|text| serde_json::from_slice(&text).ok());
    settings.ok_or_else(|| failed(code::BAD_CONFIG, "The configuration file cannot be read."))
}

/// Sends a command to the agent, and returns the body of its answer.
fn ask(port: u16, command: &str, settings: &Value) -> io::Result<Vec<u8>> {
    let body = settings.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let head = format!(
        "POST /{PATH}/{command} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nMetadata: true\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    Ok(end.map(|at| answer.split_off(at + 4)).unwrap_or_default())
}

fn ended(answer: &[u8]) -> Option<Ended> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let code = u8::try_from(answer["code"].as_u64()?).ok()?;
    let output = answer["output"].as_str()?;
    let end = if output.is_empty() { "" } else { "\n" };
    Some(Ended { code, output: format!("{output}{end}") })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn other_words_than_the_documented_ones_are_refused() {
        let refused = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            parsed(&words).map_err(|ended| ended.code).err()
        };
        let bad = Some(code::BAD_ARGUMENT);
        assert_eq!(refused(&["show", "-j"]), None);
        assert_eq!(refused(&["disconnect", "--force-local-only"]), None);
        assert_eq!(refused(&["show"]), bad);
        assert_eq!(refused(&["reconnect"]), bad);
        assert_eq!(refused(&[]), bad);
        assert_eq!(refused(&["connect", "--service-principal-secret", "x"]), bad);
        assert_eq!(refused(&["connect", "--config", "/nowhere/file"]), Some(code::BAD_CONFIG));
    }

    #[test]
    fn an_answer_without_a_code_is_none() {
        assert_eq!(ended(json!({ "code": 67, "output": "x" }).to_string().as_bytes()).unwrap().code, 67);
        assert!(ended(b"{}").is_none() && ended(b"").is_none());
    }
}
