//! The rules of an audit that know step types and Azure.

mod credentials;
mod delegation;
mod deletion;
mod environment;
mod exposure;
mod needs;
mod rights;
mod sent;
mod settings;
mod written;

use arcbook_engine::audit::Rules;

/// Returns all rules of an audit.
#[must_use]
pub fn rules() -> Rules {
    Rules::with(&[
        rights::RULES,
        needs::RULES,
        credentials::RULES,
        deletion::RULES,
        exposure::RULES,
        environment::RULES,
        settings::RULES,
    ])
}
