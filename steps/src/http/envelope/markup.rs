//! Errors in XML, and pages in HTML.

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, Event};

use super::Word;

/// The elements that add to the message. Values of headers and parameters are excluded, because a request's
/// values may be secret.
const BESIDE: [&str; 6] =
    ["HeaderName", "QueryParameterName", "XmlNodeName", "MaxLimit", "Reason", "ExceptionMessage"];

/// The length of the prefix that is searched for the first tag, in characters.
const BEGINNING: usize = 1024;

/// Returns the causes in an XML error: one, with the text of all its elements.
pub(super) fn words(xml: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut message = String::new();
    for (name, text) in elements(xml) {
        match name.as_str() {
            "Code" | "code" | "faultcode" | "ErrorCode" => {
                words.push(Word { depth: words.len(), code: Some(text), ..Word::default() });
            }
            "Message" | "message" | "faultstring" if message.is_empty() => {
                without_ids(&text).clone_into(&mut message);
            }
            "AuthenticationErrorDetail" => message = format!("{message} {text}"),
            name if BESIDE.contains(&name) => message = format!("{message} {name}: {text}"),
            _ => {}
        }
    }
    if !message.trim().is_empty() {
        match words.first_mut() {
            Some(word) => word.message = Some(message),
            None => words.push(Word { message: Some(message), ..Word::default() }),
        }
    }
    words
}

/// Returns the elements that contain text, by their local names, up to the first XML error.
fn elements(xml: &str) -> Vec<(String, String)> {
    let mut elements = Vec::new();
    let mut reader = Reader::from_str(xml);
    let (mut name, mut text) = (String::new(), String::new());
    loop {
        let event = reader.read_event();
        match &event {
            Ok(Event::Start(start)) => {
                name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                text.clear();
            }
            Ok(Event::Text(part)) => text.push_str(&part.decode().unwrap_or_default()),
            Ok(Event::CData(part)) => text.push_str(&part.decode().unwrap_or_default()),
            Ok(Event::GeneralRef(entity)) => text.push_str(&resolved(entity)),
            _ => {}
        }
        let is_over = matches!(event, Ok(Event::Eof) | Err(_));
        if (is_over || matches!(event, Ok(Event::End(_)))) && !name.is_empty() {
            if !text.trim().is_empty() {
                elements.push((std::mem::take(&mut name), text.trim().to_owned()));
            }
            name.clear();
        }
        if is_over {
            return elements;
        }
    }
}

fn resolved(entity: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return character.to_string();
    }
    let name = entity.decode().unwrap_or_default();
    resolve_predefined_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
}

/// Removes the request id and the time that storage appends to its messages; both are reported elsewhere.
fn without_ids(message: &str) -> &str {
    message.split("\nRequestId:").next().unwrap_or(message)
}

/// Returns whether `text` begins like an HTML page.
pub(super) fn is_page(text: &str) -> bool {
    if !text.starts_with('<') {
        return false;
    }
    let beginning: String = text.chars().take(BEGINNING).collect::<String>().to_ascii_lowercase();
    beginning.contains("<!doctype html") || beginning.contains("<html")
}

/// Returns the title of an HTML page, or its first heading.
pub(super) fn title(page: &str) -> Option<String> {
    // Lower-casing ASCII alone keeps the offsets of both texts equal.
    let lower = page.to_ascii_lowercase();
    ["title", "h1", "h2"].into_iter().find_map(|tag| {
        let opened = lower.find(&format!("<{tag}"))?;
        let from = opened + lower[opened..].find('>')? + 1;
        let until = from + lower[from..].find(&format!("</{tag}"))?;
        let text = without_tags(&page[from..until]);
        let text = unescape(&text).map_or_else(|_| text.clone(), std::borrow::Cow::into_owned);
        (!text.trim().is_empty()).then_some(text)
    })
}

fn without_tags(html: &str) -> String {
    let mut pieces = html.split('<');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('>').map_or("", |(_, rest)| rest))
}
