//! Facts of a response that remedies name.

use super::super::Asked;
use super::refusal::Refused;

/// Returns `template` with its placeholders in braces replaced by facts.
///
/// An unknown fact becomes a word in capitals, as in a manual page. All facts are foreign text: those in a
/// command consist of characters that are safe in a shell, and `clean` has escaped the rest with the message.
pub(super) fn fill(template: &str, asked: &Asked, refused: &Refused<'_>) -> String {
    // The service's message may quote the secret of the request.
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
        "{reconnect}" => Some(asked.os.agent_help().reconnect.to_owned()),
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

/// The placeholders, each with the text for an unknown fact.
const FACTS: [(&str, &str); 7] = [
    ("{host}", "NAME"),
    ("{namespace}", "NAMESPACE"),
    ("{audience}", "this audience"),
    ("{policy}", "that the message names"),
    ("{deny}", "that the message names"),
    ("{reconnect}", "azcmagent disconnect, azcmagent connect"),
    ("{lock}", "the scope that the message names"),
];

/// Returns the names of the policy assignments, quoted.
fn policy(refused: &Refused<'_>) -> Option<String> {
    let quoted: Vec<_> = refused.policies.iter().map(|policy| format!("\"{policy}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(", "))
}

/// Returns the provider that the subscription is not registered for, as ARM's message names it.
fn namespace(message: &str) -> Option<String> {
    quoted_after(message, "namespace ").filter(|text| is_namespace(text))
}

/// Returns the last provider in a URL's path.
fn provider(url: &str) -> Option<String> {
    let path = url.split('?').next()?;
    let (_, after) = path.rsplit_once("/providers/")?;
    after.split('/').next().filter(|text| is_namespace(text)).map(str::to_owned)
}

fn is_namespace(text: &str) -> bool {
    text.contains('.') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// Returns the name and id of a deny assignment, as far as the message contains them.
fn deny_assignment(message: &str) -> Option<String> {
    let name = quoted_after(message, "deny assignment with name ");
    let id = quoted_after(message, "and Id ").or_else(|| quoted_after(message, "DenyAssignmentId: "));
    match (name, id) {
        (Some(name), Some(id)) => Some(format!("\"{name}\" ({id})")),
        (Some(one), None) | (None, Some(one)) => Some(format!("\"{one}\"")),
        (None, None) => None,
    }
}

/// Returns the text in single or double quotes that follows `words`.
pub(super) fn quoted_after(message: &str, words: &str) -> Option<String> {
    let at = message.find(words)? + words.len();
    let rest = &message[at..];
    let quote = rest.chars().next().filter(|quote| ['\'', '"'].contains(quote))?;
    let (text, _) = rest[1..].split_once(quote)?;
    (!text.is_empty()).then(|| text.to_owned())
}
