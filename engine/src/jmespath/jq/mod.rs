//! Writes queries as filters of jq, for people who have jq and no arcbook.
//!
//! A filter gives the same result as its query, or jq stops with an error: where a query finds nothing in a value of another
//! type, jq may stop.

mod call;
mod definition;
mod filter;
mod write;

pub use definition::Definition;
pub use filter::Filter;
pub use write::NoFilter;
