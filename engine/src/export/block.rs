//! The commands of a step.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::step::{Action, Flow, PlatformScript, Shape};

use super::condition::{Condition, known};
use super::leaf::{Place, Source, Variables};
use super::request::{Content, Request, request};
use super::samples::{Sampled, Samples};
use super::subject::Subject;
use super::word::{Piece, comment, inner, quoted, word};
use crate::plan::{Leaf, PlannedStep, Symbol};

/// The commands of a script, as far as they are written.
pub(super) struct Writer<'a> {
    pub sampled: &'a [Sampled],
    pub samples: &'a Samples,
    pub platform: PlatformScript,
    pub variables: Variables,
    /// The variables that were checked to be parts of URLs, and, with words after them, of headers.
    pub checked: HashSet<String>,
    pub uses: Uses,
}

/// The parts of the prelude that the commands need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a function of its own")]
pub(super) struct Uses {
    pub names: bool,
    pub ids: bool,
    pub lines: bool,
    pub lists: bool,
    pub tokens: bool,
    pub digests: bool,
    pub files: bool,
}

/// The results of a step that the script keeps.
pub(super) struct Kept<'a> {
    /// The parts that become variables, each with its place.
    pub leaves: Vec<(Leaf, Source)>,
    /// True if an output shows a part of the response.
    pub keeps_response: bool,
    pub before: &'a [Condition],
    pub after: &'a [Condition],
}

impl<'a> Writer<'a> {
    /// Writes the commands of a step, after those that make its arguments; the error is a reason.
    pub fn step(&mut self, subject: &Subject<'_>, kept: &Kept<'_>, made: &str) -> Result<String, String> {
        let address = &subject.planned.address;
        let words = subject.planned.description.as_deref().unwrap_or_default();
        let mut lines = comment(format!("{address}: {words}").trim_end_matches([':', ' ']));
        for condition in kept.before {
            lines += &self.condition(condition, address);
        }
        lines += made;
        lines += &match subject.script.flow {
            Flow::Send => self.send(subject)?,
            Flow::UnlessFound => self.unless_found(subject)?,
            Flow::UnlessSame { md5, headers } => self.unless_same(subject, md5, headers)?,
        };
        let response = self.variables.responses[address].clone();
        let is_read = kept.leaves.iter().any(|(_, source)| matches!(source.at, Place::Filter(_)));
        if is_read || kept.keeps_response {
            let _ = writeln!(lines, "{response}=$body");
        }
        for (leaf, source) in &kept.leaves {
            let variable = self.variables.leaf(leaf);
            let line = match &source.at {
                Place::Filter(filter) => {
                    let filter = quoted(&self.variables.filter(filter));
                    format!("{variable}=$(query \"${response}\" {filter})")
                }
                Place::Header(name) => format!("{variable}=$(header {name})"),
                Place::Url => format!("{variable}=${{url%%\\?*}}"),
            };
            let _ = writeln!(lines, "{line}");
        }
        for condition in kept.after {
            lines += &self.condition(condition, address);
        }
        Ok(lines)
    }

    fn condition(&mut self, condition: &Condition, address: &str) -> String {
        let variable = self.variables.leaf(&condition.leaf);
        let test = if condition.is_null { "-z" } else { "-n" };
        let message =
            std::iter::once(Piece::Known(format!("{address}: "))).chain(self.pieces(&condition.message));
        let message = inner(&super::request::merged(message.collect()));
        format!("[ {test} \"${variable}\" ] || fail \"{message}\"\n")
    }

    /// Returns the parts of a text.
    pub fn pieces(&mut self, parts: &[Symbol]) -> Vec<Piece> {
        let pieces = parts.iter().map(|part| match part {
            Symbol::Leaf(leaf) => Piece::Variable(self.variables.leaf(leaf)),
            part => Piece::Known(known(part).unwrap_or_default()),
        });
        super::request::merged(pieces.collect())
    }

    /// Returns the requests of a step, as they are in both plans.
    fn requests(&mut self, subject: &Subject<'_>) -> Result<Vec<Request>, String> {
        let address = &subject.planned.address;
        let actions = |steps: &[PlannedStep]| {
            let planned = steps.iter().find(|step| step.address == *address);
            planned.map(|step| step.actions.clone()).unwrap_or_default()
        };
        let (first, second) = (actions(&self.samples.first.steps), actions(&self.samples.second.steps));
        if first.len() != second.len() || first.is_empty() {
            return Err("its requests depend on a result in a way that no variable can".to_owned());
        }
        // The reading of a file to send is part of its request.
        let is_sent = |action: &&Action| action.input_file().is_none();
        let both = first.iter().filter(is_sent).zip(second.iter().filter(is_sent));
        let requests = both.map(|(first, second)| request(first, second, self.sampled, &self.platform));
        let requests = requests.collect::<Result<Vec<_>, _>>()?;
        self.uses.tokens |= requests.iter().any(|request| request.audience.is_some());
        self.uses.lists |= requests.iter().any(|request| request.is_paged);
        Ok(requests)
    }

    /// Writes the checks of the variables in URLs and headers that were not checked yet.
    fn checks(&mut self, requests: &[Request]) -> String {
        let urls: String =
            requests.iter().flat_map(|request| &request.url).map(|piece| self.of_url(piece)).collect();
        let headers = requests.iter().flat_map(|request| &request.headers).flat_map(|(_, value)| value);
        let headers: String = headers.map(|piece| self.of_header(piece)).collect();
        urls + &headers
    }

    /// Writes the check of a variable in a URL: a name, or a path.
    fn of_url(&mut self, piece: &Piece) -> String {
        let Some(sampled) = self.sampled_in(piece) else { return String::new() };
        if !self.checked.insert(sampled.variable.clone()) {
            return String::new();
        }
        let is_name = sampled.shape == Shape::Name;
        self.uses.names |= is_name;
        self.uses.ids |= !is_name;
        let check = if is_name { "name" } else { "id" };
        format!("{check} {} \"${}\"\n", quoted(&sampled.leaf.expression()), sampled.variable)
    }

    /// Writes the check of a variable in a header, which any text of one line may be.
    fn of_header(&mut self, piece: &Piece) -> String {
        let Some(sampled) = self.sampled_in(piece) else { return String::new() };
        let name = &sampled.variable;
        // What is a part of a URL has one line.
        if self.checked.contains(name) || !self.checked.insert(format!("{name} in a header")) {
            return String::new();
        }
        self.uses.lines = true;
        format!("line {} \"${name}\"\n", quoted(&sampled.leaf.expression()))
    }

    fn sampled_in(&self, piece: &Piece) -> Option<&'a Sampled> {
        let (Piece::Variable(name) | Piece::WithoutSlash(name)) = piece else { return None };
        self.sampled.iter().find(|one| one.variable == *name)
    }

    /// Writes the checks that variables in a text are no nulls.
    pub fn presence(&mut self, pieces: &[Piece]) -> String {
        let mut lines = String::new();
        for piece in pieces {
            let (Piece::Variable(name) | Piece::WithoutSlash(name)) = piece else { continue };
            if self.checked.insert(name.clone()) {
                let what = quoted(&format!("{} is missing", self.variables.expression(name)));
                let _ = writeln!(lines, "[ -n \"${name}\" ] || fail {what}");
            }
        }
        lines
    }

    fn send(&mut self, subject: &Subject<'_>) -> Result<String, String> {
        let requests = self.requests(subject)?;
        let [request] = &*requests else { return Err("it sends several requests".to_owned()) };
        if request.body != Content::None {
            return Err("its request has a content".to_owned());
        }
        let (address, url) = (&subject.planned.address, word(&request.url));
        let checks = self.checks(&requests);
        Ok(if request.is_paged {
            format!("{checks}{}\n", request.list(&url, address))
        } else {
            format!("{checks}{}\ncheck {}\n", request.command(&url, &[]), quoted(address))
        })
    }

    fn unless_found(&mut self, subject: &Subject<'_>) -> Result<String, String> {
        let requests = self.requests(subject)?;
        let [look, change] = &*requests else { return Err("it does not send two requests".to_owned()) };
        let checks = self.checks(&requests);
        let empty = match change.body {
            Content::None => ["--data ''", "--header Content-Type:"].map(ToOwned::to_owned),
            _ => return Err("its request has a content".to_owned()),
        };
        let urls = [word(&look.url), word(&change.url)];
        Ok(format!(
            "{checks}{}\nif [ \"$status\" = 404 ]; then\n  {}\nfi\ncheck {}\n",
            look.command(&urls[0], &[]),
            change.command(&urls[1], &empty),
            quoted(&subject.planned.address),
        ))
    }

    fn unless_same(
        &mut self,
        subject: &Subject<'_>,
        md5: &str,
        headers: &[(&str, &str)],
    ) -> Result<String, String> {
        let requests = self.requests(subject)?;
        let [look, change] = &*requests else { return Err("it does not send two requests".to_owned()) };
        if change.headers.iter().any(|(name, _)| name.starts_with("if-")) {
            return Err("its request has a condition".to_owned());
        }
        let mut checks = self.checks(&requests);
        if let Content::Text(text) = &change.body {
            checks += &self.presence(text);
        }
        let (set, digest, content) = match &change.body {
            Content::File(path) => {
                self.uses.files |= std::path::Path::new(path).is_relative();
                (format!("file={}", quoted(path)), "openssl md5 -binary \"$file\"", "--upload-file \"$file\"")
            }
            Content::Text(text) => (
                format!("content={}", word(text)),
                "printf '%s' \"$content\" | openssl md5 -binary",
                // A service of Azure takes no content of unknown length, which a pipe has.
                "--data-binary @<(printf '%s' \"$content\") --header Content-Type:",
            ),
            Content::None => return Err("its request has no content".to_owned()),
        };
        self.uses.digests = true;
        let mut tests =
            vec!["[ \"$status\" = 404 ]".to_owned(), format!("[ \"$(header {md5})\" != \"$md5\" ]")];
        for (answered, sent) in headers {
            let wanted = change.headers.iter().find(|(name, _)| name == sent);
            let (_, value) = wanted.ok_or("its request lacks a header")?;
            tests.push(format!("[ \"$(header {answered})\" != {} ]", word(value)));
        }
        // The digest of a secret is one too.
        let more = [format!("--header @<(printf '{md5}: %s\\n' \"$md5\")"), content.to_owned()];
        let urls = [word(&look.url), word(&change.url)];
        Ok(format!(
            "{checks}{set}\nmd5=$({digest} | base64)\n{}\nif {}; then\n  {}\nfi\ncheck {}\n",
            look.command(&urls[0], &[]),
            tests.join(" || "),
            change.command(&urls[1], &more),
            quoted(&subject.planned.address),
        ))
    }
}
