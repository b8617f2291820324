//! Rules about connections, and about files that leave the machine.

use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::plan::host;
use crate::step::{Action, ActionKind, HttpRequest, Safety};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "plain-http",
        level: Level::Warning,
        title: "a request crosses a network without TLS",
        explanation: "Everybody in between can read and change both the request and the response. The machine itself \
            (loopback) is excepted.",
        prevents: "Responses that somebody else wrote (CWE-319).",
        remedy: "use `https://`, and leave `allow_plain_http` out",
        check: plain_http,
    },
    AuditRule {
        id: "weak-tls",
        level: Level::Error,
        title: "the server of a database is not verified",
        explanation: "Below `verify-full`, whoever is in between can pose as the server: `require` trusts any certificate, and \
            `disable` encrypts nothing.",
        prevents: "A man in the middle of a database connection (CWE-295).",
        remedy: "leave `tls` out, and trust the authority of the server with `SSL_CERT_FILE`",
        check: weak_tls,
    },
    AuditRule {
        id: "sends-private-file",
        level: Level::Error,
        title: "a file of keys or passwords leaves the machine",
        explanation: "Private keys, password databases of the system and credential files of tools are for one machine or one \
            person. The path tells: names such as `id_ed25519` and `.pgpass`, endings such as `.key` and `.pfx`, \
            `/etc/shadow`, and directories such as `.ssh` and `/etc/ssl/private`.",
        prevents: "Exfiltration of credentials by a backup (MITRE ATT&CK T1552).",
        remedy: "send another file; a key vault keeps keys and certificates",
        check: private_file,
    },
];

/// The names of files that hold keys or passwords.
const NAMES: [&str; 10] = [
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".pgpass",
    ".netrc",
    ".git-credentials",
    "shadow",
    "gshadow",
    "tokens.json",
];

/// The endings of files that hold private keys.
const ENDINGS: [&str; 8] = ["key", "pfx", "p12", "jks", "keystore", "kdbx", "ppk", "keytab"];

/// Directories whose files are private.
const DIRECTORIES: [&str; 8] = [
    ".ssh",
    ".aws",
    ".azure",
    ".kube",
    ".gnupg",
    "etc/ssl/private",
    "azcmagent/tokens",
    "etc/pki/tls/private",
];

/// Returns true if the path is that of keys or passwords.
fn is_private(path: &str) -> bool {
    let path = path.replace('\\', "/").to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let is_inside = |directory: &&str| format!("/{path}").contains(&format!("/{directory}/"));
    ending != "pub"
        && (NAMES.contains(&name) || ENDINGS.contains(&ending) || DIRECTORIES.iter().any(is_inside))
}

fn private_file(subject: &Subject<'_>) -> Vec<Found> {
    let sends = |view: &StepView<'_>| {
        let changes = |action: &Action| action.request().is_some() && action.safety != Safety::Reads;
        view.planned.actions.iter().any(changes)
    };
    let mut found = Vec::new();
    for view in subject.steps().filter(sends) {
        for file in view.planned.actions.iter().filter_map(Action::input_file) {
            if file.path.reveal().is_some_and(|path| is_private(&path)) {
                found.push(view.found(file.argument, "a file of keys or passwords is sent to a service"));
            }
        }
    }
    found
}

fn plain_http(subject: &Subject<'_>) -> Vec<Found> {
    let is_plain = |view: &StepView<'_>| requests(view).any(|request| request.plain_http);
    let found = |view: StepView<'_>| view.found("url", "a request without TLS to another machine");
    subject.steps().filter(is_plain).map(found).collect()
}

fn weak_tls(subject: &Subject<'_>) -> Vec<Found> {
    let found = |view: StepView<'_>| {
        let mut statements = view.planned.actions.iter().filter_map(|action| match &action.kind {
            ActionKind::Sql(statement) => statement.tls.weakness(),
            _ => None,
        });
        let weakness = statements.next()?;
        Some(view.found("tls", format!("a connection to a database {weakness}")))
    };
    subject.steps().filter_map(found).collect()
}

fn requests<'a>(view: &StepView<'a>) -> impl Iterator<Item = &'a HttpRequest> + use<'a> {
    view.planned.actions.iter().filter_map(Action::request)
}

/// Returns true if the host of a request of the step belongs neither to the cloud nor to this machine.
pub(super) fn leaves_cloud(subject: &Subject<'_>, view: &StepView<'_>, of: &str) -> bool {
    let is_it = |request: &HttpRequest| request.audience.is_none() && host(&request.url.to_string()) == of;
    // Nobody can tell about a host whose end is not known yet.
    let is_known = !of.ends_with(')');
    is_known && requests(view).any(is_it) && !subject.platform.serves(of) && !is_loopback(of)
}

/// Returns true if the host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    name == "localhost" || name == "[::1]" || name.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_files_are_known_by_their_paths() {
        for (path, expected) in [
            ("/etc/shadow", true),
            ("/home/me/.ssh/config", true),
            (".ssh/id_rsa", true),
            ("id_ed25519", true),
            ("id_ed25519.pub", false),
            (r"C:\Users\me\.Azure\msal_token_cache.json", true),
            ("certs/site.KEY", true),
            ("certs/site.pem", false),
            ("docs/shadow.md", false),
            ("monkey", false),
            ("/var/opt/azcmagent/tokens/x", true),
            ("/etc/hosts", false),
        ] {
            assert_eq!(is_private(path), expected, "{path}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (host, expected) in [
            ("localhost:8080", true),
            ("127.0.0.1", true),
            ("[::1]:80", true),
            ("localhost.test", false),
            ("a.test:127", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
