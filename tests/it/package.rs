//! `.ci/package`, which packs the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Place, repository};

/// The files of every package, beside the program.
const COMMON: [&str; 8] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "completions/arcbook.bash",
    "completions/arcbook.elv",
    "completions/arcbook.fish",
    "completions/arcbook.ps1",
    "completions/arcbook.zsh",
];

/// The further files of a package for Linux.
const SYSTEMD: [&str; 4] =
    ["systemd/README.md", "systemd/arcbook@.service", "systemd/arcbook@.timer", "systemd/machine.conf"];

fn pack(target: &str, binary: &Path, out: &Path) -> Output {
    let mut command = Command::new("bash");
    command.arg(repository().join(".ci/package")).arg(target).arg(binary).arg(out);
    command.env_remove("SOURCE_DATE_EPOCH").output().expect("bash")
}

/// Packs a program with the content `program`, and returns the path of the package.
fn packed(target: &str, place: &Place, out: &str) -> PathBuf {
    place.write("a program", "program");
    let output = pack(target, &place.path().join("a program"), &place.path().join(out));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().into()
}

/// The files in a package, in their order, with their sizes and their modes.
const LIST: &str = r#"
import sys, tarfile, zipfile
path = sys.argv[1]
if path.endswith(".zip"):
    entries = [(i.filename, i.file_size, i.external_attr >> 16, i.date_time[0]) for i in zipfile.ZipFile(path).infolist()]
else:
    entries = [(i.name, i.size, i.mode | 0o100000, 1970 + i.mtime // 31536000) for i in tarfile.open(path)]
for name, size, mode, year in entries:
    print(f"{name} {size} {mode:o} {year}")
"#;

fn listed(package: &Path) -> Vec<String> {
    let output = Command::new("python3").args(["-c", LIST]).arg(package).output().expect("Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

#[test]
fn a_package_has_the_program_and_what_belongs_to_it() {
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "packages take python3");
        return;
    }
    let place = Place::new();
    for (target, ending, program, more) in [
        ("x86_64-pc-windows-gnu", "zip", "arcbook.exe", &["arcbook-task.xml", "docs/windows.md"][..]),
        ("x86_64-unknown-linux-gnu", "tar.gz", "arcbook", &SYSTEMD[..]),
        ("aarch64-unknown-linux-musl", "tar.gz", "arcbook", &SYSTEMD),
    ] {
        let package = packed(target, &place, "out");
        let name = format!("arcbook-{}-{target}", env!("CARGO_PKG_VERSION"));
        assert_eq!(package, place.path().join(format!("out/{name}.{ending}")));
        let listed = listed(&package);
        let program = format!("{name}/{program} 7 100755 1980");
        assert!(listed.contains(&program), "{listed:?}");
        let mut names: Vec<&str> =
            listed.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        assert!(names.is_sorted(), "{names:?}");
        let others = COMMON.iter().chain(more).map(|file| format!("{name}/{file}"));
        for file in others.collect::<Vec<_>>() {
            let at = names.iter().position(|found| *found == file);
            names.remove(at.unwrap_or_else(|| panic!("{file} is not in {names:?}")));
            let line = listed.iter().find(|line| line.starts_with(&format!("{file} "))).expect("a line");
            assert!(line.ends_with(" 100644 1980") && !line.contains(" 0 "), "{line}");
        }
        assert_eq!(names.len(), 1, "{names:?}");
        let again = packed(target, &place, "again");
        assert_eq!(std::fs::read(&package).expect("a package"), std::fs::read(again).expect("a package"));
    }
}

#[test]
fn a_package_without_a_program_is_refused() {
    let place = Place::new();
    let output = pack("x86_64-unknown-linux-gnu", &place.path().join("none"), place.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no program"));
}
