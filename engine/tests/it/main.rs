//! The engine from outside.

mod conformance;
mod derive;
mod runs;
mod stages;
mod support;
