//! The requests of a step, with variables in place of results.

use crate::step::{Action, Body, HttpRequest, Method, Part, PlatformScript, Text};

use super::samples::{Sampled, with_variables};
use super::word::{Piece, quoted, word};

/// A request as a script sends it.
pub(super) struct Request {
    pub method: Method,
    pub url: Vec<Piece>,
    pub audience: Option<String>,
    pub headers: Vec<(String, Vec<Piece>)>,
    pub body: Content,
    /// Options of curl for this host.
    pub options: Option<&'static str>,
    pub is_paged: bool,
}

/// The content of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    None,
    Text(Vec<Piece>),
    File(String),
}

/// Returns a request that both plans have alike; the error is a reason, as a sentence without its end.
pub(super) fn request(
    first: &Action,
    second: &Action,
    sampled: &[Sampled],
    platform: &PlatformScript,
) -> Result<Request, String> {
    let (Some(one), Some(other)) = (first.request(), second.request()) else {
        return Err("it does more than to send requests".to_owned());
    };
    let url = text(&one.url, &other.url, sampled)
        .ok_or("its URL depends on a result in a way that no variable can")?;
    check_secrets(&url, sampled)?;
    let mut headers = Vec::new();
    for ((name, one), (_, other)) in one.headers.iter().zip(&other.headers) {
        let header =
            text(one, other, sampled).ok_or("a header depends on a result in a way that no variable can")?;
        check_secrets(&header, sampled)?;
        headers.push((name.to_string(), header));
    }
    let (url, options) = at_setting(url, platform);
    Ok(Request {
        method: one.method,
        url,
        audience: one.audience.as_ref().map(ToString::to_string),
        headers,
        body: content(one, other, sampled)?,
        options,
        is_paged: first.follow == crate::step::Follow::Pages,
    })
}

/// Every user of a machine can read the command line of curl.
fn check_secrets(pieces: &[Piece], sampled: &[Sampled]) -> Result<(), String> {
    let is_secret = |piece: &Piece| match piece {
        Piece::Known(_) => false,
        Piece::Variable(name) | Piece::WithoutSlash(name) => {
            sampled.iter().any(|one| one.variable == *name && one.leaf.is_secret)
        }
    };
    if pieces.iter().any(is_secret) {
        return Err(
            "its URL or a header holds a secret, which everyone would see in the command line of curl"
                .to_owned(),
        );
    }
    Ok(())
}

fn text(first: &Text, second: &Text, sampled: &[Sampled]) -> Option<Vec<Piece>> {
    // Of several hosts, that of a name comes first; an address in place of a name stops the script.
    let usual = |text: &Text| {
        let parts = text.parts().iter().map(|part| match part {
            Part::OneOf(texts) => texts.first().map(|text| Text::from(text.as_str())),
            part => Some(Text::from(part.clone())),
        });
        parts.collect::<Option<Vec<_>>>()?.iter().fold(Text::new(), Text::then_text).reveal()
    };
    with_variables(&usual(first)?, &usual(second)?, sampled)
}

fn content(first: &HttpRequest, second: &HttpRequest, sampled: &[Sampled]) -> Result<Content, String> {
    let text = |body: &Body| match body {
        Body::Bytes(bytes) => String::from_utf8(bytes.to_vec()).ok().filter(|text| !text.contains('\0')),
        _ => None,
    };
    match (&first.body, &second.body) {
        (Body::None, Body::None) => Ok(Content::None),
        (Body::File(path), Body::File(other)) if path == other => {
            Ok(Content::File(path.to_string_lossy().into_owned()))
        }
        (Body::Bytes(_), Body::Bytes(_)) => {
            let (first, second) =
                text(&first.body).zip(text(&second.body)).ok_or("its content is not text")?;
            let pieces = with_variables(&first, &second, sampled);
            pieces
                .map(Content::Text)
                .ok_or_else(|| "its content depends on a result in a way that no variable can".to_owned())
        }
        _ => Err("its content is known only while running".to_owned()),
    }
}

/// Puts the variable of a setting in the place of the address that the URL begins with.
fn at_setting(url: Vec<Piece>, platform: &PlatformScript) -> (Vec<Piece>, Option<&'static str>) {
    let Some((Piece::Known(start), rest)) = url.split_first() else { return (url, None) };
    let setting =
        platform.settings.iter().find_map(|setting| Some((setting, start.strip_prefix(setting.value)?)));
    let Some((setting, after)) = setting.filter(|(setting, _)| setting.options.is_some()) else {
        return (url, None);
    };
    let mut pieces = vec![Piece::Variable(setting.variable.to_owned()), Piece::Known(after.to_owned())];
    pieces.extend(rest.iter().cloned());
    (pieces, setting.options)
}

impl Request {
    /// Writes the command that sends the request to `url`, a word, with more options.
    pub fn command(&self, url: &str, more: &[String]) -> String {
        let audience = self.audience.as_deref().map_or_else(|| "''".to_owned(), quoted);
        let mut words = vec!["send".to_owned(), self.method.to_string(), url.to_owned(), audience];
        words.extend(self.options(more));
        in_lines(&words)
    }

    /// Writes the command that reads a list.
    pub fn list(&self, url: &str, address: &str) -> String {
        let audience = self.audience.as_deref().map_or_else(|| "''".to_owned(), quoted);
        let words = [vec!["list".to_owned(), quoted(address), url.to_owned(), audience], self.options(&[])];
        in_lines(&words.concat())
    }

    /// Returns the options, each with its value.
    fn options(&self, more: &[String]) -> Vec<String> {
        let mut options: Vec<String> = self.options.iter().map(|options| (*options).to_owned()).collect();
        for (name, value) in &self.headers {
            let header: Vec<Piece> =
                std::iter::once(Piece::Known(format!("{name}: "))).chain(value.iter().cloned()).collect();
            options.push(format!("--header {}", word(&merged(header))));
        }
        options.extend(more.iter().cloned());
        options
    }
}

/// The longest command on one line.
const LONGEST: usize = 110;

/// Writes a command, on several lines if it is long: its first words, then an option on each.
fn in_lines(words: &[String]) -> String {
    let line = words.join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let is_option = |word: &String| word.starts_with("--");
    let at = words.iter().position(is_option).unwrap_or(words.len());
    let (first, options) = words.split_at(at);
    options.iter().fold(first.join(" "), |text, option| text + " \\\n    " + option)
}

/// Joins neighbours that are known.
pub(super) fn merged(pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.into_iter().fold(Vec::new(), |mut all, piece| {
        match (all.last_mut(), piece) {
            (Some(Piece::Known(last)), Piece::Known(next)) => last.push_str(&next),
            (_, piece) => all.push(piece),
        }
        all
    })
}
