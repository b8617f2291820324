//! Decides which of arcbook's own environment variables a program may get.

/// The variables that a program gets unless the runbook lists others: they say where programs and files are, how
/// to write texts and times, and how to reach the network.
pub(crate) const DEFAULT_NAMES: &[&str] = &[
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
];

/// The variables with a URL of a proxy: they pass as well, unless the URL contains a password.
pub(crate) const PROXIES: &[&str] =
    &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// Returns true if a program never gets the variable `name`: it may contain a secret of arcbook itself.
pub(crate) fn is_withheld(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("ARCBOOK_")
        || name.starts_with("OTEL_EXPORTER_")
        || matches!(name.as_str(), "IDENTITY_HEADER" | "MSI_SECRET")
}

/// Returns true if the URL of a proxy contains a user name or a password.
pub(super) fn has_password(url: &str) -> bool {
    url.contains('@')
}
