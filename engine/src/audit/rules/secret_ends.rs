//! Rules about the places where secrets end.

use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::plan::{Place, SecretPath};
use crate::source::whole;
use crate::step::Sink;

use super::code::written_files;
use super::copies::{PrivateFiles, written_from};
use super::private_files::named;
use super::scripts::{processes, scripted};
use super::senders::{Sender, each_command};
use super::transport::{is_outside, is_signed, leaves_cloud};
use super::words::words;

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "secret-in-object",
        level: Level::Error,
        title: "a secret is stored in a blob",
        explanation: "Everybody who may read the container reads the content, the metadata and the media type of a blob, \
            and so do backups and inventories. A key vault keeps a secret with rights, versions and a log of its own. A request \
            of `http` to a store counts too, and a file that a step fills with a secret and another one uploads.",
        prevents: "Credentials found in storage accounts (CWE-312; SOC 2 CC6.1).",
        remedy: "store the secret in a key vault, and its id or version in the blob",
        check: |subject| ends(subject, "a blob", |place| is_object(subject, place)),
    },
    AuditRule {
        id: "secret-in-url",
        level: Level::Warning,
        title: "a secret is part of a URL",
        explanation: "Servers and proxies write the URLs of requests into their logs.",
        prevents: "Tokens in access logs (CWE-598).",
        remedy: "send the secret in a header or in the body",
        check: |subject| ends(subject, "the URL of a request", |place| matches!(place, Place::Url { .. })),
    },
    AuditRule {
        id: "secret-in-statement",
        level: Level::Warning,
        title: "a secret is part of the text of a statement",
        explanation: "Databases log slow and failed statements with their texts, and a value inside a text can become another \
            statement. The values of `parameters` travel apart from it.",
        prevents: "Passwords in the logs of databases, and SQL injection (CWE-89, CWE-532).",
        remedy: "write `$1` into the statement, and the secret into `parameters`",
        check: |subject| {
            ends(subject, "the text of a statement", |place| matches!(place, Place::Statement { .. }))
        },
    },
    AuditRule {
        id: "secret-leaves-cloud",
        level: Level::Error,
        title: "a secret is sent to a host outside of the cloud",
        explanation: "The host is neither one of the cloud's, nor an own service that its settings list, nor this machine, or \
            nobody knows yet which one it is. A server of a database counts too, if it is known. Whoever runs the host has \
            the secret from then on. A store of the cloud that a signature in the URL opens counts too: it may be anybody's. So do \
            programs such as `curl` and `nc` that get the secret in their input, their environment or a file, and scripts that \
            run them.",
        prevents: "Exfiltration of credentials (MITRE ATT&CK T1567; SOC 2 CC6.7).",
        remedy: "send it only to services of the cloud, or say whose host it is and why it gets the secret",
        check: leaves,
    },
    AuditRule {
        id: "secret-readable-file",
        level: Level::Error,
        title: "a secret is written into a file that every user can read",
        explanation: "The mode of the file lets users read it who are neither its owner nor in its group, or nobody knows the mode \
            yet. Without `mode`, a file with a secret is private, but a copy (`source`) of such a file is not. The content of \
            private keys and password files counts too, as `sends-private-file` knows them.",
        prevents: "Local users read credentials of a service (CWE-732).",
        remedy: "set `mode = \"0600\"`, or `\"0640\"` with the group of the service",
        check: readable,
    },
];

/// Finds secrets that end in a place; `place` is its name with an article.
fn ends(subject: &Subject<'_>, place: &str, is_it: impl Fn(&Place) -> bool) -> Vec<Found> {
    let message = |_: &StepView<'_>, path: &SecretPath| is_it(&path.end.place).then(|| reaches(path, place));
    subject.secret_ends(message)
}

fn reaches(path: &SecretPath, place: &str) -> String {
    let origin = &path.source.origin;
    if origin.contains(' ') {
        format!("a secret of {origin} reaches {place}")
    } else {
        format!("{origin} reaches {place}")
    }
}

fn leaves(subject: &Subject<'_>) -> Vec<Found> {
    subject.secret_ends(|view, path| {
        let host = match &path.end.place {
            Place::Url { host, .. } | Place::Header { host, .. } | Place::Body { host, .. } => host,
            Place::Login { host, .. } | Place::Parameter { host, .. } | Place::Statement { host, .. } => {
                let is_outside = !host.contains('(') && is_outside(subject, host);
                return is_outside.then(|| reaches(path, "a database outside of the cloud"));
            }
            Place::Input { .. } | Place::Environment { .. } => {
                let place = "a program that sends it to a host outside of the cloud";
                return by_program(subject, view, path).then(|| reaches(path, place));
            }
            _ => return None,
        };
        if leaves_cloud(subject, view, host) {
            let is_open = host.ends_with(')') && !host.contains("(sensitive)");
            let place = if is_open { "a host that nobody knows yet" } else { "a host outside of the cloud" };
            return Some(reaches(path, place));
        }
        let is_sent = !matches!(path.end.place, Place::Url { .. }) && subject.platform.serves(host);
        (is_sent && is_signed(view, host))
            .then(|| reaches(path, "a store that a signature in the URL opens, whoever owns it"))
    })
}

/// Returns true if the place is an object in a store, also if a request of `http` puts it there.
fn is_object(subject: &Subject<'_>, place: &Place) -> bool {
    match place {
        Place::Object { .. } => true,
        Place::Body { method, host, .. } => {
            ["PUT", "POST", "PATCH"].contains(&method.as_str()) && subject.platform.keeps_objects(host)
        }
        Place::Header { method, host, names, .. } => {
            let is_metadata = |name: &String| name.to_ascii_lowercase().starts_with("x-ms-meta-");
            let is_open = names.is_empty() || names.iter().any(is_metadata);
            method == "PUT" && is_open && subject.platform.keeps_objects(host)
        }
        _ => false,
    }
}

/// Returns true if a program of the step sends the secret to a host outside of the cloud.
fn by_program(subject: &Subject<'_>, view: &StepView<'_>, path: &SecretPath) -> bool {
    let is_environment = matches!(path.end.place, Place::Environment { .. });
    let leaves = |sender: &Sender<'_>| {
        !(is_environment && sender.proves_by_environment()) && sender.leaves(|host| is_outside(subject, host))
    };
    let is_file = path.end.argument.as_deref() == Some("argv");
    let directory = subject.runbook().directory.as_path();
    let by_itself = processes(view).any(|process| {
        let words = words(process);
        let Some(sender) = Sender::of_process(&words).filter(|sender| leaves(sender)) else { return false };
        let base = directory.join(process.directory.as_ref().map(ToString::to_string).unwrap_or_default());
        let is_it = |word: &str| {
            named(word).any(|name| {
                files(subject, path).any(|file| whole(&base.join(name)) == whole(&directory.join(file)))
            })
        };
        !is_file || sender.sent().any(is_it)
    });
    let in_script = || {
        let mut is_sent = false;
        for script in scripted(view) {
            each_command(&script.text(), &mut |sender, _| is_sent |= sender.is_some_and(leaves));
        }
        is_sent
    };
    by_itself || !is_file && in_script()
}

/// Returns the files through which a secret came to its end.
fn files<'a>(subject: &Subject<'a>, path: &'a SecretPath) -> impl Iterator<Item = &'a str> {
    let writer = path.through.last();
    let before = subject.listing.secret_paths.iter();
    let before = before.filter(move |one| Some(&one.end.address) == writer && one.source == path.source);
    before.filter_map(|one| match &one.end.place {
        Place::File { path, .. } => Some(path.as_str()),
        _ => None,
    })
}

fn readable(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = subject.secret_ends(|view, path| {
        let Place::File { mode, .. } = &path.end.place else { return None };
        let argument = path.end.argument.as_deref()?;
        let is_copy = view.step.typed().field(argument).is_some_and(|field| field.sink != Sink::File);
        Some(reaches(path, readers(view, mode.as_deref(), is_copy)?))
    });
    let private = PrivateFiles::of(subject);
    for view in subject.steps().filter(|view| written_files(view).next().is_some()) {
        if !written_from(subject, &view).iter().any(|path| private.holds(path)) {
            continue;
        }
        let mode = |mode: u32| format!("{mode:04o}");
        let mut files = written_files(&view).map(|file| file.mode.map(mode));
        let open = files.find_map(|mode| readers(&view, mode.as_deref(), true));
        found.extend(open.map(|place| {
            let contents = ["source", "content", "content_base64", "values"];
            let argument = contents.into_iter().find(|name| view.written(name).is_some());
            view.found(argument.unwrap_or_default(), format!("a file of keys or passwords reaches {place}"))
        }));
    }
    found
}

/// Returns the words for a file that others may read: by its mode, by one that nobody knows yet, or without one, if its
/// content is public to arcbook.
fn readers(view: &StepView<'_>, mode: Option<&str>, is_public: bool) -> Option<&'static str> {
    let is_open = |mode: &str| u32::from_str_radix(mode, 8).is_ok_and(|mode| mode & 0o004 != 0);
    match mode {
        Some(mode) => is_open(mode).then_some("a file that every user can read"),
        None if view.written("mode").is_some() => Some("a file whose mode nobody knows yet"),
        None => is_public.then_some("a file without a `mode`, which every user can read"),
    }
}
