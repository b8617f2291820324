//! The text of a cell: one line, with the requests under short names that a legend explains.

use std::fmt::Write as _;

use arcbook_lab::Request;

use super::cell::{Cell, Folded, Pass};
use super::record;

/// The short names of the requests of a table, in the order of their first appearance.
#[derive(Default)]
pub struct Legend(Vec<(String, String)>);

impl Legend {
    /// Returns the short name of a request: its method, and a number if there are several.
    fn short(&mut self, request: &Request) -> String {
        let place = format!("{} {}", request.method, place(request));
        if let Some((short, _)) = self.0.iter().find(|(_, known)| *known == place) {
            return short.clone();
        }
        let method = request.method.to_lowercase();
        let stem = |short: &str| short.trim_end_matches(char::is_numeric).to_owned();
        let number = self.0.iter().filter(|(short, _)| stem(short) == method).count() + 1;
        let short = if number == 1 { method } else { format!("{method}{number}") };
        self.0.push((short.clone(), place));
        short
    }

    /// Returns the lines that explain the names.
    pub fn lines(&self) -> String {
        self.0.iter().fold(String::new(), |mut lines, (short, place)| {
            let _ = writeln!(lines, "# {short:<7} {place}");
            lines
        })
    }
}

/// The columns of a cell.
pub type Columns = [String; 8];

/// The names of the columns.
pub const HEADER: [&str; 8] =
    ["requests", "fault", "attempts", "exit", "changes", "log of the lab", "events of the record", "resumed"];

/// Returns the columns of a cell.
pub fn columns(cell: &Cell, legend: &mut Legend) -> Columns {
    let (target, fault) = match cell.injected {
        Some((target, fault)) => (target.name.to_owned(), format!("{} {}", fault.kind, fault.times())),
        None => ("-".to_owned(), "none".to_owned()),
    };
    let Pass { ran, changes, .. } = &cell.first;
    let is_timed = cell.case.timed;
    let requests = requests(&cell.first, is_timed, legend);
    let resumed = cell.second.as_ref().map_or_else(String::new, |second| {
        let requests = self::requests(second, is_timed, legend);
        let events = events(second, is_timed);
        let end = events.split(' ').rfind(|word| *word != "output").unwrap_or_default().to_owned();
        format!("exit {}, {} changes: {requests}; {end}", second.ran.exit(), second.changes)
    });
    [
        target,
        fault,
        cell.attempts().to_string(),
        ran.exit().to_string(),
        changes.to_string(),
        requests,
        events(&cell.first, is_timed),
        resumed,
    ]
}

/// Returns the requests of a run: `put 201*` changed something, and the answer of `put lost` did not arrive.
fn requests(pass: &Pass, is_timed: bool, legend: &mut Legend) -> String {
    let one = |folded: &Folded<'_>| match folded {
        Folded::Token => "token".to_owned(),
        Folded::Other(request) => {
            let status = request.status.map_or_else(|| "lost".to_owned(), |status| status.to_string());
            let changed = if request.changed { "*" } else { "" };
            format!("{} {status}{changed}", legend.short(request))
        }
    };
    let mut requests: Vec<String> = pass.folded().iter().map(one).collect();
    if is_timed {
        requests.dedup_by(|one, other| one == other && *one == "get 200");
    }
    requests.join(", ")
}

/// Returns the events of a run.
fn events(pass: &Pass, is_timed: bool) -> String {
    let events = record::events(&pass.ran.journal);
    if !is_timed {
        return events;
    }
    let mut events: Vec<&str> = events.split(' ').filter(|event| !event.starts_with("working")).collect();
    events.dedup_by(|one, other| one == other && *one == "sent>200");
    events.join(" ")
}

/// Returns the kind of a request: its service and its path, without what differs in each run.
fn place(request: &Request) -> String {
    const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let path = path
        .replace(&format!("{SUBSCRIPTION}/resourceGroups/arc"), "{group}")
        .replace(SUBSCRIPTION, "{subscription}");
    let path: Vec<String> = path.split('/').map(segment).collect();
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let mut names: Vec<&str> = names.filter(|name| !name.is_empty() && !name.contains("version")).collect();
    names.sort_unstable();
    let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
    format!("{} {}{query}", request.service, path.join("/"))
}

/// Returns a segment of a path, with a placeholder for an id.
fn segment(segment: &str) -> String {
    let is_id = |part: &str| {
        part.len() >= 16 && part.chars().all(|character| character.is_ascii_hexdigit() || character == '-')
    };
    match segment.rsplit_once('-') {
        _ if is_id(segment) => "{id}".to_owned(),
        Some((name, id)) if is_id(id) => format!("{name}-{{id}}"),
        _ => segment.to_owned(),
    }
}
