//! Rules about files that leave the machine.

use super::scripts::{processes, scripted};
use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::plan::FileFlow;
use crate::program::{Started, name as program};
use crate::source::comparable;
use crate::step::{Action, Process, Safety, Text};

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "sends-private-file",
    level: Level::Error,
    title: "a file of keys or passwords leaves the machine",
    explanation: "Private keys, password databases of the system and credential files of tools are for one machine or one \
        person. The path tells: names such as `id_ed25519`, `privkey.pem` and `.pgpass`, endings such as `.key` and `.pfx`, \
        `/etc/shadow`, and directories such as `.ssh` and `/etc/ssl/private`. Files count that a step sends, files that a \
        function such as `file()` reads into what it sends, and files among the arguments of programs such as `curl` and \
        `scp`.",
    prevents: "Exfiltration of credentials by a backup (MITRE ATT&CK T1552).",
    remedy: "send another file; a key vault keeps keys and certificates",
    check: private_file,
}];

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

/// The programs that send files to other machines.
const SENDERS: [&str; 22] = [
    "curl",
    "wget",
    "scp",
    "sftp",
    "rsync",
    "nc",
    "ncat",
    "netcat",
    "socat",
    "ftp",
    "lftp",
    "tftp",
    "ssh",
    "aws",
    "az",
    "azcopy",
    "gsutil",
    "gcloud",
    "rclone",
    "smbclient",
    "mail",
    "invoke-webrequest",
];

/// The options whose value proves who sends, and is not sent.
const PROOFS: [&str; 8] = ["-i", "-E", "--key", "--cert", "--netrc-file", "--private-key", "-K", "--cacert"];

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
fn is_private(path: &str) -> bool {
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

/// Returns the paths that an argument of a program may name: all of it, and what follows `@`, `=` and a short option.
fn named(argument: &str) -> impl Iterator<Item = &str> {
    let behind = |mark: char| argument.rsplit_once(mark).map(|(_, path)| path);
    let short =
        argument.strip_prefix('-').and_then(|rest| rest.get(1..)).filter(|rest| rest.starts_with('/'));
    [Some(argument), behind('@'), behind('='), short].into_iter().flatten()
}

/// Returns true if a program sends a private file that its arguments name.
fn is_sent(view: &StepView<'_>, process: &Process) -> bool {
    let Some(argv) = process.argv.known() else { return false };
    let known: Vec<Option<String>> = argv.iter().map(Text::reveal).collect();
    let words: Vec<Option<&str>> = known.iter().map(Option::as_deref).collect();
    let started = Started::of(&words);
    let is_sender = |word: &str| SENDERS.contains(&program(word).as_str());
    let sender = (0..words.len()).find(|at| words[*at].is_some_and(is_sender) && started.at(*at));
    let in_arguments = sender.is_some_and(|sender| {
        let is_proof = |at: usize| words[at - 1].is_some_and(|before| PROOFS.contains(&before));
        let names = |at: usize| words[at].is_some_and(|word| named(word).any(is_private));
        (sender + 1..words.len()).any(|at| !is_proof(at) && names(at))
    });
    in_arguments || scripted(view).iter().any(|one| sends_in_script(&one.text(), &is_sender))
}

fn sends_in_script(script: &str, is_sender: &impl Fn(&str) -> bool) -> bool {
    let is_break = |next: char| next.is_whitespace() || "\"'`;|&()<>$,".contains(next);
    let words: Vec<&str> = script.split(is_break).filter(|word| !word.is_empty()).collect();
    let is_path = |at: usize| {
        let is_proof = at > 0 && PROOFS.contains(&words[at - 1]);
        !is_proof && words[at].contains('/') && named(words[at]).any(is_private)
    };
    words.iter().any(|word| is_sender(word)) && (0..words.len()).any(is_path)
}

fn private_file(subject: &Subject<'_>) -> Vec<Found> {
    let flow = FileFlow::of(subject.plan);
    let mut found = Vec::new();
    for view in subject.steps() {
        let changes = |action: &Action| action.request().is_some() && action.safety != Safety::Reads;
        if view.planned.actions.iter().any(changes) {
            let message = "a file of keys or passwords is sent to a service";
            let before = found.len();
            for file in view.planned.actions.iter().filter_map(Action::input_file) {
                if file.path.reveal().is_some_and(|path| is_private(&path)) {
                    found.push(view.found(file.argument, message));
                }
            }
            let read = flow.sent_by(subject.plan, view.planned).paths;
            if found.len() == before && read.iter().any(|path| is_private(path)) {
                let sent = ["content", "text", "json", "form", "body", "source"];
                let argument = sent.into_iter().find(|name| view.written(name).is_some());
                found.push(view.found(argument.unwrap_or_default(), message));
            }
        }
        if processes(&view).any(|process| is_sent(&view, process)) {
            found.push(view.found("argv", "a program sends a file of keys or passwords"));
        }
    }
    found
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

    #[test]
    fn an_argument_names_a_file_in_several_ways() {
        for (argument, expected) in [
            ("/etc/shadow", true),
            ("@/etc/shadow", true),
            ("file=@/etc/shadow", true),
            ("--upload-file=/etc/shadow", true),
            ("-T/etc/shadow", true),
            ("https://web.test/shadow-play", false),
        ] {
            assert_eq!(named(argument).any(is_private), expected, "{argument}");
        }
    }
}
