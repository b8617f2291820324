//! The runbook when services fail.
