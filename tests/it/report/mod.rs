//! `arcbook report`: runs, plans and runbooks as one document.

mod browser;
mod content;
mod edges;
mod hostile;
mod other_plan;
