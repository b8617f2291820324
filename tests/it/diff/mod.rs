//! `arcbook diff`: the difference between two runbooks in meaning.

mod edits;
mod pages;
mod privilege;
mod properties;
mod revisions;
mod support;
