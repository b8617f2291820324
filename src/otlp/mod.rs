//! Exports a run to an OpenTelemetry collector, if the environment configures one.
//!
//! [`Settings`] holds the configuration; [`spans`] converts the engine's spans to OTLP; [`Telemetry`] sends
//! them during the run. A collector never fails or delays a run.

mod message;
mod settings;
mod spans;
mod telemetry;

pub use telemetry::Telemetry;

use settings::Settings;
