//! Facts of an answer that remedies name.

use super::super::Asked;
use super::refusal::Refused;

/// `template` with the facts in place of their names in braces.
///
/// A fact that is not known is named in capitals, as manuals do. All of them are foreign: what stands in a command is
/// made of characters that a shell leaves alone, and the rest went through `clean` with the message.
pub(super) fn fill(template: &str, asked: &Asked, refused: &Refused<'_>) -> String {
    // What the service says may be the secret that it was asked with.
    let (message, targets) =
        if asked.holds_secret { ("", &[][..]) } else { (refused.message, refused.targets) };
    let known = |name: &str| match name {
        "{host}" => asked.host.split('.').next().filter(|host| !host.is_empty()).map(str::to_owned),
        "{namespace}" => {
            let target = || targets.iter().rev().find(|target| is_namespace(target)).cloned();
            namespace(message).or_else(target).or_else(|| provider(&asked.url))
        }
        "{audience}" => asked.audience.as_ref().map(|audience| audience.as_str().to_owned()),
        "{policy}" => policy(refused).filter(|_| !asked.holds_secret),
        "{deny}" => deny_assignment(message),
        _ => quoted_after(message, "are locked: "),
    };
    let filled = |text: String, (name, unknown): &(&str, &str)| {
        if text.contains(name) {
            text.replace(name, &known(name).unwrap_or_else(|| (*unknown).to_owned()))
        } else {
            text
        }
    };
    FACTS.iter().fold(template.to_owned(), filled)
}

/// The facts by their names, and what stands for each that is not known.
const FACTS: [(&str, &str); 6] = [
    ("{host}", "NAME"),
    ("{namespace}", "NAMESPACE"),
    ("{audience}", "this audience"),
    ("{policy}", "that the message names"),
    ("{deny}", "that the message names"),
    ("{lock}", "the scope that the message names"),
];

/// The names of the policy assignments, in quotes.
fn policy(refused: &Refused<'_>) -> Option<String> {
    let quoted: Vec<_> = refused.policies.iter().map(|policy| format!("\"{policy}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(", "))
}

/// The provider that a subscription is not registered for, as ARM says it.
fn namespace(message: &str) -> Option<String> {
    quoted_after(message, "namespace ").filter(|text| is_namespace(text))
}

/// The last provider in a URL's path.
fn provider(url: &str) -> Option<String> {
    let path = url.split('?').next()?;
    let (_, after) = path.rsplit_once("/providers/")?;
    after.split('/').next().filter(|text| is_namespace(text)).map(str::to_owned)
}

fn is_namespace(text: &str) -> bool {
    text.contains('.') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// The name of a deny assignment and its id, as far as the message has them.
fn deny_assignment(message: &str) -> Option<String> {
    let name = quoted_after(message, "deny assignment with name ");
    let id = quoted_after(message, "and Id ").or_else(|| quoted_after(message, "DenyAssignmentId: "));
    match (name, id) {
        (Some(name), Some(id)) => Some(format!("\"{name}\" ({id})")),
        (Some(one), None) | (None, Some(one)) => Some(format!("\"{one}\"")),
        (None, None) => None,
    }
}

/// The text in single or double quotes that follows `words`.
pub(super) fn quoted_after(message: &str, words: &str) -> Option<String> {
    let at = message.find(words)? + words.len();
    let rest = &message[at..];
    let quote = rest.chars().next().filter(|quote| ['\'', '"'].contains(quote))?;
    let (text, _) = rest[1..].split_once(quote)?;
    (!text.is_empty()).then(|| text.to_owned())
}
