//! Microsoft's clients and arcbook, on the same lab.

mod bench;
mod cli;
mod exchange;
mod management;
mod runbooks;
