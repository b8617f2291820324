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
    /// The path is not absolute, or has segments that the system does not take literally, such as `..`.
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
        if !relative.split(separators).all(|segment| self.is_plain(segment)) {
            return Err(ChallengeError::NotPlain);
        }
        let root = path.len() - relative.len();
        let (directory, name) = match relative.rfind(separators) {
            Some(at) => (&path[..root + at], &relative[at + 1..]),
            // Without its separator, a drive would stand for the current directory on it.
            None => path.split_at(root),
        };
        let ending = match self {
            Self::Linux => name.strip_suffix(".key"),
            Self::Windows => {
                let halves = name.len().checked_sub(4).and_then(|at| name.split_at_checked(at));
                halves.filter(|(_, end)| end.eq_ignore_ascii_case(".key")).map(|(stem, _)| stem)
            }
        };
        match ending {
            Some(stem) if !stem.is_empty() => {
                Ok(KeyFile { directory: directory.to_owned(), name: name.to_owned() })
            }
            _ => Err(ChallengeError::NotKey),
        }
    }

    /// Returns true if the system takes a segment of a path literally.
    fn is_plain(self, segment: &str) -> bool {
        let is_literal = !["", ".", ".."].contains(&segment);
        is_literal && (self == Self::Linux || is_plain_on_windows(segment))
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

/// Returns true if Windows takes a segment literally.
///
/// It removes dots and blanks at the end, reads a colon as a stream or a drive, and opens a device in place of a
/// file with its name, whatever follows a dot. Source: `naming-a-file.md` of the Win32 documentation.
fn is_plain_on_windows(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or_default().trim_end_matches(' ');
    let is_device = DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem)) || is_port(stem);
    !is_device && !segment.ends_with(['.', ' ']) && !segment.contains(['<', '>', ':', '|', '?', '*'])
}

/// Names of devices, beside those of ports.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Returns true for the names of serial and parallel ports: `COM` or `LPT` with a digit.
fn is_port(stem: &str) -> bool {
    let Some((kind, number)) = stem.split_at_checked(3) else { return false };
    let is_kind = ["COM", "LPT"].iter().any(|port| port.eq_ignore_ascii_case(kind));
    let mut digits = number.chars();
    let is_digit = |digit: char| digit.is_ascii_digit() || ['¹', '²', '³'].contains(&digit);
    is_kind && digits.next().is_some_and(is_digit) && digits.next().is_none()
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
            ("Basic realm=/a.key", Os::Linux, ("/", "a.key")),
            (r"Basic realm=c:/t/X.KEY", Os::Windows, ("c:/t", "X.KEY")),
            (r"Basic realm=C:\T t/üb\x.Key", Os::Windows, (r"C:\T t/üb", "x.Key")),
            (r"Basic realm=C:\T.d\consul\com10\.a.key", Os::Windows, (r"C:\T.d\consul\com10", ".a.key")),
            (r"Basic realm=C:\a.key", Os::Windows, (r"C:\", "a.key")),
            ("Basic realm=C:/a.key", Os::Windows, ("C:/", "a.key")),
            // Linux takes these names literally.
            ("Basic realm=/NUL/COM1 ./a:b.key", Os::Linux, ("/NUL/COM1 .", "a:b.key")),
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
            (r"Basic realm=C:\tokens\ü.ke", Os::Windows, NotKey),
        ] {
            assert_eq!(KeyFile::parse(header, os), Err(expected), "{header}");
        }
    }

    #[test]
    fn a_path_that_windows_does_not_take_literally_is_not_answered() {
        for path in [
            r"\\server\share\a.key",
            "//server/share/a.key",
            r"\\?\C:\tokens\a.key",
            "//?/C:/tokens/a.key",
            r"\\?\UNC\server\share\a.key",
            r"\\.\C:\tokens\a.key",
            r"\??\C:\tokens\a.key",
            r"\tokens\a.key",
            "/C:/tokens/a.key",
            r"é:\tokens\a.key",
            r"CC:\tokens\a.key",
            r"C:\tokens\\a.key",
            r"C:\tokens\/a.key",
            r"C:\tokens\...\a.key",
            r"C:\tokens.\a.key",
            r"C:\tokens \a.key",
            r"C:\tokens\a.key.",
            r"C:\tokens::$INDEX_ALLOCATION\a.key",
            r"C:\tokens\a:b.key",
            r"C:\tokens\a.txt:b.key",
            r"C:\tokens\a*.key",
            r"C:\tokens\a?.key",
            r"C:\tok|ens\a.key",
            r"C:\NUL\a.key",
            r"C:\con.d\a.key",
            r"C:\tokens\aux.key",
            r"C:\tokens\NUL .key",
            r"C:\tokens\Com1.key",
            r"C:\tokens\lpt9.a.key",
            r"C:\tokens\COM².key",
            r"C:\tokens\conin$.key",
        ] {
            let parsed = KeyFile::parse(&format!("Basic realm={path}"), Os::Windows);
            assert_eq!(parsed, Err(NotPlain), "{path}");
        }
    }
}
