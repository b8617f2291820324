//! Places that keep the records of runs: blob containers.

mod container;
mod fetch;
mod store;
mod store_type;

pub use container::{FetchError, RecordContainer};
pub(crate) use store_type::BlobRecordStores;
