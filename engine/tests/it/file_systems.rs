//! A runbook is the same from the disk, from the buffers of an editor and from a revision in git.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use arcbook_engine::diagnostic::{Diagnostics, Style, render_all};
use arcbook_engine::plan::file::{Bound, Made, PlanFile, PlanFileInput};
use arcbook_engine::plan::{self, KnownResults, register_plan_secrets};
use arcbook_engine::redact::{Salt, Secrets};
use arcbook_engine::runbook::{self, Files, Inputs, Missing};
use arcbook_engine::source::{Overlay, Revision, SharedFileSystem, Sources};
use arcbook_engine::step::Setting;
use serde_json::Value as Json;

use crate::support::{Log, Tokens, origin, registry};

const MAIN: &str = r#"
variable "name" {}
locals {
  odd  = templatefile("odd.tftpl", { name = var.name })
  text = templatefile("text.tftpl", { name = var.name })
}
step "read" "a" { value = local.text }
step "put" "b" { value = templatefile("page.j2", { name = var.name }) }
step "put" "c" { value = join(",", fileset(".", "data/**")) }
step "put" "d" { value = "${fileexists("none")} ${filebase64("data/x")} ${filemd5("data/deep/y")}" }
module "part" {
  source = "./part"
  name   = step.read.a.value
}
output "sum" { value = module.part.all }
"#;

const PART: &str = r#"
variable "name" { type = string }
step "put" "own" { value = "${var.name}${file("${path.module}/own.txt")}" }
output "all" { value = step.put.own.value }
"#;

const BOOK: [(&str, &str); 10] = [
    ("main.runbook.hcl", MAIN),
    ("names.auto.vars.hcl", "name = \"N\"\n"),
    ("text.tftpl", "Dear ${name}"),
    ("odd.tftpl", "{{ name }}"),
    ("page.j2", "{% include 'inner.j2' %}!"),
    ("inner.j2", "Inside {{ name }}"),
    ("data/x", "x"),
    ("data/deep/y", "y"),
    ("part/part.runbook.hcl", PART),
    ("part/own.txt", "own"),
];

/// Mistakes in each kind of file, with a part of the message.
const MISTAKES: [(&str, &str, &str); 7] = [
    ("main.runbook.hcl", "step \"put\" \"b\" { value = local.none }", "main.runbook.hcl:1"),
    ("part/part.runbook.hcl", "output \"all\" { value = nothing }", "part/part.runbook.hcl:1"),
    ("part/part.runbook.hcl", "output \"all\" {", "part/part.runbook.hcl:1"),
    ("names.auto.vars.hcl", "name = [", "names.auto.vars.hcl:1"),
    ("text.tftpl", "${none}", "text.tftpl"),
    ("inner.j2", "{{ missing }}", "inner.j2"),
    ("inner.j2", "{% if %}", "inner.j2"),
];

fn write(directory: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Returns the plan file, if the runbook in `directory` is valid, and all messages as a user sees them.
fn planned(file_system: &SharedFileSystem, directory: &Path) -> (Option<Json>, String) {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let plan = plan_in(file_system, directory, &mut sources, &mut found);
    (plan, render_all(&found, &sources, &Style { color: false, width: 200 }))
}

fn plan_in(
    file_system: &SharedFileSystem,
    directory: &Path,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<Json> {
    let files = found.take(Files::find_in(file_system, directory))?;
    let registry = registry(&Log::default(), &Log::default());
    let runbook = runbook::load(&files, &registry, sources, found);
    let (mut inputs, mut later) = (Inputs::new(), Diagnostics::new());
    for path in &files.variables {
        later.take(inputs.file(path, &*files.file_system, sources));
    }
    let variables = inputs.resolve(&runbook, sources, Missing::Refuse, &mut later);
    let plan = plan::make(&runbook, variables, &KnownResults::default(), &mut later);
    found.append(runbook::without_consequences(found, later));
    let plan = plan.filter(|_| !found.has_errors())?;
    let secrets = Secrets::new();
    register_plan_secrets(&secrets, &plan);
    let file = PlanFile::of(&PlanFileInput {
        earlier: None,
        plan: &plan,
        runbook: &runbook,
        sources,
        values: &files.variables,
        platform: &Tokens::default(),
        secrets: &secrets,
        version: "0",
        path: ".".to_owned(),
        salt: Salt::random(),
        made: Made { by: origin().by, at: "2026-11-26T12:00:00Z".to_owned() },
        bound: Bound { host: None, principal: Setting::default() },
    });
    let mut json = file.json().clone();
    for member in ["salt", "seals", "time"] {
        json.as_object_mut().unwrap().remove(member);
    }
    Some(json)
}

fn git(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    // In a hook of git these name another repository.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(name);
    }
    command.arg("-C").arg(directory).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
    command.args(["-c", "commit.gpgsign=false"]);
    command.args(["-c", "core.autocrlf=false", "-c", "init.defaultBranch=main"]);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Commits the files in `book`, a directory of a new repository, and removes them from the disk.
fn committed(repository: &Path, files: &[(&str, &str)]) -> PathBuf {
    let book = repository.join("book");
    write(&book, files);
    git(repository, &["init", "--quiet"]);
    git(repository, &["add", "."]);
    git(repository, &["commit", "--quiet", "-m", "one"]);
    fs::remove_dir_all(&book).unwrap();
    book
}

#[cfg(unix)]
#[test]
fn the_plan_does_not_depend_on_the_source_of_the_files() {
    let repository = tempfile::tempdir().unwrap();
    let book = committed(repository.path(), &BOOK);
    let revision = Revision::open("HEAD", &book).unwrap().into();
    let in_revision = planned(&revision, &book);
    assert!(!book.exists());

    write(&book, &BOOK);
    let disk = SharedFileSystem::default();
    let on_disk = planned(&disk, &book);
    let (plan, found) = &on_disk;
    let text = plan.as_ref().expect(found).to_string();
    for part in ["Dear N", "Inside N!", "data/deep/y,data/x", "false eA== ", "part/own.txt"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(found.contains("stays as it is in odd.tftpl:1"), "{found}");
    assert!(found.contains("main.runbook.hcl:4"), "the unused local value: {found}");
    assert_eq!(in_revision, on_disk);

    for (name, text) in BOOK {
        fs::remove_file(book.join(name)).unwrap();
        if name != "inner.j2" {
            let buffer = Overlay::new(disk.clone()).with(&book.join(name), text).into();
            assert_eq!(planned(&buffer, &book), on_disk, "{name}");
        }
        fs::write(book.join(name), "${").unwrap();
        assert_ne!(planned(&disk, &book), on_disk, "{name}");
        let buffer = Overlay::new(disk.clone()).with(&book.join(name), text).into();
        assert_eq!(planned(&buffer, &book), on_disk, "{name}");
        assert_eq!(planned(&revision, &book), on_disk, "{name}");
        write(&book, &[(name, text)]);
    }
}

#[cfg(unix)]
#[test]
fn messages_name_the_same_places() {
    for (name, wrong, place) in MISTAKES {
        let repository = tempfile::tempdir().unwrap();
        let files = BOOK.map(|(path, text)| (path, if path == name { wrong } else { text }));
        let book = committed(repository.path(), &files);
        let revision = Revision::open("HEAD", &book).unwrap().into();
        let in_revision = planned(&revision, &book);
        assert!(in_revision.0.is_none() && in_revision.1.contains(place), "{wrong}: {}", in_revision.1);
        write(&book, &BOOK);
        let buffer = Overlay::new(SharedFileSystem::default()).with(&book.join(name), wrong).into();
        assert_eq!(planned(&buffer, &book), in_revision, "{wrong}");
        write(&book, &files);
        assert_eq!(planned(&SharedFileSystem::default(), &book), in_revision, "{wrong}");
    }
}

#[cfg(unix)]
#[test]
fn a_revision_says_which_files_it_does_not_have() {
    for (value, expected) in [
        ("file(\"/etc/hostname\")", "the revision has only files in the repository"),
        ("fileexists(\"/etc/hostname\")", "the revision has only files in the repository"),
        ("join(\"\", fileset(\"/etc\", \"*\"))", "the revision has only files in the repository"),
        ("join(\"\", fileset(\".\", \"**\"))", "`book/sub` is a submodule"),
        ("file(\"sub/x\")", "`book/sub` is a submodule"),
    ] {
        let repository = tempfile::tempdir().unwrap();
        let main = format!("step \"put\" \"a\" {{ value = {value} }}");
        let book = committed(repository.path(), &[("main.runbook.hcl", &main)]);
        let id = "160000,1111111111111111111111111111111111111111,book/sub";
        git(repository.path(), &["update-index", "--add", "--cacheinfo", id]);
        git(repository.path(), &["commit", "--quiet", "-m", "two"]);
        let revision = Revision::open("HEAD", &book).unwrap().into();
        let (plan, found) = planned(&revision, &book);
        assert!(plan.is_none() && found.contains(expected), "{value}: {found}");
    }
}

/// Files of the engine that read the disk themselves, with the reason.
const READERS: [(&str, &str); 5] = [
    ("syntax/read.rs", "checks the files that steps send from the machine that runs, before the run"),
    ("plan/fingerprint.rs", "digests the files that steps send from the machine that runs"),
    ("plan/made_files.rs", "asks whether a file is there that a program of the run may make"),
    ("plan/sent_file.rs", "tells the sizes of the files that steps send from the machine that runs"),
    ("plan/file/facts.rs", "digests the files that steps send from the machine that runs"),
];

/// Ways to read the disk.
const READS: [&str; 14] = [
    "std::fs",
    "fs::",
    "File::open",
    "open_plain",
    "read_plain",
    "metadata()",
    "canonicalize(",
    "read_dir(",
    "read_link(",
    ".exists()",
    "try_exists(",
    ".is_dir()",
    ".is_file()",
    ".is_symlink()",
];

fn readers(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.ends_with("tests") || entry.ends_with("tests.rs") {
            continue;
        }
        if entry.is_dir() {
            readers(&entry, found);
        } else {
            let text = fs::read_to_string(&entry).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            if code.into_iter().any(|line| READS.iter().any(|read| line.contains(read))) {
                found.push(entry);
            }
        }
    }
}

#[test]
fn loading_and_evaluating_read_no_file_past_the_file_system() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for stage in ["diagnostic", "syntax", "format", "expression", "runbook", "explain", "graph", "plan"] {
        readers(&root.join(stage), &mut found);
    }
    let mut found: Vec<_> = found.iter().map(|path| path.strip_prefix(&root).unwrap()).collect();
    let mut expected: Vec<_> = READERS.iter().map(|(path, _)| Path::new(path)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "these files read the disk themselves; READERS lists those that may");
}
