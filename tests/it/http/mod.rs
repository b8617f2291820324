//! Tests of the step type `http`.

mod requests;
mod responses;
mod server;
