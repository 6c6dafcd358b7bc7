//! People at browsers and a bot on the official SDK: `tests/web` against a machine.

use std::path::PathBuf;
use std::process::Command;

use crate::error::{Fault, Outcome};
use crate::machine::Machine;
use crate::place::{node, place, root};
use crate::status_page::StatusPage;
use crate::tools;

/// What an emulated machine is slower than a real one.
const SLOWNESS: &str = "8";

/// Plays one scenario of `tests/web`. `before`: words that enter the machine's network.
pub(crate) fn play(scenario: &str, machine: &Machine, page: &StatusPage, before: &[String]) -> Outcome<()> {
    let place = place()?;
    let mut words: Vec<std::ffi::OsString> = before.iter().map(Into::into).collect();
    words.push(node());
    words.extend(["main.js", "--only", scenario, "--slowness", SLOWNESS].map(Into::into));
    words.extend(["--at".into(), format!("127.0.0.1:{}", machine.ports.https).into()]);
    words.extend(["--fingerprint".into(), page.fingerprint.clone().into()]);
    words.extend(["--code".into(), page.code.clone().unwrap_or_default().into()]);
    words.extend(["--kept".into(), kept()?.into(), "--screenshots".into(), place.reports.clone().into()]);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(root().join("tests/web"));
    let said = tools::output(&format!("tests/web, {scenario}"), &mut command)?;
    println!("{}", said.trim());
    Ok(())
}

/// What the first run leaves for later ones: names, passwords, the recovery key.
pub(crate) fn kept() -> Outcome<PathBuf> {
    Ok(place()?.state.join("first-run.json"))
}

pub(crate) fn recovery_key() -> Outcome<String> {
    let file = kept()?;
    let text = std::fs::read_to_string(&file).map_err(Fault::file("read", &file))?;
    let kept: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| Fault::Wrong(format!("{}: {error}", file.display())))?;
    let key = kept["key"].as_str().map(str::to_owned);
    key.ok_or_else(|| Fault::Wrong(format!("no recovery key in {}", file.display())))
}

/// The page itself, as curl gets it. The certificate is looked at by the browser.
pub(crate) fn served(machine: &Machine, before: &[String]) -> Outcome<()> {
    let address = format!("https://127.0.0.1:{}/", machine.ports.https);
    let words = ["curl", "--silent", "--show-error", "--insecure", "--max-time", "60"];
    let again = ["--retry", "30", "--retry-all-errors", "--retry-delay", "3", "--retry-max-time", "600", &address];
    let all: Vec<&str> = before.iter().map(String::as_str).chain(words).chain(again).collect();
    let page = tools::output("asking for the page", Command::new(all[0]).args(&all[1..]))?;
    if !page.to_ascii_lowercase().contains("<!doctype html") {
        return Err(Fault::Wrong(format!("{address} answers, but with no page: {page}")));
    }
    machine.note("page served");
    Ok(())
}

/// Where port 80 sends people, with the status of the answer.
pub(crate) fn redirection(machine: &Machine) -> Outcome<String> {
    let address = format!("http://127.0.0.1:{}/", machine.ports.http);
    let words = ["--silent", "--show-error", "--max-time", "60", "--output", "/dev/null"];
    let mut command = Command::new("curl");
    command.args(words).args(["--write-out", "%{http_code} %{redirect_url}", &address]);
    tools::output("asking port 80", &mut command)
}
