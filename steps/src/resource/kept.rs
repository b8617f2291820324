//! The result of keeping a resource.

use arcbook_engine::step::Change;
use arcbook_engine::value::Value;

use crate::step::Done;

/// A resource as the service shows it after a lookup or a change.
pub(crate) struct KeptResource {
    /// The resource; null if it does not exist.
    pub body: Value,
    /// The `ETag`; none if the type has none, or the resource does not exist.
    pub etag: Option<String>,
    /// The change that this run made.
    pub change: Change,
    /// The proof of the change, for its undo.
    pub(super) receipt: Value,
}

impl KeptResource {
    /// Returns the result of the step, with these outputs and the resource as its response.
    pub fn done<O>(self, output: O) -> Done<O> {
        let done = match self.change {
            Change::None => Done::unchanged(output),
            change => Done::changed(output, change).receipt(self.receipt),
        };
        done.body(self.body)
    }
}
