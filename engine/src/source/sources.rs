//! Holds all source files of one runbook.

use super::{FileId, Position, SourceFile, Span};

/// The files read so far; a [`Span`] is valid only with the `Sources` that it came from.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Returns an empty set of files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file and returns its ID.
    ///
    /// # Panics
    ///
    /// Panics with more than 2³² files.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 files"));
        self.files.push(file);
        id
    }

    /// Replaces a file, so that input read line by line needs the memory of one line.
    ///
    /// Spans of the earlier text become invalid.
    ///
    /// # Panics
    ///
    /// Panics if `id` belongs to other `Sources`.
    pub fn replace(&mut self, id: FileId, file: SourceFile) {
        self.files[id.0 as usize] = file;
    }

    /// Returns the file with that ID.
    ///
    /// # Panics
    ///
    /// Panics if `id` belongs to other `Sources`.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Returns all files with their IDs, in insertion order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// Returns the text of a span; empty if the span does not fit the file.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text().get(span.range()).unwrap_or_default()
    }

    /// Returns the start position of a span.
    #[must_use]
    pub fn start(&self, span: Span) -> Position {
        self.file(span.file).position(span.range().start)
    }
}
