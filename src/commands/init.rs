//! `arcbook init`.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use arcbook_engine::diagnostic::{Diagnostic, visible_line};
use arcbook_engine::source::open_plain;
use serde_json::json;

use super::{failed, wrong};
use crate::exit::Exit;
use crate::screen::Screen;
use crate::shell::quoted;

/// The suffixes of the files that are part of the runbook in a directory.
const PARTS: [&str; 4] = [".runbook.hcl", ".lab.hcl", ".auto.vars.hcl", ".auto.vars.json"];

/// The file that keeps records out of a git repository, the directory of all records, and the text of the file.
const IGNORED: &str = ".gitignore";
const RECORDS: &str = ".arcbook";
const IGNORE: &str = "# The records of runs belong to the machine.\n.arcbook/\n";

/// The most bytes of a `.gitignore` that are searched.
const LONGEST: u64 = 1 << 20;

/// The commands to type next.
const NEXT: [&str; 2] = ["arcbook plan", "arcbook run -lab"];

#[derive(clap::Args)]
pub struct Arguments {
    /// The directory of the new runbook, which is created if it is missing.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// The runbook to start from.
    #[arg(long, value_enum, default_value_t = Template::Lab)]
    template: Template,
}

/// A runbook to start from. Its files are those of a directory in `templates/`.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Template {
    /// Finds the vault beside the machine, reads a secret and uploads a report.
    Lab,
    /// Reads one secret.
    Secret,
    /// Sets an Arc-enabled server up: providers, tags, a right and a check.
    Onboard,
}

impl Template {
    /// Returns the files of the template, each with its name and text.
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Lab => &[("main.runbook.hcl", include_str!("../../templates/lab/main.runbook.hcl"))],
            Self::Secret => &[("main.runbook.hcl", include_str!("../../templates/secret/main.runbook.hcl"))],
            Self::Onboard => &[
                ("main.runbook.hcl", include_str!("../../templates/onboard/main.runbook.hcl")),
                ("onboard.lab.hcl", include_str!("../../templates/onboard/onboard.lab.hcl")),
            ],
        }
    }
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let directory = &arguments.directory;
    if let Err(error) = fs::create_dir_all(directory) {
        return failed(screen, no_directory(directory, &error));
    }
    let present = match names(directory) {
        Ok(present) => present,
        Err(error) => return failed(screen, no_directory(directory, &error)),
    };
    let mut files = arguments.template.files().to_vec();
    let conflicts: Vec<_> = present.iter().filter(|name| is_conflict(name, &files)).collect();
    if !conflicts.is_empty() {
        return wrong(screen, not_empty(directory, &conflicts));
    }
    let has_ignored = present.iter().any(|name| name == IGNORED);
    if !has_ignored {
        files.push((IGNORED, IGNORE));
    }
    match create_all(directory, &files) {
        Ok(created) => report(directory, &created, screen),
        Err((path, error)) => return failed(screen, not_written(&path, &error)),
    }
    if has_ignored && !ignores_records(&directory.join(IGNORED)) && !screen.json {
        screen.line(&format!(
            "\nThere is a {IGNORED} already: add the line `{RECORDS}/` to it. The records of runs belong to the machine."
        ));
    }
    Exit::Done
}

/// Returns the sorted names in a directory.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    let mut names: Vec<_> =
        entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// Returns true if the file of that name would become part of the runbook, or would be overwritten.
fn is_conflict(name: &str, files: &[(&str, &str)]) -> bool {
    let is_part = !name.starts_with('.') && PARTS.iter().any(|ending| name.ends_with(ending));
    is_part || files.iter().any(|(own, _)| *own == name)
}

/// Creates all files or none, and returns their paths.
fn create_all(directory: &Path, files: &[(&str, &str)]) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut created = Vec::new();
    for (name, text) in files {
        let path = if directory == Path::new(".") { PathBuf::from(name) } else { directory.join(name) };
        // A file that appeared in the meantime is somebody else's: it is neither replaced nor removed.
        let written = File::create_new(&path).and_then(|mut file| {
            created.push(path.clone());
            file.write_all(text.as_bytes())
        });
        if let Err(error) = written {
            for path in created {
                // The first error is the one to report.
                let _ = fs::remove_file(path);
            }
            return Err((path, error));
        }
    }
    Ok(created)
}

/// Returns true if a `.gitignore` names the directory of the records.
fn ignores_records(path: &Path) -> bool {
    let mut text = String::new();
    let read = open_plain(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
    let names_records = |line: &str| !line.starts_with(['#', '!']) && line.contains(RECORDS);
    read.is_ok() && text.lines().any(names_records)
}

fn report(directory: &Path, created: &[PathBuf], screen: &Screen) {
    let created: Vec<_> = created.iter().map(|path| path.display().to_string()).collect();
    if screen.json {
        screen.object(
            &json!({ "created": created, "directory": directory.display().to_string(), "next": NEXT }),
        );
        return;
    }
    for path in &created {
        screen.line(&visible_line(&format!("Created {path}.")));
    }
    screen.line("\nNext:");
    if directory != Path::new(".") {
        let place = directory.to_string_lossy();
        // `cd` would take it for an option.
        let place = if place.starts_with('-') { format!("./{place}") } else { place.into_owned() };
        screen.line(&visible_line(&format!("  cd {}", quoted(&place))));
    }
    for command in NEXT {
        screen.line(&format!("  {command}"));
    }
}

fn no_directory(directory: &Path, error: &io::Error) -> Diagnostic {
    let summary = format!("the directory {} cannot be used", directory.display());
    let reason = if directory.is_file() { "It is a file.".to_owned() } else { format!("{error}.") };
    Diagnostic::error("directory-not-usable", summary)
        .detail(reason)
        .help("name a new or an empty directory in which you may create files: `arcbook init DIR`")
}

fn not_empty(directory: &Path, conflicts: &[&String]) -> Diagnostic {
    let names: Vec<_> = conflicts.iter().map(|name| name.as_str()).collect();
    let place =
        if directory == Path::new(".") { "here".to_owned() } else { format!("in {}", directory.display()) };
    Diagnostic::error("runbook-exists", format!("there are files of a runbook {place} already"))
        .detail(format!("They would be overwritten, or become part of the new one: {}.", names.join(", ")))
        .help("name another directory: `arcbook init DIR`")
}

fn not_written(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error("file-not-written", format!("{} could not be created", path.display()))
        .detail(format!("{error}. Nothing was created."))
        .help("name a new or an empty directory in which you may create files: `arcbook init DIR`")
}
