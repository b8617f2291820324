//! Keeps secrets out of everything that is written.

mod secrets;

pub use secrets::Secrets;
