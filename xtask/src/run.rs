//! `cargo xtask run`: from a clone to a box that answers.

use std::io::{IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Failure, Outcome, build, process};

struct Request {
    data: PathBuf,
    name: String,
    /// Handed to `rainbow-edge run` as they are.
    passed_on: Vec<String>,
}

struct FirstAccount {
    company: String,
    email: String,
    password: String,
}

/// Builds, asks for the first account where there is none, then becomes `rainbow-edge run`.
///
/// # Errors
/// `NeedsPerson` when the data folder is empty and nobody can be asked: it carries the line that makes the box.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let request = read(arguments)?;
    build::executable()?;
    if is_empty(&request.data) {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::NeedsPerson(without_terminal(&request)));
        }
        init(&request, &ask()?)?;
    }
    let error =
        Command::new(process::executable()).args(["run", "--data"]).arg(&request.data).args(&request.passed_on).exec();
    Err(Failure::Failed(format!("{} cannot be started: {error}", process::executable().display())))
}

fn read(arguments: &[String]) -> Result<Request, Failure> {
    let mut request = Request { data: process::root().join("data"), name: own_name(), passed_on: Vec::new() };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" => request.passed_on = words.by_ref().cloned().collect(),
            "--data" => request.data = PathBuf::from(value(word, words.next())?),
            "--name" => request.name.clone_from(value(word, words.next())?),
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

/// The machine's own full name where it has one: the name that others on the network reach it by.
fn own_name() -> String {
    let full = process::output(Command::new("hostname").arg("-f")).unwrap_or_default();
    let full = full.trim();
    if full.contains('.') && !full.starts_with("localhost") { full.to_owned() } else { "localhost".to_owned() }
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

fn ask() -> Result<FirstAccount, Failure> {
    println!("The data folder is empty. The first account owns the box and administers its first company.");
    let company = line("Company name: ")?.trim().to_owned();
    let email = line("Your e-mail address: ")?.trim().to_owned();
    println!(
        "A password has 8 to 64 characters with at least one lower-case and one upper-case letter, one digit and one special character."
    );
    loop {
        let password = hidden_line("Password: ")?;
        if password == hidden_line("The same once more: ")? {
            return Ok(FirstAccount { company, email, password });
        }
        println!("These two differ. Once again.");
    }
}

fn line(prompt: &str) -> Result<String, Failure> {
    loop {
        print!("{prompt}");
        let mut text = String::new();
        let read = std::io::stdout().flush().and_then(|()| std::io::stdin().read_line(&mut text));
        match read {
            Ok(0) | Err(_) => {
                return Err(Failure::NeedsPerson("the terminal was closed; nothing was made".to_owned()));
            }
            Ok(_) if text.trim().is_empty() => {}
            Ok(_) => return Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }
}

fn hidden_line(prompt: &str) -> Result<String, Failure> {
    set_echo("-echo")?;
    let answer = line(prompt);
    set_echo("echo")?;
    println!();
    answer
}

fn set_echo(mode: &str) -> Outcome {
    process::run(Command::new("stty").arg(mode))
}

fn init(request: &Request, account: &FirstAccount) -> Outcome {
    let failed = |error: std::io::Error| Failure::Failed(format!("rainbow-edge init: {error}"));
    let mut child = Command::new(process::executable())
        .args(["init", "--data"])
        .arg(&request.data)
        .args(["--name", &request.name, "--company", &account.company, "--admin", &account.email])
        .stdin(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{}", account.password).map_err(failed)?;
    }
    let status = child.wait().map_err(failed)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Failed("the box was not made; see above what to change".to_owned()))
    }
}

fn without_terminal(request: &Request) -> String {
    format!(
        "The data folder {} is empty and there is no terminal to ask for the first account, so nothing is served.\n\
         Set COMPANY, EMAIL and PASSWORD, make the box, then run the same command again:\n\n    {}\n",
        request.data.display(),
        init_line(request)
    )
}

fn init_line(request: &Request) -> String {
    let [program, data] = [process::executable(), request.data.clone()].map(|path| quoted(&path));
    format!(
        "printf '%s\\n' \"$PASSWORD\" | {program} init --data {data} --name {} --company \"$COMPANY\" --admin \"$EMAIL\"",
        request.name
    )
}

/// As the shell must read it, relative where that is possible: shorter, and the same on every machine.
fn quoted(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let short = path.strip_prefix(&here).unwrap_or(path).display().to_string();
    let plain = short.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-+".contains(letter));
    if plain { short } else { format!("'{}'", short.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Request, init_line, is_empty, quoted, read};

    #[test]
    fn what_follows_two_dashes_is_passed_on_untouched() {
        let words = ["--data", "d", "--", "--https", "0", "--data", "x"].map(str::to_owned);
        let request = read(&words).expect("all of these are known");
        assert_eq!(request.data, PathBuf::from("d"));
        assert_eq!(request.passed_on, ["--https", "0", "--data", "x"]);
    }

    #[test]
    fn an_unknown_word_and_a_missing_value_are_refused() {
        assert!(read(&["--https".to_owned(), "0".to_owned()]).is_err());
        assert!(read(&["--data".to_owned()]).is_err());
    }

    #[test]
    fn the_line_for_people_can_be_typed_as_it_is_even_with_odd_folders() {
        let request =
            Request { data: PathBuf::from("/odd dir/it's"), name: "localhost".to_owned(), passed_on: Vec::new() };
        assert!(init_line(&request).contains(r"--data '/odd dir/it'\''s' --name localhost"));
        assert_eq!(quoted(Path::new("/plain/path")), "/plain/path");
    }

    #[test]
    fn a_folder_that_does_not_exist_is_empty() {
        assert!(is_empty(Path::new("/no/such/folder")));
        assert!(!is_empty(Path::new("/")));
    }
}
