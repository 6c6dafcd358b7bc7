//! The first run: a box that nobody has set up yet is set up in a browser (I8).
//!
//! Who stands before the box reads a one-time code there; whoever enters it may answer the steps. The answers outlive a
//! restart, nothing secret is among them. The end carries out what was answered, in an order that a crash may cut
//! anywhere: until the last stroke the box is one that nobody has set up.
//!
//! A further step is a file in `steps` and a line in [`steps::STEPS`].

mod answer;
mod begin;
mod code;
#[cfg(test)]
mod counting;
mod finish;
mod guesses;
mod recovery_key;
mod steps;
mod tokens;
mod unlock;

pub use answer::{Answers, answer, answers};
pub use begin::{Facts, Setup, Surroundings};
pub use finish::{Finished, address, finish, forget_answers};
pub use recovery_key::{check_recovery_key, make_recovery_key};
pub use unlock::unlock;

/// The names of all steps, in their order.
pub fn steps() -> impl Iterator<Item = &'static str> {
    steps::STEPS.iter().map(|step| step.name())
}
