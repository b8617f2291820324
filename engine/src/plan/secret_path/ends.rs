//! Finds the places where the secrets in the arguments of a step end.

use indexmap::IndexSet;

use super::Place;
use crate::plan::host;
use crate::step::{Action, ActionKind, Body, Field, HttpRequest, Process, Safety, Sink, Statement};
use crate::value::{Data, Value};

/// A part of an argument that contains secrets.
pub(super) struct Leaf<'a> {
    /// The name of the argument, with the names of nested blocks before it.
    pub name: String,
    pub sink: Sink,
    pub value: &'a Value,
}

/// Returns the parts of an argument that contain secrets, by the declarations of nested blocks.
pub(super) fn leaves<'a>(field: &Field, name: String, value: &'a Value) -> Vec<Leaf<'a>> {
    if !value.has_deep_marks() {
        return Vec::new();
    }
    match (field.block(), value.data()) {
        (Some(block), Data::Object(entries) | Data::Map(_, entries)) if !value.is_marked() => {
            let inner = block.fields.iter().filter_map(|field| {
                let value = entries.get(field.name)?;
                Some(leaves(field, format!("{name}.{}", field.name), value))
            });
            inner.flatten().collect()
        }
        (Some(_), Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all)) if !value.is_marked() => {
            let each = all.iter().enumerate();
            each.flat_map(|(at, value)| leaves(field, format!("{name}[{at}]"), value)).collect()
        }
        _ => vec![Leaf { name, sink: field.sink, value }],
    }
}

/// Returns the places where the part ends, as far as `actions` tell.
pub(super) fn places(leaf: &Leaf<'_>, actions: &[Action]) -> IndexSet<Place> {
    let found = match leaf.sink {
        Sink::Actions | Sink::Setting => by_actions(leaf, actions),
        Sink::Argument | Sink::Environment | Sink::Input => {
            processes(actions).map(|process| in_process(leaf, process)).collect()
        }
        Sink::Url => requests(actions).map(url).collect(),
        Sink::Header => requests(actions).map(|request| header(leaf, request)).collect(),
        Sink::Body => bodies(actions).map(body).collect(),
        Sink::Object => bodies(actions).map(|request| Place::Object { host: host_of(request) }).collect(),
        Sink::File => actions.iter().filter_map(file).collect(),
        Sink::Path => actions.iter().filter_map(path).collect(),
        Sink::Statement | Sink::Parameter | Sink::Login => {
            statements(actions).map(|statement| in_database(leaf.sink, statement)).collect()
        }
        Sink::Memory => IndexSet::new(),
    };
    if found.is_empty() { IndexSet::from([Place::Memory]) } else { found }
}

/// Returns the places of a part whose step type does not declare one.
fn by_actions(leaf: &Leaf<'_>, actions: &[Action]) -> IndexSet<Place> {
    if statements(actions).next().is_some() {
        return statements(actions).map(|statement| in_database(Sink::Login, statement)).collect();
    }
    if processes(actions).next().is_some() {
        return processes(actions).map(|process| in_process(leaf, process)).collect();
    }
    let urls: IndexSet<Place> =
        requests(actions).filter(|request| is_in_url(&leaf.name, request)).map(url).collect();
    if !urls.is_empty() {
        return urls;
    }
    if bodies(actions).next().is_some() {
        return bodies(actions).map(body).collect();
    }
    if requests(actions).next().is_some() {
        return requests(actions).map(url).collect();
    }
    actions.iter().filter_map(path).collect()
}

/// Returns true if the URL has a part that is made from the argument, as far as that is known.
fn is_in_url(argument: &str, request: &HttpRequest) -> bool {
    request.url.is_sensitive() || request.url.gaps().any(|gap| gap.argument == Some(argument))
}

fn requests(actions: &[Action]) -> impl Iterator<Item = &HttpRequest> {
    actions.iter().filter_map(Action::request)
}

/// Returns the requests with a body; those that change something, if no body is known yet.
fn bodies(actions: &[Action]) -> impl Iterator<Item = &HttpRequest> {
    let has_body = |action: &Action| action.request().is_some_and(|request| request.body != Body::None);
    let any = actions.iter().any(has_body);
    let sends = move |action: &&Action| if any { has_body(action) } else { action.safety != Safety::Reads };
    actions.iter().filter(sends).filter_map(Action::request)
}

fn processes(actions: &[Action]) -> impl Iterator<Item = &Process> {
    actions.iter().filter_map(|action| match &action.kind {
        ActionKind::Exec(process) => Some(process),
        _ => None,
    })
}

/// Returns the inputs of the programs that may change something: they get the token that their step takes.
pub(super) fn inputs(actions: &[Action]) -> impl Iterator<Item = Place> {
    let changing = actions.iter().filter(|action| action.safety != Safety::Reads);
    changing.filter_map(|action| match &action.kind {
        ActionKind::Exec(process) => Some(Place::Input { program: process.argv.shown().into_iter().next()? }),
        _ => None,
    })
}

fn statements(actions: &[Action]) -> impl Iterator<Item = &Statement> {
    actions.iter().filter_map(|action| match &action.kind {
        ActionKind::Sql(statement) => Some(statement),
        _ => None,
    })
}

fn in_process(leaf: &Leaf<'_>, process: &Process) -> Place {
    let program = process.argv.shown().into_iter().next().unwrap_or_default();
    match leaf.sink {
        Sink::Argument => Place::Argument { program },
        Sink::Environment => Place::Environment { program, names: secret_names(leaf.value) },
        _ => Place::Input { program },
    }
}

fn in_database(sink: Sink, statement: &Statement) -> Place {
    let (host, database) = (statement.host.to_string(), statement.database.to_string());
    match sink {
        Sink::Statement => Place::Statement { host, database },
        Sink::Parameter => Place::Parameter { host, database },
        _ => Place::Login { host, database },
    }
}

fn host_of(request: &HttpRequest) -> String {
    host(&request.url.to_string())
}

fn url(request: &HttpRequest) -> Place {
    let method = request.method.as_str().to_owned();
    Place::Url { method, host: host_of(request), plain_http: request.plain_http }
}

fn header(leaf: &Leaf<'_>, request: &HttpRequest) -> Place {
    let method = request.method.as_str().to_owned();
    let names = secret_names(leaf.value);
    Place::Header { method, host: host_of(request), plain_http: request.plain_http, names }
}

fn body(request: &HttpRequest) -> Place {
    let method = request.method.as_str().to_owned();
    Place::Body { method, host: host_of(request), plain_http: request.plain_http }
}

fn file(action: &Action) -> Option<Place> {
    match &action.kind {
        ActionKind::WriteFile(file) => {
            let mode = file.mode.map(|mode| format!("{mode:04o}"));
            Some(Place::File { path: file.path.to_string(), mode })
        }
        _ => None,
    }
}

fn path(action: &Action) -> Option<Place> {
    Some(Place::Path { path: action.path()?.to_string() })
}

/// Returns the names of the entries that contain secrets; none if a name may be a secret itself.
fn secret_names(value: &Value) -> Vec<String> {
    match value.data() {
        Data::Object(entries) | Data::Map(_, entries) if !value.is_marked() => {
            let secret = entries.iter().filter(|(_, value)| value.has_deep_marks());
            secret.map(|(name, _)| name.to_string()).collect()
        }
        _ => Vec::new(),
    }
}
