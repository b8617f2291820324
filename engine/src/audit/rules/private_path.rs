//! Knows files of keys and passwords by their paths.

use crate::source::comparable;

/// The names of files that hold keys or passwords.
const NAMES: [&str; 16] = [
    ".pgpass",
    "pgpass.conf",
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".dockercfg",
    ".npmrc",
    ".pypirc",
    "shadow",
    "gshadow",
    "opasswd",
    "master.passwd",
    "tokens.json",
    "kubeconfig",
    "ntds.dit",
    "wallet.dat",
];

/// The endings of files that hold private keys.
const ENDINGS: [&str; 10] = ["key", "pfx", "p12", "p8", "pk8", "jks", "keystore", "kdbx", "ppk", "keytab"];

/// Directories whose files are private.
const DIRECTORIES: [&str; 14] = [
    ".ssh",
    ".aws",
    ".azure",
    ".kube",
    ".gnupg",
    ".docker",
    "gcloud",
    "etc/ssl/private",
    "azcmagent/tokens",
    "azcmagent/certs",
    "etc/pki/tls/private",
    "etc/letsencrypt/archive",
    "system32/config",
    "microsoft/protect",
];

/// Returns a path in one spelling, without the root or the directory of a process.
fn plain(path: &str) -> String {
    let path = comparable(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut own = parts.as_slice();
    // The file system as a process sees it.
    while let ["proc", _, "root", rest @ ..] = own {
        own = rest;
    }
    own.join("/")
}

/// Returns true if the path is that of keys or passwords, or of their directory.
pub(super) fn is_private(path: &str) -> bool {
    let path = plain(path);
    let name = path.rsplit('/').next().unwrap_or_default();
    // Tools keep the file before the last change under its name with a mark.
    let name = name.trim_end_matches(['-', '~']);
    let name = name.strip_suffix(".bak").or_else(|| name.strip_suffix(".old")).unwrap_or(name);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let is_inside = |directory: &&str| format!("/{path}/").contains(&format!("/{directory}/"));
    let plain_name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_key = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"].iter().any(|key| name.starts_with(key))
        || name.starts_with("ssh_host_") && name.ends_with("_key")
        || ["pem", "der", "txt", ""].contains(&ending)
            && ["privkey", "privatekey"].iter().any(|word| plain_name.contains(word))
        || ending == "pem" && name.ends_with("key.pem");
    let is_of_process = path.starts_with("proc/") && ["environ", "mem", "maps"].contains(&name);
    ending != "pub"
        && (NAMES.contains(&name)
            || ENDINGS.contains(&ending)
            || is_key
            || is_of_process
            || DIRECTORIES.iter().any(is_inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_files_are_known_by_their_paths() {
        for (path, expected) in [
            ("/etc/shadow", true),
            ("/etc/shadow-", true),
            ("/etc/shadow/.", true),
            ("/etc/../etc/shadow", true),
            ("/proc/1/root/etc/shadow", true),
            ("/proc/self/environ", true),
            ("/root/.ssh", true),
            ("/home/me/.ssh/config", true),
            (".ssh/id_rsa", true),
            ("id_ed25519", true),
            ("id_ed25519.bak", true),
            ("id_ed25519.pub", false),
            ("/etc/ssh/ssh_host_ed25519_key", true),
            (r"C:\Users\me\.Azure\msal_token_cache.json", true),
            ("certs/site.KEY", true),
            ("certs/site.pem", false),
            ("certs/privkey.pem", true),
            ("certs/private-key.pem", true),
            ("certs/key.pem", true),
            ("certs/monkey.txt", false),
            ("docs/shadow.md", false),
            ("monkey", false),
            ("/var/opt/azcmagent/tokens/x", true),
            ("/var/opt/azcmagent/certs/myCert", true),
            ("/etc/hosts", false),
        ] {
            assert_eq!(is_private(path), expected, "{path}");
        }
    }
}
