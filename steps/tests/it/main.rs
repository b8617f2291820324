//! The step types against the lab, and the client against servers that behave badly.

mod faults;
mod identity;
mod secrecy;
mod server;
mod types;
mod warm;
mod world;
