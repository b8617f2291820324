//! A place for records that has a name and nothing else.

use std::sync::Arc;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentValues, Arguments, BoxFuture, ClosedRecord, Context, ErrorKind, Form,
    HttpRequest, Method, RecordStore, RecordStoreSchema, RecordStoreType, StepError, Text, Title,
    UploadError, Uploaded,
};
use arcbook_engine::value::{Origins, RUN};

/// Names a shelf.
#[derive(Arguments, Clone)]
struct Named {
    /// Name of the shelf.
    name: Arg<String>,
}

/// The kind of shelves.
pub struct Shelves(RecordStoreSchema);

impl Shelves {
    pub fn new() -> Self {
        Self(RecordStoreSchema { arguments: Named::fields(), groups: Named::GROUPS })
    }
}

impl RecordStoreType for Shelves {
    fn schema(&self) -> &RecordStoreSchema {
        &self.0
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Arc<dyn RecordStore>, Vec<ArgumentError>> {
        let Named { name } = Named::take(arguments)?;
        Ok(Arc::new(Shelf(name.value().cloned().unwrap_or_default())))
    }

    fn parse(&self, place: &str) -> Result<Arc<dyn RecordStore>, String> {
        Ok(Arc::new(Shelf(place.to_owned())))
    }
}

/// A shelf on which nothing can be laid.
struct Shelf(String);

impl RecordStore for Shelf {
    fn place(&self) -> &str {
        &self.0
    }

    fn title(&self) -> Title {
        Title::new("sheet").placed(format!("on shelf {}", self.0))
    }

    fn actions(&self) -> Vec<Action> {
        let url =
            Text::from(format!("https://shelf.test/{}/", self.0)).then_unknown(Origins::of(RUN), Form::Path);
        vec![HttpRequest::new(Method::Put, url).action()]
    }

    fn upload<'a>(
        &'a self,
        _record: &'a ClosedRecord<'a>,
        _context: &'a Context,
    ) -> BoxFuture<'a, Result<Uploaded, UploadError>> {
        Box::pin(async { Err(StepError::new(ErrorKind::Refused, "the shelf is full").into()) })
    }
}
