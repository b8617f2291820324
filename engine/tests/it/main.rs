//! Tests of the engine through its public interface.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod arguments;
mod characters;
mod codes;
mod conformance;
mod control;
mod derive;
mod disk;
mod ephemeral;
mod events;
mod file_systems;
mod fuzz;
mod identities;
mod instances;
mod jmespath_py;
mod jq;
mod language;
mod late_identities;
mod leaks;
mod lines;
mod messages;
mod modules;
mod nothing;
mod outline;
mod plan_files;
mod plans;
mod prior;
mod refresh;
mod resume;
mod runs;
mod selection;
mod specification;
mod stages;
mod suggestions;
mod support;
mod timeline;
