//! The engine from outside.

mod derive;
