//! `cargo xtask sdk-coverage`: how much of what the official SDK calls the box serves, and how much of that a test proves.

mod proof;
mod report;
mod table;

use std::process::Command;

use crate::{Failure, Outcome, process};
use table::Table;

/// Prints the count of each service and of all.
///
/// # Errors
/// `NeedsPerson` where nothing is built, `Failed` when the table names a proof or a call that is not there, or says of a
/// call other than the routes of the built executable do.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    if let Some(word) = arguments.first() {
        return Err(Failure::NeedsPerson(format!("`sdk-coverage` takes no `{word}`")));
    }
    let executable = process::executable();
    if !executable.is_file() {
        return Err(Failure::NeedsPerson(String::from("nothing is built yet: cargo xtask build")));
    }
    let table = Table::read(&process::root())?;
    let routes = table::routes(&process::output(Command::new(executable).args(["routes", "--json"]))?)?;
    let mut findings = proof::missing(&table, &process::root());
    findings.extend(table.against(&routes));
    print!("{}", report::text(&table));
    if findings.is_empty() { Ok(()) } else { Err(Failure::Failed(findings.join("\n"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_that_is_said_to_be_served_is_one_of_the_sdk_and_every_proof_is_a_test() {
        let table = Table::read(&process::root()).expect("both files can be read");
        assert_eq!(proof::missing(&table, &process::root()), [""; 0]);
    }
}
