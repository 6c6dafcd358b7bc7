//! `cargo xtask test`: runs suites one after another and counts them.

use std::time::{Duration, Instant};

use crate::suites::{SUITES, Suite};
use crate::{Failure, Outcome, build};

struct Verdict {
    name: &'static str,
    budget_min: u64,
    took: Duration,
    outcome: Outcome,
}

/// Runs the suites that are named, or all that belong to the whole. Ends with the line `N passed, N failed`, which counts suites.
///
/// # Errors
/// `NeedsPerson` for a name that no suite has, `Failed` when one suite or more failed.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let full = arguments.iter().any(|word| word == "--full");
    let names: Vec<&String> = arguments.iter().filter(|word| *word != "--full").collect();
    if let Some(unknown) = names.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
        return Err(Failure::NeedsPerson(format!("there is no suite `{unknown}`; `cargo xtask help` lists them")));
    }
    let mut built = None;
    let mut verdicts = Vec::new();
    let is_wanted = |suite: &&Suite| names.is_empty() || names.iter().any(|name| *name == suite.name);
    for suite in SUITES.iter().filter(is_wanted) {
        verdicts.push(run(suite, full, &mut built));
    }
    report(&verdicts)
}

/// `built`: what the one build of everything came to, once it was tried.
fn run(suite: &'static Suite, full: bool, built: &mut Option<bool>) -> Verdict {
    if suite.needs_box && built.is_none() {
        *built = Some(build_once());
    }
    println!("\n== {}: {} ==", suite.name, suite.purpose);
    let start = Instant::now();
    let outcome = if suite.needs_box && *built == Some(false) {
        Err(Failure::Failed("the workspace does not build".to_owned()))
    } else {
        (suite.run)(full)
    };
    let verdict = Verdict { name: suite.name, budget_min: suite.budget_min, took: start.elapsed(), outcome };
    println!("{}", line(&verdict));
    verdict
}

fn build_once() -> bool {
    println!("\n== building the workspace ==");
    let start = Instant::now();
    let outcome = build::everything();
    println!("built in {} s", start.elapsed().as_secs());
    match outcome {
        Ok(()) => true,
        Err(Failure::Failed(text) | Failure::NeedsPerson(text)) => {
            println!("{text}");
            false
        }
    }
}

fn report(verdicts: &[Verdict]) -> Outcome {
    println!("\n== summary ==");
    for verdict in verdicts {
        println!("{}", line(verdict));
    }
    let failed = verdicts.iter().filter(|verdict| verdict.outcome.is_err()).count();
    println!("{} passed, {failed} failed", verdicts.len() - failed);
    if failed == 0 { Ok(()) } else { Err(Failure::Failed("not all suites passed".to_owned())) }
}

fn line(verdict: &Verdict) -> String {
    let Verdict { name, budget_min, took, outcome } = verdict;
    let word = match outcome {
        Ok(()) => "passed".to_owned(),
        Err(Failure::Failed(text) | Failure::NeedsPerson(text)) => format!("FAILED: {text}"),
    };
    let over = took.as_secs() > budget_min * 60;
    let warning = if over { format!("  WARNING: over its budget of {budget_min} min") } else { String::new() };
    format!("{name:<8} {:>5} s  {word}{warning}", took.as_secs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Verdict, line, report, start};
    use crate::Failure;

    fn verdict(seconds: u64, outcome: crate::Outcome) -> Verdict {
        Verdict { name: "one", budget_min: 1, took: Duration::from_secs(seconds), outcome }
    }

    #[test]
    fn a_suite_over_its_budget_is_warned_of_and_still_passes() {
        assert!(line(&verdict(61, Ok(()))).contains("WARNING"));
        assert!(!line(&verdict(60, Ok(()))).contains("WARNING"));
        assert!(report(&[verdict(61, Ok(()))]).is_ok());
    }

    #[test]
    fn one_failed_suite_fails_the_run() {
        let failed = verdict(1, Err(Failure::Failed("why".to_owned())));
        assert!(line(&failed).contains("FAILED: why"));
        assert!(report(&[verdict(1, Ok(())), failed]).is_err());
    }

    #[test]
    fn an_unknown_suite_is_refused_before_anything_runs() {
        assert!(start(&["no-such-suite".to_owned()]).is_err());
    }
}
