//! Tests each rule by example, and properties of all texts.

mod properties;
mod rules;
