//! Describes actions in public form, for plans and records.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value as Json};

use super::{Action, ActionKind, Credential, Follow, Permission, Plane, Safety, Tls};
use crate::redact::Redact;
use crate::step::texts::words;

/// An action in public form, with phrases in place of sensitive and unknown parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Redact)]
pub struct ActionFacts {
    /// The action.
    #[serde(flatten)]
    pub kind: KindFacts,
    /// The effect of the action, and of repeating it.
    pub safety: Safety,
    /// The requests that may follow from the answer.
    #[serde(skip_serializing_if = "Follow::is_nothing")]
    pub follow: Follow,
    /// The permissions that the caller needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<PermissionFacts>,
    /// True if the caller may need more, which cannot be listed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub needs_more: bool,
}

/// An unknown member is an error, which serde's reader of flattened members does not report.
impl<'de> Deserialize<'de> for ActionFacts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let mut take = |name: &str| members.shift_remove(name);
        let safety = take("safety").ok_or_else(|| D::Error::missing_field("safety"))?;
        let (follow, needs, needs_more) = (take("follow"), take("needs"), take("needs_more"));
        Ok(Self {
            kind: KindFacts::deserialize(Json::Object(members)).map_err(D::Error::custom)?,
            safety: Safety::deserialize(safety).map_err(D::Error::custom)?,
            follow: read_or_default(follow).map_err(D::Error::custom)?,
            needs: read_or_default(needs).map_err(D::Error::custom)?,
            needs_more: read_or_default(needs_more).map_err(D::Error::custom)?,
        })
    }
}

/// Reads a member that may be missing.
fn read_or_default<T: DeserializeOwned + Default>(member: Option<Json>) -> Result<T, serde_json::Error> {
    member.map_or_else(|| Ok(T::default()), serde_json::from_value)
}

/// The kind of an action in public form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum KindFacts {
    /// Sends an HTTP request.
    Http {
        /// The HTTP method.
        #[redact(word)]
        method: String,
        /// The URL.
        url: String,
        /// The audience of the access token.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audience: Option<String>,
        /// True if the request may cross a network without TLS.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        plain_http: bool,
    },
    /// Reads a file on this machine.
    ReadFile {
        /// The path.
        path: String,
    },
    /// Writes a file on this machine.
    WriteFile {
        /// The path.
        path: String,
        /// The permission bits in octal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[redact(word)]
        mode: Option<String>,
    },
    /// Removes a file on this machine.
    RemoveFile {
        /// The path.
        path: String,
    },
    /// Looks at a directory on this machine.
    ReadDirectory {
        /// The path.
        path: String,
    },
    /// Makes a directory on this machine.
    MakeDirectory {
        /// The path.
        path: String,
        /// The permission bits in octal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[redact(word)]
        mode: Option<String>,
    },
    /// Removes a directory on this machine.
    RemoveDirectory {
        /// The path.
        path: String,
        /// True if everything in it is removed too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        recursive: bool,
    },
    /// Runs a program on this machine.
    Exec {
        /// The program and its arguments.
        argv: Vec<String>,
        /// The names of the environment variables that the program gets beside the usual ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        environment: Vec<String>,
        /// The working directory.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        directory: Option<String>,
        /// True if the program changes the embedded lab and nothing else.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        of_lab: bool,
    },
    /// Executes a statement in a database.
    Sql {
        /// The host and port of the server.
        host: String,
        /// The name of the database.
        database: String,
        /// The name of the user.
        user: String,
        /// The protection of the connection.
        #[serde(default)]
        tls: Tls,
        /// True if a password may be sent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        password: bool,
        /// The text of the statement.
        statement: String,
        /// The audience of the token that serves as the password.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audience: Option<String>,
    },
    /// Takes a token of the step's identity as a value.
    Token {
        /// The audience.
        audience: String,
    },
}

/// A permission in public form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct PermissionFacts {
    /// The name of the permission.
    pub action: String,
    /// The plane that checks it.
    pub plane: Plane,
    /// The scope at which it is checked.
    pub scope: String,
}

impl ActionFacts {
    /// Returns the facts without the permissions, as records hold them.
    #[must_use]
    pub fn brief(action: &Action) -> Self {
        Self {
            kind: KindFacts::from(&action.kind),
            safety: action.safety,
            follow: action.follow,
            needs: Vec::new(),
            needs_more: action.needs_more,
        }
    }

    /// Returns the object that the action changes: a URL without its query, a path, a program with its
    /// arguments, or a database; none if the action changes nothing.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        if self.safety == Safety::Reads {
            return None;
        }
        Some(match &self.kind {
            KindFacts::Http { url, .. } => url.split('?').next().unwrap_or_default().to_owned(),
            KindFacts::ReadFile { path }
            | KindFacts::WriteFile { path, .. }
            | KindFacts::RemoveFile { path }
            | KindFacts::ReadDirectory { path }
            | KindFacts::MakeDirectory { path, .. }
            | KindFacts::RemoveDirectory { path, .. } => path.clone(),
            KindFacts::Exec { argv, .. } => words(argv),
            KindFacts::Sql { host, database, .. } => format!("{host}/{database}"),
            KindFacts::Token { audience } => audience.clone(),
        })
    }

    /// Returns the audience of the token that the action needs.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        match &self.kind {
            KindFacts::Http { audience, .. } | KindFacts::Sql { audience, .. } => audience.as_deref(),
            KindFacts::Token { audience } => Some(audience),
            _ => None,
        }
    }

    /// Returns the audience of the token that the action sends.
    #[must_use]
    pub fn sent_token(&self) -> Option<&str> {
        self.audience().filter(|_| !matches!(self.kind, KindFacts::Token { .. }))
    }

    /// Returns the program with its arguments, as a shell would read it; none for another action.
    #[must_use]
    pub fn command(&self) -> Option<String> {
        match &self.kind {
            KindFacts::Exec { argv, .. } => Some(words(argv)),
            _ => None,
        }
    }

    /// Returns true if the action works on this machine or in a database, and needs no service of Azure.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self.kind {
            KindFacts::ReadFile { .. }
            | KindFacts::WriteFile { .. }
            | KindFacts::RemoveFile { .. }
            | KindFacts::ReadDirectory { .. }
            | KindFacts::MakeDirectory { .. }
            | KindFacts::RemoveDirectory { .. } => true,
            KindFacts::Exec { of_lab, .. } => !of_lab,
            KindFacts::Sql { ref audience, .. } => audience.is_none(),
            KindFacts::Http { .. } | KindFacts::Token { .. } => false,
        }
    }

    /// Returns true if the action sends an HTTP request.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(self.kind, KindFacts::Http { .. })
    }

    /// Returns the word for the action: `request`, `file`, `directory`, `program`, `statement` or `token`.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self.kind {
            KindFacts::Http { .. } => "request",
            KindFacts::ReadFile { .. } | KindFacts::WriteFile { .. } | KindFacts::RemoveFile { .. } => "file",
            KindFacts::ReadDirectory { .. }
            | KindFacts::MakeDirectory { .. }
            | KindFacts::RemoveDirectory { .. } => "directory",
            KindFacts::Exec { .. } => "program",
            KindFacts::Sql { .. } => "statement",
            KindFacts::Token { .. } => "token",
        }
    }

    /// Describes the action in one line, such as `GET https://…` or `write /etc/motd`.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.kind {
            KindFacts::Http { method, url, plain_http: true, .. } => format!("{method} {url} without TLS"),
            KindFacts::Http { method, url, .. } => format!("{method} {url}"),
            KindFacts::ReadFile { path } => format!("read the file {path}"),
            KindFacts::WriteFile { path, mode: Some(mode) } => format!("write the file {path}, mode {mode}"),
            KindFacts::WriteFile { path, mode: None } => format!("write the file {path}"),
            KindFacts::RemoveFile { path } => format!("remove the file {path}"),
            KindFacts::ReadDirectory { path } => format!("look at the directory {path}"),
            KindFacts::MakeDirectory { path, mode } => {
                let mode = mode.as_ref().map(|mode| format!(", mode {mode}")).unwrap_or_default();
                format!("make the directory {path}{mode}")
            }
            KindFacts::RemoveDirectory { path, recursive: true } => {
                format!("remove the directory {path} and everything in it")
            }
            KindFacts::RemoveDirectory { path, recursive: false } => {
                format!("remove the empty directory {path}")
            }
            KindFacts::Exec { argv, .. } => format!("run {}", words(argv)),
            KindFacts::Sql { host, database, user, tls, password, statement, .. } => {
                let tls = tls.weakness().map(|weakness| format!(" {weakness}")).unwrap_or_default();
                let with = if *password { " with a password" } else { "" };
                let user = user.as_str();
                // A comment ends with its line, so the ends of lines are shown.
                let lines: Vec<&str> = statement.trim().lines().map(str::trim).collect();
                let statement = lines.join("\\n");
                let place = database_words(database, host);
                let user = if user == place { String::new() } else { format!(" as {user}") };
                format!("execute in {place}{user}{with}{tls}: {statement}")
            }
            KindFacts::Token { audience } => format!("take the token for {audience} as a value"),
        }
    }
}

/// Returns `db at host:5432`, in which a phrase that stands for all of it stands once.
#[must_use]
pub fn database_words(database: &str, host: &str) -> String {
    let server = server_words(host);
    if database == server { server.to_owned() } else { format!("{database} at {server}") }
}

/// Returns a host with its port; a phrase that stands for both, such as `(known after step.a.b)`, once.
#[must_use]
pub fn server_words(host: &str) -> &str {
    match host.split_once("):(") {
        Some((start, end)) if start.strip_prefix('(') == end.strip_suffix(')') => &host[..=start.len()],
        _ => host,
    }
}

impl From<&Action> for ActionFacts {
    fn from(action: &Action) -> Self {
        Self { needs: action.needs.iter().map(PermissionFacts::from).collect(), ..Self::brief(action) }
    }
}

impl From<&ActionKind> for KindFacts {
    fn from(kind: &ActionKind) -> Self {
        match kind {
            ActionKind::Http(request) => Self::Http {
                method: request.method.as_str().to_owned(),
                url: request.url.to_string(),
                audience: request.audience.as_ref().map(ToString::to_string),
                plain_http: request.plain_http,
            },
            ActionKind::ReadFile(file) => Self::ReadFile { path: file.path.to_string() },
            ActionKind::WriteFile(file) => Self::WriteFile {
                path: file.path.to_string(),
                mode: file.mode.map(|mode| format!("{mode:04o}")),
            },
            ActionKind::RemoveFile(path) => Self::RemoveFile { path: path.to_string() },
            ActionKind::ReadDirectory(directory) => Self::ReadDirectory { path: directory.path.to_string() },
            ActionKind::MakeDirectory(directory) => Self::MakeDirectory {
                path: directory.path.to_string(),
                mode: directory.mode.map(|mode| format!("{mode:04o}")),
            },
            ActionKind::RemoveDirectory(directory) => {
                Self::RemoveDirectory { path: directory.path.to_string(), recursive: directory.recursive }
            }
            ActionKind::Exec(process) => Self::Exec {
                argv: process.argv.shown(),
                environment: process.environment.shown(),
                directory: process.directory.as_ref().map(ToString::to_string),
                of_lab: process.of_lab,
            },
            ActionKind::Sql(statement) => Self::Sql {
                host: statement.host.to_string(),
                database: statement.database.to_string(),
                user: statement.user.to_string(),
                tls: statement.tls,
                password: statement.credential == Credential::Password,
                statement: statement.text.to_string(),
                audience: statement.credential.audience().map(ToString::to_string),
            },
            ActionKind::Token(token) => Self::Token { audience: token.text.to_string() },
        }
    }
}

impl From<&Permission> for PermissionFacts {
    fn from(permission: &Permission) -> Self {
        Self {
            action: permission.action.clone().into_owned(),
            plane: permission.plane,
            scope: permission.scope.to_string(),
        }
    }
}

impl Follow {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}
