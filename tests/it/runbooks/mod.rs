//! The runbooks, each with the real parts that it acts on: run, run again, killed, resumed and undone.

mod audit;
#[cfg(unix)]
mod certificate;
#[cfg(unix)]
mod fleet;
mod jumpstart;
mod life;
#[cfg(unix)]
mod login;
#[cfg(unix)]
mod nginx;
#[cfg(unix)]
mod onboard;
#[cfg(unix)]
mod pages;
#[cfg(unix)]
mod port;
#[cfg(unix)]
mod postgres;
#[cfg(unix)]
mod prepare;
mod scene;
#[cfg(unix)]
mod silent;
