//! Finds the files that a program runs.

use indexmap::IndexSet;

use super::commands::commands;
use super::interpreter::{REMOTE, env_split, read};
use super::place::Place;
use super::wrapper::Started;

/// A script in a script in a script is looked into, and no further.
const DEEPEST: usize = 3;

/// Returns the files that the arguments of a program run, as they name them: programs that are given by a path, and scripts.
///
/// An argument that is not known is none. The files of programs that `docker`, `ssh` and the like start are on other
/// machines or not; a reader of the files looks which are there.
#[must_use]
pub fn files(argv: &[Option<&str>]) -> IndexSet<String> {
    let mut found = IndexSet::new();
    collect(argv, DEEPEST, &mut found);
    found
}

fn collect(argv: &[Option<&str>], depth: usize, found: &mut IndexSet<String>) {
    let started = Started::of(argv);
    let is_path = |text: &&str| text.contains(std::path::is_separator) && !text.starts_with('-');
    let is_program = |at: usize| started.at(at) && !started.is_inside(at);
    let programs = (0..argv.len()).take_while(|at| is_program(*at)).filter_map(|at| argv[at].filter(is_path));
    found.extend(programs.filter(|text| !text.contains('=')).map(str::to_owned));
    if let (Some(Some("." | "source")), Some(Some(file))) = (argv.first(), argv.get(1)) {
        found.insert((*file).to_owned());
    }
    let scripts = read(argv).filter(|(at, _)| started.at(*at)).map(|(_, script)| script);
    for script in scripts.chain(env_split(argv)) {
        let text = match script.place {
            Place::File(index) => {
                found.extend(argv[index].map(str::to_owned));
                continue;
            }
            Place::Argument(index) => argv[index].unwrap_or_default().to_owned(),
            // It runs on another machine.
            Place::From(_) if REMOTE.contains(&script.name.as_str()) => continue,
            Place::From(index) => argv[index..].iter().flatten().copied().collect::<Vec<_>>().join(" "),
            Place::Input => continue,
        };
        if depth > 0 {
            for command in commands(&text) {
                let words: Vec<Option<&str>> = command.into_iter().map(Some).collect();
                collect(&words, depth - 1, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_run_are_found() {
        for (words, expected) in [
            ("./deploy.sh a/b", "./deploy.sh"),
            ("/bin/sh deploy.sh", "/bin/sh deploy.sh"),
            ("bash -eu -o pipefail deploy.sh -c x", "deploy.sh"),
            ("sudo -u me bash deploy.sh", "deploy.sh"),
            ("sudo ./deploy.sh ./data", "./deploy.sh"),
            ("env A=./b timeout -k 1 5 nice ./deploy.sh", "./deploy.sh"),
            ("env -S bash|deploy.sh", "deploy.sh"),
            ("find . -exec sh deploy.sh ;", "deploy.sh"),
            ("flock ./lock sh deploy.sh", "deploy.sh"),
            ("python3 -u restore.py", "restore.py"),
            ("python3 -W ignore restore.py -c x", "restore.py"),
            ("python3 -m compileall x", ""),
            ("perl -I lib -w restore.pl", "restore.pl"),
            ("node -r ./hook restore.js", "restore.js"),
            ("php -f restore.php", "restore.php"),
            ("deno run --allow-net restore.ts", "restore.ts"),
            ("pwsh -NoProfile -File restore.ps1", "restore.ps1"),
            ("pwsh restore.ps1", "restore.ps1"),
            ("cmd /c scripts/restore.bat", "scripts/restore.bat"),
            ("sh -c ./deploy.sh", "./deploy.sh"),
            ("sh -c cd|x;|LANG=C|sudo|./deploy.sh|&&|bash|'other.sh'", "./deploy.sh other.sh"),
            ("sh -c .|./environment.sh", "./environment.sh"),
            ("sh -c if|!|./check;|then|cat|./data;|fi", "./check"),
            ("ssh host ./deploy.sh", ""),
            ("apt install ./package", ""),
            ("cat ./data", ""),
            ("sh -c cat|./data", ""),
            ("? ./deploy.sh", ""),
        ] {
            let argv: Vec<String> = words.split(' ').map(|word| word.replace('|', " ")).collect();
            let argv: Vec<Option<&str>> =
                argv.iter().map(|word| (word != "?").then_some(word.as_str())).collect();
            let found: Vec<String> = files(&argv).into_iter().collect();
            assert_eq!(found.join(" "), expected, "{words}");
        }
    }
}
