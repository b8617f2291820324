//! Templates of deployments: their expressions, and the resources and outputs that they declare.
//!
//! The functions are those that `docs/lab.md` lists; anything else is an error of the template.

mod document;
mod evaluate;
mod expression;

pub(crate) use document::{Declared, Parameter, Place, Template};
