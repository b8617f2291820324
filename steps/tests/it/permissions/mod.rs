//! The permissions that step types declare: those of one table, enough for each step, and none too many.

mod case;
mod cases;
mod comparison;
mod declared;
mod granted;
mod least;
mod matching;
mod report;
mod table;
