//! Describes the use of files and programs on this machine.

use std::path::{Path, PathBuf};

use crate::expression::TemplateLanguage;
use crate::program;
use crate::step::{Syntax, Text, Texts};

/// A regular file that a step reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// The path; a relative one is based on the runbook's directory.
    pub path: Text,
    /// The argument that names it.
    pub argument: &'static str,
    /// The size limit, in bytes.
    pub most: u64,
    /// True if the file is an input of the step: it must exist before the run, and its content counts for the
    /// plan. Otherwise the step only compares its state.
    pub is_input: bool,
    /// The template that the file holds, if it holds one: its syntax is checked before the run.
    pub template: Option<TemplateUse>,
}

/// The use of a file as a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateUse {
    /// The language.
    pub language: TemplateLanguage,
    /// The names of the variables that it gets; none if they are not known yet.
    pub names: Option<Vec<String>>,
}

/// A directory that a step looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryRead {
    /// The path; a relative one is based on the runbook's directory.
    pub path: Text,
}

/// A directory that a step makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryMake {
    /// The path; a relative one is based on the runbook's directory.
    pub path: Text,
    /// The permission bits, such as `0o755`; none if those of an existing directory are kept, or not known yet.
    pub mode: Option<u32>,
}

/// A directory that a step removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryRemove {
    /// The path; a relative one is based on the runbook's directory.
    pub path: Text,
    /// True if everything in it is removed too; otherwise it must be empty.
    pub recursive: bool,
}

/// A file that a step writes.
///
/// The write includes the temporary file beside it, and the file that keeps its prior content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWrite {
    /// The path; a relative one is based on the runbook's directory.
    pub path: Text,
    /// The permission bits, such as `0o600`; none if those of an existing file are kept, or not known yet.
    pub mode: Option<u32>,
}

/// A program that a step runs, without a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// The program and its arguments.
    pub argv: Texts,
    /// The names of the environment variables that the program gets beside the usual ones, in order.
    pub environment: Texts,
    /// The working directory; a relative one is based on the runbook's directory. None is that directory.
    pub directory: Option<Text>,
    /// True if it is a program of the embedded lab, which changes the lab and nothing else.
    pub of_lab: bool,
}

/// Returns a text that is known and public.
fn plain(text: &Text) -> Option<String> {
    text.reveal().filter(|_| !text.is_sensitive())
}

impl FileRead {
    /// Returns the reading of an input of at most `most` bytes.
    #[must_use]
    pub fn input(path: Text, argument: &'static str, most: u64) -> Self {
        Self { path, argument, most, is_input: true, template: None }
    }

    /// Declares that the file is a template.
    #[must_use]
    pub fn template(self, language: TemplateLanguage, names: Option<Vec<String>>) -> Self {
        Self { template: Some(TemplateUse { language, names }), ..self }
    }

    /// Returns the reading of a file whose state the step compares; it may be missing.
    #[must_use]
    pub fn state(path: Text, argument: &'static str) -> Self {
        Self { path, argument, most: u64::MAX, is_input: false, template: None }
    }
}

impl Process {
    /// Returns the files that the process runs, as paths that are based on the runbook's directory: its program, and the
    /// scripts that interpreters read.
    ///
    /// Arguments that are sensitive count as unknown.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let argv: Vec<Option<String>> = self.argv.known().unwrap_or_default().iter().map(plain).collect();
        let words: Vec<Option<&str>> = argv.iter().map(Option::as_deref).collect();
        program::files(&words).iter().filter_map(|path| self.based(path)).collect()
    }

    /// Returns a path of the process as one that is based on the runbook's directory.
    fn based(&self, path: &str) -> Option<PathBuf> {
        let directory = self.directory.as_ref().map_or_else(|| Some(String::new()), plain)?;
        Some(Path::new(&directory).join(path))
    }

    /// Returns true if the program, its arguments, its environment and its directory are known.
    pub(super) fn is_known(&self) -> bool {
        let is_known = |text: &Text| text.reveal().is_some();
        self.argv.is_known() && self.environment.is_known() && self.directory.as_ref().is_none_or(is_known)
    }

    /// Returns true if `actual`, which must be known, was planned by this process.
    pub(super) fn admits(&self, actual: &Self) -> bool {
        let directory = match (&self.directory, &actual.directory) {
            (None, None) => true,
            (Some(planned), Some(actual)) => {
                actual.reveal().is_some_and(|text| planned.admits(&text, Syntax::Plain))
            }
            _ => false,
        };
        let lab = self.of_lab == actual.of_lab;
        lab && directory && self.argv.admits(&actual.argv) && self.environment.admits(&actual.environment)
    }
}
