//! Checks a Jinja template without rendering it.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::Error;

use super::super::template_fault::{Fault, help};
use super::{STACK, environment, guard, stray};

/// Names that Jinja itself gives in some places.
const OWN: [&str; 6] = ["loop", "self", "super", "caller", "varargs", "kwargs"];

/// Returns the mistakes of a template: its syntax, and the names that are not among `names`, if these are known.
pub fn check(text: &str, names: Option<&[&str]>) -> Vec<Fault> {
    if let Err((line, reason)) = guard::check(text) {
        return vec![Fault { at: line_at(text, line), reason, help: None, is_certain: true }];
    }
    std::thread::scope(|scope| {
        let work = || check_here(text, names);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        // Without a thread nothing is known about the template; its rendering tells.
        thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_default()
    })
}

fn check_here(text: &str, names: Option<&[&str]>) -> Vec<Fault> {
    let Ok(environment) = environment() else { return Vec::new() };
    let template = match environment.template_from_str(text) {
        Ok(template) => template,
        Err(error) => return vec![unreadable(text, &error)],
    };
    let Some(names) = names else { return Vec::new() };
    let globals: BTreeSet<&str> = environment.globals().map(|(name, _)| name).collect();
    let is_known = |name: &str| names.contains(&name) || globals.contains(name) || OWN.contains(&name);
    let mut unknown: Vec<String> =
        template.undeclared_variables(false).into_iter().filter(|name| !is_known(name)).collect();
    unknown.sort();
    let fault = |name: String| {
        let at = first_use(text, &name)?;
        let reason = format!("`{name}` is none of the variables of the call");
        Some(Fault { at, reason, help: Some(help(&name, names)), is_certain: false })
    };
    unknown.into_iter().filter_map(fault).collect()
}

/// Describes an error of the syntax.
fn unreadable(text: &str, error: &Error) -> Fault {
    let at = error.range().filter(|range| text.get(range.clone()).is_some());
    let at = at.unwrap_or_else(|| line_at(text, error.line().unwrap_or(1)));
    let reason =
        stray(text, error).and_then(|told| told.split_once(": ").map(|(_, reason)| reason.to_owned()));
    let reason = reason.unwrap_or_else(|| error.detail().unwrap_or("this cannot be read").to_owned());
    Fault { at, reason, help: None, is_certain: true }
}

/// Returns the place of the first use of a name; none if the template itself provides for its absence.
fn first_use(text: &str, name: &str) -> Option<Range<usize>> {
    let is_part =
        |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || "_.'\"".contains(next));
    let mut first = None;
    for (at, _) in text.match_indices(name) {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let goes_on = after.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        if is_part(before.chars().next_back()) || goes_on || !is_inside(before) {
            continue;
        }
        let rest = after.trim_start();
        let is_cared_for = rest.strip_prefix("is ").is_some_and(|condition| {
            let condition = condition.trim_start();
            let condition = condition.strip_prefix("not ").unwrap_or(condition).trim_start();
            condition.starts_with("defined") || condition.starts_with("undefined")
        }) || rest.strip_prefix('|').is_some_and(|filter| {
            let filter = filter.trim_start();
            filter.starts_with("default") || filter.starts_with("d(")
        });
        if is_cared_for {
            return None;
        }
        first = first.or(Some(at..at + name.len()));
    }
    first
}

/// Returns true if a block of the template is open after `before`.
fn is_inside(before: &str) -> bool {
    let last = |marks: [&str; 2]| marks.into_iter().filter_map(|mark| before.rfind(mark)).max();
    last(["{{", "{%"]).is_some_and(|begin| last(["}}", "%}"]).is_none_or(|end| end < begin))
}

/// Returns the place of a line.
fn line_at(text: &str, line: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = text[start..].lines().next().map_or(0, str::len);
    start..start + length
}
