//! Reads blobs in order.

use arcbook_engine::step::{Action, ErrorKind, StepError};

use super::download::{BlobVersion, read_range};
use super::parts::parts;
use crate::session::{Session, line};

/// Passes the content of a version of the blob that `get` reads to `take`, range by range.
pub(crate) async fn read_in_ranges(
    session: &Session,
    get: &Action,
    version: &BlobVersion,
    mut take: impl FnMut(&[u8]),
) -> Result<(), StepError> {
    for range in parts(version.size, session.azure().transfers().sizes.range) {
        let read = read_range(session, get, version, &range).await;
        take(&read.map_err(|error| if error.status() == Some(412) { changed(get) } else { error })?.body);
    }
    Ok(())
}

fn changed(get: &Action) -> StepError {
    StepError::new(ErrorKind::Refused, "another client changed the blob while it was read")
        .request(line(get))
        .help("run again when no other client writes to the blob")
}
