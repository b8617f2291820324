//! The arguments of `http` that have a form of their own.

use std::collections::BTreeMap;

use arcbook_engine::jmespath::Query;
use arcbook_engine::step::{
    Accepts, Arg, ArgumentError, ArgumentType, Arguments, Choice, ErrorKind, Form, Method, StepError, Text,
    Verb, Whole,
};
use arcbook_engine::value::{Data, PathStep, TextPart, Type, Value};
use url::Url;

use crate::http::HttpResponse;
use crate::names::argument;

/// The message for a path that is not the one that is sent.
const DOTTED: &str = "must not contain `.` or `..` as a part of its path: write the path that is sent";

/// The message for characters that a client drops or replaces.
const REPLACED: &str =
    "must not contain control characters, or `\\` before its query: write the URL that is sent";

/// A URL.
///
/// An unknown part leads to no other path and adds no parameter, unless the URL begins with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(pub String);

impl HttpUrl {
    fn parse(text: &str) -> Result<Self, String> {
        let shape = || "must be a URL like https://host/path".to_owned();
        let url = Url::parse(text).map_err(|_| shape())?;
        if !["http", "https"].contains(&url.scheme()) || !text.contains("://") {
            return Err(shape());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user or a password: use the header Authorization".to_owned());
        }
        check_known(text)?;
        if url.fragment().is_some() {
            return Err("must not contain a fragment (`#…`), which is never sent".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

/// Checks a known part of a URL: people review the URL that is sent.
fn check_known(text: &str) -> Result<(), String> {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    if has_dot_segment(text) {
        return Err(DOTTED.to_owned());
    }
    if text.contains(char::is_control) || path.contains('\\') { Err(REPLACED.to_owned()) } else { Ok(()) }
}

/// Returns true if a segment of the path is `.` or `..`, also if it is encoded: a client resolves them, so that the path which
/// people review is not the one that is sent.
fn has_dot_segment(url: &str) -> bool {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let segments = path.split(['/', '\\']).skip(1);
    segments
        .map(|segment| segment.to_ascii_lowercase().replace("%2e", "."))
        .any(|segment| segment == "." || segment == "..")
}

impl ArgumentType for HttpUrl {
    fn ty() -> Type {
        Type::String
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        Self::parse(&String::from_value(value)?).map_err(|message| ArgumentError::value(message).into())
    }

    fn from_parts(parts: &[TextPart]) -> Result<Option<Text>, String> {
        let (mut text, mut in_query) = (Text::new(), false);
        for (at, part) in parts.iter().enumerate() {
            text = match part {
                TextPart::Known(known) => {
                    if !in_query {
                        check_known(&format!("{known}*"))?;
                    } else if known.contains(char::is_control) {
                        return Err(REPLACED.to_owned());
                    }
                    in_query |= known.contains('?');
                    text.then(known)
                }
                TextPart::Unknown(origins, _) => {
                    let form = match (at, in_query) {
                        (0, _) => Form::Url,
                        (_, false) => Form::Path,
                        (_, true) => Form::Component,
                    };
                    text.then_unknown(origins.clone(), form)
                }
            };
        }
        Ok((parts.len() > 1).then_some(text))
    }
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpMethod(pub Method);

impl HttpMethod {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "CONNECT" {
            return Err("must not be CONNECT, which opens a tunnel".to_owned());
        }
        let found = Method::parse(text).map(Self);
        found.ok_or_else(|| {
            format!("must be a method in up to {} capital letters, such as GET", Verb::LONGEST)
        })
    }
}

argument!(HttpMethod);

/// The effect of a request.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpEffect {
    /// The request changes nothing: `plan -live` sends it, and it may be repeated freely.
    Reads,
    /// The request changes something.
    Changes,
}

/// The form in which the response becomes a value.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parse {
    /// JSON if the response says that it is JSON, otherwise text.
    Auto,
    /// JSON, whatever the response says.
    Json,
    /// Text.
    Text,
}

/// The expected response.
#[derive(Arguments, Debug)]
pub struct Expect {
    /// Statuses that mean success, such as `[200, 404]`; defaults to 200 to 299.
    pub status: Option<Arg<Vec<Whole<100, 599>>>>,
    /// Query in JMESPath that must be true of the response, such as `body.state == 'ready'`.
    ///
    /// The response is an object with `status`, `headers` (their names in lower case) and `body`.
    pub condition: Option<Arg<Condition>>,
}

/// A query that must be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(String);

impl ArgumentType for Condition {
    fn ty() -> Type {
        Type::String
    }

    fn accepts() -> Accepts {
        Accepts::Form("A query in JMESPath.")
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let text = String::from_value(value)?;
        match Query::parse(&text) {
            Ok(_) => Ok(Self(text)),
            Err(error) => {
                Err(ArgumentError::value("must be a query in JMESPath").hint(Some(error.to_string())).into())
            }
        }
    }
}

impl Condition {
    /// Returns an error unless the query is true of the response.
    pub(super) fn check(&self, response: &Value, status: u16) -> Result<(), StepError> {
        let Self(text) = self;
        let failed = |why: String| {
            StepError::new(ErrorKind::Refused, "the response is not the expected one")
                .detail(why)
                .answer(status, None, None)
                .argument("expect")
        };
        let query = Query::parse(text).map_err(|error| failed(format!("{error}.")))?;
        let found = query.search(response).map_err(|error| failed(format!("{error}.")))?;
        let is_true = match found.data() {
            Data::Null(_) => false,
            Data::Bool(value) => *value,
            Data::String(text) => !text.is_empty(),
            Data::Number(_) => true,
            _ => found.children().next().is_some(),
        };
        if is_true { Ok(()) } else { Err(failed(format!("`{text}` is not true of it."))) }
    }
}

/// The headers of a request, with values that may each be unknown or sensitive.
pub(super) type Headers = BTreeMap<String, Arg<String>>;

/// The headers that arcbook sets itself.
const OWN: [(&str, &str); 8] = [
    ("connection", "arcbook manages its connections"),
    ("content-length", "it follows from the body"),
    ("content-type", "set `content_type`"),
    ("expect", "arcbook reads an early answer without it"),
    ("host", "it follows from `url`"),
    ("te", "arcbook manages its connections"),
    ("transfer-encoding", "it follows from the body"),
    ("x-ms-client-request-id", "each request has an id of its own"),
];

/// The headers that contain a credential.
const CREDENTIALS: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "ocp-apim-subscription-key"];

/// Returns the errors in the headers.
pub(super) fn check_headers(headers: &Arg<Headers>, has_token: bool) -> Vec<ArgumentError> {
    let Some(entries) = headers.value() else { return Vec::new() };
    // The names in a sensitive map are not shown.
    let at = |name: &str, message: String| {
        let error = ArgumentError::value(message);
        let error = if headers.is_sensitive() { error } else { error.inside(PathStep::Key(name.into())) };
        error.inside(PathStep::Attribute("headers".into()))
    };
    let error = |(name, value): (&String, &Arg<String>)| {
        let lower = name.to_ascii_lowercase();
        if http::HeaderName::try_from(name.as_str()).is_err() {
            return Some(at(name, "must be the name of a header".to_owned()));
        }
        if let Some((_, reason)) = OWN.iter().find(|(own, _)| *own == lower) {
            return Some(at(name, format!("must not be set: {reason}")));
        }
        if lower == "authorization" && has_token {
            return Some(at(name, "must not be set with `audience`, whose token it is".to_owned()));
        }
        let is_secret = headers.is_sensitive() || value.is_sensitive();
        if CREDENTIALS.contains(&lower.as_str()) && value.value().is_some() && !is_secret {
            return Some(at(name, "must be sensitive, because it contains a credential".to_owned()));
        }
        let is_bad = value.value().is_some_and(|value| http::HeaderValue::try_from(value.as_str()).is_err());
        is_bad.then(|| at(name, "must not contain control characters".to_owned()))
    };
    let mut errors: Vec<ArgumentError> = entries.iter().filter_map(error).collect();
    let mut names: Vec<String> = entries.keys().map(|name| name.to_ascii_lowercase()).collect();
    names.sort();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        errors.push(ArgumentError::new("headers", "must not have a name twice; their case does not matter"));
    }
    errors
}

/// Converts the body of a response.
pub(super) fn body(response: &HttpResponse, parse: Parse) -> Result<Value, StepError> {
    let content_type = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let says_json = media_type == "application/json" || media_type.ends_with("+json");
    let text = |response: &HttpResponse| {
        std::str::from_utf8(&response.body).map_or(Value::NULL, |text| Value::string(text.to_owned()))
    };
    match parse {
        Parse::Text => Ok(text(response)),
        Parse::Auto if !says_json => Ok(text(response)),
        Parse::Auto if response.body.is_empty() => Ok(Value::NULL),
        Parse::Auto | Parse::Json => response.clone().unmarked().value(),
    }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::value::{Origins, TextKind};

    use super::*;

    #[test]
    fn the_path_is_the_one_that_is_sent() {
        for (url, is_allowed) in [
            ("https://a.example.com/b/c.d/..e/...", true),
            ("https://a.example.com/b?x=/../y", true),
            ("https://a.example.com", true),
            ("https://a.example.com/b/../c", false),
            ("https://a.example.com/b/..", false),
            ("https://a.example.com/./b", false),
            ("https://a.example.com/b/%2e%2E/c", false),
            ("https://a.example.com/b/.%2e?x=1", false),
            ("https://a.example.com/b\\..\\c", false),
            ("https://a.example.com\\b", false),
            ("https://a.example.com/pro\tviders/b", false),
            ("https://a.exa\nmple.com/b", false),
            ("https://a.example.com/b?x=\\y", true),
        ] {
            assert_eq!(HttpUrl::parse(url).is_ok(), is_allowed, "{url}");
        }
        let unknown = TextPart::Unknown(Origins::of("step.a.b"), TextKind::default());
        let parts = |known: &str| HttpUrl::from_parts(&[TextPart::Known(known.into()), unknown.clone()]);
        assert!(parts("https://a.example.com/b/../").is_err());
        assert!(parts("https://a.example.com/b/..").is_ok());
        assert!(parts("https://a.example.com/pro\tviders/").is_err());
    }
}
