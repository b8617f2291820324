//! A step type with an argument of every kind.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentValues, Arguments, BoxFuture, Change, Choice, Content, Context,
    Effect, FileMode, HttpRequest, Method, Outcome, Outputs, Power, Response, Schema, StepError, StepType,
    Text, Whole, Work,
};
use arcbook_engine::value::Number;

/// Takes an argument of every kind, and returns them as text.
#[derive(Arguments, Clone, Debug)]
#[expect(dead_code, reason = "the step shows them with `Debug`")]
#[arguments(
    exactly_one(content, source),
    at_most_one(port, codes),
    together(user, password),
    requires(wait, user)
)]
pub struct Every {
    /// Text to write.
    content: Option<Arg<String>>,
    /// Path of a file to copy.
    source: Option<Arg<String>>,
    /// Program and its arguments.
    argv: Option<Arg<Vec<Arg<String>>>>,
    /// Variables of the environment.
    environment: Option<Arg<BTreeMap<String, Arg<String>>>>,
    /// Names, all known or all unknown.
    names: Option<Arg<Vec<String>>>,
    /// Accepted exit codes.
    codes: Option<Arg<BTreeSet<Whole<0, 255>>>>,
    /// Port of the server.
    port: Option<Arg<Whole<1, 65535>>>,
    /// Exact share.
    share: Option<Arg<Number>>,
    /// Waiting time.
    wait: Option<Arg<Duration>>,
    /// Mode of the file.
    mode: Option<Arg<FileMode>>,
    /// Kind of the blob.
    kind: Option<Arg<Kind>>,
    /// Name of the user.
    user: Option<Arg<String>>,
    /// Password of the user.
    #[argument(sensitive)]
    password: Option<Arg<String>>,
    /// Rules of the firewall.
    rule: Option<Arg<Vec<Rule>>>,
    /// Authentication.
    auth: Option<Arg<Auth>>,
}

/// Kinds of blobs.
#[derive(Choice, Clone, Copy, Debug)]
pub enum Kind {
    /// Blob of blocks.
    BlockBlob,
    /// Blob that only grows.
    #[choice(name = "append")]
    AppendBlob,
}

/// A rule of a firewall.
#[derive(Arguments, Clone, Debug)]
#[expect(dead_code, reason = "the step shows them with `Debug`")]
#[arguments(exactly_one(port, ports))]
pub struct Rule {
    /// Name of the rule.
    name: Arg<String>,
    /// Port that the rule opens.
    port: Option<Arg<Whole<1, 65535>>>,
    /// Ports that the rule opens.
    ports: Option<Arg<Vec<Arg<Whole<1, 65535>>>>>,
}

/// Authentication at a service.
#[derive(Arguments, Clone, Debug)]
#[expect(dead_code, reason = "the step shows them with `Debug`")]
pub struct Auth {
    /// Token of the user.
    #[argument(sensitive)]
    token: Arg<String>,
    /// Additional headers.
    header: Option<Arg<Vec<Header>>>,
}

/// A header of a request.
#[derive(Arguments, Clone, Debug)]
#[expect(dead_code, reason = "the step shows them with `Debug`")]
pub struct Header {
    /// Name of the header.
    name: Arg<String>,
    /// Value of the header.
    #[argument(sensitive)]
    value: Arg<String>,
}

/// The outputs of `every`.
#[derive(Outputs)]
struct Taken {
    /// Arguments as Rust shows them.
    #[output(answer)]
    seen: String,
    /// Content as text; null if it is not UTF-8.
    #[output(from(content))]
    text: Option<String>,
    /// Content in base64.
    #[output(from(content))]
    base64: arcbook_engine::step::Base64,
}

/// The step type `every`.
pub struct EveryType(Schema);

impl EveryType {
    pub fn new() -> Self {
        Self(Schema {
            name: "every",
            docs: Every::DOCS,
            example: "",
            effect: Effect::Reads,
            idempotent: true,
            finds: false,
            response: Response::None,
            lists: false,
            has_own_purpose: false,
            power: Power::Actions,
            arguments: Every::fields(),
            groups: Every::GROUPS,
            outputs: Taken::fields(),
        })
    }
}

impl StepType for EveryType {
    fn schema(&self) -> &Schema {
        &self.0
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Box<dyn Work>, Vec<ArgumentError>> {
        Ok(Box::new(EveryWork(Every::take(arguments)?)))
    }
}

struct EveryWork(Every);

impl Work for EveryWork {
    fn actions(&self) -> Vec<Action> {
        let url = Text::from("https://every.test");
        let url = match &self.0.argv {
            None => url,
            Some(Arg::Known { value, .. }) => {
                value.iter().fold(url, |url, word| url.then("/").then_arg(word, Clone::clone))
            }
            Some(argv) => url.then("/").then_arg(argv, |_| String::new()),
        };
        vec![HttpRequest::new(Method::Get, url).action()]
    }

    fn run(self: Box<Self>, _context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        let content = self.0.content.as_ref().and_then(Arg::value).cloned().unwrap_or_default();
        let content = Content::new(content.into_bytes());
        let seen = format!("{:?}", self.0);
        let outputs = Taken { seen, text: content.text(), base64: content.base64() }.into_entries();
        Box::pin(async { Ok(Outcome::new(outputs, Change::None)) })
    }
}
