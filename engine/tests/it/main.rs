//! The engine from outside.

mod conformance;
mod derive;
mod runs;
mod specification;
mod stages;
mod support;
