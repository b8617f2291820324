//! Decides which of arcbook's own environment variables a program may get.

use crate::environment::is_same_name;

/// The variables that a program gets unless the runbook lists others: they say where programs and files are, how
/// to write texts and times, and how to reach the network.
pub(super) const DEFAULT_NAMES: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_COLLATE",
    "LC_MONETARY",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NO_PROXY",
    "no_proxy",
    // Windows needs these to start programs.
    "SystemRoot",
    "SystemDrive",
    "PATHEXT",
    "ComSpec",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "ProgramData",
    "ProgramFiles",
    "APPDATA",
    "LOCALAPPDATA",
    // Others that programs of Windows expect, about the machine and the user.
    "windir",
    "OS",
    "ALLUSERSPROFILE",
    "PUBLIC",
    "CommonProgramFiles",
    "CommonProgramFiles(x86)",
    "CommonProgramW6432",
    "ProgramFiles(x86)",
    "ProgramW6432",
    "PROCESSOR_ARCHITECTURE",
    "NUMBER_OF_PROCESSORS",
    "COMPUTERNAME",
    "USERNAME",
    "USERDOMAIN",
    "HOMEDRIVE",
    "HOMEPATH",
    "PSModulePath",
];

/// The variables with a URL of a proxy: they pass as well, unless the URL contains a password.
pub(super) const PROXIES: &[&str] =
    &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// Returns true if a program never gets the variable `name`: it may contain a secret of arcbook itself.
pub(crate) fn is_withheld(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("ARCBOOK_")
        || name.starts_with("OTEL_EXPORTER_")
        || matches!(name.as_str(), "IDENTITY_HEADER" | "MSI_SECRET")
}

/// Returns true if a program gets the variable `name` by default, if its value has no password.
pub(crate) fn is_default(name: &str) -> bool {
    DEFAULT_NAMES.iter().chain(PROXIES).any(|default| is_same_name(default, name))
}

/// Returns true if `value`, that of the variable `name`, contains a password for all to see: in a URL, or after a
/// word that says so.
pub(crate) fn reveals_password(name: &str, value: &str) -> bool {
    if PROXIES.contains(&name) {
        return has_password(value);
    }
    let urls = value.match_indices("://").any(|(at, mark)| {
        let scheme = value[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        is_login(scheme, &value[at + mark.len()..])
    });
    urls || has_password_field(value)
}

/// Returns true if the URL of a proxy contains a user name or a password.
pub(super) fn has_password(url: &str) -> bool {
    url.contains('@')
}

/// Returns true if `rest`, a URL after its scheme, has a password before its host.
///
/// The URL of a web page needs no user name, so one is a token. A password may contain the characters that end a
/// host, so whatever follows the first colon is one unless it is a port.
fn is_login(scheme: &str, rest: &str) -> bool {
    let url = rest.split(char::is_whitespace).next().unwrap_or_default();
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((login, _)) = authority.rsplit_once('@') {
        let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
        return is_web || login.split_once(':').is_some_and(|(_, password)| !password.is_empty());
    }
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) || authority.ends_with(']');
    url.contains('@') && port.is_some_and(|port| !is_port(port))
}

/// The words of connection strings and queries before a password.
const FIELDS: [&str; 7] =
    ["password=", "passwd=", "pwd=", "accountkey=", "sharedaccesskey=", "sharedaccesssignature=", "sig="];

/// Returns true if `value` has a field for a password that is not empty, as connection strings and queries do.
fn has_password_field(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_filled = |field: &&str| {
        lower.match_indices(*field).any(|(at, _)| {
            let is_word = !lower[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            let first = lower[at + field.len()..].chars().next();
            is_word && first.is_some_and(|first| !first.is_whitespace() && !";&".contains(first))
        })
    };
    FIELDS.iter().any(is_filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reveals_its_password() {
        for (name, value, expected) in [
            ("DATABASE_URL", "postgres://u:canary@h/db", true),
            ("DATABASE_URL", "postgres://u:ca/na?ry#@h/db", true),
            ("DATABASE_URL", "postgres://:canary@h/db", true),
            ("DATABASE_URL", "postgresql+asyncpg://u:canary@[::1]:5432/db", true),
            ("BROKERS", "amqp://h1 amqp://u:canary@h2", true),
            ("GIT_URL", "https://canary@github.test/x.git", true),
            ("GIT_URL", "HTTPS://canary@github.test/x.git", true),
            ("URL", "jdbc:sqlserver://h:1433;user=u;password=canary;encrypt=true", true),
            ("URL", "mysql://h/db?user=u&Password=canary", true),
            ("STORAGE", "AccountName=a;AccountKey=canary==;EndpointSuffix=x", true),
            ("DSN", "host=h user=u password=canary", true),
            ("URL", "https://h/container?sv=1&sig=canary", true),
            ("URL", "https://h/?design=canary", false),
            ("ALL_PROXY", "u:canary@proxy:1", true),
            ("DATABASE_URL", "postgres://u@h/db", false),
            ("DATABASE_URL", "postgres://u:@h/db", false),
            ("DATABASE_URL", "postgres://h:5432/db", false),
            ("DATABASE_URL", "postgres://[::1]/db?mail=a@b", false),
            ("DSN", "host=h user=u password=", false),
            ("GIT_URL", "ssh://git@github.test/x.git", false),
            ("GIT_URL", "git@github.test:x.git", false),
            ("PAGE", "https://h:8080/users/a@b", false),
            ("MAIL", "me@example.test", false),
            ("KUBECONFIG", "/home/me/.kube/config", false),
            ("RULE", "nopassword=1", false),
            ("EMPTY", "", false),
            ("HTTP_PROXY", "http://proxy:8080", false),
        ] {
            assert_eq!(reveals_password(name, value), expected, "{name}={value}");
        }
    }
}
