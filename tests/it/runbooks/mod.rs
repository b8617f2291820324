//! The runbooks, each with the real parts that it acts on: run, run again, killed, resumed and undone.

mod audit;
mod jumpstart;
mod life;
#[cfg(unix)]
mod postgres;
#[cfg(unix)]
mod prepare;
mod scene;
