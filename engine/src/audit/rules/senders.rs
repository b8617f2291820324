//! The programs that send what they get to other machines.

use crate::program::{Started, commands, name as program};

use super::addresses::{addresses, hosts};
use super::words::{Word, views};

/// The programs of one kind, with what their arguments mean.
struct Kind {
    names: &'static [&'static str],
    /// The options whose value stays on this machine, or proves who sends, with blanks between them.
    kept: &'static str,
    /// The arguments that name the receiver.
    receiver: Receiver,
    /// True if its environment proves who sends, so that a secret in it is not sent to a third one.
    proves_by_environment: bool,
}

/// The arguments that name the receiver of a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Receiver {
    /// The URLs.
    Urls,
    /// The first word that is no option: a host.
    FirstWord,
    /// The words such as `me@host:path`; the last one is where the files go to.
    Remote,
    /// Nobody says; it is no host of the cloud.
    Elsewhere,
    /// Nobody says; it is the cloud.
    Cloud,
}

const SENDERS: [Kind; 9] = [
    Kind {
        names: &["curl"],
        kept: "-o --output --output-dir -D --dump-header -c --cookie-jar --stderr --trace --trace-ascii \
            -E --cert --key --cacert --capath --netrc-file -K --config --proxy-cert --proxy-key --proxy-cacert",
        receiver: Receiver::Urls,
        proves_by_environment: false,
    },
    Kind {
        names: &["wget"],
        kept: "-O --output-document -o --output-file -a -P --directory-prefix --save-cookies -i --input-file \
            --certificate --private-key --ca-certificate --ca-directory",
        receiver: Receiver::Urls,
        proves_by_environment: false,
    },
    Kind {
        names: &["invoke-webrequest", "iwr", "invoke-restmethod", "irm"],
        kept: "-OutFile -Certificate",
        receiver: Receiver::Urls,
        proves_by_environment: false,
    },
    Kind {
        names: &["scp"],
        kept: "-i -F -S -o -J -D",
        receiver: Receiver::Remote,
        proves_by_environment: true,
    },
    Kind {
        names: &["rsync"],
        kept: "-e --rsh --password-file --exclude-from --include-from --log-file --rsync-path",
        receiver: Receiver::Remote,
        proves_by_environment: true,
    },
    Kind {
        names: &["ssh", "sftp"],
        kept: "-i -F -S -o -J -c -E -l -p -P -b -B -D -L -R -W -m -O -Q -w -e",
        receiver: Receiver::FirstWord,
        proves_by_environment: true,
    },
    Kind {
        names: &["nc", "ncat", "netcat", "socat", "ftp", "lftp", "tftp", "telnet", "smbclient"],
        kept: "--ssl-cert --ssl-key --ssl-trustfile -A --authentication-file -w -i -p -s",
        receiver: Receiver::FirstWord,
        proves_by_environment: false,
    },
    Kind {
        names: &["mail", "mailx", "sendmail", "aws", "gsutil", "gcloud", "rclone"],
        kept: "--config --ca-bundle --cli-input-json --key-file",
        receiver: Receiver::Elsewhere,
        proves_by_environment: true,
    },
    Kind {
        names: &["az", "azcopy"],
        kept: "--certificate --password",
        receiver: Receiver::Cloud,
        proves_by_environment: true,
    },
];

/// A program that sends files and its input to other machines.
pub(super) struct Sender<'a> {
    kind: &'static Kind,
    /// The words behind it.
    words: Vec<Word<'a>>,
}

fn kind(word: &str) -> Option<&'static Kind> {
    let name = program(word);
    SENDERS.iter().find(|kind| kind.names.contains(&name.as_str()))
}

impl<'a> Sender<'a> {
    /// Finds the sender in the words of a command, also behind programs such as `sudo`.
    pub fn of(words: &[Word<'a>]) -> Option<Self> {
        let known: Vec<Option<&str>> = words.iter().map(|word| word.whole()).collect();
        let started = Started::of(&known);
        let found =
            (0..known.len()).find_map(|at| Some((at, known[at].and_then(kind).filter(|_| started.at(at))?)));
        found.map(|(at, kind)| Self { kind, words: words[at + 1..].to_vec() })
    }

    /// Finds the sender among the words of a process.
    pub fn of_process(words: &'a [(String, bool)]) -> Option<Self> {
        Self::of(&views(words))
    }

    /// Returns true if the value of the word at an index stays here, or proves who sends.
    fn is_kept(&self, at: usize) -> bool {
        let word = self.words[at].shown;
        let before = at.checked_sub(1).map_or("", |before| self.words[before].shown);
        // The last letter of several, as in `-ave`, takes the value too.
        let is_last =
            |letter: char| before.starts_with('-') && !before.starts_with("--") && before.ends_with(letter);
        let is_option = |option: &str| match option.as_bytes() {
            [b'-', letter] => is_last(char::from(*letter)),
            _ => before == option,
        };
        let holds_value = |option: &str| {
            let rest = word.strip_prefix(option).unwrap_or_default();
            if option.starts_with("--") { rest.starts_with('=') } else { !rest.is_empty() }
        };
        self.kind.kept.split_whitespace().any(|option| is_option(option) || holds_value(option))
            || self.is_key_of_shell(at)
    }

    /// Returns true if a word is the key in `-e ssh -i KEY`, of which a script has each word by itself.
    fn is_key_of_shell(&self, at: usize) -> bool {
        let word = |back: usize| at.checked_sub(back).map_or("", |at| self.words[at].shown);
        let is_shell = program(word(2).trim_start_matches("--rsh=")) == "ssh";
        let is_option = word(3).starts_with('-') && word(3).ends_with('e') || word(2).starts_with("--rsh=");
        self.kind.names.contains(&"rsync") && word(1) == "-i" && is_shell && (is_option || word(3) == "--rsh")
    }

    /// Returns the words that name what it sends.
    pub fn sent(&self) -> impl Iterator<Item = &'a str> {
        let is_remote = |word: &str| {
            let before = word.split('/').next().unwrap_or_default();
            before.len() > 2 && before.contains(':') || word.contains("://")
        };
        let last = self.words.len().saturating_sub(1);
        let goes_out = match self.kind.receiver {
            // The words behind the host are a command for the other machine.
            Receiver::FirstWord if self.kind.proves_by_environment => false,
            Receiver::Remote => self.words.last().is_some_and(|word| !word.is_known || is_remote(word.shown)),
            _ => true,
        };
        let is_sent = move |at: usize| {
            let is_copy = self.kind.receiver == Receiver::Remote;
            goes_out && !self.is_kept(at) && !(is_copy && (at == last || is_remote(self.words[at].shown)))
        };
        let sent = (0..self.words.len()).filter(move |at| is_sent(*at) && self.words[*at].is_known);
        let sent: Vec<&'a str> = sent.map(|at| self.words[at].shown).collect();
        sent.into_iter()
    }

    /// Returns true if its environment proves who sends.
    pub fn proves_by_environment(&self) -> bool {
        self.kind.proves_by_environment
    }

    /// Returns true if a receiver is one that `is_outside`, which gets a host.
    pub fn leaves(&self, is_outside: impl Fn(&str) -> bool) -> bool {
        let plain = |at: &usize| !self.is_kept(*at) && !self.words[*at].shown.starts_with('-');
        let receivers: Vec<String> = match self.kind.receiver {
            Receiver::Urls => hosts(&addresses(self.kind.names[0], &self.words)),
            Receiver::FirstWord => {
                let word = (0..self.words.len())
                    .filter(plain)
                    .map(|at| self.words[at].shown)
                    .find(|word| !word.is_empty());
                word.map(|word| host_in(word).to_owned()).into_iter().collect()
            }
            Receiver::Remote => {
                let words = (0..self.words.len()).filter(plain).map(|at| self.words[at]);
                let remote = words.filter(|word| !word.is_known || word.shown.contains(':'));
                remote.map(|word| host_in(word.shown).to_owned()).collect()
            }
            Receiver::Elsewhere => return true,
            Receiver::Cloud => return false,
        };
        receivers.iter().any(|host| is_outside(host))
    }
}

/// Returns the host in a word such as `me@host:path`, `ssh://host` or `TCP:host:443`.
fn host_in(word: &str) -> &str {
    let word = word.split_once("://").map_or(word, |(_, rest)| rest);
    let is_scheme = |before: &str| {
        ["tcp", "tcp4", "tcp6", "udp", "openssl", "ssl"].contains(&before.to_ascii_lowercase().as_str())
    };
    let word = word.split_once(':').filter(|(before, _)| is_scheme(before)).map_or(word, |(_, rest)| rest);
    let word = word.rsplit_once('@').map_or(word, |(_, rest)| rest);
    if word.starts_with('(') { word } else { word.split([':', '/', ',']).next().unwrap_or_default() }
}

/// Calls `visit` with the words of each command in a script, and with the sender among them, if there is one.
pub(super) fn each_command(script: &str, visit: &mut impl FnMut(Option<&Sender<'_>>, &[Word<'_>])) {
    for command in commands(script) {
        let words: Vec<Word<'_>> = command.into_iter().map(Word::known).collect();
        visit(Sender::of(&words).as_ref(), &words);
    }
}

/// Returns true if the name of a sender is a word of a script of any language.
pub(super) fn names_sender(script: &str) -> bool {
    let is_break = |next: char| next.is_whitespace() || "\"'`;|&()<>$,[]".contains(next);
    script.split(is_break).any(|word| !word.is_empty() && kind(word).is_some())
}
