//! All files of one runbook.

use super::{FileId, Position, SourceFile, Span};

/// The files read so far; a [`Span`] means something only together with the `Sources` it came from.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file and gives its number.
    ///
    /// # Panics
    /// With more than 2³² files.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 files"));
        self.files.push(file);
        id
    }

    /// Puts another text in the place of a file, so that what is read line by line takes the room of one line.
    ///
    /// Spans of the earlier text mean nothing any more.
    ///
    /// # Panics
    /// When `id` is of another `Sources`.
    pub fn replace(&mut self, id: FileId, file: SourceFile) {
        self.files[id.0 as usize] = file;
    }

    /// The file with that number.
    ///
    /// # Panics
    /// When `id` is of another `Sources`.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their numbers, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The text a span covers; empty when the span does not fit the file.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text().get(span.range()).unwrap_or_default()
    }

    /// Where a span starts.
    #[must_use]
    pub fn start(&self, span: Span) -> Position {
        self.file(span.file).position(span.range().start)
    }
}
