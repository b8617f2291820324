//! `runbooks/onboard`, and `offboard` below it.

mod credentials;
mod machine;
mod offboarding;
mod onboarding;
mod removal;
mod rpm;
