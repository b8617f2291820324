//! Represents the values of expressions.
//!
//! A [`Value`] is data or unknown, and carries [`Marks`]. Unknown values make plans possible; marks prevent
//! leaks. Containers are shared, so cloning a value costs a reference count.

mod access;
#[cfg(test)]
pub(crate) mod arbitrary;
mod characters;
mod compatible;
mod constraint;
mod convert;
mod decimal;
mod entries;
mod equality;
mod float;
mod json;
mod kind;
mod marks;
mod names;
mod notation;
mod number;
mod origins;
mod pattern;
mod quote;
mod set;
mod show;
mod stray;
mod text_builder;
mod unify;
mod unknown;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod value;
mod weight;

pub use access::{AccessError, attribute, index};
pub use characters::characters;
pub use compatible::conversion;
pub use constraint::{AttributeConstraint, TypeConstraint};
pub use convert::{ConvertError, PathStep, convert};
pub use entries::Entries;
pub use equality::equals;
pub use json::JsonError;
pub use kind::{ObjectType, Type};
pub use marks::Marks;
pub use number::{Number, NumberError};
pub use origins::{Origin, Origins, RUN, read_unknown};
pub use pattern::{Pattern, TextKind, TextPart};
pub(crate) use quote::push_escaped;
pub use quote::quote;
pub use show::{Layout, show, show_inline, unseen_difference};
pub use stray::{Stray, strays};
pub use text_builder::TextBuilder;
pub use unify::unify;
pub use unknown::Unknown;
pub use value::{Data, Value};
pub use weight::Weight;
