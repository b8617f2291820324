//! Describes the places where secrets end.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::step::database_words;

/// The place where a secret ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Redact)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Place {
    /// The arguments of a program, which every user of the machine can read.
    Argument {
        /// The program.
        program: String,
    },
    /// The environment of a program.
    Environment {
        /// The program.
        program: String,
        /// The names of the variables, unless they are secret themselves.
        names: Vec<String>,
    },
    /// The standard input of a program, or a private file that it alone reads.
    Input {
        /// The program.
        program: String,
    },
    /// The URL of a request.
    Url {
        /// The HTTP method.
        #[redact(word)]
        method: String,
        /// The host.
        host: String,
        /// True if the request may cross a network without TLS.
        plain_http: bool,
    },
    /// A header of a request.
    Header {
        /// The HTTP method.
        #[redact(word)]
        method: String,
        /// The host.
        host: String,
        /// True if the request may cross a network without TLS.
        plain_http: bool,
        /// The names of the headers, unless they are secret themselves.
        names: Vec<String>,
    },
    /// The body of a request.
    Body {
        /// The HTTP method.
        #[redact(word)]
        method: String,
        /// The host.
        host: String,
        /// True if the request may cross a network without TLS.
        plain_http: bool,
    },
    /// The content or the metadata of a stored object, which everybody reads who may read the store.
    Object {
        /// The host of the store.
        host: String,
    },
    /// The content of a file on this machine.
    File {
        /// The path.
        path: String,
        /// The permission bits in octal digits; none if those of an existing file are kept.
        #[redact(word)]
        mode: Option<String>,
    },
    /// The path of a file or of a directory on this machine.
    Path {
        /// The path, with a phrase in place of the secret.
        path: String,
    },
    /// The text of a statement.
    Statement {
        /// The host and port of the server.
        host: String,
        /// The name of the database.
        database: String,
    },
    /// A parameter of a statement.
    Parameter {
        /// The host and port of the server.
        host: String,
        /// The name of the database.
        database: String,
    },
    /// The login to a database.
    Login {
        /// The host and port of the server.
        host: String,
        /// The name of the database.
        database: String,
    },
    /// The credential of an identity.
    Credential {
        /// The hosts and programs that get it.
        receivers: Vec<String>,
    },
    /// An output of the runbook, which is shown nowhere.
    Output,
    /// The memory of arcbook: the step computes with it, compares it or waits for it.
    Memory,
}

impl Place {
    /// Describes the place in words, such as `environment of sh: API_TOKEN`.
    #[must_use]
    pub fn words(&self) -> String {
        let named = |words: String, names: &[String]| {
            if names.is_empty() { words } else { format!("{words}: {}", names.join(", ")) }
        };
        let clear = |words: String, plain: &bool| if *plain { format!("{words} without TLS") } else { words };
        match self {
            Self::Argument { program } => format!("arguments of {program}"),
            Self::Environment { program, names } => named(format!("environment of {program}"), names),
            Self::Input { program } => format!("input of {program}"),
            Self::Url { method, host, plain_http } => clear(format!("URL of {method} to {host}"), plain_http),
            Self::Header { method, host, plain_http, names } => {
                named(clear(format!("header of {method} to {host}"), plain_http), names)
            }
            Self::Body { method, host, plain_http } => {
                clear(format!("body of {method} to {host}"), plain_http)
            }
            Self::Object { host } => format!("stored at {host}"),
            Self::File { path, mode: Some(mode) } => format!("file {path}, mode {mode}"),
            Self::File { path, mode: None } => format!("file {path}"),
            Self::Path { path } => format!("path {path}"),
            Self::Statement { host, database } => format!("statement in {}", database_words(database, host)),
            Self::Parameter { host, database } => format!("parameter in {}", database_words(database, host)),
            Self::Login { host, database } => format!("login to {}", database_words(database, host)),
            Self::Credential { receivers } => named("credential".to_owned(), receivers),
            Self::Output => "shown nowhere".to_owned(),
            Self::Memory => "stays in arcbook".to_owned(),
        }
    }
}
