//! Finds the files of a runbook.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::source::{FileKind, FileSystem, SharedFileSystem};

/// The suffix of the files of a runbook.
const RUNBOOK: &str = ".runbook.hcl";
/// The suffixes of the variable files that load automatically.
const VARIABLES: [&str; 2] = [".auto.vars.hcl", ".auto.vars.json"];

/// The files of one runbook.
#[derive(Debug)]
pub struct Files {
    /// The base of relative paths.
    pub directory: PathBuf,
    /// The name of the runbook.
    pub name: String,
    /// The files with declarations, in the order of their names.
    pub runbook: Vec<PathBuf>,
    /// The files with values of variables, in the order of their names.
    pub variables: Vec<PathBuf>,
    /// The source of the files.
    pub file_system: SharedFileSystem,
}

impl Files {
    /// Finds the files of the runbook at `path` on the disk: a directory with `*.runbook.hcl` files, or one file.
    pub fn find(path: &Path) -> Result<Self, Box<Diagnostic>> {
        Self::find_in(&SharedFileSystem::default(), path)
    }

    /// Finds the files of the runbook at `path` in `file_system`.
    pub fn find_in(file_system: &SharedFileSystem, path: &Path) -> Result<Self, Box<Diagnostic>> {
        match file_system.kind(path).map_err(|error| unreadable(path, &error))? {
            FileKind::Directory => Self::in_directory(file_system, path),
            FileKind::Regular | FileKind::Other => Self::alone(file_system, path),
        }
    }

    fn alone(file_system: &SharedFileSystem, path: &Path) -> Result<Self, Box<Diagnostic>> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let file_name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
        let name = file_name.strip_suffix(RUNBOOK).ok_or_else(|| not_a_runbook(path))?;
        Ok(Self {
            directory: parent.unwrap_or(Path::new(".")).to_owned(),
            name: name.to_owned(),
            runbook: vec![path.to_owned()],
            variables: Vec::new(),
            file_system: file_system.clone(),
        })
    }

    fn in_directory(file_system: &SharedFileSystem, directory: &Path) -> Result<Self, Box<Diagnostic>> {
        let names = names(&**file_system, directory).map_err(|error| unreadable(directory, &error))?;
        let ending = |endings: &[&str]| -> Vec<PathBuf> {
            let has = |name: &&String| endings.iter().any(|ending| name.ends_with(ending));
            names.iter().filter(has).map(|name| beside(directory, name)).collect()
        };
        let runbook = ending(&[RUNBOOK]);
        if runbook.is_empty() {
            return Err(nothing_there(&**file_system, directory, &names).into());
        }
        let whole = file_system.canonical(directory).unwrap_or_else(|_| directory.to_owned());
        let name = whole
            .file_name()
            .map_or_else(|| "runbook".to_owned(), |name| name.to_string_lossy().into_owned());
        Ok(Self {
            directory: directory.to_owned(),
            name,
            runbook,
            variables: ending(&VARIABLES),
            file_system: file_system.clone(),
        })
    }
}

/// Returns the path of a file as a user would write it: without the `./` of the current directory.
fn beside(directory: &Path, name: &str) -> PathBuf {
    if directory == Path::new(".") { name.into() } else { directory.join(name) }
}

/// Returns the sorted names in a directory, so that every run reads them in the same order.
fn names(file_system: &dyn FileSystem, directory: &Path) -> std::io::Result<Vec<String>> {
    let names = file_system.list(directory, usize::MAX)?;
    let mut names: Vec<String> = names.into_iter().flat_map(OsString::into_string).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    Ok(names)
}

/// Returns true if the name of a file suggests a runbook.
fn is_hcl(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "hcl") && !name.ends_with(".lab.hcl")
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let help = match error.kind() {
        std::io::ErrorKind::NotFound => {
            "check the path; a runbook is a directory with `*.runbook.hcl` files, or one such file"
        }
        std::io::ErrorKind::PermissionDenied => "ask for permission to read it, or run as a user who may",
        _ => "check that the path can be read",
    };
    Diagnostic::error("unreadable", format!("cannot read {}: {error}", path.display())).help(help)
}

fn not_a_runbook(path: &Path) -> Diagnostic {
    Diagnostic::error("not-a-runbook", format!("{} is neither a runbook nor a plan file", path.display()))
        .help(format!("a runbook is a directory with files that end in `{RUNBOOK}`, or one such file"))
        .help("`arcbook plan -out FILE` writes a plan file")
}

/// The number of levels below a directory in which runbooks are looked for, of directories that are read there, and of
/// runbooks that are named.
const BELOW: (usize, usize, usize) = (3, 500, 5);

/// Returns directories below `directory` that hold a runbook, in order.
fn runbooks_below(file_system: &dyn FileSystem, directory: &Path) -> Vec<String> {
    let (levels, mut left, most) = BELOW;
    let mut found = Vec::new();
    let mut queue = vec![(directory.to_owned(), 0)];
    while let Some((at, level)) = queue.pop() {
        left -= 1;
        let names = names(file_system, &at).unwrap_or_default();
        if names.iter().any(|name| name.ends_with(RUNBOOK)) {
            found.push(at.display().to_string());
        }
        let inner = names.iter().take(left).rev().map(|name| beside(&at, name));
        let is_directory =
            |path: &PathBuf| file_system.kind(path).is_ok_and(|kind| kind == FileKind::Directory);
        if level < levels {
            queue.extend(inner.filter(is_directory).map(|path| (path, level + 1)));
        }
        if left == 0 || found.len() == most {
            break;
        }
    }
    found
}

fn nothing_there(file_system: &dyn FileSystem, directory: &Path, names: &[String]) -> Diagnostic {
    let has = |ending: &str| names.iter().find(|name| name.ends_with(ending));
    let below = runbooks_below(file_system, directory);
    let help = if !below.is_empty() {
        format!("name a directory with a runbook, such as {}", below.join(", "))
    } else if let Some(name) = names.iter().find(|name| is_hcl(name)) {
        format!("the files of a runbook end in `{RUNBOOK}`: rename `{name}`")
    } else if has(".tf").is_some() {
        format!("these are Terraform files; the files of a runbook end in `{RUNBOOK}`")
    } else {
        format!(
            "a runbook is a directory with files that end in `{RUNBOOK}`: name one of them, or write one with `arcbook init`"
        )
    };
    Diagnostic::error("no-runbook", format!("there is no runbook in {}", directory.display())).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_gives_its_files_in_order() {
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["b.runbook.hcl", "a.runbook.hcl", "x.lab.hcl", "v.auto.vars.hcl", ".hidden.runbook.hcl"]
        {
            std::fs::write(directory.path().join(name), "").expect("written");
        }
        let files = Files::find(directory.path()).expect("found");
        let names = |paths: &[PathBuf]| -> Vec<String> {
            paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(&files.runbook), ["a.runbook.hcl", "b.runbook.hcl"]);
        assert_eq!(names(&files.variables), ["v.auto.vars.hcl"]);
    }

    #[test]
    fn files_of_values_are_known_by_their_names_and_read_in_the_order_of_these() {
        let directory = tempfile::tempdir().expect("a directory");
        let read =
            [".auto.vars.hcl", "a.auto.vars.json", "b.auto.vars.hcl", "b.auto.vars.json", "c.auto.vars.hcl"];
        let others = [
            ".hidden.auto.vars.json",
            "auto.vars.hcl",
            "prod.vars.hcl",
            "prod.vars.json",
            "arcbook.vars.json",
            "terraform.tfvars",
            "x.auto.tfvars",
            "x.auto.tfvars.json",
            "x.auto.vars.JSON",
            "x.auto.vars.json~",
            "x.auto.vars.yaml",
        ];
        for name in read.iter().chain(&others).chain(&["main.runbook.hcl"]) {
            std::fs::write(directory.path().join(name), "").expect("written");
        }
        let files = Files::find(directory.path()).expect("found");
        let names: Vec<_> = files.variables.iter().filter_map(|path| path.file_name()?.to_str()).collect();
        assert_eq!(names, read[1..], "a hidden file is none");
    }

    #[test]
    fn a_directory_without_runbooks_says_what_to_do() {
        let directory = tempfile::tempdir().expect("a directory");
        let help = |name: &str| {
            std::fs::write(directory.path().join(name), "").expect("written");
            let found = Files::find(directory.path()).expect_err("nothing there");
            assert_eq!(found.code, "no-runbook");
            found.help.concat()
        };
        assert!(help("main.tf").contains("Terraform"));
        assert!(help("main.hcl").contains("rename `main.hcl`"));
    }

    #[test]
    fn a_file_alone_is_a_runbook() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lab.runbook.hcl");
        std::fs::write(&path, "").expect("written");
        let files = Files::find(&path).expect("found");
        assert_eq!((files.name.as_str(), files.directory.as_path()), ("lab", directory.path()));
        for name in ["main.hcl", "runbook.hcl", "a.lab.hcl", "site.plan", "none"] {
            let path = directory.path().join(name);
            std::fs::write(&path, "").expect("written");
            assert_eq!(Files::find(&path).expect_err("no runbook").code, "not-a-runbook", "{name}");
        }
    }
}
