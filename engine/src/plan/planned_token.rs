//! Defines the tokens of a plan.

use crate::graph::Acting;
use crate::step::Audience;

/// A planned token.
#[derive(Clone)]
pub struct PlannedToken {
    /// The identity that it is for.
    pub acting: Acting,
    /// The audience.
    pub audience: Audience,
    /// The addresses of the steps that need it.
    pub steps: Vec<String>,
}
