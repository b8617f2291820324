//! The step types of arcbook and the clients they share.
