//! `arcbook fmt`.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::format::format;
use arcbook_engine::runbook::quote_nothing;
use arcbook_engine::source::{Disk, FileId, SourceFile, Sources};
use arcbook_engine::syntax::{self, read_source, read_source_from};
use clap::ArgAction;
use serde_json::json;
use similar::TextDiff;

use crate::exit::Exit;
use crate::replace::replace;
use crate::screen::Screen;

/// The suffixes of the files that are formatted in a directory.
const ENDINGS: [&str; 3] = [".runbook.hcl", ".lab.hcl", ".vars.hcl"];
/// The path of standard input.
const STANDARD_INPUT: &str = "-";
/// The time limit of the search for the shortest diff of two texts.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Arguments {
    /// Files, directories (their `*.runbook.hcl`, `*.lab.hcl` and `*.vars.hcl` files), or `-` to read
    /// standard input and write standard output.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Write no file; exit with 3 if any file is not formatted.
    #[arg(long)]
    check: bool,
    /// Print the changes as a diff.
    #[arg(long)]
    diff: bool,
    /// Also format files in subdirectories.
    #[arg(long)]
    recursive: bool,
    /// Print the names of the files that change.
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    list: bool,
    /// Write the formatted files.
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    write: bool,
}

/// A file and its formatted text.
struct LaidOut<'a> {
    source: &'a SourceFile,
    text: String,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let files = arguments.read(&mut sources, &mut found);
    let laid_out: Vec<_> = files.iter().filter_map(|file| found.take(lay_out(&sources, *file))).collect();
    let mut unwritten = false;
    for file in &laid_out {
        if let Err(error) = arguments.finish(file, screen) {
            found.push(not_written(file.source.path(), &error));
            unwritten = true;
        }
    }
    screen.diagnostics(&found, &sources);
    match found.has_errors() {
        true if unwritten => Exit::Failed,
        true => Exit::Wrong,
        false if arguments.check && laid_out.iter().any(LaidOut::is_changed) => Exit::Wrong,
        false => Exit::Done,
    }
}

impl Arguments {
    fn is_standard_input(&self) -> bool {
        self.paths == [Path::new(STANDARD_INPUT)]
    }

    fn writes(&self) -> bool {
        self.write && !self.check && !self.is_standard_input()
    }

    fn lists(&self) -> bool {
        self.list && !self.is_standard_input()
    }

    fn read(&self, sources: &mut Sources, found: &mut Diagnostics) -> Vec<FileId> {
        if self.is_standard_input() {
            let source = found.take(read_source_from(Path::new("<stdin>"), io::stdin().lock()));
            return source.map(|source| sources.add(discreet(source))).into_iter().collect();
        }
        let mut paths = Vec::new();
        for path in &self.paths {
            self.find(path, &mut paths, found);
        }
        let read = |path: &PathBuf| found.take(read_source(path, &Disk));
        paths.iter().filter_map(read).map(|source| sources.add(discreet(source))).collect()
    }

    /// Adds the files at `path`.
    fn find(&self, path: &Path, paths: &mut Vec<PathBuf>, found: &mut Diagnostics) {
        if path.is_dir() {
            let searched = self.find_in(path, paths, found);
            found.take(searched.map_err(|error| unreadable(path, &error)));
        } else if path.extension().is_none_or(|ending| ending != "hcl") {
            found.push(not_hcl(path));
        } else {
            paths.push(path.to_owned());
        }
    }

    fn find_in(&self, directory: &Path, paths: &mut Vec<PathBuf>, found: &mut Diagnostics) -> io::Result<()> {
        let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let text = name.to_string_lossy();
            if is_passed_over(&text) {
                continue;
            }
            let path = if directory == Path::new(".") { PathBuf::from(&name) } else { directory.join(&name) };
            if !entry.file_type()?.is_dir() {
                paths.extend(ENDINGS.iter().any(|ending| text.ends_with(ending)).then_some(path));
            } else if self.recursive {
                self.find(&path, paths, found);
            }
        }
        Ok(())
    }

    /// Writes a file and reports the change.
    fn finish(&self, file: &LaidOut<'_>, screen: &Screen) -> io::Result<()> {
        let changed = file.is_changed();
        if changed && self.writes() {
            replace(file.source.path(), &file.text)?;
        }
        let text = !self.lists() && !self.writes() && !self.diff && !self.check;
        if screen.json {
            self.report(file, text, screen);
            return Ok(());
        }
        if changed && self.lists() {
            screen.line(&file.name());
        }
        if changed && self.diff {
            screen.print(&file.diff());
        }
        if text {
            screen.print_exactly(&file.as_lines());
        }
        Ok(())
    }

    /// Reports a file as JSON.
    fn report(&self, file: &LaidOut<'_>, text: bool, screen: &Screen) {
        let mut object = json!({ "file": file.name(), "changed": file.is_changed() });
        if self.diff {
            object["diff"] = file.diff().into();
        }
        if text {
            object["text"] = file.as_lines().into();
        }
        screen.object(&object);
    }
}

/// Keeps messages from quoting a variable file, which may contain secrets. Such a file has no blocks.
fn discreet(source: SourceFile) -> SourceFile {
    let opens_block = |line: &str| line.trim_end().ends_with('{') && !line.contains('=');
    let is_named_so = source.path().to_string_lossy().ends_with(".vars.hcl");
    let holds_values = is_named_so || !source.text().lines().any(opens_block);
    if holds_values { source.confidential() } else { source }
}

impl LaidOut<'_> {
    fn is_changed(&self) -> bool {
        self.source.text() != self.text
    }

    /// The text as it is printed: a line break ends it, as with `terraform fmt -`.
    fn as_lines(&self) -> Cow<'_, str> {
        if self.text.ends_with('\n') { Cow::Borrowed(&self.text) } else { format!("{}\n", self.text).into() }
    }

    fn name(&self) -> String {
        self.source.path().display().to_string()
    }

    fn diff(&self) -> String {
        let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(self.source.text(), &self.text);
        let name = self.name();
        diff.unified_diff().header(&format!("old/{name}"), &format!("new/{name}")).to_string()
    }
}

fn lay_out(sources: &Sources, file: FileId) -> Result<LaidOut<'_>, Diagnostics> {
    let source = sources.file(file);
    syntax::parse_for_layout(sources, file).whole().map_err(|found| {
        if source.is_confidential() {
            quote_nothing(&found, &source.path().display().to_string(), sources)
        } else {
            found
        }
    })?;
    Ok(LaidOut { source, text: format(source.text()) })
}

/// Returns whether a directory entry is skipped: a hidden file, or a backup file of an editor.
fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

fn not_hcl(path: &Path) -> Diagnostic {
    if !path.exists() {
        return Diagnostic::error("file-not-found", format!("there is no file {}", path.display()))
            .help("check the name and the current directory");
    }
    Diagnostic::error(
        "not-hcl",
        format!("{} is not formatted: its name does not end in .hcl", path.display()),
    )
    .help("name a directory, or files that end in .hcl")
}

fn unreadable(directory: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error("directory-not-readable", format!("{} cannot be read", directory.display()))
        .detail(format!("{error}."))
        .help("give yourself read access to it, or name the files")
}

fn not_written(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error("file-not-written", format!("{} could not be changed", path.display()))
        .detail(format!("{error}."))
        .help("give yourself write access to it and its directory; `-write=false -diff` shows what would change")
}
