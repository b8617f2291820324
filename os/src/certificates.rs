//! Finds the certificates that the system trusts.

use std::path::PathBuf;

/// The files with all of them, of Debian and Alpine, of Fedora, and of SUSE.
const BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

/// Returns the file with all certificates that the system trusts; none if it has no such file, as Windows.
#[must_use]
pub fn bundle() -> Option<PathBuf> {
    BUNDLES.into_iter().map(PathBuf::from).find(|path| path.is_file())
}
