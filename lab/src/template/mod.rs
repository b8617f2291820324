//! Templates of deployments: their expressions, and the resources and outputs that they declare.
//!
//! The functions are those that `docs/lab.md` lists; anything else is an error of the template.

mod evaluate;
mod expression;
mod template;

pub(crate) use template::{Declared, Parameter, Place, Template};
