//! Describes the actions of a step as data: the plan lists them, and the run performs these and no others.

mod facts;
mod local;
mod pattern;
mod permission;
mod request;
mod statement;
mod token_use;

use serde::{Deserialize, Serialize};

use super::{Syntax, Text};
use crate::redact::Redact;

pub use facts::{ActionFacts, KindFacts, PermissionFacts, database_words, server_words};
pub use local::{DirectoryMake, DirectoryRead, DirectoryRemove, FileRead, FileWrite, Process, TemplateUse};
pub use pattern::fits;
pub use permission::{Permission, Plane};
pub use request::{Audience, Body, HttpRequest, Method, Verb};
pub use statement::{Credential, Statement, Tls};
pub use token_use::TokenUse;

/// One action of a step outside arcbook, which may be partly unknown before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The action.
    pub kind: ActionKind,
    /// The effect of performing it, and of performing it twice; every retry honours it.
    pub safety: Safety,
    /// The permissions that the caller needs.
    pub needs: Vec<Permission>,
    /// True if the caller may need more, which cannot be listed, such as for a template within a template.
    pub needs_more: bool,
    /// The further requests that the answer may lead to.
    pub follow: Follow,
}

/// The kind of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Sends an HTTP request.
    Http(HttpRequest),
    /// Reads a file on this machine.
    ReadFile(FileRead),
    /// Writes a file on this machine.
    WriteFile(FileWrite),
    /// Removes a file on this machine.
    RemoveFile(Text),
    /// Looks at a directory on this machine.
    ReadDirectory(DirectoryRead),
    /// Makes a directory on this machine, or changes its permissions.
    MakeDirectory(DirectoryMake),
    /// Removes a directory on this machine.
    RemoveDirectory(DirectoryRemove),
    /// Runs a program on this machine.
    Exec(Process),
    /// Executes a statement in a database.
    Sql(Statement),
    /// Takes a token of the step's identity as a value.
    Token(TokenUse),
}

/// The effect of an action, and of repeating it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Safety {
    /// The action changes nothing.
    Reads,
    /// The action changes something; repeating it has no further effect.
    Idempotent,
    /// The action changes something, and repeating it may change it again.
    Once,
}

/// The requests that follow from an answer, which no plan can spell out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Follow {
    /// Nothing follows.
    #[default]
    Nothing,
    /// Further pages follow: GET requests to the same host and path, with the same token.
    Pages,
    /// The polls of the operation that the service started follow: GET requests to the same host, with the
    /// same token.
    Operation,
    /// A large body is sent in blocks: further PUT requests to the same path precede the request, and a GET request asks
    /// for the blocks that are there, with the same token.
    Blocks,
    /// A large answer is read in ranges: the same request is repeated, each time for a part of the answer.
    Ranges,
}

impl Action {
    /// Returns an action that needs no permission and leads to nothing else.
    #[must_use]
    pub fn new(kind: ActionKind, safety: Safety) -> Self {
        Self { kind, safety, needs: Vec::new(), needs_more: false, follow: Follow::Nothing }
    }

    /// Returns the reading of a file.
    #[must_use]
    pub fn read_file(file: FileRead) -> Self {
        Self::new(ActionKind::ReadFile(file), Safety::Reads)
    }

    /// Returns the writing of a file.
    #[must_use]
    pub fn write_file(file: FileWrite) -> Self {
        Self::new(ActionKind::WriteFile(file), Safety::Idempotent)
    }

    /// Returns the removal of the file at `path`.
    #[must_use]
    pub fn remove_file(path: Text) -> Self {
        Self::new(ActionKind::RemoveFile(path), Safety::Idempotent)
    }

    /// Returns the look at the directory at `path`.
    #[must_use]
    pub fn read_directory(path: Text) -> Self {
        Self::new(ActionKind::ReadDirectory(DirectoryRead { path }), Safety::Reads)
    }

    /// Returns the making of a directory.
    #[must_use]
    pub fn make_directory(directory: DirectoryMake) -> Self {
        Self::new(ActionKind::MakeDirectory(directory), Safety::Idempotent)
    }

    /// Returns the removal of a directory.
    #[must_use]
    pub fn remove_directory(directory: DirectoryRemove) -> Self {
        Self::new(ActionKind::RemoveDirectory(directory), Safety::Idempotent)
    }

    /// Returns the execution of a program.
    #[must_use]
    pub fn exec(process: Process, safety: Safety) -> Self {
        Self::new(ActionKind::Exec(process), safety)
    }

    /// Returns the execution of a statement.
    #[must_use]
    pub fn sql(statement: Statement, safety: Safety) -> Self {
        Self::new(ActionKind::Sql(statement), safety)
    }

    /// Returns the taking of a token for `audience` as a value.
    #[must_use]
    pub fn token(audience: Text) -> Self {
        Self::new(ActionKind::Token(TokenUse::new(audience)), Safety::Reads)
    }

    /// Sets the effect of the action, if it differs from that of its kind.
    #[must_use]
    pub fn safety(mut self, safety: Safety) -> Self {
        self.safety = safety;
        self
    }

    /// Adds a permission that the caller needs.
    #[must_use]
    pub fn needs(mut self, permission: Permission) -> Self {
        self.needs.push(permission);
        self
    }

    /// Says whether the caller may need more permissions than those that are listed.
    #[must_use]
    pub fn needs_more(mut self, needs_more: bool) -> Self {
        self.needs_more = needs_more;
        self
    }

    /// Reads further pages too.
    #[must_use]
    pub fn paged(mut self) -> Self {
        self.follow = Follow::Pages;
        self
    }

    /// Polls the operation that the service starts, too.
    #[must_use]
    pub fn operation(mut self) -> Self {
        self.follow = Follow::Operation;
        self
    }

    /// Sends a large body in blocks.
    #[must_use]
    pub fn in_blocks(mut self) -> Self {
        self.follow = Follow::Blocks;
        self
    }

    /// Reads a large answer in ranges.
    #[must_use]
    pub fn in_ranges(mut self) -> Self {
        self.follow = Follow::Ranges;
        self
    }

    /// Returns the HTTP request, if the action is one.
    #[must_use]
    pub fn request(&self) -> Option<&HttpRequest> {
        match &self.kind {
            ActionKind::Http(request) => Some(request),
            _ => None,
        }
    }

    /// Returns the input file, if the action reads one.
    #[must_use]
    pub fn input_file(&self) -> Option<&FileRead> {
        match &self.kind {
            ActionKind::ReadFile(file) => file.is_input.then_some(file),
            _ => None,
        }
    }

    /// Returns the path of the file or directory that the action reads, writes or removes; none if it does not.
    #[must_use]
    pub fn path(&self) -> Option<&Text> {
        match &self.kind {
            ActionKind::ReadFile(file) => Some(&file.path),
            ActionKind::WriteFile(file) => Some(&file.path),
            ActionKind::RemoveFile(path) => Some(path),
            ActionKind::ReadDirectory(directory) => Some(&directory.path),
            ActionKind::MakeDirectory(directory) => Some(&directory.path),
            ActionKind::RemoveDirectory(directory) => Some(&directory.path),
            ActionKind::Http(_) | ActionKind::Exec(_) | ActionKind::Sql(_) | ActionKind::Token(_) => None,
        }
    }

    /// Returns the audience of the token that the action needs; none if it needs none.
    #[must_use]
    pub fn audience(&self) -> Option<&Audience> {
        match &self.kind {
            ActionKind::Http(request) => request.audience.as_ref(),
            ActionKind::Sql(statement) => statement.credential.audience(),
            ActionKind::Token(token) => token.audience.as_ref(),
            _ => None,
        }
    }

    /// Returns true if the action changes nothing.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.safety == Safety::Reads
    }

    /// Returns true if the action works on this machine or in a database, not on a service of Azure.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match &self.kind {
            ActionKind::ReadFile(_)
            | ActionKind::WriteFile(_)
            | ActionKind::RemoveFile(_)
            | ActionKind::ReadDirectory(_)
            | ActionKind::MakeDirectory(_)
            | ActionKind::RemoveDirectory(_)
            | ActionKind::Sql(_) => true,
            ActionKind::Exec(process) => !process.of_lab,
            ActionKind::Http(_) | ActionKind::Token(_) => false,
        }
    }

    /// Returns the texts that identify an action other than a program: two actions are the same if these are.
    fn identity(&self) -> Vec<&Text> {
        match &self.kind {
            ActionKind::Http(request) => vec![&request.url],
            ActionKind::Sql(statement) => {
                vec![&statement.host, &statement.database, &statement.user, &statement.text]
            }
            ActionKind::Token(token) => vec![&token.text],
            _ => self.path().into_iter().collect(),
        }
    }

    /// Returns true if every text that identifies the action is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        if let ActionKind::Exec(process) = &self.kind {
            return process.is_known();
        }
        self.identity().into_iter().all(|text| text.reveal().is_some())
    }

    /// Returns true if performing `action` was planned by this action; it must be known, except for parts that its step
    /// makes from the name of the run.
    #[must_use]
    pub fn admits(&self, action: &Self) -> bool {
        let (planned, actual) = (self.identity(), action.identity());
        let admits = |planned: &Text, actual: &str| planned.admits(actual, self.syntax());
        self.kind.is_alike(&action.kind)
            && action.safety <= self.safety
            && planned.len() == actual.len()
            && planned
                .iter()
                .zip(actual)
                .all(|(planned, actual)| actual.sample().is_some_and(|actual| admits(planned, &actual)))
    }

    /// Returns the argument whose value keeps `action` from being the one that was planned; none if they differ in
    /// anything else.
    #[must_use]
    pub fn misfit(&self, action: &Self) -> Option<&'static str> {
        if !self.kind.is_alike(&action.kind) {
            return None;
        }
        let misfit = |(planned, actual): (&Text, &Text)| planned.misfit(&actual.reveal()?, self.syntax());
        let is_other = |(planned, actual): &(&Text, &Text)| {
            actual.reveal().is_some_and(|actual| !planned.admits(&actual, self.syntax()))
        };
        self.identity().into_iter().zip(action.identity()).filter(is_other).find_map(misfit)
    }

    fn syntax(&self) -> Syntax {
        match self.kind {
            ActionKind::Http(_) => Syntax::Url,
            _ => Syntax::Plain,
        }
    }
}

impl ActionKind {
    /// Returns true if both are of the same kind and agree in everything that is always known.
    fn is_alike(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Http(one), Self::Http(other)) => {
                one.method == other.method
                    && one.audience == other.audience
                    && (one.plain_http || !other.plain_http)
            }
            (Self::ReadFile(_), Self::ReadFile(_))
            | (Self::RemoveFile(_), Self::RemoveFile(_))
            | (Self::ReadDirectory(_), Self::ReadDirectory(_))
            | (Self::Token(_), Self::Token(_)) => true,
            (Self::WriteFile(one), Self::WriteFile(other)) => one.mode.is_none() || one.mode == other.mode,
            (Self::MakeDirectory(one), Self::MakeDirectory(other)) => {
                one.mode.is_none() || one.mode == other.mode
            }
            (Self::RemoveDirectory(one), Self::RemoveDirectory(other)) => one.recursive || !other.recursive,
            (Self::Exec(one), Self::Exec(other)) => one.admits(other),
            (Self::Sql(one), Self::Sql(other)) => one.is_alike(other),
            _ => false,
        }
    }
}

impl Safety {
    /// Returns the JSON name: `reads`, `idempotent` or `once`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Idempotent => "idempotent",
            Self::Once => "once",
        }
    }
}

impl From<HttpRequest> for Action {
    /// Returns the sending of a request, whose method decides on the effect.
    fn from(request: HttpRequest) -> Self {
        let safety = request.method.safety();
        Self::new(ActionKind::Http(request), safety)
    }
}

#[cfg(test)]
mod tests;
