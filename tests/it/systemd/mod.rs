//! The units for systemd.

mod machine;
mod units;
