//! Export of a run to an OpenTelemetry collector, when the environment asks for it.
//!
//! [`Settings`] are what the environment says; [`spans`] makes OTLP of the engine's spans; [`Telemetry`] sends them while
//! the run goes on. A collector never fails or holds up a run.

mod message;
mod settings;
mod spans;
mod telemetry;

pub use telemetry::Telemetry;

use settings::Settings;
