//! Each rule by example, and what holds for every text.

mod properties;
mod rules;
