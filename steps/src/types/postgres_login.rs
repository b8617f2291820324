//! The connection of `postgres_query`: from single arguments, or from a description in one text.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentType, Choice, Credential, FileRead, Form, StepError, Text, Tls, Whole,
};
use arcbook_engine::value::{Type, Value};

use crate::azure::Azure;
use crate::file;
use crate::names::argument;
use crate::postgres::{self, Connection, Server, Wanted};
use crate::session::Session;

argument!(Connection);

/// A host name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    fn parse(text: &str) -> Result<Self, String> {
        postgres::check_host(text).map(|()| Self(text.to_owned()))
    }
}

argument!(Host);

/// A port.
pub type Port = Whole<1, 65_535>;

/// The port of a server that names none.
const PORT: u16 = 5432;

/// The protection of a connection.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// TLS, with a certificate of a trusted authority for the host.
    #[choice(name = "verify-full")]
    VerifyFull,
    /// TLS with any certificate: whoever is in between can read and change everything.
    #[choice(name = "require")]
    Require,
    /// No TLS: everybody in between can read and change everything.
    #[choice(name = "disable")]
    Disable,
}

/// The arguments that describe a connection.
#[derive(Clone, Copy)]
pub(super) struct Login<'a> {
    pub connection: Option<&'a Arg<Connection>>,
    pub host: Option<&'a Arg<Host>>,
    pub port: Option<&'a Arg<Port>>,
    pub database: Option<&'a Arg<String>>,
    pub user: Option<&'a Arg<String>>,
    pub password: Option<&'a Arg<String>>,
    pub password_file: Option<&'a Arg<String>>,
    pub entra_token: Option<&'a Arg<bool>>,
    pub tls: Option<&'a Arg<TlsMode>>,
}

impl Login<'_> {
    /// Returns the text of an argument, or else that of its part of the connection; `default` if it has none.
    ///
    /// Only the password of a connection is a secret, so its other parts are shown even if the text as a whole is
    /// sensitive.
    fn text<T>(
        &self,
        argument: Option<&Arg<T>>,
        write: impl FnOnce(&T) -> String,
        part: impl FnOnce(&Connection) -> Option<String>,
        default: &str,
    ) -> Text {
        match (argument, self.connection) {
            (Some(argument), _) => Text::new().then_parts(argument, write),
            (None, Some(Arg::Known { value, .. })) => {
                part(value).unwrap_or_else(|| default.to_owned()).into()
            }
            (None, Some(Arg::Unknown(origins))) => Text::new().then_unknown(origins.clone(), Form::Any),
            (None, Some(Arg::Partial(text))) => Text::new().then_unknown(text.origins(), Form::Any),
            (None, None) => default.into(),
        }
    }

    /// Returns the host and the port.
    pub fn server_text(&self) -> Text {
        let host = self.text(self.host, |Host(host)| host.clone(), |connection| connection.host.clone(), "");
        let port = |connection: &Connection| connection.port.map(|port| port.to_string());
        let port = self.text(self.port, ToString::to_string, port, &PORT.to_string());
        let host = match host.reveal() {
            Some(address) if address.contains(':') => Text::from("[").then_text(&host).then("]"),
            _ => host,
        };
        host.then(":").then_text(&port)
    }

    pub fn database_text(&self) -> Text {
        self.text(self.database, Clone::clone, |connection| connection.database.clone(), "")
    }

    pub fn user_text(&self) -> Text {
        self.text(self.user, Clone::clone, |connection| connection.user.clone(), "")
    }

    pub fn tls(&self) -> Tls {
        match self.tls.and_then(Arg::value) {
            Some(TlsMode::Require) => Tls::Require,
            Some(TlsMode::Disable) => Tls::Disable,
            Some(TlsMode::VerifyFull) | None => Tls::VerifyFull,
        }
    }

    /// Returns true if a token serves as the password.
    fn takes_token(&self) -> bool {
        self.entra_token.and_then(Arg::value) == Some(&true)
    }

    pub fn credential(&self, azure: &Azure) -> Credential {
        let may_have_password = self.connection.is_some_and(|connection| {
            connection.value().is_none_or(|connection| connection.password.is_some())
        });
        if self.takes_token() {
            Credential::Token(postgres::audience(azure.cloud()))
        } else if self.password.is_some() || self.password_file.is_some() || may_have_password {
            Credential::Password
        } else {
            Credential::None
        }
    }

    /// Returns the reading of the password file, if there is one.
    pub fn password_file(&self) -> Option<Action> {
        Some(Action::read_file(FileRead::state(file::path(self.password_file?), "password_file")))
    }

    /// Returns the errors in arguments that are known.
    pub fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        let mut errors = self.missing();
        let host = self.host.and_then(Arg::value).map(|Host(host)| host.as_str());
        let host = host.or_else(|| self.connection?.value()?.host.as_deref());
        let port = self.port.and_then(Arg::value).and_then(|port| u16::try_from(port.get()).ok());
        let port = port.or_else(|| self.connection?.value()?.port).unwrap_or(PORT);
        if let Some(host) = host.filter(|_| self.takes_token())
            && let Err(reason) = postgres::check_token_host(host, port, azure.cloud())
        {
            let error = ArgumentError::new("entra_token", format!("must not be true: {reason}"));
            errors.push(error.help("use a password for servers outside of Azure"));
        }
        errors.extend(self.contradictions());
        if self.entra_token.is_some_and(|token| token.value().is_none()) {
            errors.push(ArgumentError::new("entra_token", "must be known in the plan"));
        }
        if self.tls.is_some_and(|tls| tls.value().is_none()) {
            errors.push(ArgumentError::new("tls", "must be known in the plan"));
        }
        if self.takes_token() && self.tls() != Tls::VerifyFull {
            let error = ArgumentError::new("tls", "must be `verify-full` with `entra_token`");
            errors.push(error.help("a token is sent only to a server whose certificate is verified"));
        }
        if let Some(Arg::Known { value, sensitive: false }) = self.connection
            && value.password.is_some()
        {
            let error = ArgumentError::new("connection", "must be sensitive, because it contains a password");
            errors.push(error.help(
                "take it from a step or a sensitive variable, or write it without the password and set `password`",
            ));
        }
        errors
    }

    /// Returns the errors about names that neither an argument nor the connection gives.
    fn missing(&self) -> Vec<ArgumentError> {
        let known = match self.connection {
            None => Connection::default(),
            Some(Arg::Known { value, .. }) => value.clone(),
            // The run checks it again.
            Some(Arg::Unknown(_) | Arg::Partial(_)) => return Vec::new(),
        };
        let names = [
            ("host", self.host.is_some() || known.host.is_some()),
            ("database", self.database.is_some() || known.database.is_some()),
            ("user", self.user.is_some() || known.user.is_some()),
        ];
        let error = |(name, _): &(&'static str, bool)| match self.connection {
            Some(_) => ArgumentError::new(name, "must be given: `connection` has none"),
            None => ArgumentError::new(name, "must be given, or `connection`"),
        };
        names.iter().filter(|(_, is_given)| !is_given).map(error).collect()
    }

    /// Returns the errors about arguments that differ from the connection.
    fn contradictions(&self) -> Vec<ArgumentError> {
        let Some(connection) = self.connection.and_then(Arg::value) else { return Vec::new() };
        let same = |name: &Option<String>, other: &str| name.as_deref().is_none_or(|name| name == other);
        let host =
            |Host(host): &Host| connection.host.as_ref().is_none_or(|other| other.eq_ignore_ascii_case(host));
        let port =
            |port: &Port| connection.port.unwrap_or(PORT) == u16::try_from(port.get()).unwrap_or_default();
        let agree = [
            ("host", self.host.and_then(Arg::value).is_none_or(host)),
            ("port", self.port.and_then(Arg::value).is_none_or(port)),
            (
                "database",
                self.database.and_then(Arg::value).is_none_or(|name| same(&connection.database, name)),
            ),
            ("user", self.user.and_then(Arg::value).is_none_or(|name| same(&connection.user, name))),
        ];
        let differs = agree.iter().filter(|(_, agrees)| !agrees).map(|(name, _)| {
            ArgumentError::new(name, "differs from that of `connection`")
                .help("an argument beside `connection` holds it to a value; leave it out to take that of `connection`")
        });
        let second = [("password", self.password.is_some()), ("entra_token", self.takes_token())];
        let second = second.iter().filter(|(_, is_given)| *is_given && connection.password.is_some());
        let second = second
            .map(|(name, _)| ArgumentError::new(name, "must not be given: `connection` has a password"));
        differs.chain(second).collect()
    }

    /// Returns the server and the login in a run.
    pub async fn server(&self, session: &Session) -> Result<Server, StepError> {
        let connection = self.connection.map(Arg::get).transpose()?.cloned().unwrap_or_default();
        let missing = |name: &str| StepError::internal(format!("the connection has no {name}"));
        let host = self.host.map(Arg::get).transpose()?.map(|Host(host)| host.clone());
        let port = self.port.map(Arg::get).transpose()?.and_then(|port| u16::try_from(port.get()).ok());
        let database = self.database.map(Arg::get).transpose()?.cloned();
        let user = self.user.map(Arg::get).transpose()?.cloned();
        let mut server = Server {
            host: host.or(connection.host).ok_or_else(|| missing("host"))?,
            port: port.or(connection.port).unwrap_or(PORT),
            database: database.or(connection.database).ok_or_else(|| missing("database"))?,
            user: user.or(connection.user).ok_or_else(|| missing("user"))?,
            tls: self.tls(),
            asks: connection.asks,
            password: self.password.map(Arg::get).transpose()?.cloned().or(connection.password),
        };
        match self.password_file() {
            Some(read) if server.password.is_none() => {
                server.password = Some(password_of(session, &read, &server).await?);
            }
            _ => {}
        }
        if let Some(password) = &server.password {
            session.secret(password);
        }
        Ok(server)
    }
}

/// Reads the password of a server from a file, and registers it as a secret.
pub(super) async fn password_of(
    session: &Session,
    read: &Action,
    server: &Server,
) -> Result<String, StepError> {
    let names = server.clone();
    let found = session.with_file(read, move |path| {
        let Server { host, port, database, user, .. } = &names;
        postgres::read_password_file(path, Wanted { host, port: *port, database, user })
    });
    let password = found.await?;
    session.secret(&password);
    Ok(password)
}
