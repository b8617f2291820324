//! The step type `http`.

use std::collections::BTreeMap;
use std::path::Path;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Audience, Base64, Body, Change, Content, Effect, FileMode,
    FileWrite, Form, HttpRequest, Method, Outputs, Power, RemoteScript, Response, Safety, StepError, Text,
    Title, Whole,
};
use arcbook_engine::value::Value;
use bytes::Bytes;
use url::form_urlencoded::byte_serialize;

use super::http_request::{Expect, Headers, HttpEffect, HttpMethod, HttpUrl, Parse, body, check_headers};
use crate::arc::scripts_in;
use crate::azure::Azure;
use crate::file::{self, Attributes, FileState, Trouble};
use crate::http::firewall::Refusal;
use crate::http::{HttpResponse, Payload, firewall};
use crate::names::is_loopback;
use crate::permission;
use crate::session::{Session, body_of};
use crate::step::{Done, TypedStep};

/// The maximum size of a response, unless `max_bytes` sets another.
const BYTES: usize = 16 << 20;

/// The mode of the file in `save_to`, unless `mode` sets another.
const MODE: u32 = 0o600;

/// Sends one HTTP request to any host and returns the response.
///
/// The method decides what the request does: GET, HEAD and OPTIONS read, PUT and DELETE may be repeated without further
/// effect, and every other one is sent once; `effect` and `idempotent` say otherwise. Failures that may pass are retried
/// as for every other step. Redirects are not followed: a status from 300 to 399 is an error that names the new address.
/// arcbook cannot undo a request.
///
/// With `audience`, the request carries a token of the identity, and only a host of that audience gets it. Every other
/// request carries no token. The plan names the role for a request to Azure Resource Manager, and for no other host. TLS is
/// required for every host but this machine.
#[derive(Arguments, Debug)]
#[arguments(at_most_one(json, form, text), requires(mode, save_to))]
pub struct WebRequest {
    /// URL, with its query: `https://…`, or `http://…` for this machine (`localhost`).
    #[argument(sink = "url")]
    url: Arg<HttpUrl>,
    /// Method, such as `GET` or `POST`; defaults to `GET`.
    method: Option<Arg<HttpMethod>>,
    /// Audience of the token that the request carries, such as `https://management.azure.com`; defaults to no token.
    audience: Option<Arg<String>>,
    /// Headers; sensitive values are sent and never shown.
    #[argument(sink = "header")]
    headers: Option<Arg<Headers>>,
    /// Body as JSON: any value.
    #[argument(sink = "body")]
    json: Option<Arg<Value>>,
    /// Body as a form (`application/x-www-form-urlencoded`).
    #[argument(sink = "body")]
    form: Option<Arg<BTreeMap<String, String>>>,
    /// Body as text.
    #[argument(sink = "body")]
    text: Option<Arg<String>>,
    /// Content type of the body; defaults to that of its form.
    #[argument(sink = "header")]
    content_type: Option<Arg<String>>,
    /// Effect of the request; defaults to that of its method. A POST that only reads has `reads`.
    effect: Option<Arg<HttpEffect>>,
    /// True if repeating the request has no further effect; defaults to what its method promises.
    idempotent: Option<Arg<bool>>,
    /// True to send the request without TLS to another machine, where everybody in between can read and change it.
    ///
    /// The plan shows it. Such a request never carries a token.
    allow_plain_http: Option<Arg<bool>>,
    /// Expected response; anything else fails the step.
    #[argument(sink = "memory")]
    expect: Option<Arg<Expect>>,
    /// Form in which the response becomes `body`; defaults to `auto`.
    parse: Option<Arg<Parse>>,
    /// File that gets the response, byte by byte, in place of an earlier file; `body` is null then.
    ///
    /// It is written beside the old one and renamed, so readers see one of the two.
    #[argument(sink = "path")]
    save_to: Option<Arg<String>>,
    /// Mode of the file, such as `0644`; defaults to `0600`.
    mode: Option<Arg<FileMode>>,
    /// Maximum size of the response in bytes, beyond which the step fails; defaults to 16777216 (16 MiB).
    max_bytes: Option<Arg<Whole<1, 268_435_456>>>,
}

/// The outputs of `http`.
#[derive(Outputs, Debug)]
pub struct Responded {
    /// HTTP status of the response, such as `200`.
    #[output(answer)]
    status: i64,
    /// Headers of the response, with names in lower case; those that are not text are left out.
    #[output(from(url, headers, json, form, text))]
    headers: BTreeMap<String, String>,
    /// Response in base64, if it is not UTF-8 and not in a file; otherwise null.
    #[output(from(url, headers, json, form, text))]
    content_base64: Option<Base64>,
    /// Size of the response, in bytes.
    #[output(from(url, headers, json, form, text))]
    size: i64,
}

impl WebRequest {
    fn method(&self) -> Method {
        self.method.as_ref().and_then(Arg::value).map_or(Method::Get, |HttpMethod(method)| *method)
    }

    fn url(&self) -> Text {
        match &self.url {
            Arg::Unknown(origins) => Text::new().then_unknown(origins.clone(), Form::Url),
            // The host that receives the request is no secret, even if a part of the path or the query is.
            Arg::Known { value: HttpUrl(url), sensitive: true } => {
                let end = url.find("://").map_or(0, |at| at + 3);
                let end = url[end..].find(['/', '?']).map_or(url.len(), |at| end + at);
                let (origin, rest) = url.split_at(end);
                Text::from(origin)
                    .then_arg(&Arg::Known { value: rest.to_owned(), sensitive: true }, Clone::clone)
            }
            url => Text::new().then_parts(url, |HttpUrl(url)| url.clone()),
        }
    }

    fn audience(&self) -> Option<Audience> {
        self.audience.as_ref().and_then(Arg::value).map(|audience| Audience::new(audience.as_str()))
    }

    /// Returns true if the request may cross a network without TLS: it is allowed to, and its URL may need it.
    fn is_plain(&self) -> bool {
        let is_allowed = self.allow_plain_http.as_ref().and_then(Arg::value) == Some(&true);
        let may_need_it = match self.url.value() {
            Some(HttpUrl(url)) => {
                url::Url::parse(url).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url))
            }
            None => !self.url().to_string().starts_with("https://"),
        };
        is_allowed && may_need_it
    }

    /// Returns the safety of the request; an argument that is not known yet counts as the worst case.
    fn safety(&self) -> Safety {
        let default = self.method().safety();
        let idempotent = self.idempotent.as_ref().map(Arg::value);
        match (self.effect.as_ref().map(Arg::value), idempotent) {
            (Some(Some(HttpEffect::Reads)), _) => Safety::Reads,
            (None, None) => default,
            (None, Some(_)) if default == Safety::Reads => default,
            (_, Some(Some(true))) => Safety::Idempotent,
            (_, None) if default != Safety::Reads => default,
            _ => Safety::Once,
        }
    }

    /// Returns the body with its content type; none without a body.
    fn content(&self) -> Option<(Body, &'static str)> {
        let known = |bytes: Option<Vec<u8>>| bytes.map_or(Body::Unknown, |bytes| Body::Bytes(bytes.into()));
        if let Some(json) = &self.json {
            let bytes = json.value().and_then(|value| value.to_json_text().ok()).map(String::into_bytes);
            return Some((known(bytes), "application/json"));
        }
        if let Some(form) = &self.form {
            let encoded = |text: &String| byte_serialize(text.as_bytes()).collect::<String>();
            let pairs = form.value().map(|form| {
                let pairs = form.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
                pairs.collect::<Vec<_>>().join("&").into_bytes()
            });
            return Some((known(pairs), "application/x-www-form-urlencoded"));
        }
        let text = self.text.as_ref()?;
        Some((known(text.value().map(|text| text.clone().into_bytes())), "text/plain; charset=utf-8"))
    }

    fn send(&self, azure: &Azure) -> Action {
        let needs =
            self.audience().and_then(|_| permission::of_url(azure.cloud(), self.method(), &self.url()));
        let mut request = HttpRequest::new(self.method(), self.url());
        if let Some(audience) = self.audience() {
            request = request.audience(audience);
        }
        if self.is_plain() {
            request = request.in_the_clear();
        }
        for (name, value) in self.headers.as_ref().and_then(Arg::value).into_iter().flatten() {
            request = request.header(name.clone(), Text::new().then_parts(value, Clone::clone));
        }
        if let Some((body, content_type)) = self.content() {
            let content_type = match &self.content_type {
                Some(content_type) => Text::new().then_parts(content_type, Clone::clone),
                None => content_type.into(),
            };
            request = request.header("content-type", content_type).body(body);
        }
        let action = request.action().safety(self.safety());
        let action = action.needs_more(needs.as_ref().is_some_and(permission::deploys));
        needs.into_iter().fold(action, Action::needs)
    }

    /// Returns the writing of the file for the response, if there is one.
    fn write(&self) -> Option<Action> {
        let mode = match &self.mode {
            Some(mode) => mode.value().map(|mode| mode.bits()),
            None => Some(MODE),
        };
        Some(Action::write_file(FileWrite { path: file::path(self.save_to.as_ref()?), mode }))
    }

    fn expect(&self) -> Option<&Expect> {
        self.expect.as_ref().and_then(Arg::value)
    }

    /// Returns true if the body contains a sensitive value.
    fn holds_secret(&self) -> bool {
        self.json.as_ref().is_some_and(Arg::is_sensitive)
            || self.form.as_ref().is_some_and(Arg::is_sensitive)
            || self.text.as_ref().is_some_and(Arg::is_sensitive)
            || self.headers.as_ref().is_some_and(Arg::is_sensitive)
    }

    async fn exchange(&self, session: &Session, action: &Action) -> Result<HttpResponse, StepError> {
        let body = body_of(action)?.map(Payload::from);
        let mut request = session.request(action, body, &[])?;
        let statuses = self.expect().and_then(|expect| expect.status.as_ref()).map(Arg::get).transpose()?;
        request.statuses = statuses
            .map(|statuses| statuses.iter().filter_map(|status| u16::try_from(status.get()).ok()).collect());
        let most = self.max_bytes.as_ref().map(Arg::get).transpose()?;
        request.most = Some(most.map_or(BYTES, |most| usize::try_from(most.get()).unwrap_or(BYTES)));
        request.holds_secret = self.holds_secret();
        let sent = session.exchange(action, request, self.url().to_string()).await;
        sent.map_err(|error| self.unexpected(error))
    }

    /// Explains a status that is no failure of its own, after which a change counts as made.
    fn unexpected(&self, error: StepError) -> StepError {
        match error.status() {
            Some(200..300) if self.safety() != Safety::Reads => {
                error.help("`expect` lists the statuses that mean success").uncertain()
            }
            Some(200..300) => error.help("`expect` lists the statuses that mean success"),
            Some(300..400) => {
                error.help("redirects are not followed: write the new address into `url`, or list the status in `expect`")
            }
            _ => error,
        }
    }

    /// Writes the response to its file.
    async fn save(&self, session: &Session, write: &Action, content: Bytes) -> Result<(), StepError> {
        let mode = self.mode.as_ref().map(Arg::get).transpose()?.map_or(MODE, |mode| mode.bits());
        let temporary = session.siblings(write)?.new;
        let put = move |path: &Path| {
            file::put(path, &temporary, &*content, Attributes { mode, user: None, group: None })
        };
        session.on_file(write, put).await.map(drop).map_err(|error| error.argument("save_to"))
    }
}

fn headers(response: &HttpResponse) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in &response.headers {
        let Ok(value) = value.to_str() else { continue };
        let entry: &mut String = headers.entry(name.as_str().to_owned()).or_default();
        *entry = if entry.is_empty() { value.to_owned() } else { format!("{entry}, {value}") };
    }
    headers
}

impl TypedStep for WebRequest {
    const TYPE: &'static str = "http";
    const EXAMPLE: &'static str = r#"step "http" "health" {
  url = "https://api.example.net/health"

  expect {
    status    = [200]
    condition = "body.state == 'ready'"
  }
}

output "version" {
  value = step.http.health.body.version
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Request;
    const REMOTE_SCRIPTS: &'static [RemoteScript] = scripts_in!("json");
    const RESPONSE: Response = Response::Plain;
    const LASTING: Option<&'static str> = Some("the effect of a request cannot be undone");
    type Output = Responded;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        let decides = [
            ("method", self.method.as_ref().is_none_or(|method| method.value().is_some())),
            ("audience", self.audience.as_ref().is_none_or(|audience| audience.value().is_some())),
            ("allow_plain_http", self.allow_plain_http.as_ref().is_none_or(|allow| allow.value().is_some())),
        ];
        let unknown = decides.iter().filter(|(_, is_known)| !is_known);
        let mut errors: Vec<ArgumentError> =
            unknown.map(|(name, _)| ArgumentError::new(name, "must be known in the plan")).collect();
        let audience = self.audience();
        errors.extend(self.headers.iter().flat_map(|headers| check_headers(headers, audience.is_some())));
        if self.content_type.is_some() && self.content().is_none() {
            errors.push(ArgumentError::new("content_type", "must not be given without a body"));
        }
        if audience.is_some() && self.allow_plain_http.as_ref().and_then(Arg::value) == Some(&true) {
            let error = ArgumentError::new("allow_plain_http", "must not be given with `audience`");
            errors.push(error.help("a token never crosses a network without TLS"));
        }
        let allowed = |url: &str| {
            if self.is_plain() {
                firewall::allow_in_the_clear(url)
            } else {
                firewall::allow(url, audience.as_ref(), azure.cloud())
            }
        };
        if let Some(HttpUrl(url)) = self.url.value()
            && let Err(refusal) = allowed(url)
        {
            let help = match audience {
                _ if matches!(refusal, Refusal::Issuer(_)) => {
                    "a request with `audience` gets its own token; the step type `token` takes one as a sensitive value"
                }
                Some(_) => "leave out `audience`, or use a host of that audience",
                None => "use https; `allow_plain_http = true` sends it all the same, and the plan shows it",
            };
            errors.push(ArgumentError::new("url", format!("must not be sent: {refusal}")).help(help));
        }
        errors
    }

    fn title(&self) -> Title {
        let name = Text::from(self.method().as_str()).then(" ").then_text(&self.url());
        let in_the_clear = if self.is_plain() { "without TLS" } else { "" };
        match &self.save_to {
            Some(path) if self.safety() == Safety::Reads => {
                let place = format!("from {name} {in_the_clear}");
                Title::new("file").named(&file::path(path)).placed(place.trim_end())
            }
            _ => Title::new("request").named(&name).placed(in_the_clear),
        }
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        [self.send(azure)].into_iter().chain(self.write()).collect()
    }

    async fn run(&self, session: &Session) -> Result<Done<Responded>, StepError> {
        let (send, write) = (self.send(session.azure()), self.write());
        if let Some(write) = &write {
            // A target that cannot be replaced is found before the request is sent.
            let look = session.on_file(write, |path| {
                let is_directory = path.parent().is_some_and(Path::is_dir);
                FileState::read(path)?;
                if is_directory { Ok(()) } else { Err(Trouble::NoDirectory) }
            });
            look.await.map_err(|error| error.argument("save_to"))?;
        }
        let response = self.exchange(session, &send).await?;
        let is_change = !send.is_read();
        let made = |error: StepError| if is_change { error.uncertain() } else { error };
        let parse = self.parse.as_ref().map(Arg::get).transpose()?.copied().unwrap_or(Parse::Auto);
        let body = match &write {
            Some(_) => Value::NULL,
            None => body(&response, parse).map_err(made)?,
        };
        let headers = headers(&response);
        if let Some(condition) = self.expect().and_then(|expect| expect.condition.as_ref()) {
            let told = Value::object([
                ("status", Value::from(i64::from(response.status))),
                ("headers", Value::string_map(headers.clone())),
                ("body", body.clone()),
            ]);
            condition.get()?.check(&told, response.status).map_err(made)?;
        }
        if let Some(write) = &write {
            self.save(session, write, response.body.clone()).await.map_err(made)?;
        }
        let content = Content::new(response.body.clone());
        let output = Responded {
            status: response.status.into(),
            headers,
            content_base64: (write.is_none() && content.text().is_none()).then(|| content.base64()),
            size: i64::try_from(response.body.len()).unwrap_or(i64::MAX),
        };
        let change = if is_change || write.is_some() { Change::Updated } else { Change::None };
        Ok(Done::changed(output, change).body(body))
    }
}

const _: () = assert!(BYTES == 16_777_216 && MODE == 0o600, "the documentation of `http` states these");
