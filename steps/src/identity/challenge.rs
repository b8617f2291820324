//! The agent's challenge, which names the key file that the client must read.

use crate::os::Os;

/// The key file that a challenge names, parsed but not yet located.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyFile {
    /// The directory, as the challenge writes it.
    pub directory: String,
    /// The file name, which ends in `.key`.
    pub name: String,
}

/// The reason why a challenge is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChallengeError {
    /// The challenge is missing, or not of the Arc agents' kind.
    #[error("it is not `Basic realm=PATH`")]
    NotBasic,
    /// The path contains quotes or control characters, which the agent's paths never do.
    #[error("the path contains quotes or control characters")]
    Characters,
    /// The path is not absolute, or has `.`, `..` or empty segments.
    #[error("the path is not absolute and plain")]
    NotPlain,
    /// The file name is not that of a key file.
    #[error("the file does not end in `.key`")]
    NotKey,
}

impl KeyFile {
    /// Parses the value of a `WWW-Authenticate` header.
    pub fn parse(header: &str, os: Os) -> Result<Self, ChallengeError> {
        let (scheme, rest) = header.trim().split_once(' ').ok_or(ChallengeError::NotBasic)?;
        let (name, path) = rest.trim_start().split_once('=').ok_or(ChallengeError::NotBasic)?;
        if !scheme.eq_ignore_ascii_case("basic") || !name.trim().eq_ignore_ascii_case("realm") {
            return Err(ChallengeError::NotBasic);
        }
        let path = path.trim();
        if path.contains(['"', '\'']) || path.chars().any(char::is_control) {
            return Err(ChallengeError::Characters);
        }
        os.split(path)
    }
}

impl Os {
    fn split(self, path: &str) -> Result<KeyFile, ChallengeError> {
        let separators: &[char] = match self {
            Self::Linux => &['/'],
            Self::Windows => &['\\', '/'],
        };
        let relative = self.relative(path).ok_or(ChallengeError::NotPlain)?;
        if relative.split(separators).any(|part| ["", ".", ".."].contains(&part)) {
            return Err(ChallengeError::NotPlain);
        }
        let at = path.rfind(separators).ok_or(ChallengeError::NotPlain)?;
        let name = &path[at + 1..];
        let ending = match self {
            Self::Linux => name.strip_suffix(".key"),
            Self::Windows => {
                name.len().checked_sub(4).and_then(|at| name.split_at_checked(at)).and_then(|(stem, end)| {
                    // A colon would name a stream or another drive.
                    (end.eq_ignore_ascii_case(".key") && !name.contains(':')).then_some(stem)
                })
            }
        };
        match ending {
            Some(stem) if !stem.is_empty() => {
                Ok(KeyFile { directory: path[..at].to_owned(), name: name.to_owned() })
            }
            _ => Err(ChallengeError::NotKey),
        }
    }

    /// Returns the part of an absolute path after its root; none if the path is relative.
    fn relative(self, path: &str) -> Option<&str> {
        match self {
            Self::Linux => path.strip_prefix('/'),
            Self::Windows => {
                let rest = path.strip_prefix(|drive: char| drive.is_ascii_alphabetic())?;
                rest.strip_prefix(":\\").or_else(|| rest.strip_prefix(":/"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ChallengeError::{Characters, NotBasic, NotKey, NotPlain};

    use super::*;

    #[test]
    fn a_challenge_names_a_key_file() {
        let linux = ("/var/opt/azcmagent/tokens", "406109b6.key");
        let windows = (r"C:\ProgramData\AzureConnectedMachineAgent\Tokens", "406109b6.key");
        for (header, os, (directory, name)) in [
            ("Basic realm=/var/opt/azcmagent/tokens/406109b6.key", Os::Linux, linux),
            ("basic  Realm= /var/opt/azcmagent/tokens/406109b6.key ", Os::Linux, linux),
            ("BASIC realm = /var/opt/azcmagent/tokens/406109b6.key", Os::Linux, linux),
            (
                r"Basic realm=C:\ProgramData\AzureConnectedMachineAgent\Tokens\406109b6.key",
                Os::Windows,
                windows,
            ),
            ("Basic realm=/a=b/c.key", Os::Linux, ("/a=b", "c.key")),
            (r"Basic realm=c:/t/X.KEY", Os::Windows, ("c:/t", "X.KEY")),
        ] {
            let file = KeyFile::parse(header, os).unwrap();
            assert_eq!((file.directory.as_str(), file.name.as_str()), (directory, name), "{header}");
        }
    }

    #[test]
    fn a_challenge_with_a_trick_is_not_answered() {
        for (header, os, expected) in [
            ("", Os::Linux, NotBasic),
            ("Basic", Os::Linux, NotBasic),
            ("Basic /tokens/a.key", Os::Linux, NotBasic),
            ("Bearer realm=/tokens/a.key", Os::Linux, NotBasic),
            ("Basic charset=UTF-8, realm=/tokens/a.key", Os::Linux, NotBasic),
            ("Basic realm=\"/tokens/a.key\"", Os::Linux, Characters),
            ("Basic realm='/tokens/a.key'", Os::Linux, Characters),
            ("Basic realm=/tokens/a\u{0}.key", Os::Linux, Characters),
            ("Basic realm=/tokens/../etc/a.key", Os::Linux, NotPlain),
            ("Basic realm=/tokens/./a.key", Os::Linux, NotPlain),
            ("Basic realm=/tokens//a.key", Os::Linux, NotPlain),
            ("Basic realm=tokens/a.key", Os::Linux, NotPlain),
            ("Basic realm=a.key", Os::Linux, NotPlain),
            ("Basic realm=", Os::Linux, NotPlain),
            ("Basic realm=/", Os::Linux, NotPlain),
            ("Basic realm=/tokens/a.txt", Os::Linux, NotKey),
            ("Basic realm=/tokens/.key", Os::Linux, NotKey),
            ("Basic realm=/tokens/a.KEY", Os::Linux, NotKey),
            ("Basic realm=/etc/shadow", Os::Linux, NotKey),
            (r"Basic realm=C:\tokens\a.key", Os::Linux, NotPlain),
            (r"Basic realm=/tokens/a.key", Os::Windows, NotPlain),
            (r"Basic realm=C:tokens\a.key", Os::Windows, NotPlain),
            (r"Basic realm=\\server\share\a.key", Os::Windows, NotPlain),
            (r"Basic realm=\\?\C:\tokens\a.key", Os::Windows, NotPlain),
            (r"Basic realm=C:\tokens\..\a.key", Os::Windows, NotPlain),
            (r"Basic realm=C:\tokens\..//a.key", Os::Windows, NotPlain),
            (r"Basic realm=C:\tokens\a:b.key", Os::Windows, NotKey),
            (r"Basic realm=C:\tokens\ü.ke", Os::Windows, NotKey),
        ] {
            assert_eq!(KeyFile::parse(header, os), Err(expected), "{header}");
        }
    }
}
