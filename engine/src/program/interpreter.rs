//! Finds the script in the arguments of a program, whatever starts the interpreter.

use super::language::language;
use super::name::name;
use super::options::{command_prompt, joined, power_shell, remote, shell};
use super::others::{command_option, git, make, pattern_language, scheduler};
use super::place::Place;
use super::wrapper::Started;

/// A script that an interpreter gets with its arguments or on its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The name of the interpreter, without its directory, its version and its ending.
    pub name: String,
    /// The place of the script.
    pub place: Place,
}

/// Reads the options of an interpreter that begins at an index.
type Reader = fn(&[Option<&str>], usize) -> Option<Place>;

/// The programs that give a script to a shell on another machine.
pub(super) const REMOTE: [&str; 3] = ["ssh", "rsh", "plink"];

/// The interpreters, with the reader of their options.
const INTERPRETERS: [(&[&str], Reader); 11] = [
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
    (&REMOTE, remote),
    (&["watch", "parallel"], joined),
    (&["flock", "script"], command_option),
    (&["awk", "gawk", "mawk", "nawk"], pattern_language),
    (&["git"], git),
    (&["at", "batch", "crontab"], scheduler),
    (&["make", "gmake"], make),
];

/// Returns true if an interpreter is a shell of POSIX or like one.
#[must_use]
pub fn is_shell(name: &str) -> bool {
    INTERPRETERS[0].0.contains(&name)
}

/// Returns the first script that an interpreter in these arguments gets; an argument that is not known is none.
///
/// Programs such as `env`, `sudo`, `timeout`, `find -exec` and `docker exec` start what their arguments name, so the
/// interpreter may be any of them.
#[must_use]
pub fn script(argv: &[Option<&str>], has_input: bool) -> Option<Script> {
    let started = Started::of(argv);
    let is_there = |script: &Script, at: usize| match script.place {
        Place::Argument(_) => true,
        Place::From(_) => started.at(at),
        Place::Input => has_input && started.at(at),
        Place::File(_) => false,
    };
    let given = read(argv).filter(|(at, script)| is_there(script, *at)).map(|(_, script)| script);
    given.chain(env_split(argv)).next()
}

/// Returns the interpreters in arguments, with their indices and the places of their scripts.
pub(super) fn read<'a>(argv: &'a [Option<&'a str>]) -> impl Iterator<Item = (usize, Script)> + 'a {
    argv.iter().enumerate().filter_map(|(at, text)| {
        let name = name((*text)?);
        let (_, read) = INTERPRETERS.iter().find(|(names, _)| names.contains(&name.as_str()))?;
        let place = read(argv, at)?;
        let is_there = match place {
            Place::Argument(index) | Place::From(index) | Place::File(index) => index < argv.len(),
            Place::Input => true,
        };
        is_there.then_some((at, Script { name, place }))
    })
}

/// Returns the text that `env -S` splits into a program and its arguments.
pub(super) fn env_split(argv: &[Option<&str>]) -> Option<Script> {
    let at = argv.iter().position(|text| text.is_some_and(|text| name(text) == "env"))?;
    let is_option = |text: &&str| text.starts_with("-S") || text.starts_with("--split-string");
    let option = (at + 1..argv.len()).find(|index| argv[*index].as_ref().is_some_and(is_option))?;
    let is_whole = argv[option].is_some_and(|text| ["-S", "--split-string"].contains(&text));
    let place = Place::From(if is_whole { option + 1 } else { option });
    Some(Script { name: "env".to_owned(), place })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str, has_input: bool) -> Option<Place> {
        let argv: Vec<Option<&str>> = words.split(' ').map(|word| (word != "?").then_some(word)).collect();
        script(&argv, has_input).map(|script| script.place)
    }

    #[test]
    fn a_script_is_found_whatever_starts_its_interpreter() {
        use Place::{Argument, From};
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
            ("flock file -c x", Argument(3)),
            ("script -qc x file", Argument(2)),
            ("awk -F : -v a=b x file", Argument(5)),
            ("git -C d -c core.sshCommand=x fetch", Argument(4)),
            ("ssh -o ProxyCommand=x host", Argument(2)),
            ("ssh -oLocalCommand=x host", Argument(1)),
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
            "at now",
            "crontab -u me -",
            "make -s -f -",
        ] {
            assert_eq!(found(words, true), Some(Place::Input), "{words}");
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
            "git -c user.name=x commit",
            "ssh -o BatchMode=yes",
            "awk -f x file",
            "crontab -l",
            "make all",
            "flock file true",
        ] {
            assert_eq!(found(words, true), None, "{words}");
        }
    }
}
