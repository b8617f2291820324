//! `arcbook export`: a runbook as commands of curl and jq, which send what the runbook sends.

mod options;
mod refusals;
mod results;
mod scene;
mod scripts;
