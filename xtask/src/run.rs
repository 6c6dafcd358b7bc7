//! `cargo xtask run`: from a clone to a box that answers.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::{Failure, Outcome, build, process};

struct Request {
    data: PathBuf,
    /// Handed to `rainbow-edge run` as they are.
    passed_on: Vec<String>,
}

/// Builds, then becomes `rainbow-edge run`, which begins a setup where there is no box yet.
///
/// # Errors
/// `NeedsPerson` for words that it does not know, `Failed` when it cannot be built or started.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let request = read(arguments)?;
    build::executable()?;
    let error =
        Command::new(process::executable()).args(["run", "--data"]).arg(&request.data).args(&request.passed_on).exec();
    Err(Failure::Failed(format!("{} cannot be started: {error}", process::executable().display())))
}

fn read(arguments: &[String]) -> Result<Request, Failure> {
    let mut request = Request { data: process::root().join("data"), passed_on: Vec::new() };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" => request.passed_on.extend(words.by_ref().cloned()),
            "--data" => request.data = PathBuf::from(value(word, words.next())?),
            "--name" => request.passed_on.extend([word.clone(), value(word, words.next())?.clone()]),
            _ => {
                let text = format!(
                    "run does not know `{word}`; what `rainbow-edge run` knows goes behind `--`, for example: cargo xtask run -- --https 8443"
                );
                return Err(Failure::NeedsPerson(text));
            }
        }
    }
    Ok(request)
}

fn value<'a>(option: &str, next: Option<&'a String>) -> Result<&'a String, Failure> {
    next.ok_or_else(|| Failure::NeedsPerson(format!("{option} needs a value")))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::read;

    #[test]
    fn what_follows_two_dashes_is_passed_on_untouched() {
        let words = ["--data", "d", "--name", "box", "--", "--https", "0", "--data", "x"].map(str::to_owned);
        let request = read(&words).expect("all of these are known");
        assert_eq!(request.data, PathBuf::from("d"));
        assert_eq!(request.passed_on, ["--name", "box", "--https", "0", "--data", "x"]);
    }

    #[test]
    fn an_unknown_word_and_a_missing_value_are_refused() {
        assert!(read(&["--https".to_owned(), "0".to_owned()]).is_err());
        assert!(read(&["--data".to_owned()]).is_err());
    }
}
