//! Finds the row of a request.

use super::table::{Names, Row};

impl Row {
    /// Returns the texts of the names of the target, if it is the row of a request.
    fn names(&self, method: &str, service: &str, target: &str) -> Option<Names> {
        let (own, parameters) = self.target.split_once('?').unwrap_or((self.target, ""));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut names = Names::new();
        let fits = self.method == method
            && self.service == service
            && operation(service, parameters) == operation(service, query)
            && fit(&segments(own), &segments(path), &mut names);
        fits.then_some(names)
    }

    /// Returns the number of words that the target has in full.
    fn words(&self) -> usize {
        segments(self.target).iter().filter(|segment| !segment.starts_with('{')).count()
    }
}

/// Returns the row of a request, which must be the only one that is as exact.
pub fn row_of<'a>(
    rows: &'a [Row],
    method: &str,
    service: &str,
    target: &str,
) -> Result<(&'a Row, Names), String> {
    let fitting = rows.iter().filter_map(|row| Some((row, row.names(method, service, target)?)));
    let mut fitting: Vec<(&Row, Names)> = fitting.collect();
    fitting.sort_by_key(|(row, _)| std::cmp::Reverse(row.words()));
    match fitting.as_slice() {
        [(one, _), (other, _), ..] if one.words() == other.words() => {
            Err(format!("{method} {service} {target} has two rows: {one:?} {other:?}"))
        }
        [] => Err(format!("{method} {service} {target} has no row")),
        _ => Ok(fitting.swap_remove(0)),
    }
}

/// Returns the parameters of a query that select the operation.
fn operation<'a>(service: &str, query: &'a str) -> Vec<&'a str> {
    let selects = |part: &&str| part.starts_with("restype=") || part.starts_with("comp=");
    let mut parts: Vec<&str> = query.split('&').filter(selects).collect();
    parts.sort_unstable();
    if service == "blob" { parts } else { Vec::new() }
}

fn segments(path: &str) -> Vec<&str> {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn fit(pattern: &[&'static str], path: &[&str], names: &mut Names) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return path.is_empty() };
    let Some(name) = first.strip_prefix('{').and_then(|name| name.strip_suffix('}')) else {
        return path.first().is_some_and(|segment| segment.eq_ignore_ascii_case(first))
            && fit(rest, &path[1..], names);
    };
    let (name, most) = match name.strip_suffix("...") {
        Some(name) => (name, path.len()),
        None => (name, path.len().min(1)),
    };
    (1..=most).any(|count| {
        let mut own = names.clone();
        own.insert(name, path[..count].join("/"));
        let fits = fit(rest, &path[count..], &mut own);
        if fits {
            *names = own;
        }
        fits
    })
}
