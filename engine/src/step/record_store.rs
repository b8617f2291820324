//! Defines the places outside of the machine that keep records.

use std::path::Path;
use std::sync::Arc;

use super::{Action, ArgumentError, ArgumentValues, BoxFuture, Context, Field, Group, StepError, Title};

/// A place outside of the machine that keeps the records of runs.
///
/// A record there is never changed: it is created once, and a name that exists is compared.
pub trait RecordStore: Send + Sync {
    /// Returns the place as [`RecordStoreType::parse`] reads it; each place has one such text.
    fn place(&self) -> &str;

    /// Returns the object that the record of a run becomes, in words.
    fn title(&self) -> Title;

    /// Returns the actions by which a record is uploaded, with gaps for the machine and the run. The store performs
    /// these and no others.
    fn actions(&self) -> Vec<Action>;

    /// Uploads a record, unless the place has it.
    ///
    /// # Errors
    ///
    /// Fails with [`UploadError::Differs`] if another record has its name there.
    fn upload<'a>(
        &'a self,
        record: &'a ClosedRecord<'a>,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Uploaded, UploadError>>;
}

/// A record that nothing is added to any more.
#[derive(Clone, Copy, Debug)]
pub struct ClosedRecord<'a> {
    /// The name of its file at the place, such as `20261126-124525.963-67e2bf.jsonl`.
    pub name: &'a str,
    /// The file.
    pub path: &'a Path,
    /// The host.
    pub host: &'a str,
}

/// A record that the place has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The URL of the record at the place.
    pub url: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// True if the place had it already, with the same bytes.
    pub was_there: bool,
}

/// The reason why the place does not have a record.
#[derive(Clone, Debug)]
pub enum UploadError {
    /// It could not be uploaded, or compared.
    Failed(StepError),
    /// The place has something else under its name.
    Differs {
        /// The URL of the other one.
        url: String,
        /// The SHA-256 of the record, in hexadecimal.
        own: String,
        /// The SHA-256 of the other one; none if it has another length.
        there: Option<String>,
    },
}

impl From<StepError> for UploadError {
    fn from(error: StepError) -> Self {
        Self::Failed(error)
    }
}

/// The kind of places that a `record` block names.
pub trait RecordStoreType: Send + Sync {
    /// Returns the schema of the block.
    fn schema(&self) -> &RecordStoreSchema;

    /// Returns the place that these arguments, which are known, name; returns all errors at once.
    fn prepare(&self, arguments: &ArgumentValues) -> Result<Arc<dyn RecordStore>, Vec<ArgumentError>>;

    /// Returns the place that a text on a command line, or in a record, names; the error is a clause such as
    /// `it must be …`.
    fn parse(&self, place: &str) -> Result<Arc<dyn RecordStore>, String>;
}

/// The schema of a `record` block.
#[derive(Clone, Debug)]
pub struct RecordStoreSchema {
    /// The arguments.
    pub arguments: Vec<Field>,
    /// The rules about several arguments.
    pub groups: &'static [Group],
}

impl RecordStoreSchema {
    /// Returns the argument with that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Field> {
        self.arguments.iter().find(|field| field.name == name)
    }
}
