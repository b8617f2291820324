//! Reads the description of a connection: a URI, libpq's keywords, or the command line of `psql`.

use std::fmt;

use super::{keywords, psql, uri};

/// The parts of a description of a connection; none of them is required.
///
/// An error of its readers names the place in the text and never quotes it, because it may contain a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// The host.
    pub host: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// The name of the database.
    pub database: Option<String>,
    /// The name of the user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The `sslmode` that it asks for.
    pub asks: Option<SslMode>,
}

/// The words of libpq for the protection of a connection, from the weakest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// No TLS.
    Disable,
    /// TLS if the server insists.
    Allow,
    /// TLS if the server has it.
    Prefer,
    /// TLS with any certificate.
    Require,
    /// TLS with a certificate of a trusted authority.
    VerifyCa,
    /// TLS with a certificate of a trusted authority for the host.
    VerifyFull,
}

const MODES: [(&str, SslMode); 6] = [
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

/// The keywords whose values have no meaning here, and do not weaken anything.
const IGNORED: [&str; 12] = [
    "application_name",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
];

/// The keywords that are refused, with the reason.
const REFUSED: [(&str, &str); 9] = [
    ("hostaddr", "the host is what the certificate must name, so its address cannot be set"),
    ("options", "settings of the server belong into the statement"),
    ("passfile", "the argument `password_file` names such a file"),
    ("service", "service files are not read"),
    ("sslcert", "client certificates are not supported"),
    ("sslkey", "client certificates are not supported"),
    ("sslcrl", "revocation lists are not supported"),
    ("ssl_min_protocol_version", "TLS 1.2 is always the minimum"),
    ("replication", "replication is not supported"),
];

impl Connection {
    /// Reads a description in any of the three forms; the error is a fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://")) {
            uri::parse(rest)
        } else if psql::is_command_line(text) {
            psql::parse(text)
        } else {
            keywords::parse(text)
        }
    }

    /// Sets the part with a keyword of libpq; `place` says where it is, such as `keyword 3`.
    pub(super) fn set(&mut self, keyword: &str, value: String, place: &str) -> Result<(), String> {
        let refused = REFUSED.iter().find(|(name, _)| *name == keyword);
        if let Some((name, reason)) = refused {
            return Err(format!("must not set `{name}` ({place}): {reason}"));
        }
        if value.contains('\0') {
            return Err(format!("must not contain a null character ({place})"));
        }
        match keyword {
            "host" => once(&mut self.host, host(value, place)?, place),
            "port" => once(&mut self.port, port(&value, place)?, place),
            "dbname" => once(&mut self.database, named(value, "database", place)?, place),
            "user" => once(&mut self.user, named(value, "user", place)?, place),
            "password" => once(&mut self.password, password(value, place)?, place),
            "sslmode" => once(&mut self.asks, mode(&value, place)?, place),
            "sslrootcert" if value == "system" => Ok(()),
            "sslrootcert" => Err(format!(
                "must not set `sslrootcert` ({place}): trusted authorities are those of the system, or of SSL_CERT_FILE"
            )),
            "channel_binding" if value != "require" => Ok(()),
            "channel_binding" => {
                Err(format!("must not require channel binding ({place}), which is not supported"))
            }
            "target_session_attrs" if value == "any" => Ok(()),
            "target_session_attrs" => {
                Err(format!("must not choose among servers by `target_session_attrs` ({place})"))
            }
            _ if IGNORED.contains(&keyword) => Ok(()),
            _ => Err(format!("has something other than the parts of a connection ({place})")),
        }
    }
}

fn once<T>(part: &mut Option<T>, value: T, place: &str) -> Result<(), String> {
    match part.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("sets the same part twice ({place})")),
    }
}

fn host(text: String, place: &str) -> Result<String, String> {
    if text.starts_with(['/', '@']) {
        return Err(format!(
            "must name a host ({place}), not the directory of a socket: `localhost` reaches a server of this machine"
        ));
    }
    if text.contains(',') {
        return Err(format!("must name a single host ({place})"));
    }
    check_host(&text).map(|()| text).map_err(|reason| format!("{reason} ({place})"))
}

/// Returns an error unless `text` is a host name or an address; the error is a fragment.
pub(crate) fn check_host(text: &str) -> Result<(), String> {
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    let is_label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        !label.is_empty() && label.len() <= 63 && label.bytes().all(plain)
    };
    let is_name = text.len() <= 253 && text.split('.').all(is_label);
    if is_address || is_name { Ok(()) } else { Err("must name a host or an address".to_owned()) }
}

fn port(text: &str, place: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| format!("must have a port from 1 to 65535 ({place})"))
}

fn named(text: String, noun: &str, place: &str) -> Result<String, String> {
    if text.is_empty() { Err(format!("must have a name for the {noun} ({place})")) } else { Ok(text) }
}

/// Returns the password, unless it is the placeholder of a template.
fn password(text: String, place: &str) -> Result<String, String> {
    let is_between = |first: char, last: char| {
        text.strip_prefix(first)
            .and_then(|text| text.strip_suffix(last))
            .is_some_and(|inner| inner.replace(['_', '-'], "").to_ascii_lowercase().ends_with("password"))
    };
    if is_between('{', '}') || is_between('<', '>') {
        return Err(format!("has the placeholder of a template in place of the password ({place})"));
    }
    Ok(text)
}

fn mode(text: &str, place: &str) -> Result<SslMode, String> {
    let found = MODES.iter().find(|(word, _)| *word == text);
    found.map(|(_, mode)| *mode).ok_or_else(|| {
        let words: Vec<&str> = MODES.iter().map(|(word, _)| *word).collect();
        format!("must have an `sslmode` ({place}) of {}", words.join(", "))
    })
}

impl SslMode {
    /// Returns the word.
    pub fn as_str(self) -> &'static str {
        MODES.iter().find(|(_, mode)| *mode == self).map_or("", |(word, _)| word)
    }
}

/// Omits the password.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .field("user", &self.user)
            .field("has_password", &self.password.is_some())
            .field("asks", &self.asks)
            .finish()
    }
}

#[cfg(test)]
mod tests;
