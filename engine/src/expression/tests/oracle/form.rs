//! The normal form of a tree: a string that contains only its meaning.

use unicode_normalization::UnicodeNormalization;

/// A part of a template.
pub enum Part {
    Text(String),
    Node(String),
}

pub fn node(head: &str, children: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("({head}");
    for child in children {
        text.push(' ');
        text.push_str(&child);
    }
    text + ")"
}

/// A text in normal form C, as Terraform holds all text.
pub fn text(text: &str) -> String {
    format!("{:?}", normal(text))
}

pub fn normal(text: &str) -> String {
    text.nfc().collect()
}

/// `hcl-rs` has floating point; there is one zero.
pub fn number(number: f64) -> String {
    format!("{:?}", number + 0.0)
}

/// Negates the operand; the minus before a number is part of the number.
pub fn negated(operand: String) -> String {
    match operand.parse::<f64>() {
        Ok(value) => number(-value),
        Err(_) => node("-", [operand]),
    }
}

pub fn names(key: Option<&str>, value: &str) -> String {
    key.map_or_else(|| value.to_owned(), |key| format!("{key},{value}"))
}

pub fn each(
    names: String,
    collection: String,
    key: Option<String>,
    result: String,
    grouped: bool,
    condition: Option<String>,
) -> String {
    let key = key.map(|key| node("=>", [key]));
    let grouped = grouped.then(|| "...".to_owned());
    let condition = condition.map(|condition| node("if", [condition]));
    let rest = [key, Some(result), grouped, condition].into_iter().flatten();
    node("for", [names, collection].into_iter().chain(rest))
}

/// Texts side by side are one, and a template that is only text is that text.
pub fn template(parts: Vec<Part>) -> String {
    let mut written = String::new();
    let mut children = Vec::new();
    for part in parts {
        match part {
            Part::Text(more) => written.push_str(&more),
            Part::Node(node) => {
                if !written.is_empty() {
                    children.push(text(&std::mem::take(&mut written)));
                }
                children.push(node);
            }
        }
    }
    if children.is_empty() {
        return text(&written);
    }
    if !written.is_empty() {
        children.push(text(&written));
    }
    node("template", children)
}
