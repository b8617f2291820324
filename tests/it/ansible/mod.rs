//! The Ansible collection, run by a real Ansible over several machines, each with a lab of its own.

mod documents;
mod failures;
mod files;
mod machines;
mod module;
mod role;
mod secrets;
