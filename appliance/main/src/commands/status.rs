use super::ask;
use crate::cli::Status as StatusOptions;
use crate::error::CommandError;
use crate::{admin, folder};
use appliance_contract::{Answer, Recovered, Request, Status};
use std::process::ExitCode;

/// Exit code of a box that does not serve (as `systemctl status` has it).
const NOT_RUNNING: u8 = 3;

/// Says how the box is.
pub(super) fn execute(options: &StatusOptions) -> Result<ExitCode, CommandError> {
    match admin::ask(&options.data, &Request::Status)? {
        Some(Answer::Status(status)) => {
            if options.json {
                let text = serde_json::to_string_pretty(&status)
                    .map_err(|e| CommandError::Usage(format!("the status cannot be written as JSON: {e}")))?;
                println!("{text}");
            } else {
                print(&status);
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(answer) => Err(ask::other(answer)),
        None => {
            if options.json {
                println!("{{\"ready\": false}}");
            } else {
                let state = if folder::holds_box(&options.data) { "not running" } else { "not set up yet" };
                println!("{state}: start it with rainbow-edge run --data {}", options.data.display());
            }
            Ok(ExitCode::from(NOT_RUNNING))
        }
    }
}

fn print(status: &Status) {
    println!("ready       {}", if status.ready { "yes" } else { "no" });
    if let Some(setup) = &status.setup {
        println!("setup       nobody has set this box up yet: open the address in a browser and enter the code");
        println!("code        {}", setup.code.reveal());
        println!("fingerprint {}", setup.fingerprint);
        println!("next step   {}", setup.step.as_deref().unwrap_or("the end"));
    }
    println!("version     {}", status.version);
    println!("address     {}", status.address);
    println!("domain      {}", status.domain);
    println!("CA file     {}", status.ca_file);
    println!("certificate {}", super::certificate::in_words(&status.certificate));
    println!("companies   {}", status.companies);
    println!("users       {}", status.users);
    super::backup::print_standing(&status.backups);
    for recovered in &status.recovered {
        println!("recovered   {}", recovery_in_words(recovered));
    }
    for turn in &status.turns {
        println!("key         {}: {}", turn.database, super::vault::stage_in_words(turn));
    }
    for warning in &status.warnings {
        println!("warning     {warning}");
    }
}

/// One line about what a start made whole: what it kept, and what it dropped.
pub(super) fn recovery_in_words(of: &Recovered) -> String {
    let kept = (of.frames > 0).then(|| format!("{} commits, {} pages after an unclean end", of.commits, of.frames));
    let torn = of.torn_bytes;
    let dropped = (torn > 0).then(|| format!("dropped {torn} bytes of a transaction that was never acknowledged"));
    let words: Vec<String> = kept.into_iter().chain(dropped).collect();
    format!("{}: {}", of.database, words.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_says_what_it_kept_and_what_it_dropped_d3() {
        let words = |commits, frames, torn_bytes| {
            recovery_in_words(&Recovered { database: String::from("directory"), commits, frames, torn_bytes })
        };
        assert_eq!(words(3, 9, 0), "directory: 3 commits, 9 pages after an unclean end");
        assert_eq!(words(0, 0, 70), "directory: dropped 70 bytes of a transaction that was never acknowledged");
        let both = "directory: 1 commits, 2 pages after an unclean end; \
                    dropped 70 bytes of a transaction that was never acknowledged";
        assert_eq!(words(1, 2, 70), both);
    }
}
