//! `arcbook report`: runs, plans and runbooks as one document.

mod browser;
mod content;
mod hostile;
