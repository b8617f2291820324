//! Sums up what a run may do, from the actions of its plan.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::permission::HeldPermission;
use super::secret_end::{SecretEnd, secret_ends};
use crate::graph::Acting;
use crate::plan::{ListedWhen, Listing, RECORD, host, shape};
use crate::redact::Redact;
use crate::step::{ActionFacts, KindFacts, Safety};

/// A host that a run contacts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct Host {
    /// The host, which may be partly unknown.
    pub host: String,
    /// The audience of the token that it receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The address of the identity whose token it receives, or `machine`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_as: Option<String>,
    /// True if a request may reach it without TLS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain_http: bool,
}

/// The use of a file or a directory on the machine of the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct FileUse {
    /// The use: `read`, `send`, `write`, `remove`, `list`, `make directory`, `remove directory` or `remove everything in`.
    #[redact(word)]
    pub access: String,
    /// The path.
    pub path: String,
    /// The permission bits in octal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[redact(word)]
    pub mode: Option<String>,
}

/// A program that a run starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct Program {
    /// The program and its arguments, as a shell would read them.
    pub command: String,
    /// The environment variables that it gets beside the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// The working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// True if the program may change something.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes: bool,
}

/// A statement that a run executes in a database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct Statement {
    /// The host and port of the server.
    pub host: String,
    /// The name of the database.
    pub database: String,
    /// The name of the user.
    pub user: String,
    /// The action in one line, with the protection of the connection.
    pub line: String,
}

/// The place of a token that a step takes as a value, in place of a host.
const TAKEN: &str = "(a value of the run)";

/// Everything that a run may do outside of itself, each with the blocks that do it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The permissions that identities need.
    pub permissions: BTreeMap<HeldPermission, BTreeSet<String>>,
    /// The hosts, as far as they are known.
    pub hosts: BTreeMap<Host, BTreeSet<String>>,
    /// The ends of secrets.
    pub secrets: BTreeMap<SecretEnd, BTreeSet<String>>,
    /// The files.
    pub files: BTreeMap<FileUse, BTreeSet<String>>,
    /// The programs.
    pub programs: BTreeMap<Program, BTreeSet<String>>,
    /// The statements.
    pub statements: BTreeMap<Statement, BTreeSet<String>>,
}

impl Access {
    /// Sums up the actions of a plan. A step that does not run has none.
    #[must_use]
    pub fn of(listing: &Listing) -> Self {
        let mut access = Self { secrets: secret_ends(listing), ..Self::default() };
        for step in listing.steps.iter().filter(|step| step.when != ListedWhen::Decided(false)) {
            let acts_as = step.acts_as.as_deref().unwrap_or(Acting::MACHINE);
            step.actions.iter().for_each(|action| access.add(action, acts_as, &shape(&step.address)));
            for action in &step.undo_actions {
                access.executed(action, format!("undo: {}", action.line()), &shape(&step.address));
            }
            let sent = step.sends.iter().map(|sent| &sent.path).chain(&step.may_send);
            for path in sent {
                let file = FileUse { access: "send".to_owned(), path: path.clone(), mode: None };
                note(&mut access.files, file, &shape(&step.address));
            }
        }
        for (path, blocks) in &listing.file_readers {
            let file = FileUse { access: "read".to_owned(), path: path.clone(), mode: None };
            for block in blocks {
                note(&mut access.files, file.clone(), block);
            }
        }
        for action in listing.record.iter().flat_map(|record| &record.actions) {
            access.add(action, Acting::MACHINE, RECORD);
        }
        for token in &listing.tokens {
            let block = format!("token for {}", token.audience);
            token.actions.iter().for_each(|action| access.add(action, &token.acts_as, &block));
        }
        access
    }

    fn add(&mut self, action: &ActionFacts, acts_as: &str, block: &str) {
        for needed in &action.needs {
            note(&mut self.permissions, HeldPermission::of(acts_as, needed), block);
        }
        let to = |host: String, plain_http: bool| {
            let token = action.sent_token().map(str::to_owned);
            let acts_as = token.as_ref().map(|_| acts_as.to_owned());
            Host { host, token, acts_as, plain_http }
        };
        match &action.kind {
            KindFacts::Http { url, plain_http, .. } => {
                note(&mut self.hosts, to(host(url), *plain_http), block);
            }
            KindFacts::Exec { environment, directory, .. } => {
                let program = Program {
                    command: action.command().unwrap_or_default(),
                    environment: environment.clone(),
                    directory: directory.clone(),
                    changes: action.safety != Safety::Reads,
                };
                note(&mut self.programs, program, block);
            }
            KindFacts::Sql { host, .. } => {
                note(&mut self.hosts, to(host.clone(), false), block);
                self.executed(action, action.line(), block);
            }
            KindFacts::Token { audience } => {
                let (host, token) = (TAKEN.to_owned(), Some(audience.clone()));
                let acts_as = Some(acts_as.to_owned());
                note(&mut self.hosts, Host { host, token, acts_as, plain_http: false }, block);
            }
            kind => {
                if let Some(file) = file_use(kind) {
                    note(&mut self.files, file, block);
                }
            }
        }
    }

    /// Adds a statement, with its line.
    fn executed(&mut self, action: &ActionFacts, line: String, block: &str) {
        if let KindFacts::Sql { host, database, user, .. } = &action.kind {
            let (host, database, user) = (host.clone(), database.clone(), user.clone());
            note(&mut self.statements, Statement { host, database, user, line }, block);
        }
    }
}

fn note<T: Ord>(all: &mut BTreeMap<T, BTreeSet<String>>, one: T, block: &str) {
    all.entry(one).or_default().insert(block.to_owned());
}

/// Returns the use of a file or a directory; none for an action on anything else.
fn file_use(kind: &KindFacts) -> Option<FileUse> {
    let (access, path, mode) = match kind {
        KindFacts::ReadFile { path } => ("read", path, &None),
        KindFacts::WriteFile { path, mode } => ("write", path, mode),
        KindFacts::RemoveFile { path } => ("remove", path, &None),
        KindFacts::ReadDirectory { path } => ("list", path, &None),
        KindFacts::MakeDirectory { path, mode } => ("make directory", path, mode),
        KindFacts::RemoveDirectory { path, recursive: true } => ("remove everything in", path, &None),
        KindFacts::RemoveDirectory { path, recursive: false } => ("remove directory", path, &None),
        _ => return None,
    };
    Some(FileUse { access: access.to_owned(), path: path.clone(), mode: mode.clone() })
}
