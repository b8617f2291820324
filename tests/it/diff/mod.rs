//! `arcbook diff`: the difference between two runbooks in meaning.

mod edits;
mod pages;
mod properties;
mod revisions;
mod support;
