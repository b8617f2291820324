//! Finds the script in the arguments of a program, whatever starts the interpreter.

use super::interpreter_options::{command_prompt, joined, language, power_shell, remote, shell};
use super::program_name::program;
use super::script_place::ScriptPlace;

/// A script that an interpreter gets with its arguments or on its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// The name of the interpreter, without its directory, its version and its ending.
    pub name: String,
    /// The place of the script.
    pub place: ScriptPlace,
}

/// Reads the options of an interpreter that begins at an index.
type Reader = fn(&[Option<&str>], usize) -> Option<ScriptPlace>;

/// The interpreters, with the reader of their options.
const INTERPRETERS: [(&[&str], Reader); 6] = [
    (
        &[
            "sh", "bash", "rbash", "dash", "zsh", "ksh", "mksh", "lksh", "ash", "fish", "csh", "tcsh",
            "yash", "su", "runuser",
        ],
        shell,
    ),
    (&["pwsh", "powershell"], power_shell),
    (&["cmd"], command_prompt),
    (
        &[
            "python",
            "pythonw",
            "pypy",
            "py",
            "perl",
            "ruby",
            "node",
            "nodejs",
            "php",
            "lua",
            "osascript",
            "rscript",
            "julia",
            "deno",
            "bun",
        ],
        language,
    ),
    (&["ssh", "rsh", "plink"], remote),
    (&["watch", "parallel"], joined),
];

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

/// Returns true if an interpreter is a shell of POSIX or like one.
pub(super) fn is_shell(name: &str) -> bool {
    INTERPRETERS[0].0.contains(&name)
}

/// Returns the first script that an interpreter in these arguments gets; an argument that is not known is none.
///
/// Programs such as `env`, `sudo`, `timeout`, `find -exec` and `docker exec` start what their arguments name, so the
/// interpreter may be any of them.
pub(super) fn script(argv: &[Option<&str>], has_input: bool) -> Option<Script> {
    let split = env_split(argv);
    let interpreters = argv.iter().enumerate().filter_map(|(at, text)| {
        let name = program((*text)?);
        let (_, read) = INTERPRETERS.iter().find(|(names, _)| names.contains(&name.as_str()))?;
        let place = read(argv, at)?;
        let is_there = match place {
            ScriptPlace::Argument(index) => index < argv.len(),
            ScriptPlace::From(index) => index < argv.len() && is_started(argv, at),
            ScriptPlace::Input => has_input && is_started(argv, at),
        };
        is_there.then_some(Script { name, place })
    });
    interpreters.chain(split).next()
}

/// Returns true if the program at an index is the one that runs: the first, or that of a program which starts another.
///
/// A name alone does not tell: `apt install ssh` starts none.
pub(super) fn is_started(argv: &[Option<&str>], at: usize) -> bool {
    let is_wrapper = |text: &str| WRAPPERS.contains(&program(text).as_str());
    let is_inside = |text: &str| INSIDE.contains(&program(text).as_str());
    let first = argv.first().copied().flatten().unwrap_or_default();
    if at == 0 || argv[..at].iter().flatten().any(|text| is_inside(text)) {
        return true;
    }
    let passes = |index: usize| {
        let Some(text) = argv[index] else { return true };
        let is_value = argv[index - 1].is_some_and(|before| before.starts_with('-'));
        let is_setting = text.contains('=') || text.starts_with(|first: char| first.is_ascii_digit());
        is_value || is_setting || text.starts_with('-') || is_wrapper(text)
    };
    is_wrapper(first) && (1..at).all(passes)
}

/// Returns the text that `env -S` splits into a program and its arguments.
fn env_split(argv: &[Option<&str>]) -> Option<Script> {
    let at = argv.iter().position(|text| text.is_some_and(|text| program(text) == "env"))?;
    let is_option = |text: &&str| text.starts_with("-S") || text.starts_with("--split-string");
    let option = (at + 1..argv.len()).find(|index| argv[*index].as_ref().is_some_and(is_option))?;
    let is_whole = argv[option].is_some_and(|text| ["-S", "--split-string"].contains(&text));
    let place = ScriptPlace::From(if is_whole { option + 1 } else { option });
    Some(Script { name: "env".to_owned(), place })
}

/// The words with which a script makes commands of values.
const MAKES_COMMANDS: [&str; 14] = [
    "eval",
    "exec(",
    "system(",
    "popen",
    "subprocess",
    "iex",
    "invoke-expression",
    "child_process",
    "/dev/stdin",
    "xargs",
    "parallel",
    "source",
    "sh -c",
    "bash -c",
];

/// Returns true if a script may make commands of the values that it gets: of its arguments, its environment or its input.
pub(super) fn makes_commands(script: &str) -> bool {
    let script = script.to_ascii_lowercase();
    MAKES_COMMANDS.iter().any(|word| {
        let starts = word.starts_with(char::is_alphanumeric);
        let ends = word.ends_with(char::is_alphanumeric);
        script.match_indices(word).any(|(at, _)| {
            let is_part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
            let is_longer_before = starts && is_part(script[..at].chars().next_back());
            let is_longer_behind = ends && is_part(script[at + word.len()..].chars().next());
            !is_longer_before && !is_longer_behind
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str, has_input: bool) -> Option<ScriptPlace> {
        let argv: Vec<Option<&str>> = words.split(' ').map(|word| (word != "?").then_some(word)).collect();
        script(&argv, has_input).map(|script| script.place)
    }

    #[test]
    fn a_script_is_found_whatever_starts_its_interpreter() {
        use ScriptPlace::{Argument, From};
        for (words, expected) in [
            ("sh -c x", Argument(2)),
            ("/bin/bash -xc x", Argument(2)),
            ("bash -ce x", Argument(2)),
            ("bash5 -c x", Argument(2)),
            ("bash -eo pipefail -c x y", Argument(4)),
            ("bash --norc -c x", Argument(3)),
            ("env A=1 sh -c x", Argument(4)),
            ("env -S x", From(2)),
            ("sudo -u me bash -c x", Argument(5)),
            ("timeout -k 1 5 sh -c x", Argument(6)),
            ("nice nohup sh -c x", Argument(4)),
            ("busybox sh -c x", Argument(3)),
            ("find . -exec sh -c x ;", Argument(5)),
            ("docker exec ? sh -c x", Argument(5)),
            ("su - me -c x", Argument(4)),
            ("python3.12 -c x", Argument(2)),
            ("python3 -Ic x", Argument(2)),
            ("python3 -W ignore -c x", Argument(4)),
            ("perl -ne x", Argument(2)),
            ("perl -eprint", Argument(1)),
            ("ruby -e x", Argument(2)),
            ("node --eval x", Argument(2)),
            ("node -p x", Argument(2)),
            ("php -r x", Argument(2)),
            ("pwsh -NoProfile -EncodedCommand x", Argument(3)),
            ("pwsh -ExecutionPolicy Bypass -c x y", From(4)),
            ("powershell.exe Get-Process", From(1)),
            ("cmd.exe /d /s /c x y", From(4)),
            ("ssh host x", From(2)),
            ("ssh -p 22 -t host x", From(5)),
            ("watch ls", From(1)),
        ] {
            assert_eq!(found(words, false), Some(expected), "{words}");
        }
    }

    #[test]
    fn an_interpreter_reads_its_input() {
        for words in [
            "bash",
            "sh -s a",
            "sudo bash",
            "env A=1 sh",
            "python3",
            "python3 -",
            "bash /dev/stdin",
            "pwsh -c -",
            "ssh host",
        ] {
            assert_eq!(found(words, true), Some(ScriptPlace::Input), "{words}");
            assert_eq!(found(words, false), None, "{words}");
        }
    }

    #[test]
    fn another_program_has_no_script() {
        for words in [
            "wc -c file",
            "true",
            "sh deploy.sh",
            "bash deploy.sh -c x",
            "python3 deploy.py -c x",
            "pwsh -File x",
            "? -c x",
            "apt install ssh php curl",
            "sudo apt install ssh php",
            "grep sh",
            "python3 -m compileall x",
            "perl -MJSON x",
        ] {
            assert_eq!(found(words, true), None, "{words}");
        }
    }

    #[test]
    fn a_script_that_makes_commands_of_values_is_known_by_its_words() {
        for (script, expected) in [
            ("eval \"$1\"", true),
            ("sh -c \"$1\"", true),
            (". /dev/stdin", true),
            ("iex $args[0]", true),
            ("import os; os.system(x)", true),
            ("echo \"$1\"", false),
            ("evaluate \"$1\"", false),
            ("cat resources", false),
        ] {
            assert_eq!(makes_commands(script), expected, "{script}");
        }
    }
}
