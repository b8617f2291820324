//! The engine from outside.

mod derive;
mod runs;
mod stages;
mod support;
