//! The failure of one attempt to run a statement, and the error that the user reads.

use std::error::Error as _;
use std::time::Duration;

use arcbook_engine::step::{ErrorKind, StepError};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, ErrorPosition, Severity};

use super::{SslMode, sqlstate};
use crate::http;

/// The failure of one attempt.
pub(crate) struct Failed {
    pub failure: Failure,
    pub stage: Stage,
}

/// The stage of an attempt, which decides whether the statement may have changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing is committed without a request that was not sent yet.
    Before,
    /// The statement was sent outside of a transaction.
    Running,
    /// The commit was sent.
    Committing,
}

/// The reason of a failure.
pub(crate) enum Failure {
    /// The host name has no address. `temporary` if the name server could not answer.
    UnknownHost { temporary: bool },
    /// The connection failed, for this reason.
    Unreachable(String),
    /// The server has no TLS.
    NoTls,
    /// The server's certificate is invalid.
    Certificate(String),
    /// The server asks for something else than arcbook has, such as a password.
    Login(String),
    /// No connection was ready within this time.
    Slow(Duration),
    /// The connection broke.
    Broken(String),
    /// The server answered with an error.
    Server(Box<Error>),
    /// The parameters do not fit the statement; a clause.
    Parameters(String),
    /// The result is larger than an argument allows.
    TooMany { argument: &'static str, limit: String },
    /// The result cannot become values.
    Unusable { summary: String, detail: String, help: String },
}

/// The facts that an error message needs.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub statement: &'a str,
    /// True if the statement or a parameter is sensitive, which the server's message may repeat.
    pub holds_secret: bool,
    pub is_read: bool,
    pub has_token: bool,
    /// The `sslmode` that the description of the connection asks for.
    pub asks: Option<SslMode>,
    pub attempts: u32,
}

impl Failure {
    /// Classifies an error; `connecting` if no statement was sent yet.
    pub fn of(error: Error, connecting: bool) -> Self {
        if error.as_db_error().is_some() {
            return Self::Server(Box::new(error));
        }
        let why = error.source().map(ToString::to_string).unwrap_or_default();
        match error.to_string().as_str() {
            // A password that is missing counts as a fault of the configuration.
            "authentication error" | "invalid configuration" => return Self::Login(why),
            "error performing TLS handshake" if why == "server does not support TLS" => return Self::NoTls,
            _ => {}
        }
        match http::Failure::of(&error, connecting) {
            http::Failure::Certificate { reason } => Self::Certificate(reason),
            http::Failure::Unreachable { reason, .. } => Self::Unreachable(reason),
            failure => Self::Broken(match failure {
                http::Failure::Broken { reason } => reason,
                failure => failure.to_string(),
            }),
        }
    }

    pub fn unusable(summary: String, detail: &str, help: &str) -> Self {
        Self::Unusable { summary, detail: detail.to_owned(), help: help.to_owned() }
    }

    fn answer(&self) -> Option<&DbError> {
        match self {
            Self::Server(error) => error.as_db_error(),
            _ => None,
        }
    }

    /// Returns true if the server refused the login.
    pub fn is_refused_login(&self) -> bool {
        self.answer().is_some_and(|answer| answer.code().code().starts_with("28"))
    }

    /// Returns true if the same statement may succeed later.
    fn may_pass(&self) -> bool {
        match self {
            Self::UnknownHost { temporary } => *temporary,
            Self::Unreachable(_) | Self::Slow(_) | Self::Broken(_) => true,
            Self::Server(_) => self.answer().is_some_and(|answer| sqlstate::may_pass(answer.code().code())),
            _ => false,
        }
    }

    /// Describes the failure in one clause, for the message about the next attempt.
    pub fn clause(&self) -> String {
        match self {
            Self::UnknownHost { temporary: true } => {
                "the address of the host could not be resolved".to_owned()
            }
            Self::UnknownHost { temporary: false } => "the host does not exist".to_owned(),
            Self::Unreachable(reason) => format!("no connection: {reason}"),
            Self::NoTls => "the server has no TLS".to_owned(),
            Self::Certificate(reason) => format!("the TLS connection was refused: {reason}"),
            Self::Login(reason) => format!("the login failed: {reason}"),
            Self::Slow(limit) => format!("no connection within {limit:?}"),
            Self::Broken(reason) => format!("the connection broke: {reason}"),
            Self::Server(_) => {
                format!(
                    "PostgreSQL answered {}",
                    self.answer().map_or("an error", |answer| answer.code().code())
                )
            }
            Self::Parameters(clause) => clause.clone(),
            Self::TooMany { limit, .. } => format!("the result has more than {limit}"),
            Self::Unusable { summary, .. } => summary.clone(),
        }
    }
}

impl Failed {
    /// Returns true if another attempt may succeed.
    pub fn may_pass(&self) -> bool {
        self.failure.may_pass()
    }

    /// Returns true if the statement may have changed something that no answer confirms.
    pub fn leaves_change_unknown(&self) -> bool {
        let is_error = || self.failure.answer().and_then(DbError::parsed_severity) == Some(Severity::Error);
        match self.stage {
            Stage::Before => false,
            // A procedure may commit a part of its work before it fails.
            Stage::Running => true,
            Stage::Committing => !is_error(),
        }
    }

    /// Returns the error that the user reads.
    pub fn error(&self, told: Told<'_>) -> StepError {
        let error = match &self.failure {
            Failure::Server(_) => match self.failure.answer() {
                Some(answer) => refused(answer, told),
                None => StepError::internal("an answer without a code"),
            },
            failure => unanswered(failure, told),
        };
        let tried = format!("The statement was tried {} times.", told.attempts);
        if told.attempts > 1 { error.more_detail(&tried) } else { error }
    }
}

/// Returns the error of an attempt that the server did not answer, or whose answer cannot be used.
fn unanswered(failure: &Failure, told: Told<'_>) -> StepError {
    let refused = |summary: &str| StepError::new(ErrorKind::Refused, summary);
    match failure {
        Failure::Parameters(clause) => {
            refused(clause).argument("parameters").help("give one value for each of $1, $2 and so on")
        }
        Failure::TooMany { argument, limit } => refused(&format!("the result has more than {limit}"))
            .detail("No row is kept.")
            .argument(argument)
            .help(format!("select less, with `WHERE` or `LIMIT`, or raise `{argument}`")),
        Failure::Unusable { summary, detail, help } => {
            refused(summary).detail(detail.clone()).argument("statement").help(help.clone())
        }
        failure => {
            let (kind, summary, help) = unconnected(failure, told);
            let error = StepError::new(kind, summary).detail(sentence(&failure.clause())).help(help);
            let is_about_tls = matches!(failure, Failure::Certificate(_) | Failure::NoTls);
            match told.asks.filter(|asks| is_about_tls && *asks < SslMode::VerifyCa) {
                None => error,
                Some(asks) => error.help(format!(
                    "`sslmode={}` in `connection` does not weaken TLS here; the argument `tls` does, and the plan shows it",
                    asks.as_str()
                )),
            }
        }
    }
}

/// Returns the kind, the summary and the remedy of an attempt without a usable connection.
fn unconnected(failure: &Failure, told: Told<'_>) -> (ErrorKind, &'static str, &'static str) {
    match failure {
        Failure::UnknownHost { .. } => (
            ErrorKind::Transport,
            "the database server cannot be reached",
            "check the host, and this machine's name resolution",
        ),
        Failure::Unreachable(_) => (
            ErrorKind::Transport,
            "the database server cannot be reached",
            "check the host, the port, the server's firewall rules, and that the server runs",
        ),
        // No time limit of a change: nothing was sent.
        Failure::Slow(_) => (
            ErrorKind::Transport,
            "the database server took too long",
            "check the host, the port, and the server's firewall rules",
        ),
        Failure::NoTls => (
            ErrorKind::Refused,
            "the database server has no TLS",
            "turn `ssl` on in the server; `tls = \"disable\"` connects without TLS, so that everybody in between can read the data",
        ),
        Failure::Certificate(_) => (
            ErrorKind::Transport,
            "the certificate of the database server is not accepted",
            "set SSL_CERT_FILE to the file with its certificate authority, and use the host name in the certificate",
        ),
        Failure::Login(_) if told.has_token => (
            ErrorKind::Refused,
            "the login to the database failed",
            "check that the server takes Entra tokens",
        ),
        Failure::Login(_) => (
            ErrorKind::Refused,
            "the login to the database failed",
            "set `password`, `password_file` or `entra_token`; passwords are sent by SCRAM, MD5 or as they are",
        ),
        _ => (
            ErrorKind::Transport,
            "the database server did not answer",
            "check the network, and the log of the server",
        ),
    }
}

/// Returns the error of an answer, with the message of the server, the place in the statement and a remedy.
fn refused(answer: &DbError, told: Told<'_>) -> StepError {
    let code = answer.code().code();
    let kind = if sqlstate::may_pass(code) { ErrorKind::Unavailable } else { ErrorKind::Refused };
    let error = StepError::new(kind, format!("PostgreSQL answered {code}")).coded(code);
    let error = match said(answer, told) {
        Some(said) => error.detail(said),
        None => error
            .detail("The server's message is not shown, because the statement contains a sensitive value."),
    };
    match sqlstate::remedy(code, told.is_read, told.has_token) {
        Some(help) => error.help(help),
        None => error,
    }
}

fn said(answer: &DbError, told: Told<'_>) -> Option<String> {
    // A message about the login cannot repeat the statement.
    if told.holds_secret && !answer.code().code().starts_with("28") {
        return None;
    }
    let clean = |text: &str| sentence(&http::clean(text));
    let mut said = clean(answer.message());
    for more in [answer.detail(), answer.hint()].into_iter().flatten() {
        said = format!("{said} {}", clean(more));
    }
    if let Some(ErrorPosition::Original(position)) = answer.position() {
        let (line, column) = place(told.statement, *position);
        said = format!("{said} It is at line {line}, column {column} of the statement.");
    }
    Some(said)
}

/// Returns the line and the column of the character with this number, counted from 1.
fn place(statement: &str, position: u32) -> (usize, usize) {
    let before = usize::try_from(position).unwrap_or_default().saturating_sub(1);
    let before: String = statement.chars().take(before).collect();
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

/// Makes a sentence of a clause.
fn sentence(clause: &str) -> String {
    let mut characters = clause.trim_end_matches('.').chars();
    characters
        .next()
        .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), characters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_a_line_and_a_column() {
        for (position, expected) in [(1, (1, 1)), (8, (1, 8)), (10, (2, 1)), (12, (2, 3)), (99, (2, 4))] {
            assert_eq!(place("SELECT ü\nabc", position), expected, "{position}");
        }
    }
}
