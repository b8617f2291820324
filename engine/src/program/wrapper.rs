//! The programs that start other programs.

use super::name::name;

/// The programs that start the program which their arguments name.
const WRAPPERS: [&str; 24] = [
    "env",
    "sudo",
    "doas",
    "timeout",
    "gtimeout",
    "nice",
    "ionice",
    "chrt",
    "taskset",
    "nohup",
    "setsid",
    "stdbuf",
    "time",
    "busybox",
    "toybox",
    "unshare",
    "systemd-run",
    "systemd-inhibit",
    "command",
    "exec",
    "caffeinate",
    "unbuffer",
    "xargs",
    "faketime",
];

/// The programs that start another one somewhere else, behind words of their own.
const INSIDE: [&str; 12] = [
    "docker",
    "podman",
    "nerdctl",
    "kubectl",
    "oc",
    "chroot",
    "nsenter",
    "flock",
    "find",
    "machinectl",
    "lxc",
    "wsl",
];

/// The words of arguments that start programs.
///
/// A name alone does not tell: `apt install ssh` starts none.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    /// The last word that may be a program which wrappers start; those before it are theirs.
    last: usize,
    /// The first program that starts another one behind words of its own; every word behind it may be a program.
    inside: Option<usize>,
}

impl Started {
    /// Reads the arguments; one that is not known is none.
    #[must_use]
    pub fn of(argv: &[Option<&str>]) -> Self {
        let is_one_of = |names: &[&str], text: &str| names.contains(&name(text).as_str());
        let is_wrapper = |text: &str| is_one_of(&WRAPPERS, text);
        let inside = argv.iter().position(|text| text.is_some_and(|text| is_one_of(&INSIDE, text)));
        let passes = |index: usize| {
            let Some(text) = argv[index] else { return true };
            let is_value = argv[index - 1].is_some_and(|before| before.starts_with('-'));
            let is_setting = text.contains('=') || text.starts_with(|first: char| first.is_ascii_digit());
            is_value || is_setting || text.starts_with('-') || is_wrapper(text)
        };
        let has_wrapper = argv.first().copied().flatten().is_some_and(is_wrapper);
        let first = usize::from(has_wrapper);
        let last = (first..argv.len()).find(|index| *index == 0 || !passes(*index)).unwrap_or(argv.len());
        Self { last, inside }
    }

    /// Returns true if the word at an index may be a program that runs: the first, or that of a program which starts another.
    #[must_use]
    pub fn at(self, index: usize) -> bool {
        index <= self.last || self.is_inside(index)
    }

    /// Returns true if another program starts it, behind words of its own.
    pub(super) fn is_inside(self, index: usize) -> bool {
        self.inside.is_some_and(|inside| inside < index)
    }
}
